"""A sale on the running site: run as a program of its own, because the site has its own database.

    python -m tests.e2e.auction_floor --seconds 40

prints the sale, the lot and the addresses with which its bidders and auctioneer sign in, as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from tests.e2e.conftest import Site

_MODULE = "tests.e2e.auction_floor"
_PLACES = ("01", "02")


@dataclass(frozen=True)
class HouseLot:
    """A lot on the running site, and who is who."""

    sale: str
    lot: str
    bidders: dict[str, str]
    auctioneer: str


def lot_on(site: Site, *, seconds: int, extension: int = 20) -> HouseLot:
    """Put up a lot that opens at once for so many seconds, late bids extending it."""
    environment = os.environ | {"YUNLANG_HOME": str(site.home), "DJANGO_SETTINGS_MODULE": "yunlang.config.settings"}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", _MODULE, "--seconds", str(seconds), "--extension", str(extension)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return HouseLot(**json.loads(done.stdout.strip().splitlines()[-1]))


def _made(seconds: int, extension: int, password: str) -> dict[str, Any]:
    from django.db import transaction
    from django.utils import timezone

    from tests import factories
    from tests.auctions.support import make_bidder, make_lot, make_sale, yuan
    from tests.factories import make_user
    from yunlang.accounts.actors import SYSTEM
    from yunlang.accounts.roles import Role
    from yunlang.auctions import conducting
    from yunlang.auctions.core.ladder import Extension, Rung
    from yunlang.auctions.core.terms import EnglishTerms, Schedule

    now = timezone.now()
    # Every run is a program of its own: its people and organisations need names that no other run gave.
    factories._numbers = count(int(now.timestamp() * 1000))
    span = timedelta(seconds=extension)
    terms = EnglishTerms(
        schedule=Schedule(opens=now, lasts=timedelta(seconds=seconds)), starting_price=yuan("8950000"),
        ladder=(Rung(yuan("0"), yuan("50000")),), extension=Extension(span, span, timedelta(minutes=5)),
    )  # fmt: skip
    with transaction.atomic():
        auctioneer = make_user(Role.OFFICE)
        sale = make_sale(
            opens_at=now, applications_close_at=now - timedelta(hours=1), announced_at=now - timedelta(days=9)
        )
        lot = make_lot(sale, terms, title="示例：精密减速器专利包")
        conducting.lot_list(actor=SYSTEM, lot_id=lot.pk)
        people = {}
        for paddle in _PLACES:
            _, people[paddle] = make_bidder(lot, paddle)
            conducting.paddle_admit(actor=SYSTEM, lot_id=lot.pk, paddle=paddle)
        conducting.lot_tick(lot_id=lot.pk)
        for person in (auctioneer, *people.values()):
            person.set_password(password)
            person.save(update_fields=["password"])
    return {
        "sale": str(sale.pk), "lot": str(lot.pk), "auctioneer": auctioneer.email,
        "bidders": {paddle: person.email for paddle, person in people.items()},
    }  # fmt: skip


def main() -> None:
    """Make the sale in the database of the site's home."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--extension", type=int, default=20)
    asked = parser.parse_args()
    from yunlang.config import environment
    from yunlang.config.database import database_ensure

    database_ensure()
    import django

    django.setup()
    password = json.loads((environment.home() / "demo-login.json").read_text())["password"]
    print(json.dumps(_made(asked.seconds, asked.extension, password)))


if __name__ == "__main__":
    main()
