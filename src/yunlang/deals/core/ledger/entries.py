"""Entries of a journal, each chained to the one before it by its hash.

An entry's hash is the SHA-256 of the canonical JSON of everything else in it, the previous entry's hash included. The
first entry of a subject follows on `GENESIS`. Nothing is ever changed: a correction is a further entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from yunlang.deals.core.ledger.canonical import (
    VERSION,
    NotCanonicalError,
    moment_of,
    moment_text,
    plain,
    plain_digest,
)
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

GENESIS = "0" * 64
_HASH = re.compile(r"[0-9a-f]{64}")
_KEYS = {"actor", "at", "hash", "kind", "payload", "previous", "sequence", "subject", "version"}


class BrokenLedgerError(DomainError):
    """A journal that is not what was written.

    Attributes
    ----------
    where
        The first line, entry or day that is wrong.
    why
        What is wrong with it.
    """

    code = "ledger_broken"
    message = Bilingual("账本已被改动：{where}：{why}", "The ledger was altered. {where}: {why}")
    status = 422

    def __init__(self, where: Bilingual, why: Bilingual) -> None:
        self.where, self.why = where, why
        super().__init__(where=where, why=why)


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What a journal is about: a deal, or a lot of an auction."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a subject.

    Attributes
    ----------
    sequence
        1 for the first entry of the subject, then without gaps.
    kind
        What happened, e.g. ``payment_paid``.
    payload
        The particulars, plain (see `canonical.plain`).
    actor
        Who did it, by name.
    at
        When, in UTC.
    previous, hash
        64 hexadecimal digits each.
    """

    subject: Subject
    sequence: int
    kind: str
    payload: Mapping[str, Any]
    actor: str
    at: datetime
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a subject: what the next one follows on."""

    sequence: int = 0
    hash: str = GENESIS


def entry_after(
    head: Head, subject: Subject, *, kind: str, payload: Mapping[str, Any], actor: str, at: datetime
) -> Entry:
    """Return the entry that follows on `head`.

    Raises
    ------
    NotCanonicalError
        When the payload holds what canonical JSON does not have.
    """
    unsealed = Entry(subject, head.sequence + 1, kind, plain(payload), actor, at, head.hash, "")
    return replace(unsealed, hash=entry_hash(unsealed))


def entry_hash(entry: Entry) -> str:
    """Return the hash that an entry ought to carry."""
    return plain_digest(_hashed(entry))


def _hashed(entry: Entry) -> dict[str, Any]:
    return {
        "actor": entry.actor, "at": moment_text(entry.at), "kind": entry.kind, "payload": entry.payload,
        "previous": entry.previous, "sequence": entry.sequence, "subject": [entry.subject.kind, entry.subject.id],
        "version": VERSION,
    }  # fmt: skip


def entry_values(entry: Entry) -> dict[str, Any]:
    """Return an entry as an export writes it."""
    return _hashed(entry) | {"hash": entry.hash}


def entry_of(values: Any) -> Entry:
    """Return the entry that `entry_values` wrote.

    Raises
    ------
    NotCanonicalError
        When something is missing, strange, or of another type.
    """
    if not isinstance(values, dict) or values.keys() != _KEYS or values["version"] != VERSION:
        raise NotCanonicalError("not an entry of this version")
    subject, sequence = values["subject"], values["sequence"]
    texts = [values["kind"], values["actor"], values["at"], values["previous"], values["hash"]]
    if not (isinstance(subject, list) and len(subject) == 2):
        raise NotCanonicalError("a subject is its kind and its id")
    if not all(isinstance(text, str) for text in [*subject, *texts]) or not isinstance(values["payload"], dict):
        raise NotCanonicalError("a value of another type")
    if type(sequence) is not int or sequence < 1 or not all(map(_HASH.fullmatch, texts[-2:])):
        raise NotCanonicalError("not a place in a chain")
    return Entry(
        Subject(*subject), sequence, values["kind"], values["payload"], values["actor"], moment_of(values["at"]),
        values["previous"], values["hash"],
    )  # fmt: skip


def follow(head: Head, entry: Entry) -> Head:
    """Return the head after `entry`, which has to follow on `head` and be what its hash says.

    Raises
    ------
    BrokenLedgerError
        Naming the entry and what is wrong with it.
    """
    if entry.sequence != head.sequence + 1:
        why = Bilingual("应为第 {expected} 条，有缺、重或乱序", "entry {expected} should stand here")
        raise BrokenLedgerError(_where(entry), why.format(expected=head.sequence + 1))
    if entry.previous != head.hash:
        raise BrokenLedgerError(
            _where(entry), Bilingual("不接前一条的哈希", "it does not follow on the hash before it")
        )
    if entry.hash != entry_hash(entry):
        raise BrokenLedgerError(_where(entry), Bilingual("内容与哈希不符", "its content is not what its hash says"))
    return Head(entry.sequence, entry.hash)


def _where(entry: Entry) -> Bilingual:
    where = Bilingual("{subject} 第 {sequence} 条", "{subject}, entry {sequence}")
    return where.format(subject=entry.subject, sequence=entry.sequence)


def chain_verify(entries: Iterable[Entry]) -> Head:
    """Return the head of one subject's entries, from the first on.

    Raises
    ------
    BrokenLedgerError
        At the first entry that is wrong, one of another subject included.
    """
    head, subject = Head(), None
    for entry in entries:
        if subject is not None and entry.subject != subject:
            where = Bilingual(str(entry.subject), str(entry.subject))
            raise BrokenLedgerError(where, Bilingual("属于另一个对象", "it belongs to another subject"))
        subject, head = entry.subject, follow(head, entry)
    return head
