"""Imports as others see them: how far they are, that they were killed, that they are taken up again."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import JobAborted
from procrastinate.testing import InMemoryConnector

from tests.concurrent import at_once
from tests.factories import make_cities, make_user
from tests.registry.importing.files import as_csv, begin, counts, run
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.kit.errors import InvalidError, NotAllowedError
from yunlang.kit.models import AuditEntry, Change
from yunlang.kit.tables.errors import FileTooLargeError
from yunlang.registry.importing.files import SourceFacts, file_import
from yunlang.registry.importing.kinds import import_kind
from yunlang.registry.importing.progress import batch_check
from yunlang.registry.importing.uploads import (
    TASK,
    NotRepeatableError,
    import_check,
    import_queue,
    import_retry,
    imports_sweep,
    is_repeatable,
    upload_import,
    upload_path,
)
from yunlang.registry.jobs import import_upload
from yunlang.registry.models import ImportBatch, Organisation, Provenance, Source
from yunlang.registry.selectors.imports import import_pace

HEADER = ("名称", "类型", "城市")
committed = pytest.mark.django_db(transaction=True)


def table(rows: int) -> bytes:
    return as_csv(HEADER, [(f"批量机构{number}", "企业", "湖州") for number in range(rows)])


@pytest.fixture(autouse=True)
def no_uploads_stay() -> Iterator[None]:
    yield
    for path in Path(settings.UPLOADS).glob("*"):
        path.unlink()


@pytest.fixture
def office(corridor: object) -> User:
    return make_user(Role.OFFICE, name="王主任")


def upload(actor: Any, data: bytes = table(3), **options: Any) -> ImportBatch:
    pieces = [data[:10], data[10:]] if data else []
    return import_queue(
        actor=actor,
        kind=import_kind("organisation"),
        filename="企业.csv",
        pieces=pieces,
        facts=SourceFacts(),
        **options,
    )


class Elsewhere:
    """Another connection, which sees only what is committed."""

    def __enter__(self) -> Callable[[str], Any]:
        self._connection = connection.copy()
        return self.ask

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, statement: str) -> Any:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()


@committed
def test_others_see_how_far_an_import_is_while_its_rows_are_not_there_yet() -> None:
    make_cities()
    batch = begin("organisation")
    seen: list[Any] = []
    with Elsewhere() as ask:

        def look(done: int, total: int | None) -> None:
            batch_check(batch.pk)
            state = "SELECT state, rows_done, rows_total, started_at IS NOT NULL FROM registry_importbatch"
            seen.append((done, total, *ask(state), *ask("SELECT count(*) FROM registry_organisation")))

        report = file_import(actor=SYSTEM, batch=batch, file=io.BytesIO(table(2_500)), watch=look)
        assert counts(report) == (2_500, 0, 0, 0)
        assert ask("SELECT state, rows_done, (report->>'created')::int FROM registry_importbatch") == (
            "done",
            2_500,
            2_500,
        )
    assert seen[0][:6] == (1_000, None, "running", 1_000, None, False)
    assert (0, 2_500, "running", 0, 2_500, True, 0) in seen
    assert seen[-2][:2] == (2_000, 2_500)
    assert {row[2] for row in seen} == {"running"}, "somebody who works is not interrupted"
    assert {row[-1] for row in seen} == {0}


def test_the_pace_counts_from_the_first_row() -> None:
    now = timezone.now()
    batch = ImportBatch(rows_done=2_000, rows_total=10_000, started_at=now - timedelta(seconds=4))
    pace = import_pace(batch, now)
    assert pace is not None
    assert (round(pace.rate), round(pace.seconds_left)) == (500, 16)
    assert import_pace(ImportBatch(rows_done=2_000, rows_total=None), now) is None


KILLED = """
    import io, sys
    import django
    django.setup()
    from tests.registry.importing.files import as_csv
    from yunlang.accounts.actors import SYSTEM
    from yunlang.registry.importing.files import file_import
    from yunlang.registry.models import ImportBatch

    def wait(done, total):
        if total and done >= 6_000:
            print("half way", flush=True)
            sys.stdin.readline()

    rows = [(f"批量机构{number}", "企业", "湖州") for number in range(20_000)]
    data = as_csv(("名称", "类型", "城市"), rows)
    file_import(actor=SYSTEM, batch=ImportBatch.objects.get(), file=io.BytesIO(data), watch=wait)
"""


def database_url() -> str:
    """Return the address of the database that this test uses."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


@committed
def test_a_killed_import_leaves_nothing_and_the_next_one_works() -> None:
    make_cities()
    batch = begin("organisation")
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "yunlang.config.settings"}
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED)],
        env=environment, cwd=Path(__file__).resolve().parents[3], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half way\n"
        batch.refresh_from_db()
        assert (batch.state, batch.rows_total) == ("running", 20_000)
        assert batch_check(batch.pk) is False
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    # The server ends the dead client's session, and its lock, a moment later.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_lock(hashtext('registry.import')), pg_advisory_unlock(hashtext('registry.import'))"
        )
        key = "hashtext('registry.import_batch'), hashtext(%s)"
        cursor.execute(f"SELECT pg_advisory_lock({key}), pg_advisory_unlock({key})", [str(batch.pk)] * 2)
    assert batch_check(batch.pk) is True
    batch.refresh_from_db()
    assert (batch.state, batch.report["error"]["code"]) == ("failed", "interrupted")
    for model in (Organisation, Provenance, Change, AuditEntry):
        assert not model._default_manager.exists(), model
    assert batch_check(batch.pk) is False, "it is said once"
    assert counts(run("organisation", table(2_500))[1]) == (2_500, 0, 0, 0)


@committed
def test_two_imports_at_once_take_turns() -> None:
    make_cities()

    def act() -> tuple[int, int, int, int]:
        return counts(run("organisation", table(300))[1])

    assert sorted(at_once(act, act)) == [(0, 0, 300, 0), (300, 0, 0, 0)]
    assert Organisation.objects.count() == 300
    assert set(ImportBatch.objects.values_list("state", flat=True)) == {"done"}


@pytest.mark.django_db
def test_an_upload_waits_out_of_sight_and_is_gone_once_imported(office: User) -> None:
    batch = upload(office)
    path = upload_path(batch.pk)
    assert (path.stat().st_mode & 0o777, path.parent) == (0o600, Path(settings.UPLOADS))
    assert path.read_bytes() == table(3)
    job = ProcrastinateJob.objects.get(task_name=TASK)
    assert (job.args, job.status, job.lock) == ({"batch_id": str(batch.pk)}, "todo", TASK)
    report = upload_import(batch.pk)
    assert report is not None
    assert counts(report) == (3, 0, 0, 0)
    assert not path.exists()
    batch.refresh_from_db()
    assert (batch.state, batch.started_by, batch.source and batch.source.publisher) == ("done", office, "王主任")
    assert AuditEntry.objects.get(action="table_import").actor_id == office.pk
    assert upload_import(batch.pk) is None, "what is done is not done again"


@pytest.mark.django_db
@pytest.mark.parametrize("data", [b"\x89PNG\r\n", as_csv(("a", "b"), [(1, 2)])])
def test_a_refused_upload_is_gone_too(office: User, data: bytes) -> None:
    batch = upload(office, data)
    assert upload_import(batch.pk) is None
    assert not upload_path(batch.pk).exists()
    batch.refresh_from_db()
    assert batch.state == "failed"
    assert not is_repeatable(batch)


@pytest.mark.django_db
def test_an_upload_of_one_who_may_no_longer_import_is_not_imported(office: User) -> None:
    batch = upload(office)
    User.objects.filter(pk=office.pk).update(role=Role.MEMBER)
    with pytest.raises(NotAllowedError):
        upload_import(batch.pk)
    assert not upload_path(batch.pk).exists()
    assert not Organisation.objects.exists()


@pytest.mark.django_db
def test_too_large_empty_and_forbidden_uploads_leave_no_file(office: User, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 20
    for actor, data, error in (
        (office, table(3), FileTooLargeError), (office, b"", InvalidError), (make_user(Role.AUDITOR), b"x", NotAllowedError),
    ):  # fmt: skip
        with pytest.raises(error):
            upload(actor, data)
    assert not list(Path(settings.UPLOADS).glob("*"))
    assert not ImportBatch.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name=TASK).exists()


@committed
def test_the_sweep_finds_what_was_killed_and_it_can_be_taken_up_again(office: User) -> None:
    killed, waiting, lost = (upload(office) for _ in range(3))
    ImportBatch.objects.filter(pk=killed.pk).update(state="running", rows_done=2_000, rows_total=3_000)
    ImportBatch.objects.update(created_at=timezone.now() - timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE args->>'batch_id' = %s", [str(lost.pk)])
    assert imports_sweep(at=timezone.now()) == 2
    assert imports_sweep(at=timezone.now()) == 0
    for batch in (killed, waiting, lost):
        batch.refresh_from_db()
    assert (killed.state, waiting.state, lost.state) == ("failed", "queued", "failed")
    assert is_repeatable(killed)
    assert not is_repeatable(waiting)
    with pytest.raises(NotAllowedError):
        import_retry(actor=make_user(Role.AUDITOR), batch_id=killed.pk)
    again = import_retry(actor=office, batch_id=killed.pk)
    assert (again.state, again.report, again.rows_done) == ("queued", None, 0)
    report = upload_import(killed.pk)
    assert report is not None
    assert counts(report) == (3, 0, 0, 0)
    assert Source.objects.filter(code=f"import-{killed.pk}").exists()
    with pytest.raises(NotRepeatableError):
        import_retry(actor=office, batch_id=killed.pk)


@committed
def test_a_killed_import_does_not_keep_those_behind_it_waiting(office: User) -> None:
    killed, waiting = upload(office), upload(office)
    ImportBatch.objects.filter(pk=killed.pk).update(state="running")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE args->>'batch_id' = %s", [str(killed.pk)])
    assert import_check(waiting.pk) is False
    assert import_check(killed.pk) is True
    jobs = dict(ProcrastinateJob.objects.filter(task_name=TASK).values_list("args__batch_id", "status"))
    assert (jobs[str(killed.pk)], jobs[str(waiting.pk)]) == ("failed", "todo")


@pytest.mark.django_db
def test_the_sweep_removes_files_that_nobody_waits_for(office: User) -> None:
    waiting, failed = upload(office), upload(office)
    ImportBatch.objects.filter(pk=failed.pk).update(state="failed")
    stray = Path(settings.UPLOADS) / "stray.upload"
    stray.write_bytes(b"x")
    imports_sweep(at=timezone.now())
    assert all(path.exists() for path in (upload_path(waiting.pk), upload_path(failed.pk), stray))
    long_ago = (timezone.now() - timedelta(days=2)).timestamp()
    for path in (upload_path(waiting.pk), upload_path(failed.pk), stray):
        os.utime(path, (long_ago, long_ago))
    imports_sweep(at=timezone.now())
    assert upload_path(waiting.pk).exists()
    assert not upload_path(failed.pk).exists()
    assert not stray.exists()


@pytest.mark.django_db
def test_a_worker_that_is_told_to_stop_leaves_the_import_for_the_next(office: User) -> None:
    batch = upload(office, table(300))
    stopping = SimpleNamespace(should_abort=lambda: True)
    with pytest.raises(JobAborted):
        import_upload.func(stopping, batch_id=str(batch.pk))
    batch.refresh_from_db()
    assert (batch.state, upload_path(batch.pk).exists()) == ("queued", True)
    assert not Organisation.objects.exists()
    import_upload.func(SimpleNamespace(should_abort=lambda: False), batch_id=str(batch.pk))
    assert Organisation.objects.count() == 300
    assert not upload_path(batch.pk).exists()


@committed
def test_a_worker_runs_the_job() -> None:
    make_cities()
    office = make_user(Role.OFFICE)
    with app.replace_connector(InMemoryConnector()) as queue:
        batch = upload(office)
        queue.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    batch.refresh_from_db()
    assert (batch.state, Organisation.objects.count()) == ("done", 3)
    assert not upload_path(batch.pk).exists()
