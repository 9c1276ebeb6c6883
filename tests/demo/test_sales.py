"""The demo's sales, over the whole demo corridor: made by the services, their journals verify."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rich.console import Console

from tests.demo.conftest import Loading
from tests.factories import make_user
from yunlang.auctions.bidding import bid_place
from yunlang.auctions.core import engine
from yunlang.auctions.core.deposits import DepositStatus
from yunlang.auctions.core.state import Phase
from yunlang.auctions.demo import sales_prepare
from yunlang.auctions.lot_states import LOT, events_of
from yunlang.auctions.models import Deposit, Lot, Sale, Standing
from yunlang.deals.core.ledger.entries import chain_verify
from yunlang.deals.journal import entries_of, journal_rows
from yunlang.registry.importing.demo import demo_membership

pytestmark = pytest.mark.django_db


def test_the_sales_of_the_demo_can_be_read_bid_in_and_verified(demo: Loading, client: Client) -> None:
    enterprise = make_user()
    demo_membership(enterprise)
    console = Console(file=io.StringIO())
    assert sales_prepare(console=console, language="en") == 3
    assert sales_prepare(console=console, language="en") == 0
    assert set(Sale.objects.values_list("illustrative", "status")) == {(True, "closed"), (True, "announced")}
    phases = list(Standing.objects.order_by("phase").values_list("phase", flat=True))
    assert phases == [Phase.OPEN, *[Phase.SCHEDULED] * 4, *[Phase.SOLD] * 3]
    for lot in Lot.objects.all():
        chain_verify(entries_of(journal_rows(LOT, lot.pk)))
        assert engine.replayed(events_of(journal_rows(LOT, lot.pk))).phase == lot.standing.phase
        assert lot.seller.illustrative
    assert set(Deposit.objects.filter(bidder__lot__standing__phase=Phase.SOLD).values_list("status", flat=True)) == {
        DepositStatus.HELD, DepositStatus.REFUNDED,
    }  # fmt: skip
    opened = Lot.objects.get(standing__phase=Phase.OPEN)
    bid = bid_place(
        actor=enterprise, lot_id=opened.pk, key="own", amount=opened.standing.price + 10_000,
        clock=lambda: timezone.now() + timedelta(seconds=1),
    )  # fmt: skip
    assert bid.is_accepted
    for sale in Sale.objects.all():
        assert "示例" in client.get(f"/auctions/{sale.pk}/").content.decode()
