"""Events as plain values, for a journal that anybody can chain by hash, store and read back.

The values are those of canonical JSON: text, whole numbers, true, false, null, lists, and objects with text for keys.
Decimals are text with both places («12.30»), times text in UTC with microseconds, spans whole seconds. Reading takes
exactly what writing makes, down to the last zero. `VERSION` changes when what is written does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from yunlang.auctions.core.errors import JournalError, TermsError
from yunlang.auctions.core.events import Event
from yunlang.deals.core.ledger.canonical import plain_bytes
from yunlang.kit.language import Bilingual

VERSION = 1
_EVENT = TypeAdapter(Event)
_UNREADABLE = Bilingual("不是本版本的拍卖记录", "it is no event of this version")
_OTHER_FORM = Bilingual("写法不规范", "it is not in the canonical form")


def plain_of(event: Event) -> dict[str, Any]:
    """Return an event as plain values.

    Returns
    -------
    dict
        ``version``, ``lot``, ``sequence``, ``at``, ``body`` with its ``kind``, and ``request`` or null.
    """
    return {"version": VERSION, **_EVENT.dump_python(event, mode="json")}


def event_of(plain: dict[str, Any]) -> Event:
    """Return the event that `plain_of` wrote.

    Raises
    ------
    JournalError
        When it wrote no such values.
    """
    event = _event_of(plain)
    if plain_bytes(plain_of(event)) != plain_bytes(plain):
        raise JournalError(sequence=event.sequence, reason=_OTHER_FORM)
    return event


def _event_of(plain: Any) -> Event:
    if not isinstance(plain, dict):
        raise JournalError(sequence=0, reason=_UNREADABLE)
    try:
        return _EVENT.validate_python({name: value for name, value in plain.items() if name != "version"})
    except (ArithmeticError, ValidationError, TermsError, TypeError) as error:
        raise JournalError(sequence=plain.get("sequence", 0), reason=_UNREADABLE) from error


def payload_of(event: Event) -> dict[str, Any]:
    """Return what a ledger entry of the event has to hold beside the entry's own number, time and kind."""
    plain = plain_of(event)
    return {"body": plain["body"], "request": plain["request"], "version": VERSION}


def event_restored(*, lot: str, sequence: int, at: datetime, payload: Mapping[str, Any]) -> Event:
    """Return the event that `payload_of` wrote into a ledger entry, whose hash says that it is unchanged.

    Raises
    ------
    JournalError
        When it wrote no such payload.
    """
    if payload.keys() != {"body", "request", "version"} or payload["version"] != VERSION:
        raise JournalError(sequence=sequence, reason=_UNREADABLE)
    return _event_of(
        {"lot": lot, "sequence": sequence, "at": at, "body": payload["body"], "request": payload["request"]}
    )


def event_text(event: Event) -> str:
    """Return an event as one line of canonical JSON: keys sorted, no spaces, nothing escaped that need not be."""
    return plain_bytes(plain_of(event)).decode()


def event_read(text: str) -> Event:
    """Return the event of one line of canonical JSON.

    Raises
    ------
    JournalError
        When `event_text` did not write it.
    """
    try:
        event = _event_of(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise JournalError(sequence=0, reason=_UNREADABLE) from error
    if event_text(event) != text:
        raise JournalError(sequence=event.sequence, reason=_OTHER_FORM)
    return event
