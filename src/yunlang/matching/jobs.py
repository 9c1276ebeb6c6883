"""Background work of matching."""

from __future__ import annotations

from typing import Any

import structlog
from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone
from procrastinate import JobContext, exceptions
from procrastinate.contrib.django import app
from procrastinate.jobs import Status as JobStatus

from yunlang.matching.batches import batch_run
from yunlang.matching.core.errors import BusyIndexError, MovedIndexError, SearchIndexError, SearchServerError
from yunlang.matching.services import index_rebuild, index_update, labels_follow, vectors_fill, vectors_missing

log = structlog.get_logger("yunlang.matching")

UPDATE, FILL = "matching.index_update", "matching.vectors_fill"
BATCH, BATCH_FULL = "matching.batch", "matching.batch_full"
# Publications come in flocks: what comes within this time is matched at once.
SETTLED_SECONDS = 20


# No lock: the database's own orders updates, and a killed worker's job would hold one on.
@app.task(name=UPDATE, queueing_lock=UPDATE, priority=10)
def update_index() -> None:
    """Bring the index in step, or build it anew where there is none to go on from; then have vectors made."""
    try:
        changed = index_update()
    except (MovedIndexError, SearchServerError) as error:
        log.info("index_update_postponed", reason=error.text.en)
        return
    except SearchIndexError as error:
        log.warning("index_rebuilding", reason=error.text.en)
        _rebuild()
        return
    if changed:
        log.info("index_updated", records=changed)
    if vectors_missing():
        wake_vectors()
    elif changed:
        wake_batch()


def _rebuild() -> None:
    try:
        index = index_rebuild(at=timezone.now())
    except BusyIndexError:
        log.info("index_built_by_another")
        return
    log.info("index_rebuilt", documents=index.count)
    wake_vectors()
    if not vectors_missing():
        wake_batch()


@app.task(name=FILL, queueing_lock=FILL, lock=FILL, pass_context=True)
def fill_vectors(context: JobContext) -> None:
    """Encode what has no vector yet, until the worker is told to stop."""
    try:
        made = vectors_fill(keep_going=lambda: not context.should_abort())
    except SearchIndexError as error:
        # Whoever builds the index has its vectors made.
        log.info("vectors_postponed", reason=error.text.en)
        return
    if made:
        log.info("vectors_made", count=made)
    if made and not vectors_missing():
        wake_batch()


# Last of all: whoever publishes waits for the index, nobody for this.
@app.task(name=BATCH, queueing_lock=BATCH, lock=BATCH, priority=-10, pass_context=True)
def match_all(context: JobContext) -> None:
    """Bring all needs' stored matches up to date; what a stop leaves is done by the next."""
    _match(context, full=False)


# In the corridor's small hours; the clock of these is UTC.
@app.periodic(cron="30 18 * * *", periodic_id="matching.batch_full")
@app.task(name=BATCH_FULL, queueing_lock=BATCH_FULL, lock=BATCH, priority=-10, pass_context=True)
def match_all_anew(context: JobContext, timestamp: int) -> None:
    """Rank all needs anew, so that no list stays for longer than a day what only following changes made of it."""
    _match(context, full=True)


def _match(context: JobContext, *, full: bool) -> None:
    try:
        report = batch_run(full=full, keep_going=lambda: not context.should_abort())
    except SearchIndexError as error:
        # Whoever builds the index has its needs matched.
        log.info("batch_postponed", reason=error.text.en)
        return
    run = report.run
    log.info("needs_matched", anew=run.anew, merged=run.merged, same=run.same, closed=report.closed)


@app.periodic(cron="* * * * *", periodic_id="matching.sweep")
@app.task(name="matching.sweep", queueing_lock="matching.sweep")
async def sweep(timestamp: int) -> None:
    """Find changes whose job was never deferred because the process died, and free the queue of jobs left by one."""
    for name in (UPDATE, FILL, BATCH, BATCH_FULL):
        for job in await app.job_manager.get_stalled_jobs(task_name=name):
            if job.id is not None:
                await app.job_manager.finish_job_by_id_async(job.id, JobStatus.FAILED, delete_job=False)
    await sync_to_async(wake)()


# The clock of these is UTC: soon after the corridor's midnight.
@app.periodic(cron="10 16 * * *", periodic_id="matching.labels_follow")
@app.task(name="matching.labels_follow", queueing_lock="matching.labels_follow")
def follow_labels(timestamp: int) -> None:
    """Have the index notice labels that began or ended."""
    count = labels_follow(today=timezone.localdate())
    if count:
        log.info("labels_followed", organisations=count)


def wake() -> None:
    """Have the index brought in step soon; one such job waits at a time."""
    _defer(update_index)


def wake_vectors() -> None:
    """Have missing vectors made soon."""
    _defer(fill_vectors)


def wake_batch() -> None:
    """Have all needs matched once publications have settled; one such job waits at a time."""
    _defer(match_all.configure(schedule_in={"seconds": SETTLED_SECONDS}))


def _defer(task: Any) -> None:
    try:
        # A savepoint: that the job waits already must not spoil the transaction around.
        with transaction.atomic():
            task.defer()
    except exceptions.AlreadyEnqueued:
        log.debug("already_enqueued", task=getattr(task, "name", BATCH))
