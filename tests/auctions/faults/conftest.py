"""One house for all fault runs; each begins with everything running."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.auctions.faults.house import House


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these runs on one worker, the one that drives the browsers: each takes all of a processor it can get."""
    for item in items:
        if "/faults/" in str(item.path):
            item.add_marker(pytest.mark.xdist_group("site"))


@pytest.fixture(scope="package")
def opened(django_db_blocker: Any) -> Iterator[House]:
    """Return a house with people in it."""
    home = Path(tempfile.mkdtemp(prefix="yunlang-faults-"))
    home.chmod(0o755)
    with django_db_blocker.unblock():
        house = House(home)
        try:
            house.open()
            yield house
        finally:
            house.close()
            shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def house(opened: House) -> Iterator[House]:
    """Return a house in which everything runs."""
    opened.mend()
    with opened.connected():
        yield opened
