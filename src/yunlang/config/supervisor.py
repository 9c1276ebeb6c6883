"""One command, several processes: start them, watch them, and end all of them whatever happens to any."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

import psutil

STOP_SECONDS = 8.0


class AlreadyRunningError(RuntimeError):
    """Another supervisor holds this home."""


@dataclass(frozen=True, slots=True)
class Command:
    """A process to keep running: a name for its log file, its command line, and what it waits for before it starts."""

    name: str
    arguments: Sequence[str]
    starts_after: threading.Event | None = None


@contextlib.contextmanager
def sole_owner(home: Path) -> Iterator[None]:
    """Hold the home's lock; the operating system frees it however this process ends.

    Raises
    ------
    AlreadyRunningError
        When another process holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunningError(str(home)) from error
        yield


def end_leftovers(home: Path) -> int:
    """End processes that a killed supervisor left running; return how many there were."""
    record = home / "children.json"
    try:
        left = json.loads(record.read_text())
    except (FileNotFoundError, ValueError):
        return 0
    ended = 0
    for pid, started in left:
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            # The start time tells our process from a stranger that was given its number since.
            if abs(psutil.Process(pid).create_time() - started) < 1:
                os.killpg(pid, signal.SIGKILL)
                ended += 1
    record.unlink()
    return ended


class Supervisor:
    """Keeps a set of processes; when one ends, or a signal comes, all end."""

    def __init__(self, home: Path, commands: Sequence[Command]) -> None:
        self.home = home
        self.commands = commands
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = threading.Event()
        self.ended_by_itself = ""
        self._logs: list[IO[bytes]] = []

    def run(self, *, when_started: Callable[[], None]) -> int:
        """Start what waits for nothing, call `when_started`, start the others when their time comes.

        Goes on until a signal or the first end of a process; returns an exit status.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_on_signal)
        try:
            self._start_due()
            when_started()
            while not self.stopping.wait(0.1):
                self._start_due()
                if ended := self._ended():
                    self.ended_by_itself = f"{ended.name} ({self.log_path(ended)})"
                    break
            return 0 if self.stopping.is_set() else 1
        finally:
            self._stop()

    def log_path(self, command: Command) -> Path:
        """Return where a process writes its log."""
        return self.home / "log" / f"{command.name}.log"

    def _ended(self) -> Command | None:
        for command in self.commands:
            if command.name in self.processes and self.processes[command.name].poll() is not None:
                return command
        return None

    def _start_due(self) -> None:
        for command in self.commands:
            if command.name not in self.processes and (command.starts_after is None or command.starts_after.is_set()):
                self._start(command)

    def _start(self, command: Command) -> None:
        path = self.log_path(command)
        path.parent.mkdir(parents=True, exist_ok=True)
        log = path.open("ab")
        self._logs.append(log)
        # A session of its own: Ctrl-C reaches only this process, which then ends the others in order.
        environment = os.environ | {"YUNLANG_PARENT": str(os.getpid())}
        process = subprocess.Popen(  # noqa: S603 - our own command lines
            command.arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, env=environment
        )
        self.processes[command.name] = process
        self._write_record()

    def _write_record(self) -> None:
        rows = []
        for process in self.processes.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                rows.append([process.pid, psutil.Process(process.pid).create_time()])
        (self.home / "children.json").write_text(json.dumps(rows))

    def _stop_on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping.set()

    def _stop(self) -> None:
        for process in reversed(self.processes.values()):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            # The group, not only the leader: a server's own workers go too.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        (self.home / "children.json").unlink(missing_ok=True)
        for log in self._logs:
            log.close()


def end_with_parent() -> None:
    """In a supervised process: end when the supervisor is gone, even when it was killed and could say nothing."""
    parent = os.environ.get("YUNLANG_PARENT")
    if parent is None:
        return

    def watch(parent_id: int) -> None:
        while os.getppid() == parent_id:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_SECONDS)
        os.killpg(os.getpgid(0), signal.SIGKILL)

    threading.Thread(target=watch, args=(int(parent),), daemon=True, name="parent-watch").start()
