"""Writes of links between cities: a table of them, brought in by the office."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import connection, transaction

from yunlang.accounts.permissions import require
from yunlang.indicators.core.links.kinds import KIND_LABELS, LINK_KINDS, PERIOD, UNITS
from yunlang.indicators.models import LinkObservation
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.fields import Field, FieldType, parse_record
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import ColumnMapping, ImportReport, Row, RowProblem, Table, map_columns
from yunlang.kit.text import line_form
from yunlang.registry.importing.files import SourceFacts
from yunlang.registry.importing.references import CityIndex
from yunlang.registry.models import Source

LINK_FIELDS: tuple[Field, ...] = (
    Field("kind", Bilingual("联系类别", "kind"), FieldType.CHOICE, required=True, choices=KIND_LABELS,
          aliases=("类别", "kind of link"), example="合作专利"),
    Field("period", Bilingual("时期", "period"), required=True, max_length=20, aliases=("年份", "年度", "year"),
          example="2024",
          help=Bilingual("年份或月份，如 2024、2024-06；跨期写作 2021-01/2021-09。",
                         "A year or a month, such as 2024 or 2024-06; a longer time as 2021-01/2021-09.")),
    Field("origin", Bilingual("起点城市", "origin"), required=True, aliases=("城市一", "from", "origin city"),
          example="松江", help=Bilingual("九城市之一的名称或行政区划代码。",
                                       "Name or administrative code of one of the nine cities.")),
    Field("destination", Bilingual("终点城市", "destination"), required=True,
          aliases=("城市二", "to", "destination city"), example="合肥",
          help=Bilingual("同一城市表示市内。合作项目与合作专利不分起点终点。",
                         "The same city for what stays inside it. Joint projects and patents have no direction.")),
    Field("value", Bilingual("数值", "value"), FieldType.DECIMAL, required=True, minimum=0, example="12"),
    Field("unit", Bilingual("单位", "unit"), FieldType.CHOICE, choices=UNITS, example="件",
          help=Bilingual("可不填，每类联系只有一种单位。", "Optional: each kind of link has one unit.")),
)  # fmt: skip
_PLACES = 6
_NOT_A_CITY = Bilingual("“{name}”不是九城市之一", "“{name}” is none of the nine cities")
_NOT_A_PERIOD = Bilingual("应写作 2024、2024-06 或 2021-01/2021-09", "must be written 2024, 2024-06 or 2021-01/2021-09")
_BACKWARDS = Bilingual("止期早于起期", "ends before it begins")
_OTHER_UNIT = Bilingual("“{kind}”的单位是“{unit}”", "the unit of “{kind}” is “{unit}”")
_TOO_FINE = Bilingual("最多 6 位小数", "at most 6 decimal places")
_REPEAT = Bilingual("与第 {row} 行重复", "repeats row {row}")
_UNKNOWN_COLUMN = Bilingual("不认识的列，未导入", "not a known column, not imported")

_Key = tuple[str, str, str, str]


@dataclass(slots=True)
class _Reading:
    """The rows of one file: links by key with their row number, and what is wrong."""

    mapping: ColumnMapping
    cities: CityIndex = field(default_factory=CityIndex)
    links: dict[_Key, tuple[int, Decimal]] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    read: int = 0
    refused: int = 0

    def take(self, row: Row) -> None:
        self.read += 1
        values, reasons = parse_record(LINK_FIELDS, self.mapping.record(row.values))
        reasons |= _reasons(values, self.cities)
        if not reasons and not row.problems:
            key = _key(values, self.cities)
            first = self.links.setdefault(key, (row.number, values["value"]))[0]
            if first != row.number:
                reasons = {"destination": _REPEAT.format(row=first)}
        problems = self.mapping.problems(row, reasons)
        self.problems.extend(problems)
        self.refused += bool(problems)


@transaction.atomic
def links_import(
    *, actor: Actor, table: Table, facts: SourceFacts, filename: str = "", all_or_nothing: bool = False
) -> ImportReport:
    """Bring a table of links between cities in, as one source has them.

    The title names the source: a second import under the same title sets the values anew, and changes nothing where
    they are the same. Good rows are loaded and the report names the others with column, value and reason; with
    `all_or_nothing`, one bad row keeps all of them out.

    Parameters
    ----------
    table
        As read by `yunlang.kit.tables.read_table`; its columns are those of `LINK_FIELDS`.
    facts
        Title of the source (the file's name where blank), licence, date.

    Raises
    ------
    NotAllowedError
        For everybody but the office.
    TableError
        When the columns are not those of links.
    """
    require(actor, "indicators.import_links")
    mapping = map_columns(table.columns, LINK_FIELDS)
    mapping.demand_required()
    reading = _Reading(mapping)
    for row in mapping.rows(table):
        reading.take(row)
    warnings = [RowProblem(max(table.header_row, 1), column, "", _UNKNOWN_COLUMN) for column in mapping.unknown]
    if not reading.links or (all_or_nothing and reading.refused):
        return ImportReport.of(read=reading.read, skipped=reading.read, problems=reading.problems, warnings=warnings)
    source = _source(facts, filename)
    created, updated = _save(source, {key: value for key, (_, value) in reading.links.items()})
    audit_record(
        actor=actor, action="links_import", object_kind="links", object_id=source.code,
        after={"file": filename, "created": created, "updated": updated, "refused": reading.refused},
    )  # fmt: skip
    return ImportReport.of(
        read=reading.read, created=created, updated=updated, unchanged=len(reading.links) - created - updated,
        skipped=reading.refused, problems=reading.problems, warnings=warnings,
    )  # fmt: skip


def _reasons(values: dict[str, Any], cities: CityIndex) -> dict[str, Bilingual]:
    """Return what is wrong with values that each for itself could be taken."""
    found: dict[str, Bilingual] = {}
    for name in ("origin", "destination"):
        if name in values and cities.code(values[name]) is None:
            found[name] = _NOT_A_CITY.format(name=values[name])
    if "period" in values and (wrong := _period_reason(values["period"])):
        found["period"] = wrong
    if "value" in values and round(values["value"], _PLACES) != values["value"]:
        found["value"] = _TOO_FINE
    kind = values.get("kind")
    if kind and values.get("unit") not in (None, LINK_KINDS[kind].unit):
        found["unit"] = _OTHER_UNIT.format(kind=KIND_LABELS[kind], unit=UNITS[LINK_KINDS[kind].unit])
    return found


def _period_reason(period: str) -> Bilingual | None:
    if not re.fullmatch(PERIOD, period):
        return _NOT_A_PERIOD
    first, _, last = period.partition("/")
    return _BACKWARDS if last and last[: len(first)] < first[: len(last)] else None


def _key(values: dict[str, Any], cities: CityIndex) -> _Key:
    ends = [str(cities.code(values[name])) for name in ("origin", "destination")]
    if not LINK_KINDS[values["kind"]].directed:
        ends.sort()
    return values["kind"], values["period"], ends[0], ends[1]


def _source(facts: SourceFacts, filename: str) -> Source:
    title = line_form(facts.title or Path(filename).name)[:300] or "links"
    known = {"licence": line_form(facts.licence)[:200], "dated": line_form(facts.dated)[:40]}
    source, _ = Source.objects.update_or_create(
        code=f"links-{uuid5(NAMESPACE_URL, title)}",
        defaults={name: value for name, value in known.items() if value},
        create_defaults={"title_zh": title, "title_en": title, **known},
    )
    return source


def _save(source: Source, links: dict[_Key, Decimal]) -> tuple[int, int]:
    """Write what is new or differs; return how many of each."""
    # One import at a time, so that counts are true and two of the same source do not race.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('indicators.links'))")
    kept = {
        (one.kind, one.period, one.origin_id, one.destination_id): one
        for one in LinkObservation.objects.filter(source=source)
    }
    LinkObservation.objects.bulk_create(_new(source, links, kept))
    changed = []
    for key, value in links.items():
        if key in kept and kept[key].value != value:
            kept[key].value = value
            changed.append(kept[key])
    LinkObservation.objects.bulk_update(changed, ["value"])
    return len(links.keys() - kept.keys()), len(changed)


def _new(source: Source, links: dict[_Key, Decimal], kept: Iterable[_Key]) -> list[LinkObservation]:
    there = set(kept)
    return [
        LinkObservation(
            source=source, kind=kind, period=period, origin_id=origin, destination_id=destination, value=value,
            unit=LINK_KINDS[kind].unit,
        )
        for (kind, period, origin, destination), value in links.items()
        if (kind, period, origin, destination) not in there
    ]  # fmt: skip
