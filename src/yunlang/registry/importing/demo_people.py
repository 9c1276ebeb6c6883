"""What people have made or changed, which no edition of the demo corridor touches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from yunlang.kit.models import AuditEntry
from yunlang.registry.importing.demo_edition import FACT_KINDS, LISTING_KINDS, DemoRow
from yunlang.registry.importing.lookups import any_of
from yunlang.registry.models import (
    Expert,
    Need,
    Organisation,
    OrganisationAttribute,
    OrganisationLabel,
    Provenance,
    Resource,
)

LISTING_MODELS: dict[str, Any] = {"need": Need, "resource": Resource}
_NATURAL_KEY = {"organisation": "name", "expert": "name", "need": "number", "resource": "number"}


class PeoplesRecords:
    """The records that somebody registered, edited, decided on or imported, and the natural keys they go by.

    Membership is not among it: who belongs to an organisation changes none of its facts.

    Attributes
    ----------
    ids
        By kind: organisation, expert, need, resource.
    renamed
        Organisations' former names to their present ones.
    """

    def __init__(self) -> None:
        self.ids: dict[str, set[UUID]] = defaultdict(set)
        self._former: dict[UUID, set[str]] = defaultdict(set)
        self._read_audit()
        for kind, object_id in Provenance.objects.filter(source__edition="").values_list("object_kind", "object_id"):
            self.ids[kind].add(object_id)
        self.renamed = self._renamed()
        self._organisations = self._names() | self.renamed.keys()
        self._experts = set(
            Expert.objects.filter(any_of(id=self.ids["expert"])).values_list("organisation__name", "name")
        )
        self._listings = {key for kind in LISTING_MODELS for key in self._listing_keys(kind)}
        self._facts = _facts_of_people()

    def rows_left(self, kind: str, rows: Iterable[DemoRow]) -> list[DemoRow]:
        """Return the rows that do not concern a record of people, organisations called what these are called now."""
        return [self._present(row) for row in rows if not self._concerns(kind, row.values)]

    def _concerns(self, kind: str, values: Mapping[str, Any]) -> bool:
        if kind == "organisation":
            return values["name"] in self._organisations
        organisation = self.renamed.get(values["organisation"], values["organisation"])
        if kind == "expert":
            return (organisation, values["name"]) in self._experts
        if kind in FACT_KINDS:
            return (kind, organisation, *_fact_key(kind, values)) in self._facts
        key = (kind, values.get("number"))
        return key in self._listings or (*key, organisation) in self._listings

    def _present(self, row: DemoRow) -> DemoRow:
        name = self.renamed.get(str(row.values.get("organisation")))
        return replace(row, values={**row.values, "organisation": name}) if name else row

    def _read_audit(self) -> None:
        deeds = AuditEntry.objects.filter(actor_id__isnull=False, object_kind__in=_NATURAL_KEY)
        for kind, raw_id, action, before in deeds.values_list("object_kind", "object_id", "action", "before"):
            if action.startswith("membership_"):
                continue
            object_id = UUID(raw_id)
            self.ids[kind].add(object_id)
            if former := (before or {}).get(_NATURAL_KEY[kind]):
                self._former[object_id].add(former)

    def _names(self) -> set[str]:
        return set(Organisation.objects.filter(any_of(id=self.ids["organisation"])).values_list("name", flat=True))

    def _renamed(self) -> dict[str, str]:
        named = Organisation.objects.filter(any_of(id=self._former.keys() & self.ids["organisation"]))
        renamed = {former: name for id_, name in named.values_list("id", "name") for former in self._former[id_]}
        taken = Organisation.objects.filter(any_of(name=renamed.keys())).values_list("name", flat=True)
        return {former: name for former, name in renamed.items() if former not in set(taken)}

    def _listing_keys(self, kind: str) -> Iterable[tuple[str | None, ...]]:
        """Yield kind and number of the demo's listings; of others the organisation too, since it made the number."""
        shipped = shipped_ids(kind)
        rows = LISTING_MODELS[kind].objects.filter(any_of(id=self.ids[kind]))
        for id_, own_kind, number, name in rows.values_list("id", "kind", "number", "organisation__name"):
            key = "need" if kind == "need" else own_kind
            for one in {number, *self._former[id_]} - {""}:
                yield (key, one) if id_ in shipped else (key, one, name)


def shipped_ids(kind: str) -> set[UUID]:
    """Return the records of a kind that an edition brought or updated."""
    rows = Provenance.objects.filter(object_kind=kind).exclude(source__edition="")
    return set(rows.values_list("object_id", flat=True))


def object_kind(kind: str) -> str:
    """Return the kind of record that an import kind makes."""
    return "resource" if kind in LISTING_KINDS and kind != "need" else kind


def _fact_key(kind: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
    return (values["label"],) if kind == "label" else (values["code"], values["period"])


def _facts_of_people() -> set[tuple[Any, ...]]:
    labels = OrganisationLabel.objects.filter(source__edition="").values_list("organisation__name", "label")
    attributes = OrganisationAttribute.objects.filter(source__edition="")
    figures = attributes.values_list("organisation__name", "code", "period")
    return {("label", *label) for label in labels} | {("attribute", *figure) for figure in figures}
