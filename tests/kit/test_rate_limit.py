"""Rate limits: counted exactly, by caller and by window. `tests/registry/test_concurrency.py` counts in parallel."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from yunlang.kit.models import RateWindow
from yunlang.kit.rate_limit import RateLimit, TooManyRequestsError, rate_check, rates_count

LIMIT = RateLimit(name="test", count=3, window=timedelta(minutes=1))
NOW = datetime(2026, 11, 22, 9, 0, 15, tzinfo=UTC)


def allowed(caller: str, at: datetime) -> bool:
    try:
        rate_check(LIMIT, caller=caller, at=at)
    except TooManyRequestsError:
        return False
    return True


@pytest.mark.django_db
def test_the_limit_is_the_last_one_allowed() -> None:
    assert [allowed("one", NOW) for _ in range(5)] == [True, True, True, False, False]


@pytest.mark.django_db
def test_whoever_passes_learns_how_many_uses_are_left() -> None:
    states = [rate_check(LIMIT, caller="one", at=NOW) for _ in range(3)]
    assert [state.remaining for state in states] == [2, 1, 0]
    assert {state.seconds for state in states} == {45}


@pytest.mark.django_db
def test_callers_and_limits_are_counted_apart() -> None:
    other = RateLimit(name="other", count=1, window=timedelta(minutes=1))
    for _ in range(3):
        rate_check(LIMIT, caller="one", at=NOW)
    rate_check(LIMIT, caller="two", at=NOW)
    rate_check(other, caller="one", at=NOW)
    assert not allowed("one", NOW)


@pytest.mark.django_db
def test_many_are_counted_at_once_as_they_would_be_one_by_one() -> None:
    rate_check(LIMIT, caller="two", at=NOW)
    states = rates_count(LIMIT, callers=["one", "two", "one", "two", "two", "one"], at=NOW)
    assert [state.remaining for state in states] == [2, 1, 1, 0, -1, 0]
    assert not allowed("one", NOW)
    assert rates_count(LIMIT, callers=[], at=NOW) == []


@pytest.mark.django_db
def test_a_new_window_starts_from_nothing_and_the_refusal_says_when_it_does() -> None:
    for _ in range(3):
        rate_check(LIMIT, caller="one", at=NOW)
    with pytest.raises(TooManyRequestsError) as refusal:
        rate_check(LIMIT, caller="one", at=NOW)
    assert refusal.value.seconds == 45
    assert refusal.value.text.zh == "操作过于频繁，请在 45 秒后再试。"
    assert allowed("one", NOW + timedelta(seconds=refusal.value.seconds))


@pytest.mark.django_db
def test_the_wait_is_never_said_to_be_shorter_than_it_is() -> None:
    late = NOW.replace(second=58, microsecond=500_000)
    for _ in range(3):
        rate_check(LIMIT, caller="one", at=late)
    with pytest.raises(TooManyRequestsError) as refusal:
        rate_check(LIMIT, caller="one", at=late)
    assert refusal.value.seconds == 2


@pytest.mark.django_db
def test_a_process_whose_clock_is_behind_does_not_open_the_old_window_again() -> None:
    start = NOW.replace(second=0)
    for _ in range(3):
        assert allowed("one", start)
    assert not allowed("one", start - timedelta(milliseconds=5))
    assert not allowed("one", start + timedelta(seconds=1))


@pytest.mark.django_db
def test_long_callers_that_begin_alike_are_not_one_caller() -> None:
    for _ in range(3):
        rate_check(LIMIT, caller="a" * 300 + "1", at=NOW)
    assert allowed("a" * 300 + "2", NOW)


class AnyCallerTest(TestCase):
    """Callers are what strangers type."""

    @settings(deadline=None)
    @given(st.text())
    def test_any_text_can_be_a_caller_and_is_not_kept_as_typed(self, caller: str) -> None:
        assert allowed(caller, NOW)
        assert re.fullmatch("test:[0-9a-f]{64}", RateWindow.objects.get().key)
