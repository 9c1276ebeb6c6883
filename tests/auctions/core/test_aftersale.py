"""After the hammer: every step from every status, and what has to come first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import product

import pytest

from yunlang.auctions.core.aftersale import (
    COUNTED,
    COURSE,
    Circumstances,
    Course,
    ResultNotReadyError,
    ResultStatus,
    ResultStep,
    ResultStepError,
    advanced,
    may_advance,
    objections_end,
)

SHANGHAI = timezone(timedelta(hours=8))
AT = datetime(2026, 5, 18, 2, 0, tzinfo=UTC)
END = objections_end(AT, 5, SHANGHAI)
READY = Circumstances(is_paid=True, handed_over=1)
_FOLLOWS = {
    ("hammered", "publish"): "published",
    ("published", "confirm"): "confirmed",
    ("confirmed", "settle"): "settled",
    ("settled", "complete"): "completed",
    ("published", "default"): "defaulted",
    ("confirmed", "default"): "defaulted",
    **{(status, "annul"): "annulled" for status in ("hammered", "published", "confirmed", "settled", "completed")},
}


@pytest.mark.parametrize(("status", "step"), list(product(ResultStatus, ResultStep)))
def test_a_step_follows_from_exactly_these(status: ResultStatus, step: ResultStep) -> None:
    target = _FOLLOWS.get((status, step))
    course = Course(status, END)
    assert may_advance(course, step, END, READY) == (target is not None)
    if target is None:
        with pytest.raises(ResultStepError):
            advanced(course, step, END, facts=READY)
    else:
        assert advanced(course, step, END, facts=READY).status == target


def test_the_objection_period_is_whole_days_after_the_day_of_the_notice() -> None:
    assert datetime(2026, 5, 24, tzinfo=SHANGHAI) == END
    late = datetime(2026, 5, 18, 15, 59, 59, tzinfo=UTC)
    assert objections_end(late, 5, SHANGHAI) == END
    assert objections_end(late + timedelta(seconds=1), 5, SHANGHAI) == END + timedelta(days=1)
    assert objections_end(AT, 0, SHANGHAI) == datetime(2026, 5, 19, tzinfo=SHANGHAI)


def test_objections_are_taken_from_the_notice_to_the_end_of_the_period() -> None:
    before = Course()
    course = advanced(before, ResultStep.PUBLISH, AT, objections_until=END)
    just_before = END - timedelta(microseconds=1)
    assert [before.takes_objections(AT), course.takes_objections(just_before), course.takes_objections(END)] == [
        False, True, False,
    ]  # fmt: skip
    with pytest.raises(ResultNotReadyError):
        advanced(course, ResultStep.CONFIRM, just_before)
    with pytest.raises(ResultNotReadyError):
        advanced(course, ResultStep.CONFIRM, END, facts=Circumstances(open_objections=1))
    assert advanced(course, ResultStep.CONFIRM, END).objections_until == END


@pytest.mark.parametrize(
    ("status", "step", "facts"),
    [
        (ResultStatus.CONFIRMED, ResultStep.SETTLE, Circumstances()),
        (ResultStatus.SETTLED, ResultStep.COMPLETE, Circumstances(is_paid=True)),
        (ResultStatus.SETTLED, ResultStep.COMPLETE, Circumstances(handed_over=2, awaiting=1)),
    ],
)
def test_nothing_is_settled_unpaid_nor_complete_without_the_documents(
    status: ResultStatus, step: ResultStep, facts: Circumstances
) -> None:
    with pytest.raises(ResultNotReadyError):
        advanced(Course(status, END), step, END, facts=facts)


def test_the_course_ends_with_the_hand_over_and_a_failure_counts_no_more() -> None:
    assert COURSE[-1] is ResultStatus.COMPLETED
    assert set(ResultStatus) - COUNTED == {ResultStatus.ANNULLED, ResultStatus.DEFAULTED}
    assert [status for status in ResultStatus if Course(status).is_open] == list(COURSE[:-1])
