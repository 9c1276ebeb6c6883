"""Reads of proposals: that there is one, its receipt, and what it says once it was opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from yunlang.accounts.permissions import may, require
from yunlang.challenges.core.vocabulary import ChallengeStatus
from yunlang.challenges.models import Challenge, Proposal, ProposalClosing, ProposalFile
from yunlang.challenges.sealed_content import FileFacts, manifest_of
from yunlang.challenges.sealing import SealBrokenError, unseal
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.permissions import memberships_of

_PROPOSAL = Bilingual("该方案", "this proposal")
_JOINED = ("challenge__call", "challenge__nomination__need", "organisation", "submitted_by", "award")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a proposer needs to prove, later and without the platform, what was handed in when.

    Attributes
    ----------
    parts
        Name and digest of each part, in order; the answers of the form are the part ``text``.
    """

    receipt: str
    nonce: str
    parts: tuple[tuple[str, str], ...]
    sizes: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """What a proposal says: the answers of the form, and its files."""

    values: dict[str, Any]
    files: tuple[FileFacts, ...]


def own_proposals(actor: Any) -> QuerySet[Proposal]:
    """Return the proposals of the actor's organisations, the latest first."""
    rows = Proposal.objects.select_related(*_JOINED).defer("sealed").order_by("-submitted_at", "id")
    mine = list(memberships_of(actor))
    return rows.filter(Q(organisation__in=mine) | Q(organisation__merged_into__in=mine))


def proposal_get(actor: Any, proposal_id: UUID) -> Proposal:
    """Return one proposal, without what is sealed.

    Raises
    ------
    NotFoundError
        When there is none, or the actor may not know that there is; the two look the same.
    """
    found = Proposal.objects.select_related(*_JOINED).defer("sealed").filter(pk=proposal_id).first()
    if found is None or not may(actor, "challenges.view_proposal", found):
        raise NotFoundError(what=_PROPOSAL)
    return found


def proposal_receipt(actor: Any, proposal_id: UUID) -> Receipt:
    """Return a proposal's receipt with the digests that it covers, to whoever may replace it; no content.

    Raises
    ------
    NotFoundError, NotAllowedError
    """
    proposal = proposal_get(actor, proposal_id)
    require(actor, "challenges.keep_proposal", proposal)
    if proposal.sealed is None:
        return Receipt(proposal.receipt, "", (), ())
    manifest = manifest_of(unseal(proposal.challenge_id, bytes(proposal.sealed)))
    parts = tuple((part.name, part.digest) for part in manifest.parts)
    return Receipt(proposal.receipt, manifest.nonce, parts, (None, *(one.size for one in manifest.files)))


def proposal_content(actor: Any, proposal_id: UUID) -> Content:
    """Return what an opened proposal says.

    Raises
    ------
    NotFoundError
        When there is none.
    NotAllowedError
        Before it is opened, for everybody; afterwards for whoever has no part in it.
    """
    proposal = _readable(actor, proposal_id)
    try:
        manifest = manifest_of(unseal(proposal.challenge_id, bytes(proposal.sealed or b"")))
    except SealBrokenError as error:
        raise NotFoundError(what=_PROPOSAL) from error
    return Content(manifest.values, manifest.files)


def proposal_file(actor: Any, proposal_id: UUID, number: int) -> tuple[str, str, bytes]:
    """Return a file of an opened proposal: name, media type, bytes.

    Whoever may not know whose it is, as its reviewers, gets it under a name that tells nobody's.

    Raises
    ------
    NotFoundError, NotAllowedError
    """
    proposal = _readable(actor, proposal_id)
    row = ProposalFile.objects.filter(proposal=proposal, number=number).first()
    if row is None:
        raise NotFoundError(what=Bilingual("该文件", "this file"))
    name = row.name if may(actor, "challenges.view_proposal", proposal) else blind_file_name(proposal, row)
    return name, row.media_type, unseal(proposal.challenge_id, bytes(row.sealed))


def blind_file_name(proposal: Proposal, file: ProposalFile) -> str:
    """Return what a file is called where nobody may know whose it is."""
    return f"proposal-{proposal.number}-{file.number}{PurePosixPath(file.name).suffix.lower()}"


def proposal_files_blind(proposal_id: UUID) -> list[tuple[int, str, int | None]]:
    """Return number, neutral name and size of an opened proposal's files, for its reviewers."""
    rows = ProposalFile.objects.filter(proposal=proposal_id).exclude(name="").select_related("proposal")
    rows = rows.defer("sealed", "proposal__sealed")
    return [(row.number, blind_file_name(row.proposal, row), row.size) for row in rows]


def _readable(actor: Any, proposal_id: UUID) -> Proposal:
    proposal = Proposal.objects.select_related("organisation").filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFoundError(what=_PROPOSAL)
    require(actor, "challenges.read_proposal", proposal)
    return proposal


def closing_of(challenge: Challenge) -> ProposalClosing | None:
    """Return the closing of a challenge; None while the time for proposals runs."""
    return ProposalClosing.objects.select_related("opened_by").filter(challenge=challenge).first()


def own_proposal_for(actor: Any, challenge: Challenge) -> list[Proposal]:
    """Return what the actor's organisations proposed for a challenge."""
    return list(own_proposals(actor).filter(challenge=challenge))


def takes_proposals(challenge: Challenge, at: Any) -> bool:
    """Tell whether a challenge takes proposals at this time."""
    return challenge.status == ChallengeStatus.PUBLISHED and at < challenge.proposals_close_at
