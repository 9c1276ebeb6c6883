"""The papers of a sale say what the journal says, in both languages, and nothing that they must not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest

from tests.auctions import papers
from tests.auctions.core.selling import OPENING, SNIPE, Sale, english, lasting, seconds, steps, yuan
from tests.pdf_reading import bare, text_of
from yunlang.auctions.core import commands as c
from yunlang.auctions.core import events as e
from yunlang.auctions.core.outcome import Award, UnsoldReason
from yunlang.auctions.core.refusals import Code
from yunlang.auctions.core.terms import (
    AnyTerms,
    Criterion,
    DutchTerms,
    NegotiatedTerms,
    ReverseTerms,
    SealedTerms,
    SingleQuoteTerms,
    UniformPriceTerms,
)
from yunlang.auctions.document_pages import hammer_confirmation_document, sale_record_document
from yunlang.auctions.documents import DocumentError, LotRecord, Paddle
from yunlang.auctions.event_words import REFUSAL_LABELS, event_words, refusal_words
from yunlang.auctions.terms_words import span_words, terms_words, time_words
from yunlang.kit.language import Language
from yunlang.kit.pdf.typesetting import typeset

RESERVE = yuan("777777")
CONFIRMATION_FACTS = {
    "zh-hans": """成交确认书|云廊拍卖有限公司|YL-2026-CJ-0007|2026 长三角 G60 科创走廊科技成果拍卖会|上海市松江区|沈知远|陆明|
        标的 7|一种高温合金单晶叶片的定向凝固方法（专利权转让）|长三角先进材料研究院|杭州新材料股份有限公司|27 号|2026-05-18 10:33:20|
        增价拍卖|起拍价：8,950,000.00 元|每次加价不少于 50,000.00 元|截止前 1 分钟内有新的出价|累计顺延不超过 150 秒|
        12,300,000.00 元　（大写：人民币壹仟贰佰叁拾万元整）|较起拍价 37.43%|246,000.00 元|123,000.00 元|
        12,546,000.00 元　（大写：人民币壹仟贰佰伍拾肆万陆仟元整）|12,177,000.00 元|共 20 条|yunlang ledger verify lot-7.jsonl|
        拍卖人（盖章）|买受人（签字或盖章）|拍卖师（签字）|记录人（签字）|北京时间（UTC+8）""",
    "en": """Hammer confirmation|云廊拍卖有限公司|No. YL-2026-CJ-0007|2026 长三角 G60 科创走廊科技成果拍卖会|上海市松江区|沈知远|陆明|
        Lot 7|一种高温合金单晶叶片的定向凝固方法（专利权转让）|长三角先进材料研究院|杭州新材料股份有限公司|Paddle27|2026-05-18 10:33:20|
        English auction|Starting price: CNY 8,950,000.00|each bid at least CNY 50,000.00|a bid in the last 1 minute|
        by 150 seconds at most|CNY 12,300,000.00 (人民币壹仟贰佰叁拾万元整)|37.43% over the starting price|CNY 246,000.00|
        CNY 123,000.00|CNY 12,546,000.00 (人民币壹仟贰佰伍拾肆万陆仟元整)|CNY 12,177,000.00|20 in all|
        yunlang ledger verify lot-7.jsonl|Auction house (seal)|Buyer (signature or seal)|Auctioneer (signature)|Shanghai (UTC+8)""",
}
RECORD_FACTS = {
    "zh-hans": """拍卖笔录|YL-2026-BL-0001|2026-05-18 10:00:00 至 2026-05-18 10:33:20|共 3 项，成交 2 项|
        12,660,000.00 元　（大写：人民币壹仟贰佰陆拾陆万元整）|工业废水零排放成套技术（普通许可）|量子随机数芯片样片|3 人，5 次|
        3 次，不列入下表（未达加价幅度 1 次；超过时间 1 次；已领先 1 次）|82026-05-18 10:00:04 12 号出价 8,950,000.00 元|
        10:00:30 8 号委托代为出价，最高 11,000,000.00 元；现价 9,550,000.00 元，8 号领先|
        10:01:00 暂停，事由：核对竞买人身份|10:01:35 恢复，截止时间 2026-05-18 10:05:35|
        10:05:00 因截止前有出价，自动延时，截止时间 2026-05-18 10:06:00|10:05:10 延时，事由：应竞买人请求，截止时间 2026-05-18 10:08:00|
        10:33:20 落槌：27 号以 12,300,000.00 元成交|流拍：无人出价|8 号出价 150,000.00 元（每件），2 件|
        落槌：8 号以 120,000.00 元成交（每件），2 件；33 号以 120,000.00 元成交|买受人（签字），标的 9，33 号|苏州生物医药有限公司|
        yunlang ledger verify lot-8.jsonl""",
    "en": """Record of the sale|YL-2026-BL-0001|2026-05-18 10:00:00 to 2026-05-18 10:33:20|3 in all, 2 sold|CNY 12,660,000.00|
        5, of 3 bidder(s)|3, not in the table below (less than one increment up: 1; too late: 1; against the own leading bid: 1)|
        10:00:04 Paddle 12 bids CNY 8,950,000.00|10:00:30 Paddle 8 names a proxy bid of CNY 11,000,000.00 at most|
        10:01:00 Paused: 核对竞买人身份|10:01:35 Resumed, closes 2026-05-18 10:05:35|10:05:00 A late bid extends the time|
        10:05:10 The time is extended: 应竞买人请求, closes 2026-05-18 10:08:00|Hammer: sold to paddle 27 at CNY 12,300,000.00|
        Not sold: nobody bid|sold to paddle 8 at CNY 120,000.00 each for 2 unit(s); sold to paddle 33|
        Buyer (signature), lot 9, paddle 33|yunlang ledger verify lot-8.jsonl""",
}


def missing(facts: str, pdf: bytes, *more: str) -> list[str]:
    read = text_of(pdf)
    return [fact for fact in (*facts.split("|"), *more) if bare(fact) not in read]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_confirmation_says_who_bought_what_for_how_much_on_which_terms(language: Language) -> None:
    made = typeset(hammer_confirmation_document(papers.confirmation(), language))
    more = (*papers.CONDITIONS, papers.bid_war().proof.head, made.content_sha256)
    assert missing(CONFIRMATION_FACTS[language], made.pdf, *more) == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_record_tells_all_that_happened_to_every_lot(language: Language) -> None:
    record = papers.record()
    made = typeset(sale_record_document(record, language))
    more = (*(lot.proof.head for lot in record.lots), *(lot.title for lot in record.lots), made.content_sha256)
    assert missing(RECORD_FACTS[language], made.pdf, *more) == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_equal_papers_are_equal_files(language: Language) -> None:
    first, second = (typeset(hammer_confirmation_document(papers.confirmation(), language)) for _ in range(2))
    assert first == second
    later = papers.confirmation(issued_at=papers.ISSUED + timedelta(seconds=1))
    assert typeset(hammer_confirmation_document(later, language)).pdf_sha256 != first.pdf_sha256


def test_a_winner_of_several_units_pays_for_all_of_them() -> None:
    paper = papers.confirmation(lot=papers.units(), bidder="c", buyer_commission=yuan("0"), seller_commission=yuan("0"))
    pairs = [
        item
        for block in hammer_confirmation_document(paper, "zh-hans").blocks
        if block.kind == "definitions"
        for item in block.items
    ]
    said = dict(pairs)
    assert (said["数量"], said["单价"]) == ("2 件", "120,000.00 元")
    assert said["成交价"] == said["买受人应付合计"] == "240,000.00 元\u3000（大写：人民币贰拾肆万元整）"


def test_a_record_of_five_thousand_bids_has_every_one_of_them() -> None:
    made = typeset(sale_record_document(papers.record(papers.long_sale(5000)), "zh-hans"))
    (table,) = [
        block for block in json.loads(made.content)["blocks"] if block["kind"] == "table" and len(block["rows"]) > 1
    ]
    bids = [row for row in table["rows"] if "号出价" in row[2]]
    assert len(bids) == 5000
    assert bids[-1][2] == "27 号出价 50,990.00 元；现价 50,990.00 元，27 号领先"


HOSTILE = "{bidder} <b>#x[$y$]</b> \u202e*z* 😀 "


def test_hostile_names_stand_in_the_record_as_they_are() -> None:
    lot = papers.bid_war()
    paddles = {bidder: Paddle(f"{{{paddle.number}}}", HOSTILE + paddle.name) for bidder, paddle in lot.paddles.items()}
    hostile = replace(lot, title=HOSTILE * 20, seller=HOSTILE, paddles=paddles)
    sale = replace(papers.FACTS, title=HOSTILE, house=HOSTILE, place=HOSTILE)
    made = typeset(sale_record_document(replace(papers.record(hostile), sale=sale), "zh-hans"))
    shown = bare("{bidder} <b>#x[$y$]</b> 〔U+202E〕*z* 〔U+1F600〕")
    read = text_of(made.pdf)
    assert shown * 20 in read
    assert read.count(shown) >= 46
    assert bare("落槌：{27} 号以 12,300,000.00 元成交") in read


def test_nothing_is_issued_for_a_lot_that_has_not_ended_or_went_to_somebody_else() -> None:
    running = papers.lot("1", "x", Sale(english()))
    for make in (
        lambda: papers.confirmation(lot=running),
        lambda: papers.confirmation(bidder="a"),
        lambda: papers.confirmation(lot=papers.unwanted()),
        lambda: papers.confirmation(seller_commission=yuan("12300000.01")),
        lambda: papers.confirmation(buyer_commission=Decimal("1.001")),
        lambda: sale_record_document(papers.record(running), "en"),
        lambda: sale_record_document(papers.record(replace(papers.bid_war(), paddles={})), "en"),
    ):
        with pytest.raises(DocumentError):
            make()


def test_an_annulled_sale_has_a_record_and_no_confirmation() -> None:
    sale = Sale(english())
    sale.do(papers.bid("a", "100"), 1)
    sale.do(c.Tick(), 400)
    sale.do(c.Annul("竞买人串通"), 500)
    lot = papers.lot("3", "x", sale)
    with pytest.raises(DocumentError):
        papers.confirmation(lot=lot, bidder="a")
    read = text_of(typeset(sale_record_document(papers.record(lot), "zh-hans")).pdf)
    assert "落槌：12号以100.00元成交" in read
    assert "撤销，事由：竞买人串通" in read
    assert "共1项，成交0项" in read


MOMENT = OPENING
BODIES: list[Any] = [
    e.Listed(english()), e.BidderAdmitted("a"), e.BidderBarred("a", "弃权"), e.BidderScored("a", "服务", yuan("95")),
    e.BiddingOpened(None, None), e.BidPlaced("a", yuan("5"), quantity=3), e.BidRetracted("a", 9), e.BidSealed("a", "0f" * 32, ""),
    e.BidRevealed("a", yuan("5"), "n"), e.BidVoided("a"), e.Proposed("a", c.Side.SELLER, yuan("5")),
    e.ProposalWithdrawn("a", c.Side.BUYER), e.ClockExtended(MOMENT, None), e.Paused("x"), e.Resumed(None, None),
    e.BiddingClosed(MOMENT), e.Hammered((Award("a", yuan("5")),)), e.PassedIn(UnsoldReason.NO_BIDS), e.Annulled("x"),
    e.CommandRefused(Code.LATE, {}),
]  # fmt: skip


def test_every_kind_of_event_has_its_words() -> None:
    assert {type(body) for body in BODIES} == set(get_args(e.Body))
    said = [event_words(body, {"a": "12"}) for body in BODIES]
    assert len({one.zh for one in said}) == len({one.en for one in said}) == len(BODIES)
    for body, one in zip(BODIES, said, strict=True):
        assert "{" not in one.zh + one.en
        assert ("12 号" in one.zh and "paddle 12" in one.en) == (
            "a" in (getattr(body, "bidder", ""), *(getattr(x, "bidder", "") for x in getattr(body, "awards", ())))
        )


def test_a_bidder_without_a_paddle_is_no_word() -> None:
    with pytest.raises(KeyError):
        event_words(e.BidderAdmitted("b"), {"a": "12"})


def test_every_reason_to_refuse_has_a_label_and_reasons_are_counted() -> None:
    assert set(REFUSAL_LABELS) == set(Code)
    bodies = [e.CommandRefused(code, {}) for code in (Code.LATE, Code.PAUSED, Code.LATE)] + [e.BidderAdmitted("a")]
    events = [e.Event("lot", place, MOMENT, body) for place, body in enumerate(bodies, 1)]
    count, said = refusal_words(events)
    assert (count, said.zh, said.en) == (3, "超过时间 2 次；暂停之中 1 次", "too late: 2; paused: 1")


PRICED = {"starting_price": yuan("500000"), "reserve": RESERVE}
TERMS: list[tuple[AnyTerms, str]] = [
    (english("500000", "1", reserve=RESERVE, extension=SNIPE), "延时"),
    (SingleQuoteTerms(**PRICED), "单一报价"),
    (NegotiatedTerms(**PRICED), "挂牌价"),
    (SealedTerms(**PRICED, pays="second", schedule=lasting(60)), "出价最高者按次高出价成交"),
    (DutchTerms(starting_price=yuan("900000"), floor=RESERVE, step=yuan("1"), interval=seconds(90)), "每 90 秒 降 1.00 元"),
    (ReverseTerms(ceiling=yuan("500000"), decrement=yuan("1"), price_weight=yuan("60"), criteria=(Criterion("服务", yuan("40")),)), "价格 60.00%；服务 40.00%"),
    (UniformPriceTerms(**PRICED, units=4, clears_at="highest_rejected"), "统一按最高落标价成交"),
]  # fmt: skip


@pytest.mark.parametrize(("terms", "said"), TERMS)
def test_terms_in_words_never_tell_the_reserve(terms: AnyTerms, said: str) -> None:
    words = terms_words(terms)
    text = "".join(name.zh + value.zh + name.en + value.en for name, value in words)
    assert said in text
    assert "777,777" not in text
    assert "{" not in text


def test_spans_and_times_as_people_say_them() -> None:
    spans = [span_words(seconds(count)) for count in (3600, 120, 90, 1, 86400)]
    assert [one.zh for one in spans] == ["1 小时", "2 分钟", "90 秒", "1 秒", "24 小时"]
    assert [one.en for one in spans] == ["1 hour", "2 minutes", "90 seconds", "1 second", "24 hours"]
    assert time_words(OPENING + timedelta(hours=14, microseconds=999_999)) == "2026-05-19 00:00:00"


def test_a_ladder_of_several_rungs_is_told_rung_by_rung() -> None:
    ladder = (*steps("10"), replace(steps("50")[0], start=yuan("1000")))
    (said,) = [value for name, value in terms_words(english(ladder=ladder)) if name.zh == "加价幅度"]
    assert said.zh == "每次加价不少于 10.00 元；价格达 1,000.00 元 起，不少于 50.00 元"


def test_a_lot_is_what_its_events_make_of_it() -> None:
    lot: LotRecord = papers.bid_war()
    phase, outcome = lot.result
    assert (str(phase), outcome.price, outcome.premium_over_starting) == ("sold", yuan("12300000"), Decimal("37.43"))
