"""Own proposals for programs: that they are there and what became of them; what they say once they are opened."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from yunlang.accounts.api import signed_in_actor
from yunlang.accounts.permissions import may
from yunlang.challenges.core.proposal import ProposalStatus
from yunlang.challenges.models import Proposal
from yunlang.challenges.proposal_selectors import own_proposals, proposal_content, proposal_get
from yunlang.kit.api.paging import Order, Page, Paging, page_of
from yunlang.kit.api.reference import described, explained
from yunlang.kit.language import Bilingual
from yunlang.registry.api.values import Id, Moment, Money, given

router = Router(tags=["challenges"])
# Named for the reference, where other records have statuses of their own.
ProposalStanding = StrEnum("ProposalStanding", {one.name: one.value for one in ProposalStatus})  # type: ignore[misc]
_RECEIPT = "5f0c1d2e3b4a5968778695a4b3c2d1e0f5f0c1d2e3b4a5968778695a4b3c2d1e"
Receipt = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=[_RECEIPT])]
_BY_SUBMISSION = Order("proposals", latest_by="submitted_at")


class ProposalRow(BaseModel):
    """A proposal; title and sum asked for are given from the opening on."""

    id: Id
    challenge: Id
    organisation: Id
    status: ProposalStanding = Field(examples=["submitted"])
    version: int = Field(examples=[1])
    receipt: Receipt
    submitted_at: Moment
    closes_at: Moment
    title: str | None = Field(examples=[None])
    asked: Money | None
    award: Id | None = Field(**explained("中榜时，对应的成交。", "The deal, where it was awarded."))
    refusal_reason: str | None = Field(examples=[None])


class ProposalFileValue(BaseModel):
    """A file of an opened proposal."""

    name: str = Field(examples=["技术方案.pdf"])
    media_type: str = Field(examples=["application/pdf"])
    size: int = Field(examples=[482133])
    sha256: str = Field(examples=[_RECEIPT])


class ProposalDetail(ProposalRow):
    """A proposal with what it says, which is nothing before the opening."""

    content: dict[str, Any] | None = Field(examples=[None])
    files: list[ProposalFileValue]


def _values(row: Proposal) -> dict[str, Any]:
    award = getattr(row, "award", None)
    names = ("id", "status", "version", "receipt", "submitted_at", "closes_at", "asked")
    return {
        **{name: getattr(row, name) for name in names},
        "challenge": row.challenge_id,
        "organisation": row.organisation_id,
        "title": given(row.title),
        "refusal_reason": given(row.refusal_reason),
        "award": award.deal_id if award else None,
    }


def _row(row: Proposal) -> ProposalRow:
    return ProposalRow(**_values(row))


@router.get(
    "/proposals",
    response=Page[ProposalRow],
    **described(
        Bilingual("揭榜方案列表", "List proposals"),
        Bilingual(
            "所属机构提交的方案，最近的在前。开启以前没有内容。",
            "The proposals of your organisations, the latest first; without content before the opening.",
        ),
        sign_in=True,
    ),
)
def proposals_list(request: HttpRequest, query: Query[Paging]) -> Any:
    """List own proposals."""
    return page_of(request, own_proposals(signed_in_actor(request)), _BY_SUBMISSION, query, _row)


@router.get(
    "/proposals/{proposal_id}",
    response=ProposalDetail,
    **described(
        Bilingual("一份揭榜方案", "Get a proposal"),
        Bilingual(
            "回执、状态和结果；截止并开启以后另有内容。",
            "Receipt, status and result; what it says as well, once it was opened.",
        ),
        sign_in=True,
    ),
)
def proposal_read(request: HttpRequest, proposal_id: UUID) -> Any:
    """Return one proposal."""
    actor = signed_in_actor(request)
    row = proposal_get(actor, proposal_id)
    reads = may(actor, "challenges.read_proposal", row)
    content = proposal_content(actor, row.pk) if reads else None
    files = [
        ProposalFileValue(name=one.name, media_type=one.media_type, size=one.size, sha256=one.sha256)
        for one in (content.files if content else ())
    ]
    return ProposalDetail(**_values(row), content=content.values if content else None, files=files)
