"""Verdicts and deeds as grades."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yunlang.matching.core.judgement import LEVELS, VERDICTS, Judgement, Verdict, graded

judgements = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(Judgement)), max_size=12)


def test_levels_are_the_grades_of_technology_transfer_staff() -> None:
    assert {str(judgement): level for judgement, level in LEVELS.items()} == {
        "bad": 1, "good": 3, "introduced": 3, "signed": 4,
    }  # fmt: skip
    assert set(VERDICTS) == set(Verdict)


@given(judgements)
def test_the_strongest_judgement_of_a_pair_wins_in_any_order(said: list[tuple[str, Judgement]]) -> None:
    levels = graded(said)
    assert levels == graded(reversed(said))
    assert levels.keys() == {pair for pair, _ in said}
    for pair, level in levels.items():
        given_levels = [LEVELS[judgement] for other, judgement in said if other == pair]
        assert level in given_levels
        assert all(level >= other for other in given_levels)
