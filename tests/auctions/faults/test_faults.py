"""Fifty people bid while things are killed, doubled, held up and filled: no bid is lost, none counts twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.auctions.faults.auditor import audit, kinds
from tests.auctions.faults.house import House
from tests.auctions.faults.servers import eventually


def test_a_web_server_is_killed(house: House, tmp_path: Path) -> None:
    web, _ = house.webs
    lot = house.lot()
    with house.crowd(lot, web) as crowd:
        eventually(crowd.has_taken(), "bids are taken")
        web.kill()
        web.start()
        eventually(crowd.has_taken(), "bids are taken again")
    house.hammer(lot)
    audit(lot, crowd.sent, tmp_path)
