"""What people are told: written by any room, the same to the same person once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from yunlang.accounts.models import Notice
from yunlang.kit.language import Bilingual

_phrases: dict[str, Bilingual] = {}
_urgent: set[str] = set()
# Letters that one job sends: many enough to share a connection, few enough that several workers share a flood.
_LETTERS_PER_JOB = 50


@dataclass(frozen=True, slots=True)
class NewNotice:
    """Something to tell one person.

    Attributes
    ----------
    recipient_id
        The account.
    key
        Tells one notice of a kind from another: the same key never reaches the same person twice.
    payload
        Values of the kind's phrase.
    address
        Path of the page that it is about, from ``/`` on.
    """

    recipient_id: UUID
    key: str
    payload: Mapping[str, Any]
    address: str


def notice_kind_register(kind: str, phrase: Bilingual, *, urgent: bool = False) -> None:
    """Declare a kind of notice with its phrase, whose ``{placeholders}`` the payload fills. Called when apps are ready.

    What is urgent leaves in a letter of its own at once; the rest waits for the daily letter.

    Raises
    ------
    ValueError
        When another phrase stands under that name.
    """
    if _phrases.setdefault(kind, phrase) != phrase:
        raise ValueError(f"two kinds of notices are named {kind}")
    if urgent:
        _urgent.add(kind)


def notice_text(notice: Notice) -> Bilingual:
    """Return what a notice says; one of a kind that no room declares any more shows its values."""
    phrase = _phrases.get(notice.kind)
    if phrase is None:
        plain = " · ".join(str(value) for value in notice.payload.values())
        return Bilingual(plain, plain)
    return phrase.format(**notice.payload)


def notices_write(kind: str, notices: Iterable[NewNotice]) -> None:
    """Tell people; call it inside the transaction of what happened. Who was told the same before is not told again.

    Raises
    ------
    LookupError
        When no room declares the kind.
    """
    if kind not in _phrases:
        raise LookupError(kind)
    rows = [
        Notice(recipient_id=one.recipient_id, kind=kind, key=one.key, payload=dict(one.payload), address=one.address)
        for one in notices
    ]
    # In one order everywhere, so that two workers that tell the same people wait for each other and never in a ring.
    rows.sort(key=lambda row: (row.recipient_id, row.key))
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
    if kind in _urgent:
        _send_at_once([row.pk for row in rows])


def _send_at_once(notice_ids: list[UUID]) -> None:
    """Have letters sent by a job that exists only if the transaction around ends well."""
    # The jobs' module loads this one.
    from yunlang.accounts.jobs import send_urgent

    # Who was told the same before has no row by this id.
    new = [str(pk) for pk in Notice.objects.filter(pk__in=notice_ids).values_list("pk", flat=True)]
    for start in range(0, len(new), _LETTERS_PER_JOB):
        send_urgent.defer(notice_ids=new[start : start + _LETTERS_PER_JOB])


def notices_of(actor: Any) -> QuerySet[Notice]:
    """Return everything the actor was told, the latest first."""
    return Notice.objects.filter(recipient_id=actor.actor_id).order_by("-created_at", "-id")


def unread_count(actor: Any) -> int:
    """Return how many notices the actor has not read."""
    return Notice.objects.filter(recipient_id=actor.actor_id, read_at=None).count()
