"""What every importer is: fields, and how parsed rows become records of one table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db import models

from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.registry.importing.references import CityIndex
from yunlang.registry.importing.rows import ImportRow, Tally

_REPEAT = Bilingual("与第 {row} 行重复", "repeats row {row}")


class Importer(ABC):
    """Brings one kind of row into one table, found again by its natural key.

    Rows count in the order of the file, as if each were imported after the one before it: what an earlier row
    registers, a later one finds, wherever the batches begin and end.

    Attributes
    ----------
    keeps_provenance
        Facts about an organisation have no page, so no provenance row of their own: they name their source.
    follows
        Columns that are written with the others but alone make no change: a second import from another source
        changes nothing.
    """

    model: ClassVar[type[models.Model]]
    object_kind: ClassVar[str]
    fields: tuple[Field, ...]
    keeps_provenance: ClassVar[bool] = True
    follows: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, tally: Tally, *, status: str, author: UUID | None) -> None:
        self.tally = tally
        self.cities = CityIndex()
        self.status = status
        self.author = author
        self._seen: dict[Hashable, int] = {}

    @abstractmethod
    def resolve(self, rows: Sequence[ImportRow]) -> None:
        """Give each row its columns, or refuse it."""

    @abstractmethod
    def find(self, rows: Sequence[ImportRow]) -> None:
        """Give each row the record it updates, where there is one, and `claim` it."""

    def find_again(self, rows: Sequence[ImportRow]) -> None:
        """Find anew, after the database refused a batch."""
        for row in rows:
            if self._seen.get(row.key) == row.number:
                del self._seen[row.key]
            row.record = None
        self.find(rows)

    def claim(self, row: ImportRow, key: Hashable, column: str) -> bool:
        """Tell whether the row is the file's first for the record of this key; refuse it where it is not."""
        row.key = key
        first = self._seen.setdefault(key, row.number)
        if first != row.number:
            self.tally.refuse(row, column, _REPEAT.format(row=first))
        return first == row.number

    def new_columns(self, row: ImportRow) -> dict[str, Any]:
        """Return the columns of the record that a row makes."""
        return row.columns

    def changed_columns(self, row: ImportRow) -> dict[str, Any]:
        """Return those columns of a found record that the row changes."""
        record = row.record or {}
        changed = {name: value for name, value in row.columns.items() if record[name] != value}
        return changed if changed.keys() - self.follows else {}

    def after(self, rows: Sequence[ImportRow]) -> None:  # noqa: B027 - most kinds have nothing to add
        """Do what follows once a batch is written."""

    def changed_ids(self, rows: Iterable[ImportRow]) -> list[UUID]:
        """Return the ids that the feed of changes must name for these rows."""
        return [row.id for row in rows if row.id is not None]


def column_value(value: Any, blank: Any) -> Any:
    """Return a parsed value as a column keeps it, `blank` where there is none."""
    if value is None:
        return blank
    return list(value) if isinstance(value, tuple) else value
