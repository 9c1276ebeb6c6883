"""What a round of reviews judges of a challenge's proposals, and what a reviewer may read of each."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from yunlang.challenges.core.proposal import ProposalStatus
from yunlang.challenges.core.vocabulary import SubjectKind
from yunlang.challenges.models import Proposal, ReviewRound
from yunlang.challenges.proposal_fields import PROPOSAL_FIELDS
from yunlang.challenges.review_subjects import Subject
from yunlang.challenges.sealed_content import Manifest, manifest_of
from yunlang.challenges.sealing import unseal
from yunlang.kit.language import Bilingual
from yunlang.kit.money import money_label

_ASKED = "asked"


def proposal_subjects(review_round: ReviewRound, only: Collection[UUID] | None = None) -> list[Subject]:
    """Return the opened proposals of a round's challenge, by the number that stands for a name."""
    rows = Proposal.objects.filter(challenge=review_round.challenge_id, status=ProposalStatus.OPENED)
    if only is not None:
        rows = rows.filter(pk__in=only)
    rows = rows.select_related("organisation", "challenge__nomination__need").defer("organisation__summary")
    return [_subject(row) for row in rows.order_by("number")]


def _subject(row: Proposal) -> Subject:
    organisation, need = row.organisation, row.challenge.nomination.need
    manifest = manifest_of(unseal(row.challenge_id, bytes(row.sealed or b"")))
    return Subject(
        kind=SubjectKind.PROPOSAL,
        id=row.pk,
        number=row.number or 0,
        title=row.title,
        applicant=organisation.name,
        area=row.challenge.area,
        # Neither those who propose nor those whose need it is judge a proposal.
        organisations=frozenset({organisation.pk, need.organisation_id}),
        people=frozenset(one for one in (row.submitted_by_id, need.created_by_id) if one is not None),
        cities=frozenset(one for one in (organisation.city_id,) if one is not None),
        names=tuple(name for name in (organisation.name, organisation.name_en, organisation.contact_name) if name),
        brief=_brief(row, manifest),
    )


def _brief(row: Proposal, manifest: Manifest) -> tuple[tuple[Bilingual, Bilingual], ...]:
    asked = Bilingual(money_label(manifest.asked, "zh-hans"), money_label(manifest.asked, "en"))
    answers = [
        (spec.label, asked if spec.name == _ASKED else _same(str(manifest.values[spec.name])))
        for spec in PROPOSAL_FIELDS
    ]
    challenge = row.challenge
    criteria = (
        Bilingual("榜题的验收指标", "acceptance criteria of the challenge"),
        _same(challenge.acceptance_criteria),
    )
    return (*answers, criteria)


def _same(text: str) -> Bilingual:
    return Bilingual(text, text)
