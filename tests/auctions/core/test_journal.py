"""The journal's text: one spelling for each event, and nothing else is read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.auctions.core.driving import FORMATS
from tests.auctions.core.selling import SNIPE, Sale, english, seconds, yuan
from tests.auctions.core.test_engine import random_run
from yunlang.auctions.core import commands as c
from yunlang.auctions.core.errors import JournalError
from yunlang.auctions.core.journal import event_of, event_read, event_text, plain_of
from yunlang.auctions.core.terms import Schedule


def sold() -> Sale:
    schedule = Schedule(lasts=seconds(300))
    sale = Sale(english(extension=SNIPE, schedule=schedule))
    sale.bid("a", "100", at=299.5)
    sale.do(c.PlaceBid("b", "张三的请求", yuan("100")), 299.5)
    return sale


def test_events_read_as_people_and_programs_expect() -> None:
    assert event_text(sold().events[-3]) == (
        '{"at":"2026-05-18T02:04:59.500000Z",'
        '"body":{"amount":"100.00","bidder":"a","kind":"bid_placed","leader":"a","price":"100.00","proxy":false,'
        '"quantity":1},"lot":"lot-7",'
        '"request":{"bidder":"a","digest":"' + _digest("a", "key-1") + '","key":"key-1","sender":"buyer"},'
        '"sequence":8,"version":1}'
    )
    assert plain_of(sold().events[-1])["body"] == {
        "code": "too_low",
        "details": {"minimum": "110.00"},
        "kind": "command_refused",
    }


def _digest(bidder: str, key: str) -> str:
    return c.PlaceBid(bidder, key, yuan("100")).digest


@pytest.mark.parametrize("form", FORMATS)
def test_writing_and_reading_loses_nothing(form: str) -> None:
    for event in random_run(form, 2).events:
        text = event_text(event)
        assert event_read(text) == event
        assert event_of(json.loads(text)) == event
        assert event_text(event_read(text)) == text


def changed(path: str, value: Any) -> dict[str, Any]:
    plain = plain_of(sold().events[-3])
    place = plain
    *outer, last = path.split(".")
    for name in outer:
        place = place[name]
    place[last] = value
    return plain


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", 2),
        ("version", True),
        ("sequence", "8"),
        ("at", "2026-05-18T02:04:59.5Z"),
        ("at", "2026-05-18T10:04:59.500000+08:00"),
        ("at", 1),
        ("body.amount", "100.0"),
        ("body.amount", "100"),
        ("body.amount", "1E+2"),
        ("body.amount", "-100.00"),
        ("body.amount", "NaN"),
        ("body.amount", "0" * 30),
        ("body.amount", 100.0),
        ("body.quantity", True),
        ("body.quantity", 1.0),
        ("body.proxy", 0),
        ("body.kind", "bid_taken"),
        ("body.more", "x"),
        ("body", None),
        ("more", 1),
        ("request.sender", "auctioneer"),
    ],
)
def test_any_other_spelling_is_refused(path: str, value: Any) -> None:
    with pytest.raises(JournalError):
        event_of(changed(path, value))


def test_terms_in_a_journal_are_checked_like_any() -> None:
    plain = plain_of(sold().events[0])
    plain["body"]["terms"]["starting_price"] = "0.00"
    with pytest.raises(JournalError):
        event_of(plain)
    plain["body"]["terms"]["schedule"]["lasts"] = 0.5
    with pytest.raises(JournalError):
        event_of(plain)


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", "{" * 10**5, '{"version":1}'])
def test_what_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(JournalError):
        event_read(text)


def test_a_line_with_spaces_other_order_or_a_name_twice_is_refused() -> None:
    line = event_text(sold().events[-3])
    plain = json.loads(line)
    backwards = dict(reversed(plain.items()))
    for other in (
        json.dumps(plain),
        json.dumps(backwards, separators=(",", ":")),
        line + "\n",
        line[:-1] + ',"version":1}',
    ):
        with pytest.raises(JournalError):
            event_read(other)


def test_no_byte_of_a_line_can_change_and_mean_the_same() -> None:
    line = event_text(sold().events[-3])
    event = event_read(line)
    for place in range(len(line)):
        for new in (" ", "0", "}"):
            other = line[:place] + new + line[place + 1 :]
            if other == line:
                continue
            try:
                assert event_read(other) != event
            except JournalError:
                continue
