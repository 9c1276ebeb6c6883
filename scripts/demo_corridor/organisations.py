"""One organisation per real organisation across all sources, with what each source says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from yunlang.kit.text import name_key

from .classify import organisation_type
from .names import NameBook
from .places import UNKNOWN, Gazetteer, Seat
from .tables import Record, compact


@dataclass
class Entry:
    """An organisation while the sources are read."""

    name: str
    facts: Record = field(default_factory=dict)
    province: str | None = None
    aliases: list[str] = field(default_factory=list)
    labels: list[Record] = field(default_factory=list)
    attributes: list[Record] = field(default_factory=list)
    rows: dict[str, Record] = field(default_factory=dict)
    seat: Seat | None = None
    hosts: list[str] = field(default_factory=list)


class Directory:
    """The organisations by `name_key`; the first source to name one decides how its name is written."""

    def __init__(self, names: NameBook, gazetteer: Gazetteer) -> None:
        self._names = names
        self._gazetteer = gazetteer
        self._entries: dict[str, Entry] = {}

    def entry(self, name: str) -> Entry:
        """Return the entry of one mended name, made where it is new."""
        found = self._entries.setdefault(name_key(name), Entry(name))
        if name != found.name and name not in found.aliases:
            found.aliases.append(name)
        return found

    def resolve(self, written: str) -> list[Entry]:
        """Return the entries of the organisations that a source's cell names."""
        return [self.entry(name) for name in self._names.organisations(written)]

    def place(self) -> None:
        """Find every organisation's seat; a laboratory sits where its hosts do, where they all sit in one place."""
        for entry in self._entries.values():
            if entry.seat is None and not entry.hosts:
                entry.seat = self._gazetteer.seat(entry.name, entry.province)
        for entry in self._entries.values():
            if entry.seat is None:
                entry.seat = self._seat_of_hosts(entry)

    def _seat_of_hosts(self, entry: Entry) -> Seat:
        seats = [self.seat_of(host) for host in entry.hosts]
        places = {(seat.placement, seat.city): seat for seat in seats}
        if len(places) != 1:
            return UNKNOWN
        seat = seats[0]
        return replace(seat, seat="、".join(dict.fromkeys(seat.seat for seat in seats if seat.seat)) or None)

    def seat_of(self, name: str) -> Seat:
        """Return the seat found for the organisation called `name`; `place` must have run."""
        seat = self._entries[name_key(name)].seat
        if seat is None:
            raise ValueError(f"{name} has not been placed")
        return seat

    def __iter__(self) -> Iterator[Entry]:
        return iter(sorted(self._entries.values(), key=lambda entry: entry.name))


def add_row(entry: Entry, source: str, row: Record) -> None:
    """Keep the row a source has on `entry`; the first row of each source stays."""
    entry.rows.setdefault(source, compact(row))


def count_row(entry: Entry, source: str, counter: str, row: Record) -> None:
    """Keep one row per source with the number of times the source names the organisation."""
    kept = entry.rows.setdefault(source, compact(row) | {counter: 0})
    kept[counter] += 1


def organisation_record(entry: Entry) -> Record:
    """Return the organisation as the import reads it, with its seat, labels and provenance."""
    seat = entry.seat or UNKNOWN
    (source, row), *others = entry.rows.items()
    record: dict[str, Any] = {
        "name": entry.name,
        "type": entry.facts.get("type") or str(organisation_type(entry.name)),
        "city": seat.city,
        "placement": str(seat.placement),
        "placement_basis": str(seat.basis),
        "seat": seat.seat,
        "industry": entry.facts.get("industry"),
        "sector": entry.facts.get("sector"),
        "products": entry.facts.get("products"),
        "website": entry.facts.get("website"),
        "summary": entry.facts.get("summary"),
        "stock_code": entry.facts.get("stock_code"),
        "tags": entry.facts.get("tags"),
        "illustrative": entry.facts.get("illustrative"),
        "short_name_only": entry.facts.get("short_name_only") or None,
        "aliases": entry.aliases,
        "hosts": entry.hosts,
        "labels": entry.labels,
        "attributes": entry.attributes,
        "source": source,
        "source_row": row,
        "other_sources": [{"source": code, "source_row": other} for code, other in others],
    }
    return compact(record, keep=("city", "source_row"))
