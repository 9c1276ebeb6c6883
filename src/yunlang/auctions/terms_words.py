"""The terms of a lot in words. The reserve is the seller's secret and never among them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from yunlang.auctions.core.formats.known import FORM_LABELS
from yunlang.auctions.core.ladder import Extension, Rung
from yunlang.auctions.core.moments import SECOND
from yunlang.auctions.core.terms import (
    AnyTerms,
    DutchTerms,
    EnglishTerms,
    NegotiatedTerms,
    ReverseTerms,
    SealedTerms,
    UniformPriceTerms,
)
from yunlang.kit.language import Bilingual

Said = tuple[Bilingual, Bilingual]
CLOCK = ZoneInfo("Asia/Shanghai")
_UNITS = ((3600, "小时", "hour"), (60, "分钟", "minute"), (1, "秒", "second"))
_FORM = Bilingual("交易方式", "Form of sale")
_EXTENSION = Bilingual("延时", "Extension")
_PAYS = {
    "first": Bilingual("出价最高者按其出价成交", "the highest bidder pays the own bid"),
    "second": Bilingual("出价最高者按次高出价成交", "the highest bidder pays the second-highest bid"),
}
_CLEARS = {
    "lowest_accepted": Bilingual("统一按最低中标价成交", "all pay the lowest bid that gets a unit"),
    "highest_rejected": Bilingual("统一按最高落标价成交", "all pay the highest bid that gets none"),
}


def money_words(amount: Decimal) -> Bilingual:
    """Return an amount to the cent: 12,300,000.00 元."""
    return Bilingual(f"{amount:,.2f} 元", f"CNY {amount:,.2f}")


def time_words(moment: datetime) -> str:
    """Return a time in China to the second; what is less is dropped, so that no time is said before it was."""
    return moment.astimezone(UTC).astimezone(CLOCK).strftime("%Y-%m-%d %H:%M:%S")


def span_words(span: timedelta) -> Bilingual:
    """Return a span of whole seconds in the largest unit that measures it."""
    seconds = span // SECOND
    size, zh, en = next(unit for unit in _UNITS if seconds % unit[0] == 0)
    count = seconds // size
    return Bilingual(f"{count:,} {zh}", f"{count:,} {en}{'' if count == 1 else 's'}")


def listed(texts: list[Bilingual]) -> Bilingual:
    """Return texts as one, parted by semicolons."""
    return Bilingual("；".join(one.zh for one in texts), "; ".join(one.en for one in texts))


def opening_price_words(terms: AnyTerms) -> Said:
    """Return the price that a lot begins with, under the name that its form gives it."""
    if isinstance(terms, ReverseTerms):
        return Bilingual("最高限价", "Ceiling"), money_words(terms.ceiling)
    name = Bilingual("挂牌价", "Asking price") if isinstance(terms, NegotiatedTerms) else _STARTING
    return name, money_words(terms.starting_price)


_STARTING = Bilingual("起拍价", "Starting price")


def terms_words(terms: AnyTerms) -> list[Said]:
    """Return what a lot is sold on: the form of sale, the first price, how bids go on, what late bids do."""
    more = _MORE.get(type(terms))
    return [(_FORM, FORM_LABELS[terms.format]), opening_price_words(terms), *(more(terms) if more else ())]


def _english(terms: EnglishTerms) -> list[Said]:
    ladder = listed([_rung(rung) for rung in terms.ladder])
    return [(Bilingual("加价幅度", "Increments"), ladder), *_extension(terms.extension)]


def _rung(rung: Rung) -> Bilingual:
    values = {"start": money_words(rung.start), "step": money_words(rung.step)}
    if not rung.start:
        return Bilingual("每次加价不少于 {step}", "each bid at least {step} above the last price").format(**values)
    return Bilingual("价格达 {start} 起，不少于 {step}", "from {start} on, at least {step}").format(**values)


def _extension(extension: Extension | None) -> list[Said]:
    if extension is None:
        return []
    said = Bilingual(
        "截止前 {window}内有新的出价，截止时间改为该次出价后 {by}，累计顺延不超过 {cap}",
        "a bid in the last {window} moves the closing to {by} after it, by {cap} at most in all",
    )
    spans = {name: span_words(getattr(extension, name)) for name in ("window", "by", "cap")}
    return [(_EXTENSION, said.format(**spans))]


def _dutch(terms: DutchTerms) -> list[Said]:
    said = Bilingual("每 {interval} 降 {step}，先应价者得", "{step} every {interval}; the first to bid gets it")
    values = {"interval": span_words(terms.interval), "step": money_words(terms.step)}
    return [(Bilingual("降价幅度", "Decrements"), said.format(**values))]


def _sealed(terms: SealedTerms) -> list[Said]:
    return [(Bilingual("成交规则", "Rule"), _PAYS[terms.pays])]


def _reverse(terms: ReverseTerms) -> list[Said]:
    lower = Bilingual("每次不少于 {step}", "at least {step} each time").format(step=money_words(terms.decrement))
    weights = [Bilingual(f"价格 {terms.price_weight}%", f"price {terms.price_weight}%")]
    weights += [Bilingual(*[f"{one.code} {one.weight}%"] * 2) for one in terms.criteria]
    named = [(Bilingual("降价幅度", "Decrement"), lower), (Bilingual("评分权重", "Weights"), listed(weights))]
    return [*named, *_extension(terms.extension)]


def _uniform(terms: UniformPriceTerms) -> list[Said]:
    units = Bilingual(f"{terms.units:,} 件", f"{terms.units:,}")
    return [(Bilingual("数量", "Units"), units), (Bilingual("成交规则", "Rule"), _CLEARS[terms.clears_at])]


_MORE: dict[type, Callable[[Any], list[Said]]] = {
    EnglishTerms: _english,
    DutchTerms: _dutch,
    SealedTerms: _sealed,
    ReverseTerms: _reverse,
    UniformPriceTerms: _uniform,
}
