"""The pages of deals and of the ledger: who sees which, what they offer, and what happens when a form is sent."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.deals.ledger_support import AT, CONTRACT, DEAL, MILESTONE, PAID, PAYMENT, Dealing, make_dealing, signed
from tests.deals.support import make_deal
from tests.deals.test_pages import buttons, press, read
from tests.factories import make_need, make_organisation, make_user, publish
from yunlang.accounts.roles import Role
from yunlang.deals.core.ledger.exports import export_verify
from yunlang.deals.ledger_models import Deal, JournalEntry, JournalHead
from yunlang.deals.ledger_publishing import heads_publish
from yunlang.kit.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]


@pytest.fixture
def dealing(corridor: object) -> Dealing:
    """Return a deal that both sides agree on."""
    return make_dealing()


def address(dealing: Dealing, rest: str = "") -> str:
    return f"/deals/{dealing.deal.pk}/{rest}"


def test_the_signed_introduction_leads_its_manager_to_the_form_and_then_to_the_deal(client: Client) -> None:
    pair = make_deal()
    introduction = signed(pair)
    page = f"/introductions/{introduction.pk}/"
    form = f"/deals/new/?introduction={introduction.pk}"
    assert form in read(client, pair.manager, page)
    assert form not in read(client, pair.needing, page)
    assert pair.resource.title in read(client, pair.manager, form)
    html = press(client, pair.manager, "/deals/new/", introduction=introduction.pk, **DEAL)
    assert "成交已记入账本。" in html
    made = Deal.objects.get()
    for person in (pair.manager, pair.needing, pair.offering):
        html = read(client, person, page)
        assert f"/deals/{made.pk}/" in html
        assert form not in html
    html = press(client, pair.manager, "/deals/new/", 409, introduction=introduction.pk, **DEAL)
    assert "已登记成交" in html


def test_what_was_typed_wrong_is_said_at_its_field_and_nothing_is_lost(client: Client) -> None:
    pair = make_deal()
    introduction = signed(pair)
    html = press(client, pair.manager, "/deals/new/", 422, introduction=introduction.pk, **DEAL | {"amount": "许多"})
    assert 'href="#field-amount"' in html
    assert DEAL["title"] in html
    assert not Deal.objects.exists()


def test_the_office_opens_a_deal_that_no_introduction_led_to(client: Client) -> None:
    office, need = make_user(Role.OFFICE), publish(make_need(make_organisation(name="甲公司")))
    make_organisation(name="乙研究院")
    assert "登记成交" in read(client, office, "/deals/")
    typed = DEAL | {"need_side": "甲公司", "offer_side": "乙研究院", "source": "need", "source_id": str(need.pk)}
    press(client, office, "/deals/new/", **typed)
    deal = Deal.objects.get()
    html = press(client, office, f"/deals/{deal.pk}/agree/")
    assert "已记录达成意向。" in html
    read(client, make_user(), "/deals/new/", 403)


def test_the_whole_way_by_forms(client: Client, dealing: Dealing) -> None:
    manager = dealing.pair.manager
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("contract/", CONTRACT, "合同已记入账本。"),
        ("milestone/", MILESTONE, "里程碑已记入账本。"),
        ("payment/", PAYMENT, "付款约定已记入账本。"),
        ("reject/", {"part": 1, "evidence": "检测报告 12"}, "已记录验收不通过。"),
        ("accept/", {"part": 1, "evidence": "检测报告 13"}, "已记录验收通过。"),
        ("pay/", {"part": 1, **PAID}, "付款已记入账本。"),
        ("amend/", {"corrects": 2, "field": "number", "value": "YL-2026-002", "reason": "笔误"}, "作为新的一条"),
        ("complete/", {}, "已记录履行完毕。"),
    ]
    for rest, typed, said in steps:
        if rest != "complete/":
            part = f"?part={typed['part']}" if "part" in typed else ""
            read(client, manager, address(dealing, rest + part))
        else:
            assert "记录履行完毕" in buttons(read(client, manager, address(dealing)))
        assert said in press(client, manager, address(dealing, rest), **typed), rest
    html = read(client, manager, address(dealing))
    assert "YL-2026-002" in html
    assert "记录履行完毕" not in buttons(html)
    assert html.count("已由第 ") == 1
    assert JournalEntry.objects.count() == 9


def test_completion_is_offered_only_once_nothing_is_open(client: Client, dealing: Dealing) -> None:
    dealing.contracted()
    assert "记录履行完毕" not in buttons(read(client, dealing.pair.manager, address(dealing)))
    html = press(client, dealing.pair.manager, address(dealing, "complete/"), 409)
    assert "里程碑未通过验收" in html


def test_an_amendment_offers_what_of_the_entry_may_be_corrected(client: Client, dealing: Dealing) -> None:
    dealing.contracted()
    html = read(client, dealing.pair.manager, address(dealing, "amend/?part=3"))
    assert 'value="due"' in html
    assert 'value="signed_on"' not in html
    assert MILESTONE["title"] in html, "what the entry says stands above the form"
    assert 'value="signed_on"' in read(client, dealing.pair.manager, address(dealing, "amend/?part=99"))


@pytest.mark.parametrize("rest", ["accept/", "accept/?part=9", "pay/?part=x", "accept/?part=99999999999"])
def test_a_milestone_or_payment_that_is_not_there_is_not_found(client: Client, dealing: Dealing, rest: str) -> None:
    dealing.contracted()
    read(client, dealing.pair.manager, address(dealing, rest), 404)


def test_each_side_reads_its_deal_and_may_change_nothing(client: Client, dealing: Dealing) -> None:
    dealing.contracted()
    for person in (dealing.pair.needing, dealing.pair.offering, make_user(Role.AUDITOR)):
        html = read(client, person, address(dealing))
        assert DEAL["title"] in html
        assert "/amend/" not in html
        assert "/accept/" not in html
        read(client, person, address(dealing, "contract/"), 403)
    for person in (make_user(), make_user(Role.MANAGER)):
        for rest in ("", "contract/", "journal.jsonl"):
            read(client, person, address(dealing, rest), 404)
    read(client, dealing.pair.office, f"/deals/{new_id()}/", 404)


def test_nobody_sees_deals_without_signing_in(client: Client, dealing: Dealing) -> None:
    for rest in ("", "journal.jsonl", "contract/"):
        assert client.get(address(dealing, rest)).status_code == 302
    assert client.get("/deals/").status_code == 302


def test_the_list_is_narrowed_by_its_facets(client: Client, dealing: Dealing) -> None:
    other = make_dealing()
    other.contracted()
    office = dealing.pair.office
    assert read(client, office, "/deals/").count('class="row-title"') == 2
    html = read(client, office, "/deals/?status=contracted&kind=licence&need_city=330500")
    assert html.count('class="row-title"') == 1
    assert f"/deals/{other.deal.pk}/" in html
    assert "没有符合这些条件的成交" in read(client, office, "/deals/?status=completed")
    assert "还没有成交" in read(client, make_user(), "/deals/")


def test_lists_and_pages_ask_no_more_with_more_rows(client: Client, dealing: Dealing) -> None:
    office = dealing.pair.office

    def asked(where: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            read(client, office, where)
        return len(queries)

    read(client, office, "/deals/")
    dealing.contracted()
    before = asked("/deals/"), asked(address(dealing))
    for _ in range(2):
        make_dealing().contracted()
        dealing.act("milestone_add", raw=MILESTONE)
    assert (asked("/deals/"), asked(address(dealing))) == before


def test_the_journal_is_handed_out_and_sound(client: Client, dealing: Dealing) -> None:
    client.force_login(dealing.pair.needing)
    response = client.get(address(dealing, "journal.jsonl"))
    assert response["Content-Disposition"] == f'attachment; filename="deal-{dealing.deal.pk}.jsonl"'
    assert export_verify(BytesIO(response.content)).entries == 1


def test_the_public_sees_counts_and_heads_and_no_deal(client: Client, dealing: Dealing) -> None:
    dealing.contracted()
    (day,) = heads_publish(at=AT + timedelta(days=1))
    html = client.get("/ledger/").content.decode()
    assert day.root in html
    assert "120 万元" in html
    assert str(dealing.deal.pk) not in html
    assert dealing.deal.need_name not in html
    head = JournalHead.objects.get().hash
    assert head.encode() in client.get("/ledger/heads.jsonl").content
    assert "公布过" in client.get(f"/ledger/?hash={head.upper()}").content.decode()
    assert "没有公布过" in client.get(f"/ledger/?hash={'a' * 64}").content.decode()
    assert "这不是 64 位" in client.get("/ledger/?hash=xyz").content.decode()
    assert "哈希已公布" in read(client, dealing.pair.needing, address(dealing))


def test_an_empty_ledger_says_so(client: Client) -> None:
    assert "还没有公布过" in client.get("/ledger/").content.decode()
