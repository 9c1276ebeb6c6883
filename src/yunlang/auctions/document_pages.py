"""Lays out the papers of a sale: blocks of text in one language, for `kit.pdf`."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from yunlang.auctions.core.amounts import minus, plus
from yunlang.auctions.core.events import CommandRefused
from yunlang.auctions.core.outcome import Award, Outcome
from yunlang.auctions.core.state import PHASES
from yunlang.auctions.core.terms import UniformPriceTerms
from yunlang.auctions.documents import HammerConfirmation, LotRecord, Proof, Sale, SaleRecord
from yunlang.auctions.event_words import Paddles, event_words, paddle_words, refusal_words
from yunlang.auctions.terms_words import Said, money_words, opening_price_words, terms_words, time_words
from yunlang.kit.language import Bilingual, Language
from yunlang.kit.money import money_capitals
from yunlang.kit.pdf.blocks import (
    Block,
    Clauses,
    Code,
    Column,
    Definitions,
    Document,
    Heading,
    Paragraph,
    Signatures,
    Table,
)

Signer = tuple[Bilingual, str]
_ZERO = Decimal("0.00")
_CONFIRMED = Bilingual(
    "下列标的在下列拍卖会上成交，拍卖人与买受人签署本确认书，以资确认。",
    "The lot below was sold in the sale below. The auction house and the buyer confirm this by signing.",
)
_CLAUSE = Bilingual("{name}：{value}。", "{name}: {value}.")
_DATE = Bilingual("日期：\u3000\u3000\u3000\u3000年\u3000\u3000月\u3000\u3000日", "Date:")
_SALE = Bilingual("拍卖会", "Sale")
_PLACE = Bilingual("地点", "Place")
_HOUSE = Bilingual("拍卖人", "Auction house")
_AUCTIONEER = Bilingual("拍卖师", "Auctioneer")
_RECORDER = Bilingual("记录人", "Recorder")
_SELLER = Bilingual("委托人", "Seller")
_BUYER = Bilingual("买受人", "Buyer")
_PADDLE = Bilingual("竞买号牌", "Paddle")
_LOT = Bilingual("标的 {number}", "Lot {number}")
_LOT_HEAD = Bilingual("标的 {number}\u3000{title}", "Lot {number}: {title}")
_PRICE = Bilingual("成交价", "Price")
_PREMIUM = Bilingual("溢价率", "Premium")
_OVER = Bilingual("较{name} {premium}%", "{premium}% over the {name}")
_SIGNING = Bilingual("签署", "Signatures")
_PROOF = Bilingual("账本与核验", "Ledger and verification")
_REFUSED = Bilingual("{count} 次，不列入下表（{reasons}）", "{count}, not in the table below ({reasons})")
_ENTRIES = Bilingual("账本条数", "Entries in the ledger")
_HEAD = Bilingual("末条哈希", "Hash of the last entry")
_VERIFY = Bilingual(
    "本标的自上拍起的每一条记录都在账本中，共 {entries} 条，逐条以 SHA-256 相连，末条哈希为：",
    "Every entry on this lot stands in the ledger from its listing on: {entries} in all, chained by SHA-256. "
    "The last one's hash is:",
)
_HOW = Bilingual(
    "任何人都可在任何一台电脑上核验导出的账本，不需要数据库；账本中改动任何一个字节，核验即不通过：",
    "Anybody can verify the exported ledger on any machine, without the database; verification fails once a single "
    "byte of it has been changed:",
)
_ALL_HOW = Bilingual(
    "各标的自上拍起的每一条记录（含未受理的请求）都在账本中，逐条以 SHA-256 相连，末条哈希见各标的。"
    "任何人都可用所列命令在任何一台电脑上核验导出的账本，不需要数据库；账本中改动任何一个字节，核验即不通过。",
    "Every entry on every lot, refused requests too, stands in the ledger from the listing on, chained by SHA-256; the "
    "last one's hash stands with each lot. Anybody can verify an exported ledger with the command given there, on any "
    "machine and without the database; verification fails once a single byte of it has been changed.",
)
_NOTE = Bilingual(
    "文中时间均为北京时间（UTC+8），精确到秒。本文件全部文字附于文件之内（content.json），其 SHA-256 印在每页页脚。",
    "All times are those of Shanghai (UTC+8), to the second. All texts of this document are attached to the file "
    "(content.json); the foot of every page has their SHA-256.",
)


def hammer_confirmation_document(paper: HammerConfirmation, language: Language) -> Document:
    """Return the hammer confirmation in one language.

    Raises
    ------
    DocumentError
        When the lot has not ended, or was not sold to this bidder.
    """
    clauses = [_CLAUSE.format(name=name, value=value).text(language) for name, value in _terms(paper.lot)]
    blocks: list[Block] = [
        Paragraph(_CONFIRMED.text(language)),
        Heading(_numbered(0, Bilingual("标的与当事人", "Lot and parties"), language)),
        _definitions(_parties(paper), language),
        Heading(_numbered(1, Bilingual("价款", "Price"), language)),
        _definitions(_prices(paper), language),
        Heading(_numbered(2, Bilingual("交易条件", "Terms"), language)),
        Clauses((*clauses, *paper.conditions)),
        Heading(_numbered(3, _PROOF, language)),
        *_proof(paper.lot.proof, language),
        Paragraph(_NOTE.text(language), is_note=True),
        Heading(_numbered(4, _SIGNING, language)),
        _signatures(_confirmation_signers(paper), language),
    ]
    title = Bilingual("成交确认书", "Hammer confirmation")
    return _document(title, paper, blocks, language)


def sale_record_document(record: SaleRecord, language: Language) -> Document:
    """Return the record of the sale in one language.

    Raises
    ------
    DocumentError
        When a lot has not ended, or a bidder has no paddle.
    """
    numbers = [lot.numbers for lot in record.lots]
    sold = [(lot, award) for lot in record.lots for award in lot.result[1].awards]
    signers = [*_officials_sign(record.sale), *(_buyer_signs(lot, award) for lot, award in sold)]
    blocks: list[Block] = [
        _definitions([*_sale_items(record.sale), *_totals(record)], language),
        _results(record.lots, language),
        Paragraph(_NOTE.text(language), is_note=True),
    ]
    for lot, paddles in zip(record.lots, numbers, strict=True):
        blocks += _lot_blocks(lot, paddles, language)
    blocks += [Heading(_PROOF.text(language)), Paragraph(_ALL_HOW.text(language))]
    blocks += [Heading(_SIGNING.text(language)), _signatures(signers, language)]
    return _document(Bilingual("拍卖笔录", "Record of the sale"), record, blocks, language)


def _document(
    title: Bilingual, paper: HammerConfirmation | SaleRecord, blocks: list[Block], language: Language
) -> Document:
    return Document(
        language=language,
        title=title.text(language),
        number=paper.number,
        issuer=paper.sale.house,
        issued_at=paper.issued_at,
        blocks=tuple(blocks),
    )


def _parties(paper: HammerConfirmation) -> list[Said]:
    lot, buyer = paper.lot, paper.lot.paddles[paper.bidder]
    return [
        *_sale_items(paper.sale),
        (_LOT.format(number=lot.number), _same(lot.title)),
        (_SELLER, _same(lot.seller)),
        (_BUYER, _same(buyer.name)),
        (_PADDLE, Bilingual(paddle_words(buyer.number).zh, buyer.number)),
        (Bilingual("落槌时间", "Hammer"), _same(time_words(paper.hammered_at))),
    ]


def _confirmation_signers(paper: HammerConfirmation) -> list[Signer]:
    return [
        (Bilingual("拍卖人（盖章）", "Auction house (seal)"), paper.sale.house),
        (Bilingual("买受人（签字或盖章）", "Buyer (signature or seal)"), paper.lot.paddles[paper.bidder].name),
        *_officials_sign(paper.sale),
    ]


def _officials_sign(sale: Sale) -> list[Signer]:
    return [
        (Bilingual("拍卖师（签字）", "Auctioneer (signature)"), sale.auctioneer),
        (Bilingual("记录人（签字）", "Recorder (signature)"), sale.recorder),
    ]


def _sale_items(sale: Sale) -> list[Said]:
    return [
        (_SALE, _same(sale.title)),
        (_PLACE, _same(sale.place)),
        (_HOUSE, _same(sale.house)),
        (_AUCTIONEER, _same(sale.auctioneer)),
        (_RECORDER, _same(sale.recorder)),
    ]


def _terms(lot: LotRecord) -> list[Said]:
    return terms_words(lot.state.terms)


def _prices(paper: HammerConfirmation) -> list[Said]:
    award = paper.award
    due = plus(award.value, paper.buyer_commission)
    net = minus(award.value, paper.seller_commission)
    units = [] if not isinstance(paper.lot.state.terms, UniformPriceTerms) else [
        (Bilingual("数量", "Units"), Bilingual(f"{award.quantity:,} 件", f"{award.quantity:,}")),
        (Bilingual("单价", "Price of each"), money_words(award.price)),
    ]  # fmt: skip
    return [
        opening_price_words(paper.lot.state.terms),
        *units,
        (_PRICE, _with_capitals(award.value)),
        (_PREMIUM, _premium(paper.lot)),
        (Bilingual("买受人佣金", "Buyer's commission"), money_words(paper.buyer_commission)),
        (Bilingual("委托人佣金", "Seller's commission"), money_words(paper.seller_commission)),
        (Bilingual("买受人应付合计", "Due from the buyer"), _with_capitals(due)),
        (Bilingual("委托人应收净额", "Due to the seller"), money_words(net)),
    ]


def _premium(lot: LotRecord) -> Bilingual:
    name, _ = opening_price_words(lot.state.terms)
    premium = lot.result[1].premium_over_starting
    name = Bilingual(name.zh, name.en.lower())
    return _same("—") if premium is None else _OVER.format(name=name, premium=f"{premium:.2f}")


def _proof(proof: Proof, language: Language) -> list[Block]:
    return [
        Paragraph(_VERIFY.format(entries=f"{proof.entries:,}").text(language)),
        Code(proof.head),
        Paragraph(_HOW.text(language)),
        Code(_command(proof)),
    ]


def _command(proof: Proof) -> str:
    return f"yunlang ledger verify {proof.file}"


def _totals(record: SaleRecord) -> list[Said]:
    first = min(lot.events[0].at for lot in record.lots)
    last = max(lot.events[-1].at for lot in record.lots)
    results = [lot.result[1] for lot in record.lots]
    sold = [one for one in results if one.is_sold]
    value = _ZERO
    for one in sold:
        value = plus(value, one.value)
    total = Bilingual("共 {lots} 项，成交 {sold} 项", "{lots} in all, {sold} sold")
    between = Bilingual("{first} 至 {last}", "{first} to {last}").format(first=time_words(first), last=time_words(last))
    return [
        (Bilingual("起止时间", "Period"), between),
        (Bilingual("标的", "Lots"), total.format(lots=f"{len(results):,}", sold=f"{len(sold):,}")),
        (Bilingual("成交总额", "Total value"), _with_capitals(value)),
    ]


def _results(lots: Iterable[LotRecord], language: Language) -> Table:
    heads = [
        (Bilingual("标的", "Lot"), 16.0), (Bilingual("名称", "Title"), None), (Bilingual("结果", "Result"), 26.0),
        (Bilingual("成交价（元）", "Price (CNY)"), 38.0), (Bilingual("号牌", "Paddle"), 22.0),
    ]  # fmt: skip
    rows = tuple(_result_row(lot, language) for lot in lots)
    columns = [Column(head.text(language), width) for head, width in heads]
    columns[3] = Column(columns[3].head, columns[3].width, "right")
    return Table(tuple(columns), rows)


def _result_row(lot: LotRecord, language: Language) -> tuple[str, ...]:
    phase, outcome = lot.result
    price = f"{outcome.value:,.2f}" if outcome.is_sold else "—"
    buyers = Bilingual("、", ", ").text(language).join(lot.paddles[award.bidder].number for award in outcome.awards)
    return lot.number, lot.title, PHASES[phase].text(language), price, buyers or "—"


def _lot_blocks(lot: LotRecord, numbers: Paddles, language: Language) -> list[Block]:
    rows = tuple(
        (str(event.sequence), time_words(event.at), _sentence(event_words(event.body, numbers).text(language)))
        for event in lot.events
        if not isinstance(event.body, CommandRefused)
    )
    columns = (
        Column(Bilingual("序号", "No.").text(language), 14, "right"),
        Column(Bilingual("时间", "Time").text(language), 36),
        Column(Bilingual("事项", "What happened").text(language)),
    )
    return [
        Heading(_LOT_HEAD.format(number=lot.number, title=lot.title).text(language)),
        _definitions(_lot_items(lot), language),
        Table(columns, rows),
    ]


def _lot_items(lot: LotRecord) -> list[Said]:
    phase, outcome = lot.result
    count, reasons = refusal_words(lot.events)
    refused = _REFUSED.format(count=f"{count:,}", reasons=reasons) if count else Bilingual("无", "none")
    bids = Bilingual("{bidders} 人，{bids} 次", "{bids}, of {bidders} bidder(s)")
    return [
        (_SELLER, _same(lot.seller)),
        *_terms(lot),
        (Bilingual("出价", "Bids"), bids.format(bidders=f"{outcome.bidders:,}", bids=f"{outcome.bids:,}")),
        (Bilingual("未受理的请求", "Refused requests"), refused),
        (Bilingual("结果", "Result"), PHASES[phase]),
        *(_sold_items(lot, outcome) if outcome.is_sold else ()),
        (_ENTRIES, _same(f"{lot.proof.entries:,}")),
        (_HEAD, _same(lot.proof.head)),
        (Bilingual("核验命令", "To verify"), _same(_command(lot.proof))),
    ]


def _sold_items(lot: LotRecord, outcome: Outcome) -> list[Said]:
    return [(_PRICE, _with_capitals(outcome.value)), (_PREMIUM, _premium(lot))]


def _buyer_signs(lot: LotRecord, award: Award) -> Signer:
    paddle = lot.paddles[award.bidder]
    said = Bilingual("买受人（签字），标的 {lot}，{paddle}", "Buyer (signature), lot {lot}, {paddle}")
    return said.format(lot=lot.number, paddle=paddle_words(paddle.number)), paddle.name


def _signatures(signers: list[Signer], language: Language) -> Signatures:
    return Signatures(tuple((who.text(language), name) for who, name in signers), _DATE.text(language))


def _definitions(items: list[Said], language: Language) -> Definitions:
    return Definitions(tuple((name.text(language), value.text(language)) for name, value in items))


def _numbered(place: int, head: Bilingual, language: Language) -> str:
    return Bilingual(f"{'一二三四五'[place]}、{head.zh}", f"{place + 1}. {head.en}").text(language)


def _with_capitals(amount: Decimal) -> Bilingual:
    said = Bilingual("{amount}\u3000（大写：{capitals}）", "{amount} ({capitals})")
    return said.format(amount=money_words(amount), capitals=money_capitals(amount))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _same(text: str) -> Bilingual:
    return Bilingual(text, text)
