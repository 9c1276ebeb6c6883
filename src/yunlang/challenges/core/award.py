"""Who may be awarded a challenge: how many, from which score on, and how much of the budget. Amounts are CNY.

Several may be awarded at once and run against each other (赛马); who falls behind is eliminated at a stage
(`milestones`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from yunlang.kit.errors import ConflictError
from yunlang.kit.language import Bilingual
from yunlang.kit.money import CENT

HIGHEST_SCORE = Decimal(100)


class AwardRefusedError(ConflictError):
    """An award that the terms of the challenge forbid."""

    code = "award_refused"
    message = Bilingual("不能这样定榜：{why}。", "The award is not possible: {why}.")

    def __init__(self, why: Bilingual) -> None:
        super().__init__(why=why)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal that was reviewed.

    Attributes
    ----------
    score
        What the reviews came to, from 0 to 100; None where nobody judged it.
    asked
        What it asks for, in CNY.
    """

    proposal: str
    score: Decimal | None
    asked: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What a challenge allows: the budget in CNY, how many winners, and the least score."""

    budget: Decimal
    winners_at_most: int
    threshold: Decimal


def eligible(candidates: Sequence[Candidate], terms: Terms) -> list[Candidate]:
    """Return the candidates that reach the threshold, the best first; of equals, who asks for less."""
    reaching = [one for one in candidates if one.score is not None and one.score >= terms.threshold]
    return sorted(reaching, key=lambda one: (-(one.score or 0), one.asked, one.proposal))


def award_checked(
    candidates: Sequence[Candidate], amounts: Mapping[str, Decimal], terms: Terms
) -> list[tuple[Candidate, Decimal]]:
    """Return the winners with their amounts, the best first, if the terms allow them.

    Parameters
    ----------
    candidates
        Every proposal that was opened.
    amounts
        By the winners' proposals, what each is awarded.

    Raises
    ------
    AwardRefusedError
        With the first reason against it.
    """
    if not amounts:
        raise AwardRefusedError(Bilingual("没有选中任何方案", "no proposal is chosen"))
    if len(amounts) > terms.winners_at_most:
        limit = terms.winners_at_most
        raise AwardRefusedError(Bilingual(f"至多 {limit} 家揭榜", f"at most {limit} may win"))
    able = eligible(candidates, terms)
    if not set(amounts) <= {one.proposal for one in able}:
        floor = f"{terms.threshold:f}"
        raise AwardRefusedError(
            Bilingual(f"有方案未评审或未达到 {floor} 分", f"a proposal was not judged or is below {floor} points")
        )
    chosen = [(one, amounts[one.proposal]) for one in able if one.proposal in amounts]
    for one, amount in chosen:
        _amount_check(amount, one.asked)
    if (total := sum((amount for _, amount in chosen), Decimal(0))) > terms.budget:
        raise AwardRefusedError(
            Bilingual(f"合计 {total:,.2f} 元超过榜题出资", f"CNY {total:,.2f} together exceed the budget")
        )
    return chosen


def _amount_check(amount: Decimal, asked: Decimal) -> None:
    if not amount.is_finite() or amount <= 0 or amount != amount.quantize(CENT):
        raise AwardRefusedError(Bilingual("金额应为正数，至多两位小数", "an amount is positive, to the cent"))
    if amount > asked:
        raise AwardRefusedError(Bilingual("金额超过该方案的申请额", "an amount exceeds what the proposal asks for"))


def passed_over(candidates: Sequence[Candidate], amounts: Mapping[str, Decimal], terms: Terms) -> list[Candidate]:
    """Return the eligible candidates that scored more than some winner and won nothing: each needs a reason."""
    able = eligible(candidates, terms)
    lowest = min((one.score or Decimal(0) for one in able if one.proposal in amounts), default=HIGHEST_SCORE)
    return [one for one in able if one.proposal not in amounts and (one.score or 0) > lowest]
