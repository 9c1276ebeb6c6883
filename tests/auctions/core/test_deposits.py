"""Deposits: which way they go, where the money is, and the reference they are paid under."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.auctions.core.deposits import (
    Balance,
    DepositStatus,
    DepositStepError,
    Step,
    balance_of,
    held_of,
    is_reference,
    may_follow,
    reference_of,
    status_after,
)

CENTS = st.integers(1, 10**9).map(lambda cents: Decimal(cents).scaleb(-2))


@given(
    st.lists(CENTS, min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from([one for one in Step if one is not Step.DEMAND]))),
)
def test_what_came_in_is_always_held_refunded_forfeited_or_counted(
    amounts: list[Decimal], tries: list[tuple[int, Step]]
) -> None:
    statuses = [status_after(None, Step.DEMAND) for _ in amounts]
    movements: list[tuple[Step, Decimal]] = []
    for place, step in tries:
        which = place % len(amounts)
        try:
            statuses[which] = status_after(statuses[which], step)
        except DepositStepError:
            continue
        movements.append((step, amounts[which]))
    balance = balance_of(movements)
    received = sum((amount for step, amount in movements if step is Step.RECEIVE), Decimal("0.00"))
    assert balance.received == received == sum((balance.held, balance.refunded, balance.forfeited, balance.counted))
    assert balance.held == held_of(zip(statuses, amounts, strict=True)) >= 0
    for which in ("refunded", "forfeited", "counted"):
        ended = [amount for amount, status in zip(amounts, statuses, strict=True) if status == which]
        assert getattr(balance, which) == sum(ended, Decimal("0.00"))


def test_the_way_of_a_loser_and_of_a_winner_that_does_not_perform() -> None:
    way = [Step.DEMAND, Step.RECEIVE, Step.RELEASE, Step.REFUND]
    status = None
    for step in way:
        status = status_after(status, step)
    assert status is DepositStatus.REFUNDED
    assert status_after(DepositStatus.HELD, Step.FORFEIT) is DepositStatus.FORFEITED
    assert balance_of([(Step.RECEIVE, Decimal("5.00")), (Step.FORFEIT, Decimal("5.00"))]) == Balance(
        received=Decimal("5.00"), forfeited=Decimal("5.00")
    )


def test_money_that_comes_too_late_is_to_be_refunded() -> None:
    lapsed = status_after(DepositStatus.DUE, Step.LAPSE)
    assert status_after(lapsed, Step.RECEIVE) is DepositStatus.REFUND_DUE


def test_nothing_is_refunded_or_forfeited_twice() -> None:
    for ended in (DepositStatus.REFUNDED, DepositStatus.FORFEITED):
        assert not any(may_follow(ended, step) for step in Step)
        with pytest.raises(DepositStepError, match="不能办理"):
            status_after(ended, Step.REFUND)


@given(st.integers(1, 10**8 - 1), st.integers(2, 11), st.integers(1, 9))
def test_a_reference_with_one_wrong_digit_or_two_swapped_is_none(number: int, place: int, by: int) -> None:
    reference = reference_of(number)
    assert is_reference(reference)
    wrong = str((int(reference[place]) + by) % 10)
    assert not is_reference(reference[:place] + wrong + reference[place + 1 :])
    if place < 11 and reference[place] != reference[place + 1]:
        swapped = reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]
        assert not is_reference(swapped)


@pytest.mark.parametrize("number", [0, -1, 10**8])
def test_a_number_that_a_reference_cannot_hold_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="eight digits"):
        reference_of(number)


@pytest.mark.parametrize("text", ["", "BZ", "BZ12345678", "XX0000000195", "BZ00000001９5"])
def test_other_texts_are_no_references(text: str) -> None:
    assert not is_reference(text)
