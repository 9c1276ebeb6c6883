"""What goes out is what comes in: the same columns, the same words, everything published of one kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet

from yunlang.registry.core.details import details_values
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing.kinds import ImportKind
from yunlang.registry.models import Expert, Need, Organisation, OrganisationAttribute, OrganisationLabel, Resource

CHUNK = 2_000


def export_columns(kind: ImportKind, language: str) -> list[str]:
    """Return the header row, in one language."""
    return [spec.label.text(language) for spec in kind.fields]


def export_rows(kind: ImportKind) -> Iterator[list[Any]]:
    """Yield the published records of a kind in the order of its columns, as cells."""
    query, values_of = _source(kind)
    for record in query.iterator(chunk_size=CHUNK):
        values = values_of(record)
        yield [spec.export(values.get(spec.name)) for spec in kind.fields]


def _source(kind: ImportKind) -> tuple[QuerySet[Any], Callable[[Any], dict[str, Any]]]:
    published = {"status": Status.PUBLISHED}
    if kind.name == "organisation":
        return Organisation.objects.filter(**published).order_by("name", "pk"), _organisation
    if kind.name in ("label", "attribute"):
        facts: Any = OrganisationLabel if kind.name == "label" else OrganisationAttribute
        query = facts.objects.filter(organisation__status=Status.PUBLISHED).select_related("organisation")
        return query.order_by("organisation__name", "pk"), _of_organisation
    if kind.name == "expert":
        return Expert.objects.filter(**published).select_related("organisation").order_by(
            "name", "pk"
        ), _of_organisation
    model: Any = Need if kind.name == "need" else Resource
    query = model.objects.filter(**published, **({} if model is Need else {"kind": kind.name}))
    if model is Resource:
        query = query.select_related("expert")
    return query.select_related("organisation").order_by("published_at", "pk"), _listing


def _plain(record: Any) -> dict[str, Any]:
    values = {spec.attname: getattr(record, spec.attname) for spec in record._meta.concrete_fields}
    return {
        name: tuple(value) if isinstance(value, list) else None if value == "" else value
        for name, value in values.items()
    }


def _organisation(record: Organisation) -> dict[str, Any]:
    return _plain(record) | {"city": record.city_id}


def _of_organisation(record: Any) -> dict[str, Any]:
    organisation: Organisation = record.organisation
    values = _plain(record)
    return values | {"organisation": organisation.name, "organisation_code": organisation.credit_code}


def _listing(record: Need | Resource) -> dict[str, Any]:
    values = _of_organisation(record) | {"city": record.city_id}
    if isinstance(record, Resource):
        values |= details_values(record.kind, record.details)
        values["expert"] = record.expert.name if record.expert else None
    return values
