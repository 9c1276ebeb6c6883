"""What goes out is what comes in: the same columns, the same words, everything published of one kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from django.db.models import QuerySet

from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import WriteFormat, write_table
from yunlang.registry.core.details import details_values
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing.kinds import ImportKind
from yunlang.registry.models import Expert, Need, Organisation, OrganisationAttribute, OrganisationLabel, Resource
from yunlang.registry.selectors.corridor import cities

CHUNK = 2_000
_SHEET = Bilingual("数据", "data")
_Values = Callable[[Any], dict[str, Any]]


def table_export(kind: ImportKind, format: WriteFormat, stream: BinaryIO, *, language: str) -> int:
    """Write the published records of a kind so that an import of the file changes nothing; return how many.

    Headers are labels in `language`, in .jsonl the fields' own names; choices and cities stand in Chinese, which both
    languages' imports take.
    """
    columns = [spec.name if format == "jsonl" else _header(spec, language) for spec in kind.fields]
    return write_table(format, columns, _rows(kind), stream, sheet=_SHEET.text(language))


def _header(spec: Field, language: str) -> str:
    label = spec.label.text(language)
    if spec.unit is None:
        return label
    return f"{label} ({spec.unit.en})" if language.startswith("en") else f"{label}（{spec.unit.zh}）"


def _rows(kind: ImportKind) -> Iterator[list[Any]]:
    query, values_of = _source(kind)
    names = {city.adcode: city.name_zh for city in cities()}
    for record in query.iterator(chunk_size=CHUNK):
        values = values_of(record)
        if "city_id" in values:
            values["city"] = names.get(values["city_id"])
        yield [spec.export(values.get(spec.name)) for spec in kind.fields]


def _source(kind: ImportKind) -> tuple[QuerySet[Any], _Values]:
    published = {"status": Status.PUBLISHED}
    if kind.name == "organisation":
        return Organisation.objects.filter(**published).order_by("name", "pk"), _plain
    if kind.name in ("label", "attribute"):
        facts: Any = OrganisationLabel if kind.name == "label" else OrganisationAttribute
        query = facts.objects.filter(organisation__status=Status.PUBLISHED).select_related("organisation")
        return query.order_by("organisation__name", "pk"), _of_organisation
    if kind.name == "expert":
        experts = Expert.objects.filter(**published).select_related("organisation")
        return experts.order_by("name", "pk"), _of_organisation
    if kind.name == "need":
        needs = Need.objects.filter(**published).select_related("organisation")
        return needs.order_by("published_at", "pk"), _of_organisation
    resources = Resource.objects.filter(**published, kind=kind.name).select_related("organisation", "expert")
    return resources.order_by("published_at", "pk"), _resource


def _plain(record: Any) -> dict[str, Any]:
    values = {spec.attname: getattr(record, spec.attname) for spec in record._meta.concrete_fields}
    return {name: _parsed(value) for name, value in values.items()}


def _parsed(value: Any) -> Any:
    """Return a column's value as a field would parse it."""
    if isinstance(value, list):
        return tuple(value)
    return None if value == "" else value


def _of_organisation(record: Any) -> dict[str, Any]:
    organisation: Organisation = record.organisation
    return _plain(record) | {"organisation": organisation.name, "organisation_code": organisation.credit_code}


def _resource(record: Resource) -> dict[str, Any]:
    expert = record.expert.name if record.expert else None
    return _of_organisation(record) | details_values(record.kind, record.details) | {"expert": expert}
