"""The feed of changes that derived data follows.

A service records what it changed in its own transaction. Subscribers are woken after the commit; what a crash
keeps from waking them, a periodic sweep finds. Rows are read by transaction id: every transaction older than the
oldest one still running is complete, so a reader that remembers that bound never misses a row that commits late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from yunlang.kit.bulk import bulk_insert
from yunlang.kit.models import Change

_subscribers: list[Callable[[], None]] = []


@dataclass(frozen=True, slots=True)
class ChangedObjects:
    """What changed since a watermark, and the watermark to continue from."""

    objects: frozenset[tuple[str, UUID]]
    watermark: int


def subscribe(wake: Callable[[], None]) -> None:
    """Have `wake` called after each commit that recorded changes. Called once per process, when apps are ready."""
    if wake not in _subscribers:
        _subscribers.append(wake)


def change_record(object_kind: str, object_ids: Iterable[UUID]) -> None:
    """Record that objects changed; call it inside the transaction that changes them."""
    rows = [{"object_kind": object_kind, "object_id": object_id} for object_id in object_ids]
    if not rows:
        return
    bulk_insert(Change, rows)
    waiting = {entry[1] for entry in connection.run_on_commit}
    for wake in _subscribers:
        if wake not in waiting:
            transaction.on_commit(wake, robust=True)


def current_watermark() -> int:
    """Return the id below which every transaction has ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def oldest_change() -> int | None:
    """Return the transaction id of the oldest row kept, or None where there is none."""
    return Change.objects.order_by("transaction_id").values_list("transaction_id", flat=True).first()


def feed_reaches(watermark: int) -> bool:
    """Tell whether a reader at `watermark` can continue: nothing after it was pruned, and it is of this database."""
    oldest = oldest_change()
    return watermark <= current_watermark() and (oldest is None or watermark > oldest)


@transaction.atomic
def changes_prune(*, before: datetime) -> int:
    """Forget changes recorded before a time, all but the last of them, which marks how far the feed reaches back."""
    old = Change.objects.filter(at__lt=before)
    last = old.order_by("-transaction_id", "-id").first()
    if last is None:
        return 0
    count, _ = old.exclude(pk=last.pk).delete()
    return count


def changes_since(watermark: int) -> ChangedObjects:
    """Return everything changed by transactions from `watermark` on; a row may be seen twice, none is missed."""
    following = current_watermark()
    rows = Change.objects.filter(transaction_id__gte=watermark).values_list("object_kind", "object_id").distinct()
    return ChangedObjects(objects=frozenset(rows), watermark=following)
