"""Pages after the hammer: what each reader sees and may do, in both languages; the papers and the files."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.auctions.result_support import PDF, REASON, Sold
from tests.factories import make_user
from tests.pdf_reading import text_of as pdf_text
from yunlang.accounts.roles import Role
from yunlang.auctions.models import HandOver, Objection, Result

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(corridor: object) -> Sold:
    made = Sold()
    made.record()
    return made


def client_of(person: Any = None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def page_of(sold: Sold, person: Any = None, path: str = "result/") -> str:
    answer = client_of(person).get(f"/lots/{sold.lot.pk}/{path}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def winner_name(sold: Sold) -> str:
    return str(sold.lot.bidders.get(paddle="02").organisation.name)


def test_strangers_learn_the_winner_from_the_notice_and_never_the_commission(sold: Sold) -> None:
    before = page_of(sold)
    assert "12,300,000.00" in before
    assert "37.43%" in before
    assert winner_name(sold) not in before
    sold.publish()
    after = page_of(sold)
    assert winner_name(sold) in after
    assert "佣金" not in after
    assert "佣金" in page_of(sold, sold.buyer)
    assert "佣金" not in page_of(sold, sold.loser)


def test_the_office_goes_all_the_way_on_pages(sold: Sold) -> None:
    office = client_of(sold.office)
    assert "公示成交结果" in page_of(sold, sold.office)
    assert office.post(f"/lots/{sold.lot.pk}/result/publish/").status_code == 302
    result = Result.objects.get()
    assert result.status == "published"
    confirm = f"/auctions/results/{result.pk}/confirm/"
    assert "登记到账本" not in page_of(sold, sold.office)
    assert office.get(confirm).status_code == 200
    refused = office.post(confirm, {"kind": "transfer"})
    assert (refused.status_code, "异议期未满" in refused.content.decode()) == (409, True)
    assert office.post(confirm, {"kind": "award"}).status_code == 422
    Result.objects.update(published_at="2020-01-01T00:00Z", hammered_at="2020-01-01T00:00Z",
                          objections_until="2020-01-02T00:00Z")  # fmt: skip
    assert "登记到账本" in page_of(sold, sold.office)
    assert office.post(confirm, {"kind": "transfer"}).status_code == 302
    assert Result.objects.get().status == "confirmed"
    settle = office.post(f"/auctions/results/{result.pk}/settle/", follow=True)
    assert "尚未付清" in settle.content.decode()


def test_a_loser_objects_and_the_office_decides(sold: Sold) -> None:
    client_of(sold.office).post(f"/lots/{sold.lot.pk}/result/publish/")
    address = f"/lots/{sold.lot.pk}/objections/new/"
    assert "提出异议" in page_of(sold, sold.loser)
    assert client_of(sold.loser).post(address, {"grounds": "号牌 02 的出价晚于截止时间"}).status_code == 302
    objection = Objection.objects.get()
    assert "号牌 02 的出价晚于截止时间" in page_of(sold, sold.seller)
    assert "号牌 02 的出价晚于截止时间" not in page_of(sold, sold.buyer)
    decision = client_of(sold.office).post(f"/auctions/objections/{objection.pk}/", {"verdict": "upheld", **REASON})
    assert decision.status_code == 302
    assert "成交已撤销" in page_of(sold)


def test_documents_go_from_one_side_to_the_other(sold: Sold) -> None:
    result = sold.confirm()
    seller, buyer = client_of(sold.seller), client_of(sold.buyer)
    address = f"/auctions/results/{result.pk}/hand-overs/new/"
    empty = seller.post(address, {"title": "清单"})
    assert (empty.status_code, "请选择文件" in empty.content.decode()) == (422, True)
    script = SimpleUploadedFile("a.pdf", b"<script>alert(1)</script>", content_type="application/pdf")
    assert seller.post(address, {"title": "清单", "file": script}).status_code == 422
    file = SimpleUploadedFile("移交清单.pdf", PDF, content_type="text/html")
    assert seller.post(address, {"title": "清单", "file": file}).status_code == 302
    document = HandOver.objects.get()
    download = buyer.get(f"/auctions/hand-overs/{document.pk}/file/")
    assert (download.content, download["Content-Type"]) == (PDF, "application/pdf")
    assert download["Content-Disposition"].startswith("attachment")
    assert download["X-Content-Type-Options"] == "nosniff"
    assert client_of(sold.loser).get(f"/auctions/hand-overs/{document.pk}/file/").status_code == 404
    assert "待签收" in page_of(sold, sold.buyer)
    buyer.post(f"/auctions/hand-overs/{document.pk}/accept/")
    assert "已签收" in page_of(sold, sold.seller)


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "成交确认书"), ("en", "Hammerconfirmation")])
def test_each_side_takes_the_hammer_confirmation_in_its_language(sold: Sold, language: str, words: str) -> None:
    address = f"/lots/{sold.lot.pk}/confirmation.pdf?paddle=02"
    client = client_of(sold.buyer)
    client.cookies["django_language"] = language
    answer = client.get(address)
    assert answer["Content-Type"] == "application/pdf"
    read = pdf_text(answer.content)
    assert words in read
    assert "12,300,000.00" in read
    assert client_of(sold.loser).get(address).status_code == 404
    assert client_of().get(address).status_code == 302


def test_whoever_took_part_takes_the_record_of_the_sale_once_all_has_ended(sold: Sold) -> None:
    address = f"/auctions/{sold.lot.sale_id}/record.pdf"
    read = pdf_text(client_of(sold.loser).get(address).content)
    assert "拍卖笔录" in read
    assert client_of(make_user(Role.AUDITOR)).get(address).status_code == 200
    assert client_of(make_user()).get(address).status_code == 403


def test_a_journal_is_handed_out_as_a_file(sold: Sold) -> None:
    answer = client_of(sold.loser).get(f"/lots/{sold.lot.pk}/journal.jsonl")
    assert answer.content.startswith(b"{")
    assert f"lot-{sold.lot.pk}.jsonl" in answer["Content-Disposition"]
    assert client_of(make_user()).get(f"/lots/{sold.lot.pk}/journal.jsonl").status_code == 403
    assert "yunlang ledger verify" in page_of(sold, sold.loser)
    assert "yunlang ledger verify" not in page_of(sold)
