"""The pages of sales: who sees which, what they offer, and what happens when a form is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.auctions.sale_support import SALE, Sales, lot_typed
from tests.auctions.test_sales import FORMS, REASON
from tests.deals.test_pages import press, read
from tests.factories import make_organisation, make_user
from yunlang.accounts.roles import Role
from yunlang.auctions.application_services import application_approve
from yunlang.auctions.models import Bidder, Deposit, Lot, Sale
from yunlang.auctions.sale_services import sale_withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]
NOW = timezone.localtime()


def local(days: float) -> str:
    return f"{NOW + timedelta(days=days):%Y-%m-%d %H:%M}"


COMING = SALE | {"applications_close_at": local(9), "opens_at": local(10)}


class Coming(Sales):
    """A sale that pages, which go by the real clock, show as open for applications."""

    typed = COMING
    now = NOW


@pytest.fixture
def coming(corridor: object) -> Coming:
    return Coming()


def test_the_office_takes_a_sale_from_the_form_to_the_announcement(client: Client) -> None:
    office, seller = make_user(Role.OFFICE), make_organisation()
    assert "/auctions/new/" in read(client, office, "/auctions/")
    html = press(client, office, "/auctions/new/", 422, **COMING | {"opens_at": "下周"})
    assert 'href="#field-opens_at"' in html
    assert 'value="下周"' in html
    press(client, office, "/auctions/new/", **COMING)
    sale = Sale.objects.get()
    catalogue = f"/auctions/{sale.pk}/"
    assert "目录里还没有拍品" in read(client, office, catalogue)
    read(client, make_user(), catalogue, 404)
    assert f"{catalogue}lots/new/dutch/" in read(client, office, f"{catalogue}lots/new/")
    for number, (form, values) in enumerate(FORMS.items(), 1):
        raw = lot_typed(seller.name, number=str(number), opens=local(10), **{"starting_price": "100", **values})
        raw |= {"ladder": values.get("ladder", "0 1")}
        press(client, office, f"{catalogue}lots/new/{form}/", **raw)
    assert [one.form for one in Lot.objects.order_by("number")] == list(FORMS)
    english = Lot.objects.get(form="english")
    assert f'value="{local(10)}"' in read(client, office, f"/lots/{english.pk}/edit/")
    press(client, office, f"/lots/{english.pk}/edit/", 422, **lot_typed(seller.name, ladder="5 1"))
    press(client, office, f"/lots/{Lot.objects.get(form='dutch').pk}/remove/")
    leader = make_user()
    press(client, office, f"{catalogue}auctioneer/", email=leader.email)
    assert "各拍品的条件从此不变" in press(client, office, f"{catalogue}announce/")
    html = read(client, make_user(), catalogue)
    assert all(f"/lots/{one.pk}/" in html for one in Lot.objects.all())
    assert "announce" not in html
    assert "已公告" in read(client, make_user(), "/auctions/?status=announced")
    assert "没有符合这些条件" in read(client, make_user(), "/auctions/?status=closed")


def test_what_was_entered_is_shown_again_by_the_edit_form(client: Client) -> None:
    sales = Coming(announced=False)
    before = sales.lot.terms
    address = f"/auctions/{sales.sale.pk}/"
    read(client, sales.office, f"{address}edit/")
    press(client, sales.office, f"{address}edit/", **COMING | {"title": "改名的拍卖会"})
    assert "改名的拍卖会" in read(client, sales.office, address)
    html = read(client, sales.office, f"/lots/{sales.lot.pk}/edit/")
    assert "0 50000" in html
    assert f'value="{sales.seller.name}"' in html
    sales.lot.refresh_from_db()
    assert sales.lot.terms == before


def test_a_visitor_reads_a_lot_but_never_its_reserve(client: Client) -> None:
    sales = Coming(reserve="12345678.90")
    html = client.get(f"/lots/{sales.lot.pk}/").content.decode()
    for words in ("8,950,000.00 元", "设有保留价，不公开", "50 万元", sales.seller.name, "要报名竞买，请先登录"):
        assert words in html
    for form in ("12345678", "12,345,678", "1,234.57"):
        assert form not in html
    english = Client(headers={"accept-language": "en"})
    english.cookies["django_language"] = "en"
    assert "increment" in english.get(f"/lots/{sales.lot.pk}/").content.decode().lower()


def test_an_application_from_the_form_to_the_paddle(client: Client, coming: Coming, settings: Any) -> None:
    settings.DEPOSIT_ACCOUNT = "示例银行 6222"
    member = make_user()
    lot = f"/lots/{coming.lot.pk}/"
    assert "登记机构" in read(client, member, lot)
    own, other = make_organisation(owner=member), make_organisation(owner=member)
    assert f"{lot}apply/" in read(client, member, lot)
    press(client, member, f"{lot}apply/", 422, statement="用于产线")
    html = press(client, member, f"{lot}apply/", organisation=own.pk, statement="用于产线")
    assert "您的报名：待审核" in html
    bidder = Bidder.objects.get()
    table = f"/auctions/{coming.sale.pk}/applications/"
    assert own.name in read(client, coming.office, table)
    read(client, member, table, 403)
    press(client, member, f"/applications/{bidder.pk}/approve/", 403)
    press(client, coming.office, f"/applications/{bidder.pk}/approve/")
    deposit = Deposit.objects.get()
    html = read(client, member, lot)
    for words in ("号牌 01", "示例银行 6222", deposit.reference, "500,000.00"):
        assert words in html
    assert deposit.reference not in read(client, make_user(), lot)
    receipt = {"amount": "1", "received_on": f"{NOW:%Y-%m-%d}", "slip": "S-1"}
    html = press(client, coming.office, f"/deposits/{deposit.pk}/confirm/", 409, **receipt)
    assert "金额不符" in html
    assert 'value="S-1"' in html
    press(client, coming.office, f"/deposits/{deposit.pk}/confirm/", **receipt | {"amount": "50万"})
    assert "已具竞买资格" in read(client, member, lot)
    html = press(client, member, f"{lot}apply/", organisation=other.pk)
    press(client, coming.office, f"/applications/{Bidder.objects.latest('created_at').pk}/reject/", reason="重复报名")
    assert "重复报名" in read(client, member, lot)
    press(client, member, f"/applications/{bidder.pk}/withdraw/")
    assert "待退" in read(client, coming.office, "/auctions/deposits/?status=refund_due")
    press(client, coming.office, f"/deposits/{deposit.pk}/refund/", slip="R-1")
    assert "R-1" in read(client, make_user(Role.AUDITOR), f"/auctions/deposits/?q={deposit.reference}")
    read(client, member, "/auctions/deposits/", 403)


def test_without_an_account_the_page_says_so_instead_of_inventing_one(
    client: Client, coming: Coming, settings: Any
) -> None:
    settings.DEPOSIT_ACCOUNT = ""
    bidder = coming.approved()
    assert "收款账户尚未设置" in read(client, bidder.applied_by, f"/lots/{coming.lot.pk}/")
    assert "YUNLANG_DEPOSIT_ACCOUNT" in read(client, coming.office, "/auctions/deposits/")


def test_a_banks_statement_confirms_what_fits_and_says_of_the_rest_why_not(client: Client, coming: Coming) -> None:
    paid, short = coming.approved(), coming.approved()
    references = [Deposit.objects.get(bidder=one).reference for one in (paid, short)]
    wrong = references[0][:-1] + str((int(references[0][-1]) + 1) % 10)
    today = f"{NOW:%Y-%m-%d}"
    lines = ["交易日期,贷方发生额(元),交易流水号,附言"]
    remarks = (("500000.00", f"保证金 {references[0]}"), ("499999", references[1]), ("500000", wrong), ("8.00", "货款"))
    lines += [f"{today},{amount},S-{number},{remark}" for number, (amount, remark) in enumerate(remarks)]
    address = "/auctions/deposits/statement/"
    read(client, paid.applied_by, address, 403)
    read(client, coming.office, address)
    assert "请选择文件" in press(client, coming.office, address, 422)
    file = SimpleUploadedFile("流水.csv", "\n".join(lines).encode())
    html = press(client, coming.office, address, file=file)
    for words in ("确认 1 笔", "金额不符", "校验码不符", "没有保证金编号"):
        assert words in html
    assert dict(Deposit.objects.values_list("bidder", "status")) == {paid.pk: "held", short.pk: "due"}
    again = SimpleUploadedFile("流水.csv", "\n".join(lines).encode())
    html = press(client, coming.office, address, file=again)
    assert "确认 0 笔" in html
    assert "此前已确认" in html


def test_a_sale_and_a_lot_are_withdrawn_with_a_reason(client: Client, coming: Coming) -> None:
    press(client, coming.office, f"/lots/{coming.lot.pk}/withdraw/", 422)
    press(client, coming.office, f"/lots/{coming.lot.pk}/withdraw/", **REASON)
    assert "已撤销" in read(client, make_user(), f"/lots/{coming.lot.pk}/")
    sale_withdraw(actor=coming.office, sale_id=coming.sale.pk, raw=REASON)
    assert "权属有争议" in read(client, make_user(), f"/auctions/{coming.sale.pk}/")


def test_the_pages_ask_as_often_for_many_rows_as_for_few(client: Client) -> None:
    sales = Coming(announced=False)
    few = queries(client, sales)
    for number in range(2, 6):
        sales.add(number)
    sales.announce()
    for lot in Lot.objects.all():
        bidder = sales.apply(lot_id=lot.pk)
        application_approve(actor=sales.office, bidder_id=bidder.pk)
    many = queries(client, sales)
    assert all(more <= less + 2 for less, more in zip(few, many, strict=True)), (few, many)


def queries(client: Client, sales: Sales) -> list[int]:
    counts = []
    address = f"/auctions/{sales.sale.pk}/"
    for page in ("/auctions/", address, f"{address}applications/", "/auctions/deposits/"):
        read(client, sales.office, page)
        with CaptureQueriesContext(connection) as captured:
            read(client, sales.office, page)
        counts.append(len(captured))
    return counts
