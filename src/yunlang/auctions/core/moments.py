"""Times in the engine: always with a zone, kept in UTC; spans are whole seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from yunlang.deals.core.ledger.canonical import moment_text

_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"
SECOND = timedelta(seconds=1)
ZERO = timedelta(0)


def in_utc(moment: datetime) -> datetime:
    """Return a time in UTC.

    Raises
    ------
    ValueError
        When it has no zone.
    """
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone")
    return moment.astimezone(UTC)


def _read_moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return in_utc(value)
    if not isinstance(value, str):
        raise ValueError("a time is written as text")
    return datetime.strptime(value, _FORM).replace(tzinfo=UTC)


def _read_span(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if type(value) is not int:
        raise ValueError("a span is a whole number of seconds")
    return timedelta(seconds=value)


Moment = Annotated[datetime, BeforeValidator(_read_moment), PlainSerializer(moment_text, return_type=str)]
Span = Annotated[timedelta, BeforeValidator(_read_span), PlainSerializer(lambda span: span // SECOND, return_type=int)]


def is_span(span: timedelta) -> bool:
    """Tell whether a span is positive and of whole seconds."""
    return span > ZERO and not span % SECOND
