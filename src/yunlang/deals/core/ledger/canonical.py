"""Canonical JSON, version 1: one value, one sequence of bytes, on any machine and in any language.

UTF-8 without a byte order mark; objects with their keys sorted by code point; no space between tokens; strings with
only what JSON demands escaped (quotation mark, backslash, control characters, the short form where there is one);
whole numbers within ±(2**53 − 1); no fractions at all: amounts are text («1200.00»), times are text in UTC with
microseconds («2026-11-22T09:00:00.000000Z»). The subset agrees with RFC 8785 except that keys are sorted by code point
instead of by UTF-16 unit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any
from uuid import UUID

VERSION = 1
LARGEST_INTEGER = 2**53 - 1
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


class NotCanonicalError(ValueError):
    """Bytes or a value that canonical JSON does not have."""


def plain(value: object) -> Any:
    """Return a value as canonical JSON holds it: Decimal, date, datetime, UUID and enumerations become text.

    Raises
    ------
    NotCanonicalError
        For floats, times without a zone, keys that are not text, numbers too large, and whatever JSON does not know.
    """
    match value:
        case Enum():
            return plain(value.value)
        case None | bool():
            return value
        case str():
            return _text(value)
        case int():
            if abs(value) > LARGEST_INTEGER:
                raise NotCanonicalError("a whole number beyond 2**53 - 1")
            return value
        case Decimal():
            if not value.is_finite():
                raise NotCanonicalError("a number that is none")
            return f"{value:f}"
        case datetime():
            return moment_text(value)
        case date() | UUID():
            return str(value)
        case Mapping():
            return {_key(key): plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
    raise NotCanonicalError(f"no form for {type(value).__name__}")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise NotCanonicalError("a key that is not text")
    return _text(key)


def _text(value: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonicalError("half a character") from error
    return str(value)


def moment_text(moment: datetime) -> str:
    """Return a time in UTC with microseconds.

    Raises
    ------
    NotCanonicalError
        When it has no zone.
    """
    if moment.tzinfo is None:
        raise NotCanonicalError("a time without a zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def moment_of(text: str) -> datetime:
    """Return the time that `moment_text` wrote.

    Raises
    ------
    NotCanonicalError
        When the text is not exactly in its form.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotCanonicalError("not a time in UTC with microseconds") from error
    if moment.tzinfo is None or moment_text(moment) != text:
        raise NotCanonicalError("not a time in UTC with microseconds")
    return moment


def canonical(value: object) -> bytes:
    """Return the one sequence of bytes that stands for a value.

    Raises
    ------
    NotCanonicalError
        As `plain`.
    """
    return plain_bytes(plain(value))


def plain_bytes(value: object) -> bytes:
    """Return the bytes of a value that is plain already, such as one that `parsed` returned."""
    return _ENCODER.encode(value).encode()


def parsed(data: bytes) -> Any:
    """Return the value that canonical bytes stand for; every other spelling of the same value is refused.

    Raises
    ------
    NotCanonicalError
        When `data` is not JSON, or not exactly what `canonical` writes.
    """
    try:
        value = json.loads(data.decode("utf-8"), parse_float=_refused, parse_constant=_refused, parse_int=_integer)
        same = plain_bytes(value) == data
    except (ValueError, RecursionError) as error:
        raise NotCanonicalError("not JSON in UTF-8") from error
    if not same:
        raise NotCanonicalError("not in the canonical form")
    return value


def _refused(text: str) -> None:
    raise NotCanonicalError("a number that is not whole")


def _integer(text: str) -> int:
    if abs(number := int(text)) > LARGEST_INTEGER:
        raise NotCanonicalError("a whole number beyond 2**53 - 1")
    return number


def digest(value: object) -> str:
    """Return the SHA-256 of a value's canonical bytes as 64 hexadecimal digits (FIPS 180-4)."""
    return plain_digest(plain(value))


def plain_digest(value: object) -> str:
    """Return the digest of a value that is plain already."""
    return sha256(plain_bytes(value)).hexdigest()
