"""The demo's deals: made up, marked as such, in every state, and sound."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from rich.console import Console

from tests.factories import CITIES, make_need, make_organisation, make_user, publish
from yunlang.accounts.roles import Role
from yunlang.deals.demo import deals_prepare
from yunlang.deals.ledger_models import DayHead, Deal, JournalEntry, Payment
from yunlang.deals.ledger_publishing import ledger_check
from yunlang.indicators.link_selectors import city_links, link_editions
from yunlang.registry.models import Need, Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]


def prepare() -> int:
    manager = make_user(Role.MANAGER)
    return deals_prepare(manager=manager, console=Console(file=io.StringIO()), language="zh-hans")


@pytest.fixture
def needs(corridor: object) -> None:
    """Make up seven needs of seven organisations in seven cities."""
    for adcode, *_ in CITIES[:7]:
        publish(make_need(make_organisation(city=adcode)))
    Organisation.objects.update(illustrative=True)
    Need.objects.update(illustrative=True)


@pytest.mark.usefixtures("needs")
def test_six_deals_stand_in_all_states_and_the_ledger_is_sound(client: Client) -> None:
    assert prepare() == 6
    assert sorted(Deal.objects.values_list("status", flat=True)) == [
        "agreed", "completed", "contracted", "draft", "performing", "terminated",
    ]  # fmt: skip
    assert JournalEntry.objects.filter(kind="amended").count() == 1
    assert set(Payment.objects.values_list("status", flat=True)) == {"due", "paid", "refunded"}
    check = ledger_check()
    assert (check.subjects, check.days) == (6, DayHead.objects.count())
    assert DayHead.objects.count() in (75, 76)
    assert all(deal.illustrative for deal in Deal.objects.all())
    client.force_login(make_user(Role.OFFICE))
    assert client.get("/deals/").content.decode().count("badge-sample") == 6
    latest = link_editions("deal")
    assert sum(city_links("deal", one.period).matrix.values.sum() for one in latest if len(one.period) == 4) == 4
    assert prepare() == 0, "they are recorded once"


def test_real_organisations_are_given_no_deals() -> None:
    for _ in "12":
        publish(make_need())
    assert prepare() == 0
    assert not Deal.objects.exists()
