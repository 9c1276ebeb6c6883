"""Organisations, their labels and dated attributes, from tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from yunlang.kit.language import Bilingual
from yunlang.kit.text import name_key
from yunlang.registry.core.credit_code import is_credit_code, normalise_credit_code
from yunlang.registry.core.fields import ATTRIBUTE_FIELDS, LABEL_FIELDS, ORGANISATION_FIELDS
from yunlang.registry.core.kinds import Placement
from yunlang.registry.importing.base import Importer, stored
from yunlang.registry.importing.references import find_organisations, place_city
from yunlang.registry.importing.rows import ImportRow
from yunlang.registry.models import MergeCandidate, Organisation, OrganisationAttribute, OrganisationLabel
from yunlang.registry.services.organisations import CONTACT_FIELDS, CREDIT_CODE_WRONG

_NULLABLE = {"city", "credit_code"}
_WORDS = {"products", "tags"}
_SIMILAR = Bilingual(
    "名称与已有机构“{name}”相近，已登记并提请合并", "much like the registered “{name}”; kept, and offered for merging"
)
_AMBIGUOUS = Bilingual("有多家同名机构，请填写统一社会信用代码", "several organisations have this name; give the credit code")


class OrganisationImporter(Importer):
    """Finds an organisation by credit code, else by exact name; a merely similar name is offered for merging."""

    model = Organisation
    object_kind = "organisation"
    fields = ORGANISATION_FIELDS + CONTACT_FIELDS

    def resolve(self, rows: Sequence[ImportRow]) -> None:
        """Check codes, place cities, and make columns."""
        place_city(rows, self.tally, self.cities)
        for row in rows:
            code = normalise_credit_code(row.values.get("credit_code") or "")
            if code and not is_credit_code(code):
                self.tally.refuse(row, "credit_code", CREDIT_CODE_WRONG)
                continue
            row.columns = self._columns(row, code)
            row.key = ("code", code) if code else ("name", row.values["name"])

    def _columns(self, row: ImportRow, code: str) -> dict[str, Any]:
        columns: dict[str, Any] = {}
        for name, value in row.values.items():
            blank = None if name in _NULLABLE else [] if name in _WORDS else ""
            columns[name] = stored(value) if value is not None else blank
        columns["name_key"] = name_key(row.values["name"])
        if code:
            columns["credit_code"] = code
        else:
            columns.pop("credit_code", None)
        if {"city", "seat", "placement"} & columns.keys():
            columns["placement"] = _placement(columns)
        return columns

    def find(self, rows: Sequence[ImportRow]) -> None:
        """Match by code, then by exact name; note similar names for `after`."""
        by_code, by_name, self._by_key = self._known(rows)
        for row in rows:
            if row.refused:
                continue
            code = row.columns.get("credit_code")
            same_name = by_name.get(row.columns["name"], [])
            if code:
                free = [organisation for organisation in same_name if organisation.credit_code is None]
                row.instance = by_code.get(code) or (free[0] if free else None)
            elif len(same_name) > 1:
                self.tally.refuse(row, "name", _AMBIGUOUS)
            elif same_name:
                row.instance = same_name[0]

    def _known(
        self, rows: Sequence[ImportRow]
    ) -> tuple[dict[str, Organisation], dict[str, list[Organisation]], dict[str, list[Organisation]]]:
        live = [row for row in rows if not row.refused]
        wanted = (
            Q(credit_code__in=[row.columns["credit_code"] for row in live if row.columns.get("credit_code")])
            | Q(name__in=[row.columns["name"] for row in live])
            | Q(name_key__in=[row.columns["name_key"] for row in live])
        )
        by_code: dict[str, Organisation] = {}
        by_name: dict[str, list[Organisation]] = defaultdict(list)
        by_key: dict[str, list[Organisation]] = defaultdict(list)
        for organisation in Organisation.objects.filter(wanted, merged_into=None).select_related("city"):
            if organisation.credit_code:
                by_code[organisation.credit_code] = organisation
            by_name[organisation.name].append(organisation)
            by_key[organisation.name_key].append(organisation)
        return by_code, by_name, by_key

    def create(self, row: ImportRow) -> Organisation:
        """Return the new organisation."""
        return Organisation(status=self.status, **row.columns)

    def after(self, rows: Sequence[ImportRow]) -> None:
        """Offer new organisations for merging with those of much the same name."""
        pairs: list[MergeCandidate] = []
        known = self._by_key
        for row in rows:
            fresh = row.instance
            if not isinstance(fresh, Organisation) or fresh.pk in {one.pk for one in known[fresh.name_key]}:
                continue
            for other in known[fresh.name_key]:
                first, second = sorted((other, fresh), key=lambda one: one.pk.int)
                pairs.append(
                    MergeCandidate(first=first, second=second, reason_zh="名称相近", reason_en="much the same name")
                )
                self.tally.warn(row, "name", _SIMILAR.format(name=other.name), fresh.name)
            known[fresh.name_key].append(fresh)
        MergeCandidate.objects.bulk_create(pairs, ignore_conflicts=True)


def _placement(columns: dict[str, Any]) -> str:
    if columns.get("city") is not None:
        return Placement.CORRIDOR
    stated = columns.get("placement")
    if stated in (Placement.OUTSIDE, Placement.UNKNOWN):
        return str(stated)
    return Placement.OUTSIDE if columns.get("seat") else Placement.UNKNOWN


class LabelImporter(Importer):
    """Labels of organisations; the same label, held from the same day, is updated."""

    model = OrganisationLabel
    object_kind = "organisation"
    fields = LABEL_FIELDS
    keeps_provenance = False

    def resolve(self, rows: Sequence[ImportRow]) -> None:
        """Find organisations, check periods, and refuse labels that would overlap one held already."""
        found = find_organisations(rows, self.tally)
        for row in rows:
            start, end = row.values.get("valid_from"), row.values.get("valid_until")
            if start and end and end < start:
                self.tally.refuse(row, "valid_until", Bilingual("截止日期不能早于起始日期", "must not be earlier than the start"))
            if row.refused:
                continue
            organisation = found[row.number]
            row.columns = {
                "organisation": organisation, "label": row.values["label"], "valid_from": start, "valid_until": end,
                "source_id": row.source_code,
            }  # fmt: skip
            row.key = (organisation.pk, row.values["label"], start)

    def find(self, rows: Sequence[ImportRow]) -> None:
        """Find the label by its first day; refuse one that would overlap another period."""
        live = [row for row in rows if not row.refused]
        held: dict[tuple[UUID, str], list[OrganisationLabel]] = defaultdict(list)
        for label in OrganisationLabel.objects.filter(organisation__in={row.key[0] for row in live}):
            held[label.organisation_id, label.label].append(label)
        for row in live:
            others = held[row.key[0], row.key[1]]
            row.instance = next((label for label in others if label.valid_from == row.key[2]), None)
            end = row.columns["valid_until"]
            clash = any(
                _overlap(row.key[2], end, label.valid_from, label.valid_until)
                for label in others
                if label is not row.instance
            )
            if clash:
                self.tally.refuse(row, "valid_from", Bilingual("与已登记的同一资质期间重叠", "overlaps a period of the same label"))
            elif row.instance is None:
                others.append(OrganisationLabel(**row.columns))

    def changed_ids(self, rows: Iterable[ImportRow]) -> list[UUID]:
        """Name the organisations."""
        return list({row.key[0] for row in rows})


def _overlap(start: date | None, end: date | None, other_start: date | None, other_end: date | None) -> bool:
    return (start or date.min) <= (other_end or date.max) and (other_start or date.min) <= (end or date.max)


class AttributeImporter(Importer):
    """Dated figures of organisations."""

    model = OrganisationAttribute
    object_kind = "organisation"
    fields = ATTRIBUTE_FIELDS
    keeps_provenance = False

    def resolve(self, rows: Sequence[ImportRow]) -> None:
        """Find organisations and make columns."""
        found = find_organisations(rows, self.tally)
        for row in rows:
            if row.refused:
                continue
            row.key = (found[row.number].pk, row.values["code"], row.values["period"])
            row.columns = {
                "organisation": found[row.number], "code": row.values["code"], "period": row.values["period"],
                "value": row.values["value"], "unit": row.values.get("unit") or "", "source_id": row.source_code,
            }  # fmt: skip

    def find(self, rows: Sequence[ImportRow]) -> None:
        """Find the figure of the same organisation, code and period."""
        live = [row for row in rows if not row.refused]
        query = OrganisationAttribute.objects.filter(organisation__in={row.key[0] for row in live})
        known = {(row.organisation_id, row.code, row.period): row for row in query}
        for row in live:
            row.instance = known.get(row.key)

    def changed_ids(self, rows: Iterable[ImportRow]) -> list[UUID]:
        """Name the organisations."""
        return list({row.key[0] for row in rows})
