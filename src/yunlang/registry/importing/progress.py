"""How far an import is, shown to others while its transaction runs; and whether it still runs at all.

Both go over a connection of their own: what the import's transaction writes nobody else sees before it ends, and the
lock that this connection holds is free the moment the process dies, however it dies.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from yunlang.kit.language import Bilingual
from yunlang.registry.models import ImportBatch

_EVERY_SECONDS = 0.5
_LOCK = "(hashtext('registry.import_batch'), hashtext(%s))"
INTERRUPTED = Bilingual(
    "导入中断：服务停止或重启。没有写入任何数据，可以重新导入。",
    "The import was interrupted: the service stopped or restarted. Nothing was written; import it again.",
)


class BatchProgress:
    """Marks a batch as running, and writes how far it is, twice a second at most."""

    def __init__(self, batch: ImportBatch) -> None:
        self._batch_id = batch.id
        self._connection: BaseDatabaseWrapper = connection.copy()
        self._written_at = 0.0

    def __enter__(self) -> BatchProgress:
        self._execute(f"SELECT pg_advisory_lock{_LOCK}", [str(self._batch_id)])
        self._set("state = %s, rows_done = 0, rows_total = NULL, started_at = NULL", ImportBatch.State.RUNNING)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Where connections are pooled, closing alone would keep the lock.
        try:
            self._execute(f"SELECT pg_advisory_unlock{_LOCK}", [str(self._batch_id)])
        finally:
            self._connection.close()

    def begin(self, total: int) -> None:
        """Say that the file is read, and how many rows follow."""
        self._set("rows_done = 0, rows_total = %s, started_at = %s", total, timezone.now())

    def done(self, rows: int) -> None:
        """Say how many rows are read, or imported."""
        now = time.monotonic()
        if now - self._written_at >= _EVERY_SECONDS:
            self._written_at = now
            self._set("rows_done = %s", rows)

    def _set(self, assignments: str, *values: Any) -> None:
        table = ImportBatch._meta.db_table
        self._execute(f"UPDATE {table} SET {assignments} WHERE id = %s", [*values, self._batch_id])  # noqa: S608

    def _execute(self, statement: str, values: list[Any]) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)


@transaction.atomic
def batch_check(batch_id: UUID) -> bool:
    """Mark a batch as interrupted whose process is gone; tell whether it was."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock{_LOCK}", [str(batch_id)])
        (is_free,) = cursor.fetchone()
    # Whoever ends an import by himself says so before he lets go of the lock.
    return is_free and batch_fail(batch_id, INTERRUPTED, code="interrupted", only_if=ImportBatch.State.RUNNING)


def batch_fail(batch_id: UUID, reason: Bilingual, *, code: str, only_if: str | None = None) -> bool:
    """Record why nothing of a file was imported; tell whether the batch was in the state `only_if`."""
    batches = ImportBatch.objects.filter(pk=batch_id, **({"state": only_if} if only_if else {}))
    report = {"error": {"code": code, "zh": reason.zh, "en": reason.en}}
    return bool(batches.update(state=ImportBatch.State.FAILED, report=report, finished_at=timezone.now()))
