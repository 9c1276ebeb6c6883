"""The registry's published records as the engine's documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from yunlang.kit.fields import FieldType
from yunlang.kit.language import Bilingual
from yunlang.matching.core.document import Document
from yunlang.registry.core.details import details_values
from yunlang.registry.core.fields import DETAIL_FIELDS
from yunlang.registry.core.kinds import RESOURCE_KINDS
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Expert, Need, Organisation, Resource
from yunlang.registry.selectors.listings import labels_held

RESOURCE = "resource"
NEED, ORGANISATION, EXPERT = "need", "organisation", "expert"
# What a need is matched with unless the reader asks for something else.
OFFERS: tuple[str, ...] = tuple(str(kind) for kind in RESOURCE_KINDS)
KINDS: dict[str, Bilingual] = {
    **{str(kind): name for kind, name in RESOURCE_KINDS.items()},
    EXPERT: Bilingual("专家", "expert"),
    ORGANISATION: Bilingual("机构", "organisation"),
    NEED: Bilingual("需求", "need"),
}
CHUNK = 2_000
EXPERT_TITLES = 20
# Characters; enough for the main products, and an encoder's time grows with its text.
GIST = 40

# Numbers and dates of a kind's own fields are nothing to search words in.
_WORDED = {FieldType.LINE, FieldType.TEXT, FieldType.CHOICE, FieldType.CHOICES, FieldType.WORDS}
_MODELS: dict[str, type[Any]] = {RESOURCE: Resource, NEED: Need, ORGANISATION: Organisation, EXPERT: Expert}


def published_documents() -> Iterator[Document]:
    """Yield every published record as a document, a chunk of rows at a time."""
    for kind in _MODELS:
        yield from _documents(kind, Q())


def published_count() -> int:
    """Return how many documents `published_documents` yields."""
    return sum(model.objects.filter(status=Status.PUBLISHED).count() for model in _MODELS.values())


def published_kind(document_id: UUID) -> str | None:
    """Return the kind of a published record's document, or None where nothing of that id is published."""
    for kind, model in _MODELS.items():
        row = model.objects.filter(pk=document_id, status=Status.PUBLISHED).first()
        if row is not None:
            return str(row.kind) if kind == RESOURCE else kind
    return None


def titles_of(document_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the titles, or names, of records that are or were documents; what is no more has none."""
    ids = list(document_ids)
    named = {RESOURCE: "title", NEED: "title", ORGANISATION: "name", EXPERT: "name"}
    return {
        key: title
        for kind, column in named.items()
        for key, title in _MODELS[kind].objects.filter(pk__in=ids).values_list("pk", column)
    }


def offer_kind(kind: str) -> str | None:
    """Return what a document offers, as introductions name it, or None for a need, which offers nothing."""
    return None if kind == NEED else kind if kind in (EXPERT, ORGANISATION) else RESOURCE


def documents_of(
    objects: Iterable[tuple[str, UUID]],
    *,
    indexed: Callable[[Iterable[str]], Mapping[str, Document]] = lambda _: {},
) -> tuple[list[Document], list[str]]:
    """Return the documents of changed records, and the ids of those that are no longer public.

    A changed organisation brings its needs, resources and experts, whose documents name it. A changed resource brings
    its expert, whose document holds its title, and the expert it had before, whom `indexed` tells: documents by id as
    they were.
    """
    wanted: dict[str, set[UUID]] = {kind: set() for kind in _MODELS}
    for kind, object_id in objects:
        if kind in wanted:
            wanted[kind].add(object_id)
    if wanted[ORGANISATION]:
        for kind in (RESOURCE, NEED, EXPERT):
            theirs = _MODELS[kind].objects.filter(organisation__in=wanted[ORGANISATION])
            wanted[kind] |= set(theirs.values_list("pk", flat=True))
    if wanted[RESOURCE]:
        experts = Resource.objects.filter(pk__in=wanted[RESOURCE], expert__isnull=False)
        before = indexed(str(one) for one in wanted[RESOURCE]).values()
        wanted[EXPERT] |= set(experts.values_list("expert_id", flat=True))
        wanted[EXPERT] |= {UUID(document.extra["expert_id"]) for document in before if "expert_id" in document.extra}
    documents = [document for kind, ids in wanted.items() if ids for document in _documents(kind, Q(pk__in=ids))]
    found = {document.id for document in documents}
    gone = [str(one) for ids in wanted.values() for one in ids if str(one) not in found]
    return documents, gone


def _documents(kind: str, which: Q) -> Iterator[Document]:
    rows: QuerySet[Any] = _MODELS[kind].objects.filter(which, status=Status.PUBLISHED)
    labels = labels_held(None).only("organisation_id", "label")
    if kind == ORGANISATION:
        rows = rows.prefetch_related(Prefetch("labels", labels))
    else:
        rows = rows.select_related("organisation").prefetch_related(Prefetch("organisation__labels", labels))
    if kind == RESOURCE:
        rows = rows.select_related("expert")
    if kind == EXPERT:
        # In a fixed order: what the encoder reads of an expert begins with the first titles.
        shown = Resource.objects.filter(status=Status.PUBLISHED).only("expert_id", "title").order_by("pk")
        rows = rows.prefetch_related(Prefetch("resources", shown))
    for row in rows.order_by("pk").iterator(chunk_size=CHUNK):
        yield _MAKERS[kind](row)


def _resource(row: Resource) -> Document:
    return Document(
        id=str(row.pk), kind=row.kind, title=row.title, text=_text(row.summary, _detail_words(row)),
        tags=tuple(row.tags), city=row.city_id or "", place=row.organisation.seat, organisation=row.organisation.name,
        industry=row.industry, trl=row.trl, price=row.price, labels=_labels(row.organisation),
        valid_until=row.valid_until, extra=_extra(row, **_expert_of(row)),
    )  # fmt: skip


def _expert_of(row: Resource) -> dict[str, str]:
    return {"expert": row.expert.name, "expert_id": str(row.expert.pk)} if row.expert else {}


def _detail_words(row: Resource) -> str:
    values = details_values(row.kind, row.details)
    specs = [spec for spec in DETAIL_FIELDS[row.kind] if spec.type in _WORDED]
    return "；".join(filter(None, (spec.display(values.get(spec.name), "zh") for spec in specs)))


def _need(row: Need) -> Document:
    return Document(
        id=str(row.pk), kind=NEED, title=row.title, text=_text(row.description, row.title_en), tags=tuple(row.tags),
        city=row.city_id or "", place=row.organisation.seat, organisation=row.organisation.name,
        industry=row.industry, trl=row.trl_minimum, price=row.budget, labels=_labels(row.organisation),
        valid_until=row.deadline, extra=_extra(row, need_kind=row.kind),
    )  # fmt: skip


def _organisation(row: Organisation) -> Document:
    return Document(
        id=str(row.pk), kind=ORGANISATION, title=row.name,
        text=_text("、".join(row.products), row.sector, row.summary, row.name_en),
        tags=tuple(row.tags), city=row.city_id or "", place=row.seat, organisation=row.name, industry=row.industry,
        labels=_labels(row), gist="、".join(row.products)[:GIST], extra=_extra(row, organisation_type=row.type),
    )  # fmt: skip


def _expert(row: Expert) -> Document:
    titles = [resource.title for resource in row.resources.all()[:EXPERT_TITLES]]
    return Document(
        id=str(row.pk), kind=EXPERT, title=row.name, text=_text("、".join(row.fields), *titles, row.summary),
        city=row.organisation.city_id or "", place=row.organisation.seat, organisation=row.organisation.name,
        industry=row.industry, labels=_labels(row.organisation), gist="；".join([*row.fields, *titles])[:GIST],
        extra=_extra(row),
    )  # fmt: skip


def _text(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _labels(organisation: Organisation) -> tuple[str, ...]:
    return tuple(sorted({label.label for label in organisation.labels.all()}))


def _extra(row: Any, **values: str) -> dict[str, Any]:
    extra: dict[str, Any] = {name: value for name, value in values.items() if value}
    if getattr(row, "illustrative", False):
        extra["illustrative"] = True
    return extra


_MAKERS: dict[str, Callable[[Any], Document]] = {
    RESOURCE: _resource, NEED: _need, ORGANISATION: _organisation, EXPERT: _expert,
}  # fmt: skip
