"""Jobs: woken once and only by what was committed, run by a worker, and never in the way of what comes after."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.testing import InMemoryConnector

from tests.factories import make_cities, make_need, make_organisation, make_resource, publish
from tests.matching.conftest import RecordingEncoder, forget_engine
from yunlang.kit.changes import change_record
from yunlang.kit.ids import new_id
from yunlang.matching import engine, jobs, services
from yunlang.matching.core.errors import BusyIndexError, MovedIndexError
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.core.query import Query
from yunlang.matching.jobs import (
    BATCH,
    FILL,
    UPDATE,
    fill_vectors,
    follow_labels,
    match_all,
    match_all_anew,
    sweep,
    wake,
    wake_vectors,
)
from yunlang.matching.models import MatchRun, StoredMatch
from yunlang.matching.selectors import match
from yunlang.matching.services import index_rebuild
from yunlang.registry.models import OrganisationLabel

pytestmark = pytest.mark.usefixtures("no_jobs")
Build = Callable[..., SearchIndex]
PATIENCE = 60.0


def waiting(name: str) -> int:
    return ProcrastinateJob.objects.filter(task_name=name, status="todo").count()


def found(words: str) -> list[str]:
    return [hit.document.title for hit in match(Query(title=words), Filters(kinds=("achievement", "need"))).hits]


# Waking


def test_a_commit_wakes_one_job_whatever_it_changed_and_however_often() -> None:
    for _ in range(3):
        with transaction.atomic():
            change_record("need", [new_id(), new_id()])
            change_record("resource", [new_id()])
            assert waiting(UPDATE) in (0, 1)
    assert waiting(UPDATE) == 1
    job = ProcrastinateJob.objects.get(task_name=UPDATE)
    assert (job.queueing_lock, job.priority, job.lock) == (UPDATE, 10, None)


def test_nothing_is_woken_before_the_commit_nor_by_what_is_undone() -> None:
    with transaction.atomic():
        change_record("need", [new_id()])
        assert waiting(UPDATE) == 0
    assert waiting(UPDATE) == 1
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    with transaction.atomic():
        change_record("need", [new_id()])
        transaction.set_rollback(True)
    assert waiting(UPDATE) == 0


def test_waking_what_waits_does_not_spoil_the_transaction_around() -> None:
    wake()
    with transaction.atomic():
        wake()
        wake_vectors()
        wake_vectors()
        organisation = make_organisation(city="")
    organisation.refresh_from_db()
    assert (waiting(UPDATE), waiting(FILL)) == (1, 1)


# Running


def _is_due(job: Any) -> bool:
    return job["status"] == "todo" and (job["scheduled_at"] is None or job["scheduled_at"] <= timezone.now())


class Worker:
    """A worker on a queue in memory, to be run until nothing waits."""

    def __init__(self) -> None:
        self.connector = InMemoryConnector()

    def run(self) -> None:
        """Work until nothing in the queue is due, with what jobs put into it."""
        while any(_is_due(job) for job in self.connector.jobs.values()):
            app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

    def ended(self, name: str) -> list[str]:
        """Return how jobs of a task ended."""
        return [str(job["status"]) for job in self.connector.jobs.values() if job["task_name"] == name]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """Return a worker to which all jobs go, and none by the clock."""
    made = Worker()
    monkeypatch.setattr(app.periodic_registry, "periodic_tasks", {})
    with app.replace_connector(made.connector):
        yield made


@pytest.fixture
def corridor_now(transactional_db: None) -> None:
    """Have the nine cities, committed."""
    make_cities()


def test_a_publication_is_found_once_the_worker_ran_and_gets_its_vector(
    corridor_now: None, build: Build, worker: Worker, encoder: RecordingEncoder
) -> None:
    build()
    publish(make_resource(title="碳化硅外延设备"))
    worker.run()
    assert found("碳化硅外延") == ["碳化硅外延设备"]
    assert not match(Query(title="碳化硅")).degraded
    assert encoder.asked == ["碳化硅外延设备"]
    assert worker.ended(UPDATE) == ["succeeded"]
    assert worker.ended(FILL) == ["succeeded"]


def test_the_sweep_finds_a_change_that_woke_nobody(
    corridor_now: None, build: Build, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    with monkeypatch.context() as dead:
        dead.setattr("yunlang.kit.changes._subscribers", [])
        publish(make_need(title="没有叫醒任何人"))
    worker.run()
    assert found("叫醒") == []
    sweep.defer(timestamp=0)
    worker.run()
    assert found("叫醒") == ["没有叫醒任何人"]


@pytest.mark.parametrize("state", ["missing", "outdated"])
def test_an_index_that_cannot_go_on_is_built_anew(
    corridor_now: None, build: Build, worker: Worker, index_home: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    publish(make_need(title="早已发布"))
    if state == "missing":
        forget_engine()
    else:
        build()
        engine.store().build([], watermark=10**12, built_at=timezone.now())
    wake()
    worker.run()
    assert found("发布") == ["早已发布"]
    assert not match(Query(title="发布")).degraded
    assert worker.ended(UPDATE) == ["succeeded"]


@pytest.mark.parametrize("error", [BusyIndexError, MovedIndexError])
def test_a_job_that_meets_another_builder_leaves_it_to_the_next(
    corridor_now: None, worker: Worker, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise error

    current = engine.store().home / "CURRENT"
    before = current.read_bytes() if current.exists() else None
    target = "index_rebuild" if error is BusyIndexError else "index_update"
    monkeypatch.setattr(jobs, target, refused)
    wake()
    worker.run()
    assert worker.ended(UPDATE) == ["succeeded"]
    assert (current.read_bytes() if current.exists() else None) == before


def test_without_an_index_no_vectors_are_made(corridor_now: None, worker: Worker) -> None:
    wake_vectors()
    worker.run()
    assert worker.ended(FILL) == ["succeeded"]


def test_filling_stops_when_the_worker_does(corridor_now: None, build: Build) -> None:
    publish(make_need())
    build(vectors=False)
    before = services.vectors_missing()
    fill_vectors.func(SimpleNamespace(should_abort=lambda: True))
    assert services.vectors_missing() == before > 0
    fill_vectors.func(SimpleNamespace(should_abort=lambda: False))
    assert services.vectors_missing() == 0


def test_turned_labels_are_followed(corridor_now: None, build: Build, worker: Worker) -> None:
    organisation = make_organisation()
    build()
    OrganisationLabel.objects.create(
        organisation=organisation, label="listed", valid_from=timezone.localdate(), valid_until=timezone.localdate()
    )
    follow_labels.defer(timestamp=0)
    worker.run()
    (document,) = engine.store().open().documents([str(organisation.pk)]).values()
    assert document.labels == ("listed",)


def test_an_update_that_fails_is_tried_again_by_the_sweep(
    corridor_now: None, build: Build, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    with monkeypatch.context() as broken:
        broken.setattr(services, "documents_of", lambda *_, **__: 1 / 0)
        publish(make_need(title="第二次才成"))
        worker.run()
    assert worker.ended(UPDATE) == ["failed"]
    sweep.defer(timestamp=0)
    worker.run()
    assert found("第二次") == ["第二次才成"]


def test_publications_that_come_together_are_matched_once_with_every_need(
    corridor_now: None, build: Build, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    need = publish(make_need(title="高镍三元电解液"))
    publish(make_resource(title="高镍三元电解液配方"))
    publish(make_resource(title="碳化硅外延设备"))
    worker.run()
    assert worker.ended(BATCH) == ["todo"]
    assert not StoredMatch.objects.exists()
    for job in worker.connector.jobs.values():
        job["scheduled_at"] = None
    worker.run()
    assert worker.ended(BATCH) == ["succeeded"]
    assert StoredMatch.objects.filter(need=need).count() == 2


def test_each_night_all_needs_are_ranked_anew(corridor_now: None, build: Build, worker: Worker) -> None:
    publish(make_need())
    build()
    for _ in range(2):
        match_all_anew.defer(timestamp=0)
        worker.run()
    assert list(MatchRun.objects.values_list("full", "anew")) == [(True, 1), (True, 1)]


def test_without_an_index_no_needs_are_matched(corridor_now: None, worker: Worker, index_home: Path) -> None:
    match_all.defer()
    worker.run()
    assert worker.ended(BATCH) == ["succeeded"]
    assert not StoredMatch.objects.exists()


def test_the_sweep_frees_what_a_killed_worker_left(corridor_now: None, build: Build) -> None:
    """A job left running holds its lock for ever, and with it every later one."""
    build()
    wake_vectors()
    wake()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    wake_vectors()
    asyncio.run(_swept())
    states = ProcrastinateJob.objects.order_by("id").values_list("task_name", "status")
    assert list(states) == [(FILL, "failed"), (UPDATE, "failed"), (FILL, "todo"), (UPDATE, "todo")]


async def _swept() -> None:
    with app.replace_connector(app.connector.get_worker_connector()):
        async with app.open_async():
            await sweep.func(timestamp=0)
            await sync_to_async(lambda: connection.close())()


# For real: another process, PostgreSQL between the two, the encoder that ships


@contextmanager
def real_worker(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``yunlang worker`` on the test's database until the block ends."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = os.environ | {
        "DATABASE_URL": address.geturl(), "YUNLANG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "yunlang.config.settings",
    }  # fmt: skip
    with (home / "worker.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "yunlang", "worker"], env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_until(ready: Callable[[], Any], process: subprocess.Popen[bytes], home: Path) -> float:
    """Return the seconds until `ready`, which a living worker must bring about."""
    begun = time.monotonic()
    while not ready():
        assert process.poll() is None, (home / "worker.log").read_text()
        assert time.monotonic() - begun < PATIENCE, (home / "worker.log").read_text()
        connection.close()
    return time.monotonic() - begun


def test_a_real_worker_makes_a_publication_searchable_in_seconds(
    corridor_now: None, index_home: Path, record_property: Callable[[str, object], None]
) -> None:
    home = index_home.parent
    publish(make_resource(title="高镍三元电解液"))
    index_rebuild(at=timezone.now())
    need = make_need(title="量子密钥分发终端")
    with real_worker(home) as process:
        wait_until(lambda: services.vectors_missing() == 0 and not waiting(UPDATE), process, home)
        publish(need)
        seconds = wait_until(lambda: need.title in found("量子密钥分发"), process, home)
        wait_until(lambda: not match(Query(title="量子密钥")).degraded, process, home)
    record_property("seconds_until_searchable", seconds)
    assert process.returncode == 0
    shutil.rmtree(index_home)
