"""The process has one watched clock: what one test had it read is no earlier reading of the next one's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from yunlang.auctions.clock import server_time


@pytest.fixture(autouse=True)
def _clock_begins_anew() -> Iterator[None]:
    server_time.accept()
    yield
    server_time.accept()
