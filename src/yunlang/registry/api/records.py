"""Of any record: where it came from, and what was done to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from yunlang.accounts.api import actor_of, signed_in_actor
from yunlang.accounts.permissions import may, require
from yunlang.kit.api.paging import Order, Page, Paging, page_of
from yunlang.kit.api.reference import described
from yunlang.kit.language import Bilingual
from yunlang.kit.models import AuditEntry
from yunlang.registry.api.experts import visible_expert
from yunlang.registry.api.listings import visible_listing
from yunlang.registry.api.organisations import visible_organisation
from yunlang.registry.api.values import Id, Moment, SourceReference, source_reference
from yunlang.registry.models import Need, Provenance, Resource
from yunlang.registry.selectors.organisations import history_of, person_of, provenance_of

router = Router(tags=["records"])

_LATEST = Order("history", tie="-id")


class Collection(StrEnum):
    """What has provenance and history."""

    NEEDS = "needs"
    RESOURCES = "resources"
    ORGANISATIONS = "organisations"
    EXPERTS = "experts"


_KINDS: Mapping[Collection, str] = {
    Collection.NEEDS: "need",
    Collection.RESOURCES: "resource",
    Collection.ORGANISATIONS: "organisation",
    Collection.EXPERTS: "expert",
}
_VISIBLE: Mapping[Collection, Callable[[HttpRequest, UUID], Any]] = {
    Collection.NEEDS: lambda request, record_id: visible_listing(request, Need, record_id),
    Collection.RESOURCES: lambda request, record_id: visible_listing(request, Resource, record_id),
    Collection.ORGANISATIONS: visible_organisation,
    Collection.EXPERTS: visible_expert,
}


class ProvenanceRow(BaseModel):
    """One source of a record."""

    source: SourceReference
    imported_at: Moment
    original: dict[str, Any] | None = Field(
        description="The row as it was imported; for the corridor office and auditors.",
        examples=[None],
        json_schema_extra={"x-zh": "导入时的原始行；走廊办公室与审计员可见。"},
    )


class ProvenanceList(BaseModel):
    """Where a record came from, first import first."""

    items: list[ProvenanceRow]


class HistoryRow(BaseModel):
    """One business action."""

    at: Moment
    action: str = Field(examples=["need_publish"])
    actor_id: Id | None
    actor_name: str = Field(examples=["李四 <li@example.org>"])
    before: dict[str, Any] | None = Field(examples=[{"status": "in_review"}])
    after: dict[str, Any] | None = Field(examples=[{"status": "published"}])


def _provenance_row(row: Provenance, *, with_original: bool) -> ProvenanceRow:
    return ProvenanceRow(
        source=source_reference(row.source),
        imported_at=row.imported_at,
        original=row.original if with_original else None,
    )


def _history_row(entry: AuditEntry, *, with_address: bool) -> HistoryRow:
    return HistoryRow(
        at=entry.at,
        action=entry.action,
        actor_id=entry.actor_id,
        actor_name=entry.actor_name if with_address else person_of(entry),
        before=entry.before,
        after=entry.after,
    )


@router.get(
    "/{collection}/{record_id}/provenance",
    response=ProvenanceList,
    **described(
        Bilingual("记录的来源", "Get a record's provenance"),
        Bilingual("取自哪些来源、何时导入。", "Which sources it was taken from, and when."),
    ),
)
def provenance_get(request: HttpRequest, collection: Collection, record_id: UUID) -> Any:
    """Return where a record came from."""
    _VISIBLE[collection](request, record_id)
    with_original = may(actor_of(request), "registry.export")
    rows = provenance_of(_KINDS[collection], record_id)
    return ProvenanceList(items=[_provenance_row(row, with_original=with_original) for row in rows])


@router.get(
    "/{collection}/{record_id}/history",
    response=Page[HistoryRow],
    **described(
        Bilingual("记录的历史", "List a record's history"),
        Bilingual(
            "何人何时做了什么，最近的在前；供本机构成员、走廊办公室与审计员使用，后两者可见邮箱。",
            "Who did what and when, latest first; for its organisation's members, the corridor office and auditors, "
            "the latter two with addresses.",
        ),
        sign_in=True,
        refused=[403],
    ),
)
def history_list(request: HttpRequest, collection: Collection, record_id: UUID, query: Query[Paging]) -> Any:
    """List what was done to a record."""
    actor = signed_in_actor(request)
    require(actor, "registry.view_history", _VISIBLE[collection](request, record_id))
    row = partial(_history_row, with_address=may(actor, "accounts.view_audit"))
    return page_of(request, history_of(_KINDS[collection], record_id), _LATEST, query, row)
