"""The life of an introduction, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.deals.core.introduction import (
    STATUSES,
    TASKS,
    AlreadyAgreedError,
    Progress,
    Side,
    Status,
    Step,
    StepImpossibleError,
    TaskCode,
    advanced,
    possible_steps,
    proposed,
    tasks_of,
    usual_due,
)

BOTH = frozenset(Side)
moves = st.lists(st.tuples(st.sampled_from(Step), st.sampled_from(Side)), max_size=12)


def walked(course: list[tuple[Step, Side]], start: Progress | None = None) -> list[Progress]:
    """Return every state on the way, steps that are refused left out."""
    states = [start or proposed()]
    for step, side in course:
        try:
            states.append(advanced(states[-1], step, side if step is Step.ACCEPT else None))
        except (StepImpossibleError, AlreadyAgreedError):
            continue
    return states


def test_the_whole_way_leads_to_a_signature() -> None:
    states = walked(
        [(Step.ACCEPT, Side.NEED), (Step.ACCEPT, Side.OFFER), (Step.MEET, Side.NEED), (Step.SIGN, Side.NEED)]
    )
    assert [state.status for state in states] == ["proposed", "proposed", "accepted", "meeting", "signed"]
    assert [tasks_of(state) for state in states] == [
        (TaskCode.ASK_NEED, TaskCode.ASK_OFFER),
        (TaskCode.ASK_OFFER,),
        (TaskCode.ARRANGE_MEETING,),
        (TaskCode.REPORT_RESULT,),
        (),
    ]


@given(moves)
def test_no_course_passes_a_status_by_and_none_goes_back(course: list[tuple[Step, Side]]) -> None:
    order = list(Status)
    states = walked(course)
    for before, after in pairwise(states):
        assert before.is_open
        assert before.agreed <= after.agreed
        if after.status is not Status.DECLINED:
            assert order.index(after.status) - order.index(before.status) in (0, 1)


@given(moves)
def test_nothing_goes_beyond_a_proposal_before_both_sides_agree(course: list[tuple[Step, Side]]) -> None:
    for state in walked(course):
        if state.status in (Status.ACCEPTED, Status.MEETING, Status.SIGNED):
            assert state.agreed == BOTH
        if state.status is Status.PROPOSED:
            assert state.agreed != BOTH


@given(moves)
def test_what_is_open_has_something_to_do_and_what_is_closed_has_not(course: list[tuple[Step, Side]]) -> None:
    for state in walked(course):
        assert bool(tasks_of(state)) is state.is_open
        assert bool(possible_steps(state)) is state.is_open
        assert (usual_due(state.status, date(2026, 11, 22)) is not None) is state.is_open


@given(moves, st.sampled_from(Step))
def test_the_steps_offered_are_exactly_those_that_work(course: list[tuple[Step, Side]], step: Step) -> None:
    state = walked(course)[-1]
    sides = [side for side in Side if side not in state.agreed] or [Side.NEED]
    side = sides[0] if step is Step.ACCEPT else None
    if step in possible_steps(state):
        assert advanced(state, step, side) != state
    else:
        with pytest.raises(StepImpossibleError, match=STATUSES[state.status].zh):
            advanced(state, step, side)


def test_whoever_proposes_for_a_side_has_agreed_for_it() -> None:
    assert proposed(frozenset({Side.NEED})).asked == (Side.OFFER,)
    assert proposed(BOTH).status is Status.ACCEPTED


def test_nobody_agrees_twice() -> None:
    with pytest.raises(AlreadyAgreedError):
        advanced(proposed(frozenset({Side.OFFER})), Step.ACCEPT, Side.OFFER)


@pytest.mark.parametrize(("step", "side"), [(Step.ACCEPT, None), (Step.DECLINE, Side.NEED)])
def test_an_agreement_and_nothing_else_is_of_one_side(step: Step, side: Side | None) -> None:
    with pytest.raises(ValueError, match="of one side"):
        advanced(proposed(), step, side)


def test_the_next_step_is_due_after_the_last() -> None:
    today = date(2026, 11, 22)
    days = [usual_due(status, today) for status in (Status.PROPOSED, Status.ACCEPTED, Status.MEETING)]
    assert all(day is not None and day > today for day in days)
    assert days[0] == today + timedelta(days=7)


def test_every_status_and_task_has_its_words() -> None:
    assert set(STATUSES) == set(Status)
    assert set(TASKS) == set(TaskCode)
