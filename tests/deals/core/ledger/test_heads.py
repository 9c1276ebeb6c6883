"""Published days: one root fixes every day before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.deals.core.ledger.canonical import NotCanonicalError
from yunlang.deals.core.ledger.entries import GENESIS, BrokenLedgerError
from yunlang.deals.core.ledger.heads import (
    Publication,
    publication_line,
    publication_of,
    publication_read,
    publications_verify,
)

hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
days = st.lists(st.lists(hashes, max_size=3, unique=True), min_size=1, max_size=4)


def published(heads: list[list[str]]) -> list[Publication]:
    made: list[Publication] = []
    for place, found in enumerate(heads):
        day = date(2026, 11, 22) + timedelta(days=place)
        made.append(publication_of(day, found, made[-1].root if made else GENESIS))
    return made


@given(days)
def test_days_in_a_row_are_sound_and_read_back_from_their_lines(heads: list[list[str]]) -> None:
    made = published(heads)
    assert publications_verify(made) == made[-1]
    assert [publication_read(publication_line(one)) for one in made] == made


@given(days, st.data())
def test_a_change_of_any_day_is_found(heads: list[list[str]], data: st.DataObject) -> None:
    made = published(heads)
    place = data.draw(st.integers(0, len(made) - 1))
    one = made[place]
    changes: list[Callable[[Publication], Publication]] = [
        lambda one: replace(one, heads=(*one.heads, "f" * 64)),
        lambda one: replace(one, root="e" * 64),
        lambda one: replace(one, previous="e" * 64),
        lambda one: replace(one, day=one.day + timedelta(days=1)),
    ]
    for change in changes:
        with pytest.raises(BrokenLedgerError):
            publications_verify([*made[:place], change(one), *made[place + 1 :]])


def test_a_day_left_out_or_written_anew_is_found_by_the_next() -> None:
    first, second, third = published([["a" * 64], [], ["b" * 64]])
    with pytest.raises(BrokenLedgerError, match="2026-11-24"):
        publications_verify([first, third])
    forged = publication_of(second.day, ["c" * 64], first.root)
    with pytest.raises(BrokenLedgerError, match="2026-11-24"):
        publications_verify([first, forged, third])
    assert publications_verify([]) is None


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b'{"day":"x","heads":[],"previous":"","root":"","version":1}', b"\xff"]
)
def test_what_is_no_day_is_refused(line: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        publication_read(line)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"version":1', b'"version":2'), (b'"heads":[]', b'"heads":{}'), (b'"heads":[]', b'"heads":["x"]'),
     (b"2026-11-22", b"2026-13-22"), (b'"2026-11-22"', b"7")],
)  # fmt: skip
def test_a_day_of_another_form_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        publication_read(publication_line(published([[]])[0]).replace(old, new))
