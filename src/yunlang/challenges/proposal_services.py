"""What happens to proposals until they are opened. One function is one business action in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.permissions import require
from yunlang.challenges.challenge_steps import CHALLENGE
from yunlang.challenges.core.proposal import NONCE_BYTES, ProposalStatus, file_part, is_received, receipt_of
from yunlang.challenges.core.uploads import FILES_AT_MOST, CheckedFile, FileRefusedError, file_checked
from yunlang.challenges.core.vocabulary import ChallengeStatus
from yunlang.challenges.models import Challenge, Proposal, ProposalClosing, ProposalFile
from yunlang.challenges.proposal_fields import PROPOSAL_FIELDS
from yunlang.challenges.proposal_notices import members_tell
from yunlang.challenges.sealed_content import Manifest, manifest_bytes, manifest_of
from yunlang.challenges.sealing import SealBrokenError, seal, unseal
from yunlang.deals.core.ledger.canonical import moment_text
from yunlang.deals.journal import journal_append
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.fields import parse_record
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Organisation

Upload = tuple[str, bytes]
_MISSING = Bilingual("该榜题", "this challenge")
_NO_PROPOSAL = Bilingual("该方案", "this proposal")


class ProposalsClosedError(ConflictError):
    """The time for proposals is over, or the challenge takes none."""

    code = "proposals_closed"
    message = Bilingual(
        "揭榜已于 {deadline} 截止，或该榜题不再接收方案。",
        "The time for proposals ended {deadline}, or none are taken.",
    )


class ProposalExistsError(ConflictError):
    """The organisation has a proposal; it may be replaced."""

    code = "proposal_exists"
    message = Bilingual(
        "本机构已提交方案。截止前可以替换或撤回。", "Your organisation has a proposal; replace or withdraw it."
    )


class OwnChallengeError(ConflictError):
    """Who asks for something cannot be who brings it."""

    code = "own_challenge"
    message = Bilingual("不能揭本机构提出的榜。", "An organisation cannot take up a challenge of its own.")


class ProposerNotPublishedError(ConflictError):
    """Only a reviewed organisation can be awarded anything."""

    code = "proposer_not_published"
    message = Bilingual(
        "本机构的登记还没有审核通过，通过后才能揭榜。",
        "Your organisation's registration is not reviewed yet; it may propose after that.",
    )


class ProposalGoneError(ConflictError):
    """The proposal was withdrawn."""

    code = "proposal_withdrawn"
    message = Bilingual("方案已撤回。截止前可以重新提交。", "The proposal was withdrawn; submit another in time.")


class NotClosedError(ConflictError):
    """Proposals are opened once, after their deadline."""

    code = "proposals_not_to_open"
    message = Bilingual("截止以前不能开启，且只开启一次。", "Proposals are opened after the deadline, and once.")


@dataclass(frozen=True, slots=True)
class Packed:
    """A checked proposal before it is sealed."""

    manifest: Manifest
    files: tuple[CheckedFile, ...]


@transaction.atomic
def proposal_submit(
    *, actor: Actor, challenge_id: UUID, organisation_id: UUID, raw: Mapping[str, object], files: Sequence[Upload],
    at: datetime,
) -> Proposal:  # fmt: skip
    """Hand in an organisation's proposal, sealed until the deadline.

    Raises
    ------
    InvalidError, NotFoundError, ProposalsClosedError, OwnChallengeError, ProposalExistsError
    """
    organisation = Organisation.objects.filter(pk=organisation_id, merged_into=None).first()
    if organisation is None:
        raise NotFoundError(what=Bilingual("机构", "organisation"))
    require(actor, "challenges.submit_proposal", organisation)
    if organisation.status != Status.PUBLISHED:
        raise ProposerNotPublishedError
    packed = _packed(raw, files)
    challenge = _held(challenge_id, at)
    if challenge.nomination.organisation_id == organisation.pk:
        raise OwnChallengeError
    found = Proposal.objects.filter(challenge=challenge, organisation=organisation).first()
    if found is not None and found.status != ProposalStatus.WITHDRAWN:
        raise ProposalExistsError
    proposal = found or Proposal(challenge=challenge, organisation=organisation, version=0)
    _put(actor, proposal, packed, "proposal_submit", at)
    return proposal


@transaction.atomic
def proposal_replace(
    *, actor: Actor, proposal_id: UUID, raw: Mapping[str, object], files: Sequence[Upload], at: datetime
) -> Proposal:
    """Put another content in the place of a proposal; the former is gone, and its receipt covers nothing any more.

    Raises
    ------
    InvalidError, NotFoundError, ProposalsClosedError, ProposalGoneError
    """
    proposal = _own(actor, proposal_id)
    packed = _packed(raw, files)
    proposal = _held_own(proposal, at)
    _put(actor, proposal, packed, "proposal_replace", at)
    return proposal


@transaction.atomic
def proposal_withdraw(*, actor: Actor, proposal_id: UUID, at: datetime) -> Proposal:
    """Take a proposal back before the deadline; what was sealed is removed.

    Raises
    ------
    NotFoundError, ProposalsClosedError, ProposalGoneError
    """
    proposal = _held_own(_own(actor, proposal_id), at)
    proposal.files.all().delete()
    proposal.status, proposal.sealed, proposal.withdrawn_at, proposal.updated_at = (
        ProposalStatus.WITHDRAWN, None, at, at,
    )  # fmt: skip
    proposal.save()
    _audit(actor, "proposal_withdraw", proposal)
    return proposal


def proposals_close(*, at: datetime) -> int:
    """End the time for proposals wherever it is over by the clock, each once; return for how many challenges."""
    due = Challenge.objects.filter(status=ChallengeStatus.PUBLISHED, proposals_close_at__lte=at)
    return sum(_close(key, at) for key in list(due.order_by("proposals_close_at").values_list("pk", flat=True)))


@transaction.atomic
def _close(challenge_id: UUID, at: datetime) -> bool:
    # Whoever had the row first has moved its status: the filter is read anew once the lock is had.
    rows = Challenge.objects.select_for_update(no_key=True)
    challenge = rows.filter(
        pk=challenge_id, status=ChallengeStatus.PUBLISHED, proposals_close_at__lte=at
    ).first()  # fmt: skip
    if challenge is None:
        return False
    challenge.status, challenge.updated_at = ChallengeStatus.EVALUATING, at
    challenge.save(update_fields=["status", "updated_at"])
    sealed = Proposal.objects.filter(challenge=challenge, status=ProposalStatus.SUBMITTED)
    receipts = sorted(sealed.values_list("receipt", flat=True))
    ProposalClosing.objects.create(challenge=challenge, closed_at=at, proposals=len(receipts))
    payload = {"closes_at": moment_text(challenge.proposals_close_at), "receipts": receipts}
    journal_append(
        actor=SYSTEM, subject_kind=CHALLENGE, subject_id=challenge.pk, kind="proposals_closed", payload=payload, at=at
    )
    audit_record(
        actor=SYSTEM, action="proposals_close", object_kind=CHALLENGE, object_id=challenge.pk,
        after={"status": challenge.status, "proposals": len(receipts)},
    )  # fmt: skip
    return True


@transaction.atomic
def proposals_open(*, actor: Actor, challenge_id: UUID, at: datetime) -> list[Proposal]:
    """Open all proposals of a challenge after the deadline, each checked against its receipt; return those opened.

    What cannot be read, or does not fit its receipt, stays there as unreadable. The numbers by which reviewers know
    them follow the receipts, which tell nothing of their proposers.

    Raises
    ------
    NotFoundError, NotClosedError
    """
    challenge = Challenge.objects.select_for_update(no_key=True).filter(pk=challenge_id).first()
    if challenge is None:
        raise NotFoundError(what=_MISSING)
    require(actor, "challenges.open_proposals", challenge)
    closing = ProposalClosing.objects.filter(challenge=challenge, opened_at=None).first()
    if closing is None or challenge.status != ChallengeStatus.EVALUATING:
        raise NotClosedError
    # The clock of this machine may be a little behind that of the worker that closed.
    closing.opened_at, closing.opened_by_id = max(at, closing.closed_at), actor.actor_id
    closing.save()
    sealed = Proposal.objects.filter(challenge=challenge, status=ProposalStatus.SUBMITTED).order_by("receipt")
    proposals = list(sealed.select_related("organisation"))
    for number, proposal in enumerate(proposals, start=1):
        _open(proposal, number, at)
    told = [{"number": one.number, "receipt": one.receipt, "status": one.status} for one in proposals]
    journal_append(
        actor=actor, subject_kind=CHALLENGE, subject_id=challenge.pk, kind="proposals_opened",
        payload={"proposals": told}, at=at,
    )  # fmt: skip
    audit_record(
        actor=actor, action="proposals_open", object_kind=CHALLENGE, object_id=challenge.pk, after={"proposals": told}
    )
    members_tell("proposals_opened", proposals, str(at.date()))
    return [one for one in proposals if one.is_open]


def _open(proposal: Proposal, number: int, at: datetime) -> None:
    proposal.number, proposal.updated_at = number, at
    try:
        manifest = manifest_of(unseal(proposal.challenge_id, bytes(proposal.sealed or b"")))
        _files_open(proposal, manifest)
        whole = manifest.parts
        names = {"challenge": str(proposal.challenge_id), "proposer": str(proposal.organisation_id)}
        if not is_received(proposal.receipt, parts=whole, nonce=manifest.nonce, **names):
            raise SealBrokenError
    except (SealBrokenError, ValueError, LookupError):
        proposal.status = ProposalStatus.UNREADABLE
    else:
        proposal.status = ProposalStatus.OPENED
        proposal.title, proposal.asked = manifest.values["title"], manifest.asked
    proposal.save(update_fields=["number", "status", "title", "asked", "updated_at"])


def _files_open(proposal: Proposal, manifest: Manifest) -> None:
    """Check every file against the list that was sealed with the answers, and write down what it is."""
    rows = list(proposal.files.all())
    if len(rows) != len(manifest.files):
        raise SealBrokenError
    for row, told in zip(rows, manifest.files, strict=True):
        content = unseal(proposal.challenge_id, bytes(row.sealed))
        if file_part(told.name, content).digest != told.sha256:
            raise SealBrokenError
        row.name, row.media_type, row.size, row.sha256 = told.name, told.media_type, told.size, told.sha256
    ProposalFile.objects.bulk_update(rows, ["name", "media_type", "size", "sha256"])


def files_taken(files: Sequence[Upload], reasons: dict[str, list[Bilingual]]) -> tuple[CheckedFile, ...]:
    """Return the files that may be kept; what is against the others goes to ``reasons["files"]``."""
    taken, against = [], []
    for name, content in files:
        try:
            taken.append(file_checked(name, content))
        except FileRefusedError as error:
            against.append(error.text)
    if len(files) > FILES_AT_MOST:
        against.append(Bilingual(f"至多 {FILES_AT_MOST} 个文件", f"{FILES_AT_MOST} files at most"))
    if len({one.name for one in taken}) < len(taken):
        against.append(Bilingual("文件名不能重复", "each file needs a name of its own"))
    if against:
        reasons["files"] = against
    return tuple(taken)


def _packed(raw: Mapping[str, object], files: Sequence[Upload]) -> Packed:
    values, wrong = parse_record(PROPOSAL_FIELDS, raw)
    reasons = {name: [reason] for name, reason in wrong.items()}
    taken = files_taken(files, reasons)
    if reasons:
        raise InvalidError(reasons)
    return Packed(Manifest.of(values, taken, secrets.token_hex(NONCE_BYTES)), taken)


def _put(actor: Actor, proposal: Proposal, packed: Packed, action: str, at: datetime) -> None:
    """Seal a content into a proposal whose challenge's row is held."""
    challenge, manifest = proposal.challenge, packed.manifest
    if manifest.asked > challenge.budget:
        raise InvalidError({"asked": [Bilingual("不能超过榜题出资", "must not exceed the budget")]})
    proposal.receipt = receipt_of(
        challenge=str(challenge.pk), proposer=str(proposal.organisation_id), parts=manifest.parts, nonce=manifest.nonce
    )
    proposal.version += 1
    proposal.sealed = seal(challenge.pk, manifest_bytes(manifest))
    proposal.status, proposal.withdrawn_at = ProposalStatus.SUBMITTED, None
    proposal.submitted_by_id, proposal.submitted_at, proposal.updated_at = actor.actor_id, at, at
    proposal.closes_at = challenge.proposals_close_at
    proposal.save()
    proposal.files.all().delete()
    ProposalFile.objects.bulk_create(
        ProposalFile(proposal=proposal, number=number, sealed=seal(challenge.pk, one.content))
        for number, one in enumerate(packed.files, start=1)
    )
    _audit(actor, action, proposal)


def _audit(actor: Actor, action: str, proposal: Proposal) -> None:
    # Whoever reads the audit log learns that a proposal came, and nothing of what it says.
    after: dict[str, Any] = {"receipt": proposal.receipt, "version": proposal.version, "status": proposal.status}
    audit_record(actor=actor, action=action, object_kind="proposal", object_id=proposal.pk, after=after)


def _held(challenge_id: UUID, at: datetime) -> Challenge:
    """Return a challenge that takes proposals at this time, its row held until the transaction ends."""
    rows = Challenge.objects.select_for_update(no_key=True, of=("self",)).select_related("nomination__need")
    challenge = rows.filter(pk=challenge_id).first()
    if challenge is None:
        raise NotFoundError(what=_MISSING)
    if challenge.status != ChallengeStatus.PUBLISHED or at >= challenge.proposals_close_at:
        raise ProposalsClosedError(deadline=f"{challenge.proposals_close_at:%Y-%m-%d %H:%M} UTC")
    return challenge


def _own(actor: Actor, proposal_id: UUID) -> Proposal:
    proposal = Proposal.objects.select_related("organisation").defer("sealed").filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFoundError(what=_NO_PROPOSAL)
    require(actor, "challenges.keep_proposal", proposal)
    return proposal


def _held_own(proposal: Proposal, at: datetime) -> Proposal:
    challenge = _held(proposal.challenge_id, at)
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    proposal.challenge = challenge
    if proposal.status != ProposalStatus.SUBMITTED:
        raise ProposalGoneError
    return proposal
