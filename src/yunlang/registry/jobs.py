"""Background work of the registry: what the clock does."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Status as JobStatus

from yunlang.kit.changes import changes_prune
from yunlang.kit.given_answers import ANSWERS_KEPT, answers_prune
from yunlang.registry.importing.uploads import TASK, imports_sweep, upload_import
from yunlang.registry.services.listings import listings_expire

log = structlog.get_logger("yunlang.registry")
CHANGES_KEPT = timedelta(days=7)


@app.periodic(cron="5 * * * *", periodic_id="registry.listings_expire")
@app.task(name="registry.listings_expire", queueing_lock="registry.listings_expire")
def expire_listings(timestamp: int) -> None:
    """Expire what has passed its last day; hourly, so that a platform that was off at midnight catches up."""
    count = listings_expire(today=timezone.localdate(), at=timezone.now())
    log.info("listings_expired", count=count)


# The lock keeps imports that wait for each other from filling the worker.
@app.task(name=TASK, lock=TASK, pass_context=True, retry=RetryStrategy(retry_exceptions={JobAborted}))
def import_upload(context: JobContext, batch_id: str) -> None:
    """Import an uploaded file; where the worker is told to stop, nothing is written and the next one starts anew."""

    def stop_when_told(done: int, total: int | None) -> None:
        if context.should_abort():
            raise JobAborted

    report = upload_import(UUID(batch_id), watch=stop_when_told, postponed_by=(JobAborted,))
    log.info("table_imported", batch=batch_id, rows=report.read if report else None)


@app.periodic(cron="* * * * *", periodic_id="registry.imports_sweep")
@app.task(name="registry.imports_sweep", queueing_lock="registry.imports_sweep")
async def sweep_imports(timestamp: int) -> None:
    """Find imports whose worker was killed, and free the queue of their jobs."""
    for job in await app.job_manager.get_stalled_jobs(task_name=TASK):
        if job.id is not None:
            await app.job_manager.finish_job_by_id_async(job.id, JobStatus.FAILED, delete_job=False)
    count = await sync_to_async(imports_sweep)(at=timezone.now())
    if count:
        log.warning("imports_interrupted", count=count)


@app.periodic(cron="35 3 * * *", periodic_id="registry.changes_prune")
@app.task(name="registry.changes_prune", queueing_lock="registry.changes_prune")
def prune_changes(timestamp: int) -> None:
    """Forget old changes, and answers that nobody asks for again."""
    changes_prune(before=timezone.now() - CHANGES_KEPT)
    answers_prune(before=timezone.now() - ANSWERS_KEPT)
