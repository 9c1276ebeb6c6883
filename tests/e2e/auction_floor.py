"""A sale on the running site: run as a program of its own, because the site has its own database.

    python -m tests.e2e.auction_floor put-up 40

prints the sale, the lot and the addresses with which its bidders and auctioneer sign in, as JSON; `open LOT` opens it.
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
from uuid import UUID

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


def lot_on(site: Site, *, seconds: int) -> HouseLot:
    """Put up a lot that lasts so many seconds once it is opened, and as long again after each bid."""
    return HouseLot(**json.loads(_run(site, "put-up", str(seconds))))


def lot_opened(site: Site, house: HouseLot) -> None:
    """Open a lot for bids: only now, so that it does not matter how long people took to come in."""
    _run(site, "open", house.lot)


def _run(site: Site, *arguments: str) -> str:
    environment = os.environ | {"YUNLANG_HOME": str(site.home), "DJANGO_SETTINGS_MODULE": "yunlang.config.settings"}
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", _MODULE, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip().splitlines()[-1]


def _put_up(seconds: int, password: str) -> dict[str, Any]:
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
    span = timedelta(seconds=seconds)
    terms = EnglishTerms(
        schedule=Schedule(lasts=span), starting_price=yuan("8950000"),
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
        for person in (auctioneer, *people.values()):
            person.set_password(password)
            person.save(update_fields=["password"])
    return {
        "sale": str(sale.pk), "lot": str(lot.pk), "auctioneer": auctioneer.email,
        "bidders": {paddle: person.email for paddle, person in people.items()},
    }  # fmt: skip


def main() -> None:
    """Do it in the database of the site's home."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["put-up", "open"])
    parser.add_argument("value")
    asked = parser.parse_args()
    from yunlang.config import environment
    from yunlang.config.database import database_ensure

    database_ensure()
    import django

    django.setup()
    if asked.what == "open":
        from yunlang.accounts.actors import SYSTEM
        from yunlang.auctions.conducting import lot_open

        print(lot_open(actor=SYSTEM, lot_id=UUID(asked.value)).state.phase)
        return
    password = json.loads((environment.home() / "demo-login.json").read_text())["password"]
    print(json.dumps(_put_up(int(asked.value), password)))


if __name__ == "__main__":
    main()
