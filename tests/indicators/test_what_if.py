"""What if: weights and methods as an address says them, and what they do to a ranking."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.editions import UNITS, dataset, framework, make_edition, recipe
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine
from yunlang.indicators.edition_facts import data_facts, framework_facts, results_facts
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.edition_selectors import OpenEdition
from yunlang.indicators.what_if import asked, moves_of
from yunlang.indicators.what_if_methods import METHOD_FIELDS


def opened(of: Recipe | None = None) -> OpenEdition:
    used = of or recipe()
    run = Engine(framework(), dataset()).run(used)
    edition = Edition(
        framework=framework_facts(framework()), recipe=used.plain(), data=data_facts(dataset()),
        results=results_facts(run) | {"uncertainty": {"units": []}},
    )  # fmt: skip
    return OpenEdition(edition)


def test_nothing_asked_answers_as_published() -> None:
    edition = opened()
    question = asked(edition, {})
    assert question.changes == {}
    assert question.address == ""
    assert question.run is not None
    assert np.array_equal(question.run.scores, edition.scores, equal_nan=True)
    assert all(move.shift == 0 for move in moves_of(edition, question.run))


def test_weights_show_as_shares_of_their_group() -> None:
    shown = {one.name: one.own for group in asked(opened(), {}).groups for one in group.fields}
    assert shown == {
        "w.INPUT": "23.08", "w.GREEN": "76.92", "w.SPEND": "33.33", "w.STAFF": "66.67", "w.ENERGY": "50", "w.WATER": "50",
    }  # fmt: skip


def test_what_a_form_sends_unchanged_is_no_change() -> None:
    edition = opened()
    sent = {one.name: one.own for group in asked(edition, {}).groups for one in group.fields}
    question = asked(edition, sent | {one.name: "" for one in METHOD_FIELDS})
    assert question.changes == {}
    assert question.run is not None
    assert np.array_equal(question.run.scores, edition.scores, equal_nan=True)


def test_a_moved_weight_is_what_the_recipe_would_have_said() -> None:
    edition = opened()
    question = asked(edition, {"w.INPUT": "90", "w.GREEN": "10"})
    assert question.address == "?w.INPUT=90&w.GREEN=10"
    wanted = Engine(framework(), dataset()).run(recipe().changed({"weight.given": {"INPUT": 9, "GREEN": 1}}))
    assert question.run is not None
    assert np.allclose(question.run.score(), wanted.score(), rtol=1e-12, equal_nan=True)
    assert np.array_equal(question.run.rank(), wanted.rank(), equal_nan=True)


def test_moves_say_from_where_to_where() -> None:
    edition = opened()
    question = asked(edition, {"w.INPUT": "100", "w.GREEN": "0"})
    assert question.run is not None
    moves = moves_of(edition, question.run)
    assert [move.rank for move in moves] == sorted(move.rank or 0 for move in moves)
    before = dict(zip(edition.units, edition.ranks[-1], strict=True))
    assert all(move.before == before[move.unit] and move.shift == move.before - (move.rank or 0) for move in moves)
    assert any(move.shift for move in moves)


@pytest.mark.parametrize("value", ["-1", "1001", "much", "nan", "inf", "1e999"])
def test_a_weight_that_is_none_is_refused_at_its_field(value: str) -> None:
    question = asked(opened(), {"w.INPUT": value})
    assert question.run is None
    assert set(question.errors) == {"w.INPUT"}


def test_a_group_without_any_weight_is_refused() -> None:
    question = asked(opened(), {"w.SPEND": "0", "w.STAFF": "0"})
    assert question.run is None
    assert set(question.errors) == {"w.INPUT-group"}


def test_a_geometric_mean_of_zeros_is_refused_at_its_field_with_what_to_do() -> None:
    question = asked(opened(), {"aggregate": "geometric"})
    assert question.run is None
    (reason,) = question.errors["aggregate"]
    assert "1–100" in reason.zh
    assert "1–100" in reason.en
    assert asked(opened(), {"aggregate": "geometric", "normalise": "minmax_1"}).run is not None


def test_a_stage_that_the_recipe_leaves_out_runs_when_a_method_is_chosen_for_it() -> None:
    edition = opened(recipe().changed({"order": ["normalise"]}))
    question = asked(edition, {"impute": "mean", "treat": "winsorise"})
    assert question.run is not None
    assert list(question.run.stages) == ["raw", "impute", "treat", "normalise"]
    assert not np.isnan(question.run.data.values).any()


def test_weights_worked_out_from_the_data_leave_typed_ones_aside() -> None:
    question = asked(opened(), {"weight": "equal", "w.INPUT": "90"})
    assert question.weights_are_worked_out
    assert question.run is not None
    assert question.run.weights[-1] != 0
    assert np.allclose(question.run.weights[:4], [0.5] * 4)


def test_what_an_address_says_of_nothing_known_is_passed_over() -> None:
    question = asked(opened(), {"normalise": "magic", "w.NOBODY": "3", "next": "x"})
    assert question.changes == {}
    assert question.run is not None


methods = st.fixed_dictionaries({}, optional={one.name: st.sampled_from(sorted(one.choices)) for one in METHOD_FIELDS})
weights = st.fixed_dictionaries(
    {}, optional={f"w.{code}": st.floats(0, 1_000).map(str) for code in ("INPUT", "GREEN", "SPEND", "STAFF")}
)


@settings(max_examples=80)
@given(chosen=methods, moved=weights)
def test_every_question_is_answered_or_refused_at_a_field_of_the_form(
    chosen: dict[str, str], moved: dict[str, str]
) -> None:
    edition = opened()
    question = asked(edition, chosen | moved)
    fields: set[str] = {one.name for one in METHOD_FIELDS}
    fields |= {f"w.{node.code}" for node in framework().nodes} | {
        f"w.{code}-group" for code in ("INDEX", "INPUT", "GREEN")
    }
    assert set(question.errors) <= fields
    assert (question.run is None) == bool(question.errors)
    if question.run is not None:
        assert {move.unit for move in moves_of(edition, question.run)} <= set(UNITS)


@pytest.mark.django_db
def test_the_address_asks_the_same_again() -> None:
    edition = OpenEdition(make_edition())
    first = asked(edition, {"w.INPUT": "55.5", "normalise": "zscore", "aggregate": "median"})
    from django.http import QueryDict

    again = asked(edition, QueryDict(first.address[1:]).dict())
    assert again.changes == first.changes
    assert first.run is not None
    assert again.run is not None
    assert np.array_equal(first.run.scores, again.run.scores, equal_nan=True)


def test_many_readers_may_ask_one_edition_at_once() -> None:
    edition = opened()
    questions = [{"w.INPUT": str(10 + place)} | ({"normalise": "zscore"} if place % 2 else {}) for place in range(80)]
    with ThreadPoolExecutor(8) as readers:
        answers = list(readers.map(lambda typed: asked(edition, typed), questions))
    for typed, answer in zip(questions, answers, strict=True):
        alone = asked(opened(), typed)
        assert answer.run is not None
        assert alone.run is not None
        assert np.array_equal(answer.run.scores, alone.run.scores, equal_nan=True)
