"""The whole demo corridor, loaded once for all tests of this folder."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from rich.console import Console

from tests.matching.conftest import index_home
from yunlang.registry.importing.demo import demo_load

__all__ = ["index_home"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests on one worker: they share what takes long to load."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("corridor"))


@dataclass(frozen=True)
class Loading:
    """How the demo corridor was loaded: the records read, and what was said meanwhile."""

    read: int
    said: str


@pytest.fixture(scope="package")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[Loading]:
    """Load the demo corridor, and take it away again after the last test."""
    said = io.StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        read = demo_load(console=Console(file=said), language="en")
        # Constraints left for the commit are checked once here; else the end of each test would check them all again.
        connection.check_constraints()
        yield Loading(read, said.getvalue())
        transaction.set_rollback(True)
