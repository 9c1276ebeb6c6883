"""Statistics of a list: what was published, found takers, was awarded and concluded."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.challenges.core.statistics import Item, list_coverage, tallies_by, tally
from yunlang.challenges.core.vocabulary import ChallengeStatus


def item(
    status: str, area: str = "new_materials", proposals: int | None = 2, winners: int = 0, awarded: str = "0"
) -> Item:
    return Item(area, "330500", status, Decimal("6000000"), proposals, winners, Decimal(awarded), Decimal(awarded) / 2)


LIST = [
    item("concluded", winners=1, awarded="5000000"),
    item("performing", winners=2, awarded="5500000"),
    item("unawarded", proposals=0),
    item("withdrawn", area="biomedicine", proposals=0),
    item("published", area="biomedicine", proposals=None),
]


def test_a_list_is_counted_by_what_became_of_its_items() -> None:
    found = tally(LIST)
    assert (found.published, found.with_proposals, found.proposals) == (5, 2, 4)
    assert (found.decided, found.awarded, found.parallel, found.concluded, found.ended) == (3, 2, 1, 1, 3)
    assert (found.budget, found.awarded_sum, found.paid_sum) == (30_000_000, 10_500_000, 5_250_000)
    assert found.award_rate == pytest.approx(2 / 3)
    assert found.conclusion_rate == pytest.approx(1 / 2)


def test_nothing_decided_has_no_rate() -> None:
    found = tally([item("published", proposals=None)])
    assert (found.award_rate, found.conclusion_rate) == (None, None)


items = st.builds(
    item, status=st.sampled_from(list(ChallengeStatus)), area=st.sampled_from(["new_materials", "biomedicine"]),
    proposals=st.none() | st.integers(0, 5), winners=st.integers(0, 3), awarded=st.integers(0, 10**7).map(str),
)  # fmt: skip


@given(st.lists(items, max_size=12))
def test_the_parts_come_to_the_whole(rows: list[Item]) -> None:
    whole, parts = tally(rows), tallies_by(rows, lambda one: one.area).values()
    for name in ("published", "with_proposals", "decided", "awarded", "concluded", "budget", "awarded_sum", "paid_sum"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)
    assert whole.concluded <= whole.awarded <= whole.decided <= whole.published


def test_the_announced_list_is_what_the_data_say() -> None:
    assert list_coverage(31, Decimal(40)) == pytest.approx(0.775)
    assert list_coverage(31, None) is None
