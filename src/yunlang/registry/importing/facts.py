"""Organisations' labels and dated figures, from tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from yunlang.kit.language import Bilingual
from yunlang.registry.core.fields import ATTRIBUTE_FIELDS, LABEL_FIELDS
from yunlang.registry.importing.base import Importer
from yunlang.registry.importing.lookups import any_of
from yunlang.registry.importing.references import KnownOrganisation, find_organisations
from yunlang.registry.importing.rows import ImportRow
from yunlang.registry.models import OrganisationAttribute, OrganisationLabel

ENDS_BEFORE_START = Bilingual("截止日期不能早于起始日期", "must not be earlier than the start")
_OVERLAP = Bilingual("与已登记的同一资质期间重叠", "overlaps a period of the same label")
# In a table of figures «单位» is the figure's unit, elsewhere another word for the organisation.
_OF_ORGANISATION = replace(
    ATTRIBUTE_FIELDS[0], aliases=tuple(name for name in ATTRIBUTE_FIELDS[0].aliases if name != "单位")
)
_VALUE_STEP = Decimal(1).scaleb(-(OrganisationAttribute._meta.get_field("value").decimal_places or 0))


class _FactImporter(Importer):
    """Facts belong to an organisation, whose page and whose place in the search index they change."""

    object_kind = "organisation"
    keeps_provenance = False
    follows = frozenset({"source_id"})

    def resolve(self, rows: Sequence[ImportRow]) -> None:
        """Find organisations and make columns."""
        found = find_organisations(rows, self.tally)
        for row in rows:
            if not row.refused:
                row.columns = self._columns(row, found[row.number]) | {"source_id": row.source_code}

    def _columns(self, row: ImportRow, organisation: KnownOrganisation) -> dict[str, Any]:
        raise NotImplementedError

    def changed_ids(self, rows: Iterable[ImportRow]) -> list[UUID]:
        """Name the organisations."""
        return [row.columns["organisation_id"] for row in rows]


class LabelImporter(_FactImporter):
    """Labels of organisations; the same label, held from the same day, is updated."""

    model = OrganisationLabel
    fields = LABEL_FIELDS

    def _columns(self, row: ImportRow, organisation: KnownOrganisation) -> dict[str, Any]:
        start, end = row.values.get("valid_from"), row.values.get("valid_until")
        if start and end and end < start:
            self.tally.refuse(row, "valid_until", ENDS_BEFORE_START)
        columns = {"organisation_id": organisation.id, "label": row.values["label"], "valid_from": start}
        return columns | ({"valid_until": end} if "valid_until" in row.values else {})

    def find(self, rows: Sequence[ImportRow]) -> None:
        """Find the label by its first day; refuse one that would overlap another period."""
        held: dict[tuple[UUID, str], list[dict[str, Any]]] = defaultdict(list)
        for label in OrganisationLabel.objects.filter(
            any_of(organisation={row.columns["organisation_id"] for row in rows})
        ).values():
            held[label["organisation_id"], label["label"]].append(dict(label))
        for row in rows:
            columns = row.columns
            periods = held[columns["organisation_id"], columns["label"]]
            same = next((one for one in periods if one["valid_from"] == columns["valid_from"]), None)
            key = (columns["organisation_id"], columns["label"], columns["valid_from"])
            if not self.claim(row, key, "label"):
                continue
            row.record = same and dict(same)
            period = {"valid_until": None} | (same or {}) | columns
            if any(_overlap(period, other) for other in periods if other is not same):
                self.tally.refuse(row, "valid_from" if "valid_from" in row.values else "label", _OVERLAP)
            elif same is None:
                periods.append(period)
            else:
                same |= period


def _overlap(period: dict[str, Any], other: dict[str, Any]) -> bool:
    return _start(period) <= _end(other) and _start(other) <= _end(period)


def _start(period: dict[str, Any]) -> date:
    return period["valid_from"] or date.min


def _end(period: dict[str, Any]) -> date:
    return period["valid_until"] or date.max


class AttributeImporter(_FactImporter):
    """Dated figures of organisations."""

    model = OrganisationAttribute
    fields = (_OF_ORGANISATION, *ATTRIBUTE_FIELDS[1:])

    def _columns(self, row: ImportRow, organisation: KnownOrganisation) -> dict[str, Any]:
        values = row.values
        columns = {
            "organisation_id": organisation.id, "code": values["code"], "period": values["period"],
            "value": values["value"].quantize(_VALUE_STEP),
        }  # fmt: skip
        return columns | ({"unit": values["unit"] or ""} if "unit" in values else {})

    def find(self, rows: Sequence[ImportRow]) -> None:
        """Find the figure of the same organisation, code and period."""
        wanted = any_of(
            organisation={row.columns["organisation_id"] for row in rows},
            period={row.columns["period"] for row in rows},
        )
        known = {_figure(record): record for record in OrganisationAttribute.objects.filter(wanted).values()}
        for row in rows:
            if self.claim(row, _figure(row.columns), "code"):
                row.record = known.get(_figure(row.columns))


def _figure(columns: Any) -> tuple[UUID, str, str]:
    return columns["organisation_id"], columns["code"], columns["period"]
