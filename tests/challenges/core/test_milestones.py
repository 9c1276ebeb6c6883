"""Stages: one after the other, paid exactly, and nothing for whoever is out."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.challenges.core.milestones import (
    MilestoneState,
    MilestoneStepError,
    PlanRefusedError,
    Runner,
    Stage,
    delivered,
    judged,
    plan_checked,
    runner_at_start,
    stage_amounts,
    survivors,
)

DAY = date(2027, 3, 31)


def stage(number: int, share: str, keeps: int | None = None, due: date | None = None) -> Stage:
    return Stage(
        number, f"第{number}阶段", "样品检测合格", due or DAY + timedelta(days=90 * number), Decimal(share), keeps
    )


RACE = (stage(1, "30", keeps=1), stage(2, "30"), stage(3, "40"))


@st.composite
def shares(draw: st.DrawFn) -> list[Decimal]:
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), max_size=5)))
    edges = [0, *cuts, 10_000]
    return [Decimal(later - earlier) / 100 for earlier, later in pairwise(edges)]


@given(st.decimals("0.01", "99999999", places=2), shares())
def test_stages_pay_exactly_the_award_and_none_more_than_its_share_but_the_last(
    award: Decimal, parts: list[Decimal]
) -> None:
    paid = stage_amounts(award, parts)
    assert sum(paid) == award
    assert all(amount >= 0 and amount == amount.quantize(Decimal("0.01")) for amount in paid)
    last = max(place for place, part in enumerate(parts) if part)
    assert all(
        amount <= award * part / 100
        for place, (amount, part) in enumerate(zip(paid, parts, strict=True))
        if place != last
    )
    assert paid[last] < award * parts[last] / 100 + Decimal("0.01") * len(parts)


steps = st.lists(st.tuples(st.sampled_from(["deliver", "accept", "reject"]), st.integers(0, 4)), max_size=25)


@given(steps)
def test_whatever_is_tried_stages_are_accepted_in_their_order(tried: list[tuple[str, int]]) -> None:
    runner = runner_at_start("a", 3)
    for step, number in tried:
        before = runner
        try:
            runner = (
                delivered(runner, number) if step == "deliver" else judged(runner, number, accepted=step == "accept")
            )
        except MilestoneStepError:
            assert runner == before
            continue
        assert runner.passed >= before.passed
        accepted = [state == MilestoneState.ACCEPTED for state in runner.states]
        assert accepted == sorted(accepted, reverse=True)
        assert sum(state == MilestoneState.DELIVERED for state in runner.states) <= 1


def through(runner: Runner, stages: int) -> Runner:
    for number in range(1, stages + 1):
        runner = judged(delivered(runner, number), number, accepted=True)
    return runner


def test_a_rejected_stage_may_be_delivered_again() -> None:
    runner = judged(delivered(runner_at_start("a", 2), 1), 1, accepted=False)
    assert runner.states[0] == MilestoneState.REJECTED
    assert through(runner, 2).is_finished


def test_of_two_in_parallel_one_goes_on_and_the_other_gets_no_later_stage() -> None:
    first, second = through(runner_at_start("a", 3), 1), through(runner_at_start("b", 3), 1)
    kept, out = survivors([first, second], RACE[0], ["a"])
    assert (kept.eliminated_at, out.eliminated_at) == (None, 1)
    assert delivered(kept, 2).states[1] == MilestoneState.DELIVERED
    for step in (lambda: delivered(out, 2), lambda: judged(out, 2, accepted=True)):
        with pytest.raises(MilestoneStepError, match="淘汰"):
            step()


def test_who_has_not_delivered_may_be_eliminated_but_not_kept() -> None:
    first, late = through(runner_at_start("a", 3), 1), runner_at_start("b", 3)
    assert survivors([first, late], RACE[0], ["a"])[1].eliminated_at == 1
    with pytest.raises(MilestoneStepError):
        survivors([first, late], RACE[0], ["b"])


@pytest.mark.parametrize(
    ("number", "kept", "passed"),
    [(1, [], 1), (1, ["a", "b"], 1), (1, ["c"], 1), (1, ["a"], 2), (2, ["a"], 2)],
)
def test_an_elimination_that_the_plan_does_not_foresee_is_refused(number: int, kept: list[str], passed: int) -> None:
    runners = [through(runner_at_start(name, 3), passed) for name in "ab"]
    with pytest.raises(MilestoneStepError):
        survivors(runners, RACE[number - 1], kept)


@given(st.integers(2, 6).flatmap(lambda count: st.tuples(st.just(count), st.integers(1, count))))
def test_exactly_those_who_are_kept_run_on(race: tuple[int, int]) -> None:
    count, keeps = race
    runners = [through(runner_at_start(f"r{place}", 2), 1) for place in range(count)]
    kept = [f"r{place}" for place in range(keeps)]
    after = survivors(runners, stage(1, "50", keeps=keeps), kept)
    assert [one.award for one in after if one.eliminated_at is None] == kept


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ((), "1 to 12"),
        (tuple(stage(number, "1") for number in range(1, 14)), "1 to 12"),
        ((stage(2, "100"),), "numbered"),
        ((stage(1, "50"), stage(2, "50", due=DAY)), "before"),
        ((stage(1, "60"), stage(2, "50")), "100%"),
        ((stage(1, "-10"), stage(2, "110")), "0 or more"),
        ((stage(1, "33.333"), stage(2, "66.667")), "two places"),
        ((stage(1, "100", keeps=3),), "keeps"),
        ((stage(1, "50", keeps=1), stage(2, "50", keeps=2)), "keeps"),
        ((stage(1, "100", keeps=0),), "keeps"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_plan_that_cannot_be_is_refused(plan: tuple[Stage, ...], why: str) -> None:
    with pytest.raises(PlanRefusedError) as refused:
        plan_checked(plan, winners_at_most=2)
    assert why in refused.value.text.en


def test_a_plan_for_a_race_is_taken() -> None:
    assert plan_checked(RACE, winners_at_most=2) == RACE
