"""What every importer is: fields, and how parsed rows become records of one table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils import timezone

from yunlang.kit.fields import Field
from yunlang.registry.importing.references import CityIndex
from yunlang.registry.importing.rows import ImportRow, Tally


class Importer(ABC):
    """Brings one kind of row into one table, found again by its natural key."""

    model: ClassVar[type[models.Model]]
    object_kind: ClassVar[str]
    fields: tuple[Field, ...]
    # Facts about an organisation have no page, so no provenance row of their own: they name their source.
    keeps_provenance: ClassVar[bool] = True

    def __init__(self, tally: Tally, cities: CityIndex, *, status: str) -> None:
        self.tally = tally
        self.cities = cities
        self.status = status

    @abstractmethod
    def resolve(self, rows: Sequence[ImportRow]) -> None:
        """Give each row its key and columns, or refuse it."""

    @abstractmethod
    def find(self, rows: Sequence[ImportRow]) -> None:
        """Give each row the record it updates, where there is one."""

    def create(self, row: ImportRow) -> models.Model:
        """Return the new record of a row."""
        return self.model(**row.columns)

    def after(self, rows: Sequence[ImportRow]) -> None:  # noqa: B027 - most kinds have nothing to add
        """Do what follows once a batch is written."""

    def changed_ids(self, rows: Iterable[ImportRow]) -> list[UUID]:
        """Return the ids that the feed of changes must name for these rows."""
        return [row.instance.pk for row in rows if row.instance is not None]

    def apply(self, row: ImportRow) -> bool:
        """Set a found record's columns; tell whether anything changed."""
        changed = False
        for name, value in row.columns.items():
            if getattr(row.instance, name) != value:
                setattr(row.instance, name, value)
                changed = True
        if changed and hasattr(row.instance, "updated_at"):
            row.instance.updated_at = timezone.now()
        return changed


def stored(value: Any) -> Any:
    """Return a parsed value as a column keeps it."""
    if isinstance(value, tuple):
        return list(value)
    return value
