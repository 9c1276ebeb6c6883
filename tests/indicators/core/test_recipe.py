"""Recipes: checked whole, changed by name, the same after a round trip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.indicators.core.errors import RecipeError
from yunlang.indicators.core.recipe import Recipe, parse_settings


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(RecipeError) as refused:
        Recipe.of(
            {
                "normalise": {"method": "magic", "range": [5, 1]},
                "screen": {"availability": 2},
                "treat": {"skew": 1},
                "aggregate": {"orness": -1},
                "colour": {},
            }
        )
    assert set(refused.value.fields) == {
        "normalise.method",
        "screen.availability",
        "treat.skew",
        "aggregate.orness",
        "colour",
    }


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"normalise.metod": "minmax"}, "normalise.metod"),
        ({"normalize.method": "minmax"}, "normalize.method"),
        ({"normalise.range": "100,1"}, "normalise"),
        ({"normalise.range": "low,high"}, "normalise.range.0"),
        ({"normalise.method": "distance_to_reference"}, "normalise"),
        ({"aggregate.by_level.2.method": "arithmetic", "order": "normalise,treat"}, "recipe"),
        ({"order": "treat,treat,normalise"}, "recipe"),
    ],
)  # fmt: skip
def test_a_wrong_change_says_where(settings: dict[str, str], place: str) -> None:
    with pytest.raises(RecipeError) as refused:
        Recipe().changed(settings)
    assert place in refused.value.fields


def test_exceptions_are_checked_like_the_rule() -> None:
    with pytest.raises(RecipeError) as refused:
        Recipe.of({"normalise": {"by_indicator": {"a": {"method": "magic"}}}})
    assert refused.value.fields


def test_words_of_a_command_line_become_settings() -> None:
    settings = parse_settings(["normalise.method=minmax", "normalise.range=1,100", "treat.points=3"])
    recipe = Recipe().changed(settings)
    assert recipe.normalise.range == (1.0, 100.0)
    assert recipe.treat.points == 3


def test_words_that_are_no_settings_are_all_named() -> None:
    with pytest.raises(RecipeError) as refused:
        parse_settings(["normalise.method", "range=3", "treat.points=1"])
    assert set(refused.value.fields) == {"normalise.method", "range=3"}


def test_a_whole_stage_can_be_replaced() -> None:
    recipe = Recipe().changed({"normalise.range": [1, 100]}).changed({"normalise": {"method": "zscore"}})
    assert recipe.normalise.method == "zscore"
    assert recipe.normalise.range == (0.0, 100.0)


def test_exceptions_can_be_added_by_name() -> None:
    recipe = Recipe().changed({"weight.given.papers": 3, "normalise.by_indicator.papers": {"method": "rank"}})
    assert recipe.weight.given == {"papers": 3.0}
    assert recipe.normalise.of("papers").method == "rank"
    assert recipe.normalise.of("staff").method == "minmax"


@given(
    st.sampled_from(["minmax", "zscore", "rank", "borda"]),
    st.tuples(st.floats(-1e6, 0), st.floats(1e-3, 1e6)),
    st.one_of(st.none(), st.integers(0, 50)),
    st.floats(0, 1),
)
def test_a_recipe_is_the_same_after_a_round_trip(
    method: str, ends: tuple[float, float], points: int | None, share: float
) -> None:
    settings = {
        "normalise.method": method,
        "normalise.range": list(ends),
        "treat.points": points,
        "screen.availability": share,
    }
    recipe = Recipe().changed(settings)
    again = Recipe.of(recipe.plain())
    assert again == recipe
    assert again.digest() == recipe.digest()


def test_the_digest_tells_recipes_apart() -> None:
    assert Recipe().digest() != Recipe().changed({"treat.points": 4}).digest()
