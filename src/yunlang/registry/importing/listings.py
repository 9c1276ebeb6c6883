"""Experts, needs and the nine kinds of resources, from tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone

from yunlang.kit.ids import new_id
from yunlang.kit.language import Bilingual
from yunlang.registry.core.details import details_document, details_values
from yunlang.registry.core.fields import DETAIL_FIELDS, EXPERT_FIELDS, NEED_FIELDS, PROMOTED_DETAILS, resource_fields
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing.base import Importer, column_value
from yunlang.registry.importing.facts import ENDS_BEFORE_START
from yunlang.registry.importing.lookups import any_of
from yunlang.registry.importing.references import KnownOrganisation, find_experts, find_organisations, place_city
from yunlang.registry.importing.rows import ImportRow, Tally
from yunlang.registry.models import Expert, Need, Resource

_REFERENCES = {"organisation", "organisation_code", "expert", "city"}
_NULL = ("budget", "deadline", "trl_minimum", "trl", "price", "valid_from", "valid_until")
_BLANKS: dict[str, Any] = {**dict.fromkeys(_NULL), "tags": [], "fields": []}
_UNPUBLISHED = Bilingual(
    "机构尚未发布，请先审核发布该机构", "the organisation is not published; review and publish it first"
)
_SEVERAL = Bilingual(
    "同一机构有多条同名记录，请填写编号", "this organisation has several of this title; give the number"
)
_NO_EXPERT = Bilingual(
    "该机构没有登记这位专家，请先导入专家", "no such expert in this organisation; import experts first"
)


def _columns(row: ImportRow) -> dict[str, Any]:
    return {
        name: column_value(value, _BLANKS.get(name, ""))
        for name, value in row.values.items()
        if name not in _REFERENCES
    }


class _OfOrganisation(Importer):
    """What an organisation presents: public at once only where the organisation is."""

    def __init__(self, tally: Tally, *, status: str, author: UUID | None) -> None:
        super().__init__(tally, status=status, author=author)
        self._organisations: dict[int, KnownOrganisation] = {}

    def resolve(self, rows: Sequence[ImportRow]) -> None:
        """Find organisations and make columns."""
        self._organisations = find_organisations(rows, self.tally)
        for row in rows:
            if not row.refused:
                row.columns = _columns(row) | {"organisation_id": self._organisations[row.number].id}

    def _settle(self, row: ImportRow, key: Hashable, record: Mapping[str, Any] | None, column: str) -> None:
        """Claim the record, or a new one where the organisation may publish."""
        if not self.claim(row, key, column):
            return
        row.record = record
        row.id = record["id"] if record else new_id()
        organisation = self._organisations[row.number]
        if record is None and self.status == Status.PUBLISHED != organisation.status:
            self.tally.refuse(row, "organisation", _UNPUBLISHED)


class ExpertImporter(_OfOrganisation):
    """Experts, one of a name in one organisation."""

    model = Expert
    object_kind = "expert"
    fields = EXPERT_FIELDS

    def find(self, rows: Sequence[ImportRow]) -> None:
        """Find by organisation and name."""
        keys = {row.number: (row.columns["organisation_id"], row.columns["name"]) for row in rows}
        wanted = any_of(organisation={key[0] for key in keys.values()}, name={key[1] for key in keys.values()})
        known = {(one["organisation_id"], one["name"]): one for one in Expert.objects.filter(wanted).values()}
        for row in rows:
            key = keys[row.number]
            self._settle(row, key, known.get(key), "name")

    def new_columns(self, row: ImportRow) -> dict[str, Any]:
        """Return the new expert."""
        return {"id": row.id, "status": self.status, **row.columns}


class _ListingImporter(_OfOrganisation):
    model: ClassVar[type[Need] | type[Resource]]

    def resolve(self, rows: Sequence[ImportRow]) -> None:
        """Find cities too."""
        place_city(rows, self.tally, self.cities)
        super().resolve(rows)

    def find(self, rows: Sequence[ImportRow]) -> None:
        """Find by number within organisation and kind; by title what has none, or where the file gives no numbers."""
        known, by_title = self._known(rows)
        for row in rows:
            columns = row.columns
            scope, number = (columns["organisation_id"], columns["kind"]), columns.get("number")
            record = known.get((*scope, number or "", "" if number else columns["title"]))
            if number is None and record is None:
                titled = by_title[*scope, columns["title"]]
                if len(titled) > 1:
                    self.tally.refuse(row, "title", _SEVERAL)
                    continue
                record = next(iter(titled), None)
            column = "number" if number else "title"
            self._settle(row, (*scope, column, number or columns["title"]), record, column)
            if not row.refused:
                self._place(row)

    def _known(self, rows: Sequence[ImportRow]) -> tuple[dict[Any, dict[str, Any]], dict[Any, list[dict[str, Any]]]]:
        numbers = {row.columns["number"] for row in rows if row.columns.get("number")}
        titles = {row.columns["title"] for row in rows if not row.columns.get("number")}
        organisations, kinds = ({row.columns[name] for row in rows} for name in ("organisation_id", "kind"))
        wanted = any_of(organisation=organisations, kind=kinds) & (any_of(number=numbers) | any_of(title=titles))
        known: dict[Any, dict[str, Any]] = {}
        by_title: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        query: Any = self.model.objects.filter(wanted).values()
        for record in query:
            scope, number = (record["organisation_id"], record["kind"]), record["number"]
            known[*scope, number, "" if number else record["title"]] = record
            by_title[*scope, record["title"]].append(record)
        return known, by_title

    def _place(self, row: ImportRow) -> None:
        """Have a blank city be the organisation's; where the file has no such column, a known one stays."""
        row.columns.pop("city_id", None)
        stated, record = row.values.get("city"), row.record
        if stated or record is None or ("city" in row.values and record["city_id"]):
            row.columns["city_id"] = stated or self._organisations[row.number].city_id

    def new_columns(self, row: ImportRow) -> dict[str, Any]:
        """Return the new listing: public at once, or a draft on its author's workbench."""
        state: dict[str, Any] = {"status": self.status}
        if self.status == Status.PUBLISHED:
            state["published_at"] = timezone.now()
        else:
            state["created_by_id"] = self.author
        return {"id": row.id, **state, **row.columns}


class NeedImporter(_ListingImporter):
    """Needs of all kinds."""

    model = Need
    object_kind = "need"
    fields = NEED_FIELDS


class ResourceImporter(_ListingImporter):
    """Resources of one kind."""

    model = Resource
    object_kind = "resource"

    def __init__(self, tally: Tally, *, status: str, author: UUID | None, kind: str) -> None:
        super().__init__(tally, status=status, author=author)
        self.kind = kind
        self.fields = resource_fields(kind)
        self._own = {spec.name for spec in DETAIL_FIELDS[kind]} - set(PROMOTED_DETAILS)

    def resolve(self, rows: Sequence[ImportRow]) -> None:
        """Find experts too, and gather the details."""
        super().resolve(rows)
        live = [row for row in rows if not row.refused]
        experts = find_experts((row, self._organisations[row.number]) for row in live)
        for row in live:
            self._check_period(row)
            row.columns["kind"] = self.kind
            for name in self._own & row.columns.keys():
                del row.columns[name]
            if self._own & row.values.keys():
                row.columns["details"] = details_document(self.kind, row.values)
            if "expert" in row.values:
                name = row.values["expert"]
                row.columns["expert_id"] = experts.get((row.columns["organisation_id"], name)) if name else None
                if name and row.columns["expert_id"] is None:
                    self.tally.refuse(row, "expert", _NO_EXPERT)

    def _check_period(self, row: ImportRow) -> None:
        start, end = row.values.get("valid_from"), row.values.get("valid_until")
        if start and end and end < start:
            self.tally.refuse(row, "valid_until", ENDS_BEFORE_START)

    def changed_columns(self, row: ImportRow) -> dict[str, Any]:
        """Merge the details, so that a file without a column leaves that detail alone."""
        changed = super().changed_columns(row)
        if "details" in changed and row.record is not None:
            held = row.record["details"]
            merged = {name: value for name, value in held.items() if name not in row.values} | changed.pop("details")
            # The same amount may be written in several ways, 30 and 30.0.
            if details_values(self.kind, merged) != details_values(self.kind, held):
                changed["details"] = merged
        return changed
