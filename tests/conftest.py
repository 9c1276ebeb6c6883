"""One embedded PostgreSQL for the whole run, one database in it per worker, one home folder per worker."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests import embedded

# A busy machine is no reason to fail; CI draws the same examples each time.
hypothesis.settings.register_profile("yunlang", deadline=None, derandomize="CI" in os.environ, max_examples=50)
hypothesis.settings.load_profile("yunlang")
ROOT = Path(__file__).resolve().parent.parent


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what `tests.settings` began."""
    embedded.end()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data that the project does not ship; skip where it is absent."""
    folder = Path(os.environ.get("YUNLANG_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip("the shared data folder is not here; set YUNLANG_SHARED to its parent")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_quickly() -> None:
    """Let the end of a test, and nothing else, empty tables whose triggers refuse it, and only those that have rows."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    DatabaseOperations.sql_flush = _flush


def _flush(operations: Any, style: Any, tables: list[str], **_: Any) -> list[str]:
    # Truncating makes new files for each table and its indices; most tables are empty and the others small.
    names = [operations.quote_name(table) for table in tables]
    filled = " UNION ALL ".join(f"SELECT {place} WHERE EXISTS (SELECT FROM {name})" for place, name in enumerate(names))
    with operations.connection.cursor() as cursor:
        cursor.execute(filled)
        rows = cursor.fetchall()
    return ["SET LOCAL session_replication_role = replica;", *(f"DELETE FROM {names[place]};" for (place,) in rows)]


@pytest.fixture
def corridor(db: None) -> dict[str, object]:
    """Return the nine cities by English name."""
    from tests.factories import make_cities

    return make_cities()
