"""Uploaded files on their way into the registry: kept out of sight, for no longer than their import takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status as JobStatus

from yunlang.accounts.permissions import require
from yunlang.kit.audit import Actor
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import ImportReport, TableError, TableLimits
from yunlang.kit.tables.errors import FileTooLargeError
from yunlang.kit.tables.model import MEGABYTE
from yunlang.registry.importing.files import SourceFacts, batch_begin, file_import
from yunlang.registry.importing.kinds import ImportKind
from yunlang.registry.importing.progress import INTERRUPTED, batch_check, batch_fail
from yunlang.registry.models import ImportBatch

TASK = "registry.table_import"
# An interrupted import can be taken up again for so long.
_KEPT = timedelta(days=1)
_GRACE = timedelta(minutes=1)
_ALIVE = ("todo", "doing")
NO_FILE = Bilingual("请选择要导入的文件", "Choose the file to import")


class NotRepeatableError(ConflictError):
    """The import is not one that was interrupted, or its file is gone."""

    code = "import_not_repeatable"
    message = Bilingual(
        "这次导入不能重新开始。请重新上传文件。", "This import cannot be started again. Upload the file once more."
    )


def upload_path(batch_id: UUID) -> Path:
    """Return where a batch's file lies; the name is random, and nothing under it is ever served."""
    return Path(settings.UPLOADS) / f"{batch_id.hex}.upload"


def import_queue(
    *,
    actor: Actor,
    kind: ImportKind,
    filename: str,
    pieces: Iterable[bytes],
    facts: SourceFacts,
    all_or_nothing: bool = False,
    draft: bool = False,
) -> ImportBatch:
    """Keep an uploaded file and have it imported in the background.

    Raises
    ------
    InvalidError
        When there is no file, or drafts are wanted of a kind that knows none.
    FileTooLargeError
        When it is larger than the settings allow.
    """
    require(actor, "registry.import")
    path: Path | None = None
    try:
        with transaction.atomic():
            batch = batch_begin(
                actor=actor, kind=kind, filename=filename, facts=facts, all_or_nothing=all_or_nothing, draft=draft
            )
            path = upload_path(batch.id)
            _store(path, pieces)
            _defer(batch)
    except BaseException:
        if path is not None:
            path.unlink(missing_ok=True)
        raise
    return batch


def _store(path: Path, pieces: Iterable[bytes]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        for piece in pieces:
            size += len(piece)
            if size > settings.UPLOAD_MAX_BYTES:
                raise FileTooLargeError(limit=settings.UPLOAD_MAX_BYTES // MEGABYTE)
            stream.write(piece)
    if not size:
        raise InvalidError({"file": [NO_FILE]})


def _defer(batch: ImportBatch) -> None:
    # The jobs' module loads this one.
    from yunlang.registry.jobs import import_upload

    import_upload.defer(batch_id=str(batch.id))


@transaction.atomic
def import_retry(*, actor: Actor, batch_id: UUID) -> ImportBatch:
    """Have an interrupted import done again, from the file it was given.

    Raises
    ------
    NotRepeatableError
        When it was not interrupted, or its file is gone.
    """
    require(actor, "registry.import")
    batch = ImportBatch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise NotFoundError(what=Bilingual("导入记录", "this import"))
    if not is_repeatable(batch):
        raise NotRepeatableError
    batch.state, batch.report, batch.finished_at = ImportBatch.State.QUEUED, None, None
    batch.rows_done, batch.rows_total = 0, None
    batch.save(update_fields=["state", "report", "finished_at", "rows_done", "rows_total"])
    _defer(batch)
    return batch


def is_repeatable(batch: ImportBatch) -> bool:
    """Tell whether the import was interrupted and its file is still there."""
    return batch.state == ImportBatch.State.FAILED and batch.source_id is not None and upload_path(batch.id).exists()


def upload_import(
    batch_id: UUID,
    *,
    watch: Callable[[int, int | None], None] = lambda done, total: None,
    postponed_by: tuple[type[Exception], ...] = (),
) -> ImportReport | None:
    """Import an uploaded file on behalf of whoever uploaded it, and remove it; return None where it was refused."""
    batch = ImportBatch.objects.select_related("source", "started_by").filter(pk=batch_id).first()
    if batch is None or batch.state != ImportBatch.State.QUEUED or batch.started_by is None:
        return None
    path = upload_path(batch.id)
    if not path.exists():
        batch_fail(batch.id, NotRepeatableError.message, code=NotRepeatableError.code)
        return None
    limits = TableLimits(file_bytes=settings.UPLOAD_MAX_BYTES)
    try:
        report = file_import(
            actor=batch.started_by, batch=batch, file=path, limits=limits, watch=watch, postponed_by=postponed_by
        )
    except TableError:
        report = None
    except postponed_by:
        raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    path.unlink(missing_ok=True)
    return report


def import_check(batch_id: UUID) -> bool:
    """Mark an import as interrupted whose process is gone, and let those behind it begin; tell whether it was."""
    if not batch_check(batch_id):
        return False
    for job in ProcrastinateJob.objects.filter(task_name=TASK, status="doing", args__batch_id=str(batch_id)):
        async_to_sync(app.job_manager.finish_job_by_id_async)(job.id, JobStatus.FAILED, delete_job=False)
    return True


def imports_sweep(*, at: datetime) -> int:
    """Mark imports as interrupted whose process or job is gone, and remove files nobody waits for; count the former."""
    count = 0
    for batch in ImportBatch.objects.filter(state=ImportBatch.State.RUNNING).only("pk"):
        count += import_check(batch.pk)
    for batch in ImportBatch.objects.filter(state=ImportBatch.State.QUEUED, created_at__lt=at - _GRACE).only("pk"):
        jobs = ProcrastinateJob.objects.filter(task_name=TASK, status__in=_ALIVE, args__batch_id=str(batch.pk))
        if not jobs.exists():
            count += batch_fail(batch.pk, INTERRUPTED, code="interrupted", only_if=ImportBatch.State.QUEUED)
    _remove_old_files(at)
    return count


def _remove_old_files(at: datetime) -> None:
    waiting = ImportBatch.objects.filter(state__in=[ImportBatch.State.QUEUED, ImportBatch.State.RUNNING])
    kept = {upload_path(batch.pk) for batch in waiting.only("pk")}
    for path in Path(settings.UPLOADS).glob("*.upload"):
        if path not in kept and path.stat().st_mtime < (at - _KEPT).timestamp():
            path.unlink(missing_ok=True)
