"""Experts, needs and the nine kinds of resources, from tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils import timezone

from yunlang.kit.language import Bilingual
from yunlang.registry.core.details import details_document
from yunlang.registry.core.fields import DETAIL_FIELDS, EXPERT_FIELDS, NEED_FIELDS, PROMOTED_DETAILS, resource_fields
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing.base import Importer, stored
from yunlang.registry.importing.references import CityIndex, find_experts, find_organisations, place_city
from yunlang.registry.importing.rows import ImportRow, Tally
from yunlang.registry.models import Expert, Need, Organisation, Resource

_NO_COLUMN = {"organisation", "organisation_code"}
_NULL = {"budget", "deadline", "trl_minimum", "trl", "price", "valid_from", "valid_until", "city", "expert"}


def _columns(row: ImportRow) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in row.values.items():
        if name not in _NO_COLUMN:
            blank = None if name in _NULL else [] if name in ("tags", "fields") else ""
            columns[name] = stored(value) if value is not None else blank
    return columns


class ExpertImporter(Importer):
    """Experts, one of a name in one organisation."""

    model = Expert
    object_kind = "expert"
    fields = EXPERT_FIELDS

    def resolve(self, rows: Sequence[ImportRow]) -> None:
        """Find organisations and make columns."""
        found = find_organisations(rows, self.tally)
        for row in rows:
            if not row.refused:
                row.columns = _columns(row) | {"organisation": found[row.number]}
                row.key = (found[row.number].pk, row.values["name"])

    def find(self, rows: Sequence[ImportRow]) -> None:
        """Find by organisation and name."""
        live = [row for row in rows if not row.refused]
        query = Expert.objects.filter(
            organisation__in={row.key[0] for row in live}, name__in={row.key[1] for row in live}
        ).select_related("organisation")
        known = {(expert.organisation_id, expert.name): expert for expert in query}
        for row in live:
            row.instance = known.get((row.key[0], row.key[1]))

    def create(self, row: ImportRow) -> Expert:
        """Return the new expert."""
        return Expert(status=self.status, **row.columns)


class _ListingImporter(Importer):
    model: type[Need] | type[Resource]  # type: ignore[misc]

    def resolve(self, rows: Sequence[ImportRow]) -> None:
        """Find organisations, cities and experts, and make columns."""
        place_city(rows, self.tally, self.cities)
        found = find_organisations(rows, self.tally)
        experts = find_experts((row, found[row.number]) for row in rows if row.number in found)
        for row in rows:
            if row.refused:
                continue
            organisation = found[row.number]
            row.columns = self._listing_columns(row, organisation, experts)
            if row.columns.get("city") is None:
                row.columns["city"] = organisation.city
            kind, number = self._kind(row), row.values.get("number") or ""
            row.key = (organisation.pk, kind, "number", number) if number else (
                organisation.pk, kind, "title", row.values["title"])  # fmt: skip

    def _kind(self, row: ImportRow) -> str:
        return str(row.values["kind"])

    def _listing_columns(
        self, row: ImportRow, organisation: Organisation, experts: dict[Any, Expert]
    ) -> dict[str, Any]:
        return _columns(row) | {"organisation": organisation}

    def find(self, rows: Sequence[ImportRow]) -> None:
        """Find by number, else by title, within organisation and kind."""
        live = [row for row in rows if not row.refused]
        kinds = {row.key[1] for row in live}
        organisations = {row.key[0] for row in live}
        query: Any = self.model.objects.filter(organisation__in=organisations, kind__in=kinds)
        relations = ["organisation", "city", *(["expert"] if self.model is Resource else [])]
        numbers = {row.key[3] for row in live if row.key[2] == "number"}
        titles = {row.key[3] for row in live if row.key[2] == "title"}
        wanted = models.Q(number__in=numbers) | models.Q(number="", title__in=titles)
        known = {
            (one.organisation_id, one.kind, "number" if one.number else "title", one.number or one.title): one
            for one in query.filter(wanted).select_related(*relations)
        }
        for row in live:
            row.instance = known.get(row.key)

    def create(self, row: ImportRow) -> models.Model:
        """Return the new listing, public at once where the office imports it so."""
        published = timezone.now() if self.status == Status.PUBLISHED else None
        return self.model(status=self.status, published_at=published, **row.columns)


class NeedImporter(_ListingImporter):
    """Needs of all kinds."""

    model = Need
    object_kind = "need"
    fields = NEED_FIELDS


class ResourceImporter(_ListingImporter):
    """Resources of one kind."""

    model = Resource
    object_kind = "resource"

    def __init__(self, tally: Tally, cities: CityIndex, *, status: str, kind: str) -> None:
        super().__init__(tally, cities, status=status)
        self.kind = kind
        self.fields = resource_fields(kind)
        self._own = {spec.name for spec in DETAIL_FIELDS[kind]} - set(PROMOTED_DETAILS)

    def _kind(self, row: ImportRow) -> str:
        return self.kind

    def _listing_columns(
        self, row: ImportRow, organisation: Organisation, experts: dict[Any, Expert]
    ) -> dict[str, Any]:
        columns = super()._listing_columns(row, organisation, experts)
        own = {name: columns.pop(name) for name in self._own & columns.keys()}
        name = row.values.get("expert")
        if name is not None:
            columns["expert"] = experts.get((organisation.pk, name))
            if columns["expert"] is None:
                self.tally.refuse(row, "expert", Bilingual("专家尚未登记，请先导入专家", "the expert is not registered; import first"))
        start, end = columns.get("valid_from"), columns.get("valid_until")
        if start and end and end < start:
            self.tally.refuse(row, "valid_until", Bilingual("截止日期不能早于起始日期", "must not be earlier than the start"))
        columns["kind"] = self.kind
        if own:
            columns["details"] = details_document(self.kind, {key: row.values[key] for key in own})
        return columns

    def apply(self, row: ImportRow) -> bool:
        """Merge the details, so that a file without a column leaves that detail alone."""
        if "details" in row.columns and isinstance(row.instance, Resource):
            untouched = {key: value for key, value in row.instance.details.items() if key not in row.values}
            row.columns["details"] = untouched | row.columns["details"]
        return super().apply(row)
