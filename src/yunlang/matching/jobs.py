"""Background work of matching."""

from __future__ import annotations

import structlog
from procrastinate import exceptions
from procrastinate.contrib.django import app

from yunlang.matching.core.errors import SearchIndexError
from yunlang.matching.services import index_is_usable, index_update, vectors_fill

log = structlog.get_logger("yunlang.matching")


@app.task(name="matching.index_update", queueing_lock="matching.index_update", lock="matching.index_update", priority=10)
def update_index() -> None:
    """Bring the index in step; then have missing vectors made."""
    try:
        changed = index_update()
    except SearchIndexError as error:
        # The next start, or `yunlang matching reindex`, rebuilds it; retrying here would not.
        log.warning("index_update_impossible", reason=error.text.en)
        return
    if changed:
        log.info("index_updated", records=changed)
        wake_vectors()


@app.task(name="matching.vectors_fill", queueing_lock="matching.vectors_fill", lock="matching.vectors_fill")
def fill_vectors() -> None:
    """Encode what has no vector yet."""
    if index_is_usable():
        made = vectors_fill()
        if made:
            log.info("vectors_made", count=made)


@app.periodic(cron="* * * * *", periodic_id="matching.sweep")
@app.task(name="matching.sweep", queueing_lock="matching.sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Find changes whose job was never deferred because the process died right after its commit."""
    wake()


def wake() -> None:
    """Have the index brought in step soon; one such job waits at a time."""
    _defer(update_index)


def wake_vectors() -> None:
    """Have missing vectors made soon."""
    _defer(fill_vectors)


def _defer(task: object) -> None:
    try:
        task.defer()  # type: ignore[attr-defined]
    except exceptions.AlreadyEnqueued:
        log.debug("already_enqueued")
