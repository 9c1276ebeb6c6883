"""Stages of a challenge: what is to be shown, what share of the award it releases, how many may go on.

A plan of stages is one for all winners. Each winner delivers evidence for one stage after the other; the stage is
accepted, or rejected with a reason and delivered again. At a stage that keeps fewer than run, the others are
eliminated: no later stage is theirs, and nothing of a later payment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from itertools import pairwise

from yunlang.kit.errors import ConflictError
from yunlang.kit.language import Bilingual
from yunlang.kit.money import CENT

WHOLE = Decimal(100)
MOST_STAGES = 12


class MilestoneState(StrEnum):
    """Where one winner's stage stands."""

    DUE = "due"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


MILESTONE_STATES: dict[str, Bilingual] = {
    MilestoneState.DUE: Bilingual("待交付", "due"),
    MilestoneState.DELIVERED: Bilingual("待验收", "delivered"),
    MilestoneState.ACCEPTED: Bilingual("已通过", "accepted"),
    MilestoneState.REJECTED: Bilingual("未通过", "rejected"),
}


class PlanRefusedError(ConflictError):
    """A plan of stages that cannot be."""

    code = "plan_refused"
    message = Bilingual("阶段安排有误：{why}。", "The plan of stages is not possible: {why}.")

    def __init__(self, why: Bilingual) -> None:
        super().__init__(why=why)


class MilestoneStepError(ConflictError):
    """A step that does not start from where a winner stands."""

    code = "milestone_step_impossible"
    message = Bilingual("不能执行这一步：{why}。", "The step is not possible: {why}.")

    def __init__(self, why: Bilingual) -> None:
        super().__init__(why=why)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a plan.

    Attributes
    ----------
    share
        Per cent of each winner's award that acceptance releases, with two places at most.
    keeps
        How many winners may go on after it; None where all may.
    """

    number: int
    title: str
    criteria: str
    due: date
    share: Decimal
    keeps: int | None = None


def plan_checked(stages: Sequence[Stage], winners_at_most: int) -> tuple[Stage, ...]:
    """Return a plan that is one.

    Raises
    ------
    PlanRefusedError
        When it is empty or too long, its numbers, dates or shares are wrong, or a stage keeps none or more than before.
    """
    if not 1 <= len(stages) <= MOST_STAGES:
        raise PlanRefusedError(Bilingual(f"应有 1 至 {MOST_STAGES} 个阶段", f"there are 1 to {MOST_STAGES} stages"))
    if [one.number for one in stages] != list(range(1, len(stages) + 1)):
        raise PlanRefusedError(Bilingual("阶段应从 1 起连续编号", "stages are numbered from 1 on"))
    if any(later.due < earlier.due for earlier, later in pairwise(stages)):
        raise PlanRefusedError(Bilingual("后一阶段的期限不能早于前一阶段", "a stage is not due before the one before"))
    if any(one.share < 0 or one.share != one.share.quantize(CENT) for one in stages):
        raise PlanRefusedError(Bilingual("付款比例应为非负数，至多两位小数", "shares are 0 or more, with two places"))
    if sum((one.share for one in stages), Decimal(0)) != WHOLE:
        raise PlanRefusedError(Bilingual("付款比例合计应为 100%", "the shares come to 100%"))
    running = winners_at_most
    for one in stages:
        if one.keeps is not None and not 1 <= one.keeps <= running:
            raise PlanRefusedError(
                Bilingual("保留家数应为正数，且不多于前一阶段", "a stage keeps at least one, and no more than before")
            )
        running = running if one.keeps is None else one.keeps
    return tuple(stages)


def stage_amounts(award: Decimal, shares: Sequence[Decimal]) -> list[Decimal]:
    """Return what each stage releases of an award, to the cent; together exactly the award.

    Cents that rounding down leaves over go to the last stage that releases anything, so that no earlier payment is
    ever more than its share.

    Parameters
    ----------
    award
        In CNY, to the cent.
    shares
        Per cent; together 100.
    """
    amounts = [(award * share / WHOLE).quantize(CENT, rounding=ROUND_DOWN) for share in shares]
    last = max(place for place, share in enumerate(shares) if share > 0)
    amounts[last] += award - sum(amounts)
    return amounts


@dataclass(frozen=True, slots=True)
class Runner:
    """One winner on the way: the state of each stage, and the stage at which it was eliminated."""

    award: str
    states: tuple[MilestoneState, ...]
    eliminated_at: int | None = None

    @property
    def passed(self) -> int:
        """How many stages in a row are accepted."""
        return next((place for place, state in enumerate(self.states) if state != MilestoneState.ACCEPTED),
                    len(self.states))  # fmt: skip

    @property
    def is_finished(self) -> bool:
        """Whether every stage is accepted."""
        return self.passed == len(self.states)


def runner_at_start(award: str, stages: int) -> Runner:
    """Return a winner before the first stage."""
    return Runner(award, (MilestoneState.DUE,) * stages)


def delivered(runner: Runner, stage: int) -> Runner:
    """Return a winner that has handed in evidence for a stage, which is the next one.

    Raises
    ------
    MilestoneStepError
        When the winner is eliminated, an earlier stage is open, or this one is accepted.
    """
    _running_check(runner, stage)
    if stage != runner.passed + 1:
        raise MilestoneStepError(Bilingual("前一阶段尚未通过，或这一阶段已通过", "it is not the next stage"))
    return _with_state(runner, stage, MilestoneState.DELIVERED)


def judged(runner: Runner, stage: int, *, accepted: bool) -> Runner:
    """Return a winner whose delivered stage is accepted or rejected.

    Raises
    ------
    MilestoneStepError
        When nothing was delivered for it, or the winner is eliminated.
    """
    _running_check(runner, stage)
    if runner.states[stage - 1] != MilestoneState.DELIVERED:
        raise MilestoneStepError(Bilingual("还没有收到这一阶段的交付", "nothing was delivered for this stage"))
    return _with_state(runner, stage, MilestoneState.ACCEPTED if accepted else MilestoneState.REJECTED)


def _running_check(runner: Runner, stage: int) -> None:
    if runner.eliminated_at is not None:
        raise MilestoneStepError(Bilingual("该揭榜方已在赛马中淘汰", "this winner is eliminated"))
    if not 1 <= stage <= len(runner.states):
        raise MilestoneStepError(Bilingual("没有这一阶段", "there is no such stage"))


def _with_state(runner: Runner, stage: int, state: MilestoneState) -> Runner:
    return replace(runner, states=(*runner.states[: stage - 1], state, *runner.states[stage:]))


def survivors(runners: Sequence[Runner], stage: Stage, kept: Sequence[str]) -> list[Runner]:
    """Return all winners after the decision who goes on past a stage; who runs still and is not kept is eliminated.

    Raises
    ------
    MilestoneStepError
        When the stage keeps all, nobody or too many are kept, a kept one has not passed the stage or is out already,
        or a further stage was passed by someone.
    """
    if stage.keeps is None:
        raise MilestoneStepError(Bilingual("这一阶段不淘汰", "nobody is eliminated at this stage"))
    running = {one.award: one for one in runners if one.eliminated_at is None}
    if not kept or len(set(kept)) > stage.keeps:
        raise MilestoneStepError(Bilingual(f"应保留 1 至 {stage.keeps} 家", f"one to {stage.keeps} may go on"))
    if any(name not in running or running[name].passed < stage.number for name in kept):
        raise MilestoneStepError(Bilingual("保留的须已通过这一阶段", "who goes on has passed this stage"))
    if any(one.passed > stage.number for one in running.values()):
        raise MilestoneStepError(Bilingual("已有揭榜方通过后一阶段", "a later stage was passed already"))
    return [
        replace(one, eliminated_at=stage.number) if one.award in running and one.award not in kept else one
        for one in runners
    ]


def race_undecided(runners: Sequence[Runner], plan: Sequence[Stage], stage: int) -> Stage | None:
    """Return the stage before `stage` after which more winners run still than it keeps; None where there is none."""
    running = sum(1 for one in runners if one.eliminated_at is None)
    return next((one for one in plan if one.number < stage and one.keeps is not None and running > one.keeps), None)
