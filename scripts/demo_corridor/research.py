"""National key R&D projects and their investigators, key laboratories, institutions graded on sharing instruments."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable

from yunlang.kit.text import name_key

from .classify import Industries, programme_name
from .names import tidy_text
from .organisations import Directory, add_row, count_row
from .tables import Record, compact

PROJECTS = "techme_projects"
LABORATORIES = "techme_laboratories"
INSTRUMENTS = "techme_instruments"
CNY_PER_10K = 10_000


def project_records(rows: list[dict[str, str]], directory: Directory, industries: Industries) -> list[Record]:
    """Return one achievement per project number: the lists repeat 430 numbers, the first row of each is kept."""
    times = Counter(row["project_no"].strip() for row in rows)
    records: dict[str, Record] = {}
    for row in rows:
        number = row["project_no"].strip()
        lead = directory.resolve(row["institution"])[0]
        if number in records:
            continue
        count_row(lead, PROJECTS, "projects_led", {"institution": row["institution"]})
        programme = programme_name(tidy_text(row["programme"]))
        funding = _funding(row["funds_10k_cny"])
        records[number] = compact(
            {
                "number": number,
                "kind": "achievement",
                "title": tidy_text(row["title"]),
                "summary": _project_summary(row["year"], programme, lead.name, funding),
                "organisation": lead.name,
                "expert": tidy_text(row["principal_investigator"]),
                "industry": industries.of_programme(programme),
                "tags": ["国家重点研发计划", programme],
                "funding": funding,
                "programme": programme,
                "year": int(row["year"]),
                "source": PROJECTS,
                "source_row": compact(row) | ({"rows": times[number]} if times[number] > 1 else {}),
            }
        )
    return sorted(records.values(), key=lambda record: record["number"])


def _funding(raw: str) -> int | None:
    """Return CNY; the lists leave the cell empty or put an asterisk where they do not publish the sum."""
    return int(raw) * CNY_PER_10K if raw.strip().isdigit() else None


def _project_summary(year: str, programme: str, lead: str, funding: int | None) -> str:
    sum_text = f"，立项经费 {funding // CNY_PER_10K:,} 万元" if funding else ""
    return f"国家重点研发计划“{programme}”{year} 年公布项目，{lead}牵头{sum_text}。"


def expert_records(projects: Iterable[Record], industries: Industries) -> list[Record]:
    """Return the investigators, one per name and lead institution, with the programmes they led projects in."""
    led: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for project in projects:
        if project.get("expert"):
            led[project["expert"], project["organisation"]].append(project)
    return [
        compact(
            {
                "name": name,
                "organisation": organisation,
                "fields": list(dict.fromkeys(project["programme"] for project in own)),
                "industry": _common(industries.of_programme(project["programme"]) for project in own),
                "source": PROJECTS,
                "source_row": {"project_no": [project["number"] for project in own]},
            }
        )
        for (name, organisation), own in sorted(led.items())
    ]


def _common(values: Iterable[str | None]) -> str | None:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def add_laboratories(rows: list[dict[str, str]], directory: Directory) -> None:
    """Enter the key laboratories and their hosts; the province column of a shared laboratory names one host's only."""
    by_name: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        by_name[directory.resolve(row["name"])[0].name].append(row)
    for name, own in by_name.items():
        laboratory = directory.entry(name)
        hosts = [host for row in own for host in directory.resolve(row["institution"])]
        first = own[0]
        add_row(
            laboratory,
            LABORATORIES,
            {key: first[key] for key in ("year", "type", "name", "area", "administrator", "NO")},
        )
        laboratory.hosts = list(dict.fromkeys(host.name for host in hosts))
        laboratory.labels.append({"label": "key_laboratory", "source": LABORATORIES})
        laboratory.facts["tags"] = [first["area"]] if first["area"] else None
        laboratory.facts["type"] = "laboratory"
        for host in hosts:
            count_row(host, LABORATORIES, "laboratories_hosted", {"institution": host.name})
        if len(own) == len(hosts) == 1:
            hosts[0].province = hosts[0].province or first["province"]


def instrument_records(rows: list[dict[str, str]], directory: Directory) -> list[Record]:
    """Return one offer of shared large instruments per graded institution, with its latest and all earlier grades."""
    grades: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        for entry in directory.resolve(row["institution"]):
            grades[entry.name][str(int(float(row["year"])))] = row["result"]
            entry.province = entry.province or row["province"]
    records = []
    for name, by_year in sorted(grades.items()):
        history = dict(sorted(by_year.items()))
        entry = directory.entry(name)
        first, latest = min(history), max(history)
        add_row(entry, INSTRUMENTS, {"institution": name, "grades": history})
        label = {"label": "instrument_sharing", "valid_from": f"{first}-01-01", "source": INSTRUMENTS}
        entry.labels.append(label)
        records.append(
            {
                "number": f"gxkh-{hashlib.sha256(name_key(name).encode()).hexdigest()[:12]}",
                "kind": "instrument",
                "title": f"大型科研仪器开放共享 · {name}",
                "summary": f"{name}参加大型科研仪器开放共享评价考核，{latest} 年等次为{history[latest]}。",
                "organisation": name,
                "tags": ["大型科研仪器", "开放共享"],
                "sharing_grade": history[latest],
                "year": int(latest),
                "source": INSTRUMENTS,
                "source_row": {"institution": name, "grades": history},
            }
        )
    return records
