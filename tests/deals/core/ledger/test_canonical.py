"""One value, one sequence of bytes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.deals.core.ledger.journals import values
from yunlang.deals.core.introduction import Status
from yunlang.deals.core.ledger.canonical import (
    NotCanonicalError,
    canonical,
    digest,
    moment_of,
    moment_text,
    parsed,
    plain,
)


def test_the_form_is_what_the_documentation_says() -> None:
    value = {
        "乙": [True, None, -7], "amount": Decimal("1200.00"), "at": datetime(2026, 11, 22, 17, tzinfo=timezone(timedelta(hours=8))),
        "day": date(2026, 11, 22), "id": UUID(int=7), "status": Status.SIGNED, "text": 'a"\\\n\x01é',
    }  # fmt: skip
    assert canonical(value).decode() == (
        '{"amount":"1200.00","at":"2026-11-22T09:00:00.000000Z","day":"2026-11-22",'
        '"id":"00000000-0000-0000-0000-000000000007","status":"signed","text":"a\\"\\\\\\n\\u0001é","乙":[true,null,-7]}'
    )


def test_the_digest_is_that_of_any_other_program() -> None:
    # printf '{"a":"1.00"}' | sha256sum
    assert digest({"a": Decimal("1.00")}) == "55e0722e646406587001357788921cd39e621e5118d1affd7ac5aac476fc4645"


@given(values)
def test_what_is_written_is_read_back(value: object) -> None:
    data = canonical(value)
    assert parsed(data) == value
    assert canonical(parsed(data)) == data


@given(values)
def test_every_other_spelling_of_a_value_is_refused(value: object) -> None:
    data = canonical(value)
    for other in (json.dumps(value, indent=1), json.dumps(value) + " ", "\ufeff" + data.decode()):
        if other.encode() != data:
            with pytest.raises(NotCanonicalError):
                parsed(other.encode())


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), 2**53, Decimal("NaN"), {1: 2}, b"x", "\ud800", datetime(2026, 1, 1)]
)
def test_what_has_no_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonicalError):
        plain(value)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b'{"a":1,"a":1}', b"1.0", b"1e2", b"NaN", b"-0", b'"\xff"', b'"\\u0041"', b"[" * 100_000, b"9" * 9_999],
)
def test_bytes_that_are_no_canonical_form_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        parsed(data)


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_are_written_to_the_microsecond_and_read_back(moment: datetime) -> None:
    assert moment_of(moment_text(moment)) == moment
    assert len(moment_text(moment)) == 27


@pytest.mark.parametrize(
    "text", ["2026-11-22T09:00:00Z", "2026-11-22T09:00:00.0Z", "2026-1-02T09:00:00.000000Z", "now"]
)
def test_other_forms_of_times_are_refused(text: str) -> None:
    with pytest.raises(NotCanonicalError):
        moment_of(text)
