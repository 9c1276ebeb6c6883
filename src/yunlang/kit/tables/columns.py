"""Which column of a file is which field, by header, in either language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual
from yunlang.kit.tables.errors import (
    AmbiguousColumnsError,
    ColumnUnitError,
    MissingColumnsError,
    UnknownColumnsError,
)
from yunlang.kit.tables.model import Cell, Row, RowProblem

_BRACKETS = re.compile(r"[（(\[【]([^（()）\[\]【】]*)[）)\]】]\s*[*＊]?\s*$")
_SCALE = re.compile(r"^(?:人民币|单位[:：]?)?\s*(百万|千万|亿|万|千|百)\s*(?:元|圆|人民币)?$")
_ENGLISH_SCALES = {
    "10,000 cny": "万",
    "cny 10,000": "万",
    "million cny": "百万",
    "cny million": "百万",
    "100 million cny": "亿",
    "thousand cny": "千",
    "cny thousand": "千",
}
_FOREIGN = re.compile(r"美元|美金|欧元|港元|港币|日元|英镑|\b(?:USD|EUR|HKD|JPY|GBP)\b|[$€£]", re.IGNORECASE)
_HAS_SCALE = re.compile(r"[百千万亿元圆]|CNY|RMB", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MappedRow(Row):
    """A row seen through a mapping: amounts with the scale of their header, problems of known columns only.

    Attributes
    ----------
    original
        The values as the file has them.
    """

    original: Mapping[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The columns of one file and the fields they mean.

    Attributes
    ----------
    known
        Column to field.
    unknown
        Columns that mean no field, in order; they are not imported.
    missing_required
        Required fields that no column means.
    scales
        For money columns whose header says 万元, 亿元 or the like: column to the scale that each bare number takes.
    """

    known: Mapping[str, Field]
    unknown: tuple[str, ...]
    missing_required: tuple[Field, ...]
    scales: Mapping[str, str] = field(default_factory=dict)

    def demand_required(self) -> None:
        """Raise MissingColumnsError where a required field has no column."""
        if self.missing_required:
            labels = [spec.label for spec in self.missing_required]
            raise MissingColumnsError(missing=_listed(labels))

    def rows(self, rows: Iterable[Row]) -> Iterator[MappedRow]:
        """Yield the rows of a table as an importer should take them."""
        for row in rows:
            values = {**row.values, **self._scaled(row.values)} if self.scales else row.values
            problems = tuple(item for item in row.problems if item.column not in self.unknown) if row.problems else ()
            yield MappedRow(row.number, values, problems, row.values)

    def record(self, values: Mapping[str, Cell]) -> dict[str, object]:
        """Return a row's values by field name, as `kit.fields.parse_record` takes them."""
        scaled = {**values, **self._scaled(values)} if self.scales else values
        return {spec.name: scaled.get(column) for column, spec in self.known.items()}

    def _scaled(self, values: Mapping[str, Cell]) -> dict[str, Cell]:
        """Return those amounts that have no scale of their own with that of their header."""
        found: dict[str, Cell] = {}
        for column, scale in self.scales.items():
            raw = values.get(column)
            if isinstance(raw, (str, int, Decimal)) and not isinstance(raw, bool):
                text = f"{raw:f}" if isinstance(raw, Decimal) else str(raw).strip()
                if text and not _HAS_SCALE.search(text):
                    found[column] = f"{text}{scale}元"
        return found

    def problems(self, row: Row, reasons: Mapping[str, Bilingual]) -> tuple[RowProblem, ...]:
        """Return the row's own problems in known columns, then `parse_record`'s reasons against its fields.

        A field whose cell could not be read is named once; a required field without a column by its label.
        """
        own = tuple(problem for problem in row.problems if problem.column not in self.unknown)
        named = {problem.column for problem in own}
        columns = {spec.name: spec.label.zh for spec in self.missing_required}
        columns |= {spec.name: column for column, spec in self.known.items()}
        more = []
        for name, reason in reasons.items():
            column = columns.get(name, name)
            if column not in named:
                value = row.values.get(column)
                more.append(RowProblem(row.number, column, "" if value is None else str(value)[:80], reason))
        return own + tuple(more)


def map_columns(columns: Sequence[str], fields: Sequence[Field]) -> ColumnMapping:
    """Find the field that each column means: by machine name, label in either language, or alias.

    A star for required fields and a unit or remark in brackets at the end are looked past, but a money column's header
    may give the scale of its bare numbers: 预算（万元）.

    Raises
    ------
    AmbiguousColumnsError
        When two columns mean one field, or one column means two.
    ColumnUnitError
        When a money column is in a foreign currency.
    UnknownColumnsError
        When no column means any field: most likely the header is missing.
    """
    known: dict[str, Field] = {}
    scales: dict[str, str] = {}
    for column in columns:
        found = [spec for spec in fields if spec.matches(column)]
        if len(found) > 1:
            raise AmbiguousColumnsError(columns=f"“{column}”", field=_listed([spec.label for spec in found]))
        if found:
            known[column] = found[0]
            scale = _scale(column) if found[0].type is FieldType.MONEY else ""
            if scale:
                scales[column] = scale
    _refuse_doubles(known)
    if not known:
        raise UnknownColumnsError(expected=_listed([spec.label for spec in fields[:6]]))
    present = {spec.name for spec in known.values()}
    missing = tuple(spec for spec in fields if spec.required and spec.name not in present)
    return ColumnMapping(known, tuple(column for column in columns if column not in known), missing, scales)


def _refuse_doubles(known: Mapping[str, Field]) -> None:
    first: dict[str, str] = {}
    for column, spec in known.items():
        if spec.name in first:
            raise AmbiguousColumnsError(columns=f"“{first[spec.name]}”、“{column}”", field=spec.label)
        first[spec.name] = column


def _scale(column: str) -> str:
    """Return the scale in a money header's brackets, empty for plain yuan or a remark."""
    found = _BRACKETS.search(column)
    unit = found[1].strip() if found else ""
    if _FOREIGN.search(unit):
        raise ColumnUnitError(column=column)
    scale = _SCALE.match(unit)
    return scale[1] if scale else _ENGLISH_SCALES.get(unit.casefold(), "")


def _listed(labels: Sequence[Bilingual]) -> Bilingual:
    return Bilingual("、".join(label.zh for label in labels), ", ".join(label.en for label in labels))
