"""The calendar as people's own calendars read it (iCalendar, RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from yunlang.auctions.calendar_selectors import CalendarEntry, EntryKind
from yunlang.kit.language import Bilingual

_NAME = Bilingual("云廊拍卖日历", "Yunlang auctions")
_COLON = Bilingual("：", ": ")
MEDIA_TYPE = "text/calendar; charset=utf-8"


def calendar_file(entries: Iterable[tuple[CalendarEntry, str]], *, host: str, at: datetime, language: str) -> bytes:
    """Return entries, each with the address of its page, as an iCalendar file.

    Parameters
    ----------
    host
        Of this site: with it an entry's id is unique in the world.
    at
        When it was made.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Yunlang//auctions//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _NAME.text(language))
    for entry, address in entries:
        calendar.add_component(_event(entry, address, host, at, language))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: CalendarEntry, address: str, host: str, at: datetime, language: str) -> Event:
    event = Event()
    event.add("uid", f"{entry.key}@{host}")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("summary", f"{entry.label.text(language)}{_COLON.text(language)}{entry.title}")
    event.add("dtstart", entry.at.astimezone(UTC))
    event.add("dtend", _end(entry).astimezone(UTC))
    event.add("url", address)
    if entry.sale.place:
        event.add("location", entry.sale.place)
    return event


def _end(entry: CalendarEntry) -> datetime:
    if entry.kind is EntryKind.ANNOUNCED and entry.until is not None:
        return entry.until
    return entry.at + timedelta(hours=1 if entry.kind is EntryKind.OPENS else 0)
