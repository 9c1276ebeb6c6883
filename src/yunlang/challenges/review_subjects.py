"""What a round judges: each thing with whose it is, and with what a reviewer may read of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from yunlang.challenges.core.blind import masked
from yunlang.challenges.core.vocabulary import NominationStatus, RoundKind, SubjectKind
from yunlang.challenges.models import Nomination, ReviewRound
from yunlang.kit.language import Bilingual
from yunlang.kit.money import money_label
from yunlang.registry.core.kinds import INDUSTRIES


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to be judged.

    Attributes
    ----------
    number
        By which reviewers and the office speak of it.
    title
        As the office reads it; what a reviewer reads is in `brief`.
    organisations, people, cities
        Whose it is, the accounts and experts who wrote it, and where they sit: what conflicts of interest follow from.
    names
        By which the applicant could be told; `brief` is shown without them.
    brief
        What a reviewer reads: label and text, the title first.
    """

    kind: SubjectKind
    id: UUID
    number: int
    title: str | Bilingual
    applicant: str
    area: str
    organisations: frozenset[UUID]
    people: frozenset[UUID]
    cities: frozenset[str]
    names: tuple[str, ...]
    brief: tuple[tuple[Bilingual, Bilingual], ...]

    @property
    def blind(self) -> tuple[tuple[Bilingual, Bilingual], ...]:
        """What a reviewer reads, without the applicant's names."""
        return tuple(
            (label, Bilingual(masked(text.zh, self.names), masked(text.en, self.names))) for label, text in self.brief
        )


# Given a round, and the only subjects wanted or None for all of them.
Loader = Callable[[ReviewRound, Collection[UUID] | None], list[Subject]]
_loaders: dict[str, Loader] = {}


def subjects_register(kind: RoundKind, loader: Loader) -> None:
    """Declare what rounds of a kind judge. Called when apps are ready."""
    _loaders[kind] = loader


def subjects_of(review_round: ReviewRound, only: Collection[UUID] | None = None) -> list[Subject]:
    """Return what a round judges, by number; only those whose ids are asked for, where any are."""
    return _loaders[review_round.kind](review_round, only)


def nomination_subjects(review_round: ReviewRound, only: Collection[UUID] | None = None) -> list[Subject]:
    """Return the nominations of a round's call, all but those withdrawn."""
    rows = Nomination.objects.filter(call=review_round.call_id).exclude(status=NominationStatus.WITHDRAWN)
    if only is not None:
        rows = rows.filter(pk__in=only)
    rows = rows.select_related("need__organisation", "call").defer("call__summary", "need__organisation__summary")
    return [_nomination_subject(row) for row in rows.order_by("number")]


def _nomination_subject(row: Nomination) -> Subject:
    need, organisation = row.need, row.need.organisation
    title = Bilingual(need.title, need.title_en or need.title)
    months = Bilingual(f"{row.horizon_months} 个月", f"{row.horizon_months} months")
    budget = Bilingual(money_label(row.budget, "zh-hans"), money_label(row.budget, "en"))
    return Subject(
        kind=SubjectKind.NOMINATION,
        id=row.pk,
        number=row.number,
        title=title,
        applicant=organisation.name,
        area=row.area,
        organisations=frozenset({organisation.pk}),
        people=frozenset(one for one in (need.created_by_id, row.submitted_by_id) if one is not None),
        cities=frozenset(one for one in (need.city_id or organisation.city_id,) if one is not None),
        names=tuple(name for name in (organisation.name, organisation.name_en, organisation.contact_name) if name),
        brief=(
            (Bilingual("题目", "title"), title),
            (Bilingual("领域", "area"), INDUSTRIES[row.area]),
            (Bilingual("出资", "budget"), budget),
            (Bilingual("攻关期限", "time to solve it"), months),
            (Bilingual("需求说明", "the need"), Bilingual(need.description, need.description)),
            (Bilingual("验收指标", "acceptance criteria"), Bilingual(row.acceptance_criteria, row.acceptance_criteria)),
        ),
    )
