"""Make the demo corridor's data files from the shared source data and the hand-written tables.

Usage: ``python scripts/build_demo_corridor.py [DATA_FOLDER]``. The folder defaults to ``$YUNLANG_SHARED/data`` or
``../shared/data`` beside the repository. Equal inputs give equal files; a second run changes nothing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from demo_corridor.cities import city_records
from demo_corridor.classify import Industries
from demo_corridor.enterprises import add_listed_companies, patent_records
from demo_corridor.figures import figure_records
from demo_corridor.names import NameBook
from demo_corridor.organisations import Directory, add_row, organisation_record
from demo_corridor.places import Basis, Gazetteer, Seat
from demo_corridor.report import placement_report
from demo_corridor.research import add_laboratories, expert_records, instrument_records, project_records
from demo_corridor.tables import Record, gzip_bytes, jsonl_bytes, read_csv, read_jsonl, read_tsv

from yunlang.registry.core.kinds import Placement

REPOSITORY = Path(__file__).resolve().parent.parent
DEMO = REPOSITORY / "src" / "yunlang" / "registry" / "demo"
HANDWRITTEN_RESOURCES = ("measures", "loans", "funds", "services", "spaces", "talent")


def default_data_folder() -> Path:
    """Return where the shared source data lie."""
    return Path(os.environ.get("YUNLANG_SHARED", REPOSITORY.parent / "shared")) / "data"


def build(data: Path, demo: Path) -> dict[str, bytes]:
    """Return the built files by name; `demo` holds the hand-written ones they refer to."""
    tables = demo / "tables"
    industries = Industries.from_folder(tables)
    gazetteer = Gazetteer(
        read_tsv(tables / "places.tsv"), read_tsv(tables / "name_traps.tsv"), read_tsv(tables / "known_seats.tsv")
    )
    directory = Directory(NameBook.from_rows(read_tsv(tables / "name_corrections.tsv")), gazetteer)
    add_founding_organisations(read_jsonl(tables / "organisations_founding.jsonl"), directory)
    add_listed_companies(data, tables, directory, industries)
    project_rows = read_csv(data / "projects/national_key_rd_projects.csv")
    projects = project_records(project_rows, directory, industries)
    add_laboratories(read_csv(data / "projects/state_key_laboratories.csv"), directory)
    instruments = instrument_records(read_csv(data / "projects/instrument_sharing_evaluation.csv"), directory)
    patents, persons = patent_records(data / "patents/patents.jsonl", directory)
    needs = read_jsonl(demo / "needs.jsonl")
    add_illustrative_organisations(needs, directory)
    directory.place()

    experts = expert_records(projects, industries)
    organisations = [organisation_record(entry) for entry in directory]
    figures, withheld = figure_records(data / "cities", tables)
    placed = {
        "achievements": projects + patents,
        "experts": experts,
        "instruments": instruments,
        "needs": needs,
        **{name: read_jsonl(demo / f"{name}.jsonl") for name in HANDWRITTEN_RESOURCES},
    }
    left_out = {
        "patents_of_persons": persons,
        "project_rows": len(project_rows),
        "project_rows_repeating_a_number": len(project_rows) - len(projects),
        "figures_withheld": withheld,
    }
    return {
        "cities.jsonl": jsonl_bytes(city_records(data / "geo/g60_nine.geojson", tables / "cities.tsv")),
        "figures.jsonl": jsonl_bytes(figures),
        "organisations.jsonl.gz": gzip_bytes(jsonl_bytes(organisations)),
        "experts.jsonl.gz": gzip_bytes(jsonl_bytes(experts)),
        "achievements.jsonl.gz": gzip_bytes(jsonl_bytes(projects + patents)),
        "instruments.jsonl.gz": gzip_bytes(jsonl_bytes(instruments)),
        "placement.json": placement_report(organisations, directory, placed, left_out),
    }


def add_founding_organisations(rows: list[Record], directory: Directory) -> None:
    """Enter the organisations that the founding documents name."""
    for row in rows:
        entry = directory.entry(row["name"])
        entry.facts |= {key: row[key] for key in ("type", "industry", "summary", "tags") if row.get(key)}
        entry.province = row.get("province")
        entry.labels += [label | {"source": row["source"]} for label in row.get("labels", [])]
        entry.attributes += [attribute | {"source": row["source"]} for attribute in row.get("attributes", [])]
        add_row(entry, row["source"], row["source_row"])


def add_illustrative_organisations(needs: list[Record], directory: Directory) -> None:
    """Enter the invented enterprises behind the illustrative needs, marked so that none is taken for a real one."""
    for need in needs:
        entry = directory.entry(need["organisation"])
        entry.facts |= {"type": "company", "industry": need["industry"], "illustrative": True, "tags": ["示例"]}
        entry.facts["summary"] = "示例机构，并非真实企业，仅用于演示需求发布与匹配。"
        entry.seat = Seat(Placement.CORRIDOR, need["city"], None, Basis.NAME)
        add_row(entry, need["source"], {"number": need["number"]})


def main() -> None:
    """Write the built files into the package."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else default_data_folder()
    for name, content in build(data, DEMO).items():
        (DEMO / name).write_bytes(content)
        sys.stdout.write(f"{name}\t{len(content):,} bytes\n")


if __name__ == "__main__":
    main()
