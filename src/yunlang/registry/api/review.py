"""The corridor office's work: what waits for review, organisations that may be one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from yunlang.accounts.api import actor_of, signed_in_actor
from yunlang.accounts.permissions import require
from yunlang.kit.api.paging import Order, Page, Paging, page_of
from yunlang.kit.api.reference import described
from yunlang.kit.language import Bilingual
from yunlang.registry.api.values import (
    CityReference,
    Id,
    Moment,
    Name,
    OrganisationReference,
    RowNumber,
    city_reference,
    name_of,
    organisation_reference,
)
from yunlang.registry.models import MergeCandidate, Need, Organisation, Resource
from yunlang.registry.selectors.listings import review_queue
from yunlang.registry.selectors.organisations import merge_candidates, organisations_in_review
from yunlang.registry.services.merging import merge_reject, organisations_merge

router = Router(tags=["review"])

_OLDEST = Order("merge_candidates")


class WaitingListing(BaseModel):
    """A need or a resource that waits for review."""

    id: Id
    kind: str = Field(examples=["technology"])
    title: str = Field(examples=["高镍三元动力电解液"])
    organisation: OrganisationReference
    updated_at: Moment


class WaitingOrganisation(BaseModel):
    """A registration that waits for review."""

    id: Id
    name: str = Field(examples=["示例新材料有限公司"])
    city: CityReference | None
    created_at: Moment


class ReviewQueue(BaseModel):
    """What waits for the corridor office, oldest first."""

    organisations: list[WaitingOrganisation]
    needs: list[WaitingListing]
    resources: list[WaitingListing]


class MergeCandidateRow(BaseModel):
    """Two organisations that may be one."""

    id: RowNumber
    first: OrganisationReference
    second: OrganisationReference
    reason: Name
    created_at: Moment


class MergeBody(BaseModel):
    """Which of the two to keep."""

    keep: Id


def _waiting_listing(listing: Need | Resource) -> WaitingListing:
    return WaitingListing(
        id=listing.id,
        kind=listing.kind,
        title=listing.title,
        organisation=organisation_reference(listing.organisation),
        updated_at=listing.updated_at,
    )


def _waiting_organisation(organisation: Organisation) -> WaitingOrganisation:
    return WaitingOrganisation(
        id=organisation.id,
        name=organisation.name,
        city=city_reference(organisation.city),
        created_at=organisation.created_at,
    )


def _candidate_row(candidate: MergeCandidate) -> MergeCandidateRow:
    return MergeCandidateRow(
        id=candidate.pk,
        first=organisation_reference(candidate.first),
        second=organisation_reference(candidate.second),
        reason=name_of(candidate.reason),
        created_at=candidate.created_at,
    )


@router.get(
    "/review-queue",
    response=ReviewQueue,
    **described(
        Bilingual("待审核", "Get the review queue"),
        Bilingual(
            "等待走廊办公室审核的机构、需求和要素，先到者在前。",
            "Organisations, needs and resources that wait for the corridor office, oldest first.",
        ),
        sign_in=True,
        refused=[403],
    ),
)
def review_queue_get(request: HttpRequest) -> Any:
    """Return what waits."""
    require(signed_in_actor(request), "registry.view_review_queue")
    waiting = review_queue()
    return ReviewQueue(
        organisations=[_waiting_organisation(row) for row in organisations_in_review()],
        needs=[_waiting_listing(row) for row in waiting["need"]],
        resources=[_waiting_listing(row) for row in waiting["resource"]],
    )


@router.get(
    "/merge-candidates",
    response=Page[MergeCandidateRow],
    **described(
        Bilingual("合并建议", "List merge candidates"),
        Bilingual("可能是同一机构的两家，先发现者在前。", "Pairs that may be one organisation, oldest first."),
        sign_in=True,
        refused=[403],
    ),
)
def merge_candidates_list(request: HttpRequest, query: Query[Paging]) -> Any:
    """List open pairs."""
    require(signed_in_actor(request), "registry.merge_organisations")
    return page_of(request, merge_candidates(), _OLDEST, query, _candidate_row)


@router.post(
    "/merge-candidates/{candidate_id}/merge",
    response=OrganisationReference,
    **described(
        Bilingual("合并两家机构", "Merge two organisations"),
        Bilingual("另一家的全部内容归入所保留的一家。", "Everything of the other one moves to the one that is kept."),
    ),
)
def merge_candidate_merge(request: HttpRequest, candidate_id: RowNumber, body: MergeBody) -> Any:
    """Merge the pair."""
    keep: UUID = body.keep
    kept = organisations_merge(actor=actor_of(request), candidate_id=candidate_id, keep_id=keep, at=timezone.now())
    return organisation_reference(kept)


@router.post(
    "/merge-candidates/{candidate_id}/reject",
    response={204: None},
    **described(
        Bilingual("不是同一机构", "Reject a merge candidate"),
        Bilingual(
            "记下两家并非同一机构，不再提示。", "Record that the two are different; the pair is not offered again."
        ),
    ),
)
def merge_candidate_reject(request: HttpRequest, candidate_id: RowNumber) -> Any:
    """Reject the pair."""
    merge_reject(actor=actor_of(request), candidate_id=candidate_id, at=timezone.now())
    return Status(204, None)
