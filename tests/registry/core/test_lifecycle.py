"""The life of what is published, as a machine of states."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.registry.core.lifecycle import (
    STATUSES,
    TRANSITIONS,
    Status,
    Step,
    StepNotPossibleError,
    next_status,
    possible_steps,
)


@given(st.sampled_from(Status), st.sampled_from(Step))
def test_a_step_is_possible_exactly_where_it_leads_somewhere(status: Status, step: Step) -> None:
    if step in possible_steps(status):
        assert next_status(status, step) == TRANSITIONS[step].target
        assert TRANSITIONS[step].target != status
        return
    with pytest.raises(StepNotPossibleError) as refusal:
        next_status(status, step)
    assert STATUSES[status].zh in refusal.value.text.zh
    assert STATUSES[status].en in refusal.value.text.en


@given(st.lists(st.sampled_from(Step), max_size=30))
def test_nothing_is_published_that_was_not_in_review(steps: list[Step]) -> None:
    status = Status.DRAFT
    for step in steps:
        if step in possible_steps(status):
            before, status = status, next_status(status, step)
            assert status != Status.PUBLISHED or before == Status.IN_REVIEW
            assert before != Status.PUBLISHED or status in (Status.CLOSED, Status.EXPIRED)


def test_every_status_can_be_reached_and_left() -> None:
    reached = {Status.DRAFT}
    for _ in Status:
        reached |= {next_status(status, step) for status in reached for step in possible_steps(status)}
    assert reached == set(Status)
    assert all(possible_steps(status) for status in Status)


def test_the_life_in_short() -> None:
    status = Status.DRAFT
    for step in (
        Step.SUBMIT,
        Step.RETURN,
        Step.SUBMIT,
        Step.WITHDRAW,
        Step.SUBMIT,
        Step.PUBLISH,
        Step.CLOSE,
        Step.REOPEN,
    ):
        status = next_status(status, step)
    assert status == Status.DRAFT
    assert possible_steps(Status.PUBLISHED) == (Step.CLOSE, Step.EXPIRE)


def test_every_status_and_step_is_named_and_ruled() -> None:
    assert set(STATUSES) == set(Status)
    assert set(TRANSITIONS) == set(Step)
