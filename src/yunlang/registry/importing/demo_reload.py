"""What loading a newer edition of the demo corridor does to the records of the older one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from yunlang.accounts.actors import SYSTEM
from yunlang.kit.audit import audit_record
from yunlang.kit.bulk import bulk_update, bulk_upsert
from yunlang.kit.changes import change_record
from yunlang.kit.text import name_key
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing.demo_edition import FACT_KINDS, LISTING_KINDS, DemoRow, Edition
from yunlang.registry.importing.demo_people import PeoplesRecords, object_kind, shipped_ids
from yunlang.registry.importing.lookups import any_of
from yunlang.registry.models import (
    Expert,
    Membership,
    MergeCandidate,
    Need,
    Organisation,
    OrganisationAttribute,
    OrganisationLabel,
    Provenance,
    Resource,
    Source,
)

# In the order in which they are closed: what an organisation presents goes before it does.
_MODELS: dict[str, Any] = {"resource": Resource, "need": Need, "expert": Expert, "organisation": Organisation}
_LAST_DAY = {"resource": "valid_until", "need": "deadline"}
_FACTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "label": (OrganisationLabel, ("label", "valid_from", "valid_until")),
    "attribute": (OrganisationAttribute, ("code", "period", "value", "unit")),
}
_OPEN = (Status.DRAFT, Status.IN_REVIEW, Status.PUBLISHED)
_NAME_KEY_LIMIT: int = Organisation._meta.get_field("name_key").max_length or 0


class Reload:
    """A newer edition over an older one.

    `before` each kind's import it prepares what the import itself would not find or not undo; `finish` closes what the
    edition no longer names. What people have made or changed is left out of all of it.
    """

    def __init__(self, edition: Edition, people: PeoplesRecords) -> None:
        self._digest = edition.digest
        self._shipped = {kind: shipped_ids(kind) - people.ids[kind] for kind in _MODELS}
        self._rows: dict[str, Sequence[DemoRow]] = {}
        self._organisations: dict[str, UUID] = {}

    def before(self, kind: str, rows: Sequence[DemoRow]) -> None:
        """Prepare for the import of one kind's rows; kinds come in the order in which they refer to each other."""
        self._rows[kind] = rows
        if kind == "organisation":
            name_keys_renew()
            self._rename_organisations(rows)
            # Before what they present, which can be public only where they are.
            names = Organisation.objects.filter(any_of(name={row.values["name"] for row in rows}))
            self._open(kind, Organisation, names.values_list("id", flat=True))
            return
        self._organisations = self._organisations or _organisation_ids()
        if kind in FACT_KINDS:
            self._remove_facts(kind, rows)
        elif kind in LISTING_KINDS:
            self._move_listings(kind, rows)

    def finish(self) -> None:
        """Close what is no longer named, open what is named again, let provenance say what the edition says."""
        self._organisations = _organisation_ids()
        for kind, model in _MODELS.items():
            named = self._named(kind)
            self._close(kind, model, named.keys())
            if kind != "organisation":
                self._open(kind, model, named.keys())
            _renew_provenance(kind, named)
        _remove_sources(self._digest)

    def _rename_organisations(self, rows: Sequence[DemoRow]) -> None:
        """Have an organisation that the edition writes differently go by its new name, so that it stays the same one.

        It is the same where only the legal form was written differently, or where the edition lists the old name.
        """
        known = dict(Organisation.objects.filter(merged_into=None).values_list("name", "id"))
        names = {str(row.values["name"]) for row in rows}
        new_names: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            name: Any = row.values["name"]
            aliases: Any = row.values.get("aliases") or ()
            if name not in known:
                for one in (name, *aliases):
                    new_names[name_key(one)].add(name)
        renamed: dict[str, str] = {}
        for old in sorted(known.keys() - names):
            found = new_names[name_key(old)]
            if known[old] in self._shipped["organisation"] and len(found) == 1:
                renamed.setdefault(found.pop(), old)
        for name, old in renamed.items():
            columns = {"name": name, "name_key": name_key(name)[:_NAME_KEY_LIMIT]}
            Organisation.objects.filter(pk=known[old]).update(**columns)
            _audit("organisation", known[old], "update", {"name": old}, {"name": name})
        change_record("organisation", [known[old] for old in renamed.values()])

    def _remove_facts(self, kind: str, rows: Sequence[DemoRow]) -> None:
        """Remove what the edition no longer states in exactly this way; the import adds the rest."""
        model, columns = _FACTS[kind]
        stated = {(self._organisation(row), row.source_code, *_fact(kind, row.values)) for row in rows}
        held = model.objects.exclude(source__edition="").values_list("id", "organisation_id", "source_id", *columns)
        gone = {id_: fact[0] for id_, *fact in held if tuple(fact) not in stated}
        model.objects.filter(any_of(id=gone.keys())).delete()
        change_record("organisation", dict.fromkeys(gone.values()))

    def _move_listings(self, kind: str, rows: Sequence[DemoRow]) -> None:
        """Have a listing that the edition gives to another organisation move there; its number tells which it is."""
        model = _MODELS[object_kind(kind)]
        of_kind = model.objects.filter(_of_kind(kind), any_of(number={row.values["number"] for row in rows}))
        places: dict[str, dict[UUID, UUID]] = defaultdict(dict)
        for id_, number, organisation in of_kind.values_list("id", "number", "organisation_id"):
            places[number][organisation] = id_
        moved: dict[UUID, UUID] = {}
        for row in rows:
            organisation, there = self._organisation(row), places[str(row.values["number"])]
            ours = [id_ for id_ in there.values() if id_ in self._shipped[object_kind(kind)]]
            if organisation is not None and organisation not in there and len(ours) == 1:
                moved[ours[0]] = organisation
        bulk_update(model, [{"id": id_, "organisation_id": organisation} for id_, organisation in moved.items()])
        change_record(object_kind(kind), moved)

    def _organisation(self, row: DemoRow) -> UUID | None:
        return self._organisations.get(str(row.values["organisation"]))

    def _named(self, record_kind: str) -> dict[UUID, list[DemoRow]]:
        """Return the edition's rows by the record of the older one that each stands for."""
        named: dict[UUID, list[DemoRow]] = defaultdict(list)
        for kind in (kind for kind in self._rows if object_kind(kind) == record_kind):
            ids = self._ids(kind)
            for row in self._rows[kind]:
                id_ = ids.get(self._key(kind, row))
                if id_ in self._shipped[record_kind]:
                    named[id_].append(row)
        return named

    def _ids(self, kind: str) -> dict[Any, UUID]:
        """Return the records that rows of an import kind may stand for, by their natural key."""
        if kind == "organisation":
            return dict(self._organisations)
        model, column = _MODELS[object_kind(kind)], "name" if kind == "expert" else "number"
        rows = model.objects.filter(_of_kind(kind)).values_list("organisation_id", column, "id")
        return {(organisation, key): id_ for organisation, key, id_ in rows}

    def _key(self, kind: str, row: DemoRow) -> Any:
        if kind == "organisation":
            return row.values["name"]
        return self._organisation(row), row.values["name" if kind == "expert" else "number"]

    def _close(self, kind: str, model: Any, named: Iterable[UUID]) -> None:
        left = model.objects.filter(any_of(id=self._shipped[kind] - set(named)), status=Status.PUBLISHED)
        if kind == "organisation":
            left = left.filter(merged_into=None).exclude(_is_needed())
        gone = list(left.values_list("id", flat=True))
        _set_status(kind, model, gone, Status.PUBLISHED, Status.CLOSED, "close")
        if kind == "organisation":
            pairs = MergeCandidate.objects.filter(any_of(first=gone) | any_of(second=gone))
            pairs.filter(state=MergeCandidate.State.OPEN).delete()

    def _open(self, kind: str, model: Any, named: Iterable[UUID]) -> None:
        """Publish again what the platform had closed; what people have closed is theirs and not among the shipped."""
        back = model.objects.filter(any_of(id=self._shipped[kind] & set(named)))
        if last_day := _LAST_DAY.get(kind):
            back = back.filter(Q(**{last_day: None}) | Q(**{f"{last_day}__gte": timezone.localdate()}))
        if kind == "organisation":
            back = back.filter(merged_into=None)
        for status in (Status.CLOSED, Status.EXPIRED):
            again = list(back.filter(status=status).values_list("id", flat=True))
            _set_status(kind, model, again, status, Status.PUBLISHED, "publish")


def name_keys_renew() -> None:
    """Write organisations' comparison keys anew, for those made when the rule of the key was another."""
    rows = Organisation.objects.values_list("id", "name", "name_key")
    keys = [(id_, name_key(name)[:_NAME_KEY_LIMIT], key) for id_, name, key in rows]
    bulk_update(Organisation, [{"id": id_, "name_key": new} for id_, new, old in keys if new != old])


def _organisation_ids() -> dict[str, UUID]:
    """Return the organisation that a name means: one of this name, else the one that it has become part of."""
    # Of several of one name the one without a credit code, which comes last.
    rows: Any = list(Organisation.objects.order_by("credit_code").values_list("name", "id", "merged_into_id"))
    merged = {name: kept for name, _, kept in rows if kept is not None}
    return merged | {name: id_ for name, id_, kept in rows if kept is None}


def _of_kind(kind: str) -> Q:
    return Q(kind=kind) if object_kind(kind) == "resource" else Q()


def _fact(kind: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
    if kind == "label":
        days = (values.get(name) for name in ("valid_from", "valid_until"))
        return (values["label"], *(date.fromisoformat(day) if day else None for day in days))
    return (values["code"], values["period"], Decimal(str(values["value"])), values.get("unit") or "")


def _is_needed() -> Q:
    """Tell which organisations somebody belongs to, or still present something."""
    own = {"organisation": OuterRef("pk")}
    presents = [Exists(model.objects.filter(status__in=_OPEN, **own)) for model in (Need, Resource, Expert)]
    return Q(Exists(Membership.objects.filter(**own))) | Q(presents[0]) | Q(presents[1]) | Q(presents[2])


def _set_status(kind: str, model: Any, ids: Sequence[UUID], before: Status, after: Status, deed: str) -> None:
    now = timezone.now()
    times: dict[str, Any] = {"updated_at": now}
    if kind in _LAST_DAY:
        times["closed_at"] = now if after is Status.CLOSED else None
    model.objects.filter(any_of(id=ids)).update(status=after, **times)
    for id_ in ids:
        _audit(kind, id_, deed, {"status": str(before)}, {"status": str(after)})
    change_record(kind, ids)


def _audit(kind: str, id_: UUID, deed: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    audit_record(
        actor=SYSTEM, action=f"{kind}_{deed}", object_kind=kind, object_id=id_, before=before, after=after
    )  # fmt: skip


def _renew_provenance(kind: str, named: Mapping[UUID, Sequence[DemoRow]]) -> None:
    stated = {
        (id_, row.source_code): {name: value for name, value in row.original.items() if value not in (None, "")}
        for id_, rows in named.items()
        for row in rows
    }
    shipped = Provenance.objects.filter(object_kind=kind).exclude(source__edition="")
    held = {
        (object_id, source): (id_, original)
        for id_, object_id, source, original in shipped.values_list("id", "object_id", "source_id", "original")
    }
    gone = [id_ for key, (id_, _) in held.items() if key[0] in named and key not in stated]
    Provenance.objects.filter(any_of(id=gone)).delete()
    now = timezone.now()
    changed = [
        {"object_kind": kind, "object_id": key[0], "source_id": key[1], "imported_at": now, "original": original}
        for key, original in stated.items()
        if key not in held or held[key][1] != original
    ]
    bulk_upsert(
        Provenance, changed, conflict=["object_kind", "object_id", "source_id"],
        update=["batch_id", "imported_at", "original"],
    )  # fmt: skip


def _remove_sources(digest: str) -> None:
    """Remove the sources of older editions that nothing names any more."""
    older = Source.objects.exclude(edition__in=("", digest)).filter(provenances=None, figures=None, batches=None)
    for model, _ in _FACTS.values():
        older = older.exclude(pk__in=model.objects.exclude(source=None).values("source"))
    older.delete()
