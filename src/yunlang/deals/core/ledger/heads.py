"""What is published each day: the hashes of all heads that moved, under one root chained to the day before.

A published hash names no subject; whoever holds the journal of one finds its hash in the day's list. Since each root
contains the one before, and each head all entries before it, one root kept anywhere fixes everything until that day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yunlang.deals.core.ledger.canonical import VERSION, NotCanonicalError, canonical, digest, parsed
from yunlang.deals.core.ledger.entries import GENESIS, BrokenLedgerError
from yunlang.kit.language import Bilingual

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Publication:
    """The heads of one day.

    Attributes
    ----------
    day
        A day in the corridor's time zone.
    heads
        Hash of the last entry of each subject that moved since the publication before, sorted.
    previous, root
        Root of the day before, and of this day; 64 hexadecimal digits each.
    """

    day: date
    heads: tuple[str, ...]
    previous: str
    root: str


def publication_of(day: date, heads: Iterable[str], previous: str = GENESIS) -> Publication:
    """Return the publication of a day; `previous` is the root of the day before."""
    found = tuple(sorted(heads))
    return Publication(day, found, previous, _root(day, found, previous))


def _root(day: date, heads: Sequence[str], previous: str) -> str:
    return digest({"day": day, "heads": heads, "previous": previous, "version": VERSION})


def publications_verify(publications: Iterable[Publication], previous: Publication | None = None) -> Publication | None:
    """Return the last of consecutive days' publications, or `previous` where there are none.

    Raises
    ------
    BrokenLedgerError
        At the first day that is wrong or missing.
    """
    for one in publications:
        where = Bilingual(str(one.day), str(one.day))
        if previous is not None and one.day != previous.day + timedelta(days=1):
            raise BrokenLedgerError(where, Bilingual("与前一日不相连", "it is not the day after the one before"))
        if one.previous != (previous.root if previous else GENESIS):
            raise BrokenLedgerError(where, Bilingual("不接前一日的根", "it does not follow on the root before it"))
        if list(one.heads) != sorted(set(one.heads)) or one.root != _root(one.day, one.heads, one.previous):
            raise BrokenLedgerError(where, Bilingual("内容与根不符", "its heads are not what its root says"))
        previous = one
    return previous


def publication_line(one: Publication) -> bytes:
    """Return a publication as one line of a file."""
    values = {"day": one.day, "heads": one.heads, "previous": one.previous, "root": one.root, "version": VERSION}
    return canonical(values) + b"\n"


def publication_read(line: bytes) -> Publication:
    """Return the publication on a line.

    Raises
    ------
    NotCanonicalError
        When it is none.
    """
    values: Any = parsed(line.removesuffix(b"\n"))
    if not isinstance(values, dict) or values.keys() != {"day", "heads", "previous", "root", "version"}:
        raise NotCanonicalError("not a publication")
    hashes = values["heads"]
    if values["version"] != VERSION or not isinstance(hashes, list):
        raise NotCanonicalError("not a publication of this version")
    if not all(isinstance(one, str) and _HASH.fullmatch(one) for one in [*hashes, values["previous"], values["root"]]):
        raise NotCanonicalError("not a hash")
    try:
        day = date.fromisoformat(values["day"])
    except (TypeError, ValueError) as error:
        raise NotCanonicalError("not a day") from error
    return Publication(day, tuple(hashes), values["previous"], values["root"])
