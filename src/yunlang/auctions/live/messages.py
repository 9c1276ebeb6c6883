"""What watchers are sent, as server-sent events (WHATWG HTML, 9.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from yunlang.deals.core.ledger.canonical import moment_text
from yunlang.kit.errors import DomainError

Plain = dict[str, Any]
_PLACES = re.compile(r"[0-9]{1,5}:[0-9]{1,9}(?:,[0-9]{1,5}:[0-9]{1,9}){0,499}")
_LARGEST = 10**9


def lot_body(events: Sequence[Plain], lot: Plain, now: datetime | None) -> bytes:
    """Return a message about a lot, without its id.

    Parameters
    ----------
    events
        What happened, in order; none where only the present state is told.
    lot
        The lot as it stands, after the last of the events or later.
    now
        The server's time; None while it is not to be relied on.
    """
    return _body(b"lot", {"events": events, "lot": lot, "now": _moment(now)})


def clock_body(now: datetime) -> bytes:
    """Return the sign of life that tells the server's time."""
    return _body(b"clock", {"now": _moment(now)})


def stopped_body(error: DomainError) -> bytes:
    """Return the sign of life of a server that takes nothing at present, with its reason."""
    return _body(b"stopped", {"code": error.code, "zh": error.text.zh, "en": error.text.en})


def _body(event: bytes, data: Plain) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event, orjson.dumps(data))


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)


def with_id(place: str, body: bytes) -> bytes:
    """Return a message under an id, which a client names when it comes back."""
    return b"id: %b\n%b" % (place.encode(), body)


def places_text(places: Mapping[int, int]) -> str:
    """Return how far somebody has seen a sale: for each lot's number the sequence number of its last event."""
    return ",".join(f"{number}:{sequence}" for number, sequence in sorted(places.items()))


def places_read(text: str) -> dict[int, int]:
    """Return what `places_text` wrote; nothing where it did not."""
    if not _PLACES.fullmatch(text):
        return {}
    return {int(number): int(sequence) for number, sequence in (one.split(":") for one in text.split(","))}


def sequence_read(text: str) -> int | None:
    """Return the sequence number that an id of a lot's stream names; None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(_LARGEST)) else None
