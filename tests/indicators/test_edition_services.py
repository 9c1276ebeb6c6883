"""Editions: computed, kept to the last digit, published, frozen, computed again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.factories import make_user
from tests.indicators.editions import PUBLISHED_AT, UNITS, dataset, framework, make_draft, make_edition, recipe, typed
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.roles import Role
from yunlang.indicators import edition_computing
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine
from yunlang.indicators.edition_facts import array_of, data_facts, data_of, framework_facts, numbers
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.edition_selectors import edition_open, edition_verify
from yunlang.indicators.framework_files import framework_of
from yunlang.indicators.services import (
    EditionExistsError,
    EditionFrozenError,
    edition_change,
    edition_create,
    edition_discard,
    edition_publish,
)
from yunlang.kit.errors import InvalidError, NotFoundError
from yunlang.kit.ids import new_id
from yunlang.kit.models import AuditEntry

pytestmark = pytest.mark.django_db
finite = st.floats(allow_nan=True, allow_infinity=False)


def stored(edition: Edition) -> Edition:
    return Edition.objects.get(pk=edition.pk)


def kept_by_the_database(value: Any) -> Any:
    """Return a JSON value as the database gives it back."""
    import json

    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [json.dumps(value)])
        return json.loads(cursor.fetchone()[0])


@settings(max_examples=60)
@given(values=arrays(np.float64, (2, 3, 2), elements=finite))
def test_every_number_comes_back_from_the_database_as_it_was(values: np.ndarray) -> None:
    kept = array_of(kept_by_the_database(numbers(values)))
    assert np.array_equal(kept.reshape(values.shape), values, equal_nan=True)


def test_framework_and_data_come_back_as_they_were() -> None:
    data = replace(
        dataset(periods=3),
        groupings={"province": tuple("ABC" * 3), "a": tuple("xyz" * 3)},
        denominators={"population": np.full((3, len(UNITS)), 1e23)},
    )
    again = data_of(kept_by_the_database(data_facts(data)))
    assert again.digest() == data.digest()
    assert list(again.groupings) == ["province", "a"]
    assert again.unit_names == data.unit_names
    assert framework_of(kept_by_the_database(framework_facts(framework()))) == framework()


def test_an_edition_keeps_what_the_engine_found() -> None:
    edition = stored(make_draft())
    run = Engine(framework(), dataset()).run(recipe())
    opened = edition_open(edition)
    assert np.array_equal(opened.scores, run.scores, equal_nan=True)
    assert np.array_equal(opened.ranks, run.rank(), equal_nan=True)
    assert np.array_equal(opened.weights, run.weights)
    assert (edition.inputs, edition.recipe_digest) == (run.inputs, recipe().digest())
    assert set(opened.intervals) == set(UNITS)
    assert all(one.low <= one.mean <= one.high for one in opened.intervals.values())


def test_without_a_recipe_the_default_one_is_used() -> None:
    edition = edition_create(actor=SYSTEM, raw=typed(), framework=framework(), data=dataset())
    assert Recipe.of(edition.recipe) == Recipe()


@pytest.mark.parametrize(
    ("name", "value"),
    [("index", "Small"), ("index", "editions"), ("index", ""), ("label", "2024/1"), ("title_zh", ""), ("title_en", "")],
)
def test_a_field_that_is_wrong_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        make_draft(**{name: value})
    assert set(refusal.value.fields) == {name}


def test_two_editions_never_share_an_address() -> None:
    make_edition()
    with pytest.raises(EditionExistsError):
        make_draft()
    other = make_draft(label="2025")
    with pytest.raises(EditionExistsError):
        edition_change(actor=SYSTEM, edition_id=other.pk, raw=typed())


def test_data_that_lack_an_indicator_make_no_edition() -> None:
    short = dataset()
    short = Dataset(short.units, short.indicators[:3], short.values[:, :, :3])
    with pytest.raises(InvalidError) as refusal:
        make_draft(data=short)
    assert set(refusal.value.fields) == {"WATER"}
    assert not Edition.objects.exists()


def test_a_changed_draft_is_computed_anew() -> None:
    draft = make_draft()
    changed = edition_change(
        actor=SYSTEM,
        edition_id=draft.pk,
        raw=typed(label="2025"),
        recipe=recipe().changed({"aggregate.method": "median"}),
    )
    assert changed.label == "2025"
    assert changed.inputs == draft.inputs
    assert changed.recipe_digest != draft.recipe_digest
    assert edition_verify(stored(changed)).agrees
    row = AuditEntry.objects.get(action="edition_change")
    assert (row.before["label"], row.after["label"]) == ("2024", "2025")
    assert "inputs" not in row.after


def test_publishing_says_who_and_when() -> None:
    office = make_user(Role.OFFICE)
    draft = make_draft(actor=office)
    edition = stored(edition_publish(actor=office, edition_id=draft.pk, at=PUBLISHED_AT))
    assert edition.is_published
    assert (edition.created_by, edition.published_by, edition.published_at) == (office, office, PUBLISHED_AT)
    actions = AuditEntry.objects.filter(object_id=str(edition.pk)).values_list("action", flat=True)
    assert sorted(actions) == ["edition_create", "edition_publish"]


def test_a_published_edition_is_neither_changed_nor_published_again_nor_discarded() -> None:
    edition = make_edition()
    calls = (
        lambda: edition_change(actor=SYSTEM, edition_id=edition.pk, raw=typed(title_en="Other")),
        lambda: edition_publish(actor=SYSTEM, edition_id=edition.pk, at=PUBLISHED_AT),
        lambda: edition_discard(actor=SYSTEM, edition_id=edition.pk),
    )
    for call in calls:
        with pytest.raises(EditionFrozenError):
            call()


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: rows.update(title_en="Other"),
        lambda rows: rows.update(results={"scores": [], "ranks": [], "weights": []}),
        lambda rows: rows.update(status="draft", published_at=None),
        lambda rows: rows.delete(),
    ],
    ids=["title", "results", "status", "delete"],
)
def test_the_database_itself_keeps_a_published_edition_as_it_is(write: Any) -> None:
    edition = make_edition()
    before = Edition.objects.filter(pk=edition.pk).values().get()
    with pytest.raises(IntegrityError, match="never changed or removed"), transaction.atomic():
        write(Edition.objects.filter(pk=edition.pk))
    assert Edition.objects.filter(pk=edition.pk).values().get() == before


def test_a_discarded_draft_is_gone_but_remembered() -> None:
    draft = make_draft()
    edition_discard(actor=SYSTEM, edition_id=draft.pk)
    assert not Edition.objects.exists()
    assert AuditEntry.objects.get(action="edition_discard").before["label"] == "2024"
    with pytest.raises(NotFoundError):
        edition_discard(actor=SYSTEM, edition_id=new_id())


@pytest.mark.parametrize("periods", [1, 3])
def test_a_published_edition_computes_again_to_the_last_digit(periods: int) -> None:
    edition = stored(make_edition(data=dataset(periods=periods)))
    found = edition_verify(edition)
    assert found.agrees
    assert found.checked == periods * len(UNITS) * (7 + 1) + 7


def test_an_edition_computes_again_though_new_ones_would_be_varied_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    edition = stored(make_edition())
    monkeypatch.setattr(edition_computing, "_alternatives", lambda recipe: {})
    monkeypatch.setattr(edition_computing, "SEED", 1)
    assert edition_verify(edition).agrees
    assert stored(make_edition(label="2025")).results["uncertainty"] != edition.results["uncertainty"]


def test_a_digit_that_was_tampered_with_is_found() -> None:
    edition = stored(make_edition())
    edition.results["scores"][0][0][0] = np.nextafter(edition.results["scores"][0][0][0], 1e9)
    assert edition_verify(edition).differences == ("results.scores",)
    edition = stored(edition)
    edition.data["values"][0][1][1] += 1e-12
    assert "inputs" in edition_verify(edition).differences
