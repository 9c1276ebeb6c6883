"""The form of each form of sale: which fields it asks for, the terms they make, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from yunlang.auctions.core.errors import TermsError
from yunlang.auctions.core.ladder import Extension, Rung
from yunlang.auctions.core.terms import (
    AnyTerms,
    Criterion,
    DutchTerms,
    EnglishTerms,
    NegotiatedTerms,
    ReverseTerms,
    Schedule,
    SealedTerms,
    SingleQuoteTerms,
    UniformPriceTerms,
)
from yunlang.auctions.sale_fields import moment_field, moment_parsed
from yunlang.auctions.sealing import opening_key_is_sound
from yunlang.kit.errors import InvalidError
from yunlang.kit.fields import Field, FieldError, FieldType, parse_record
from yunlang.kit.language import Bilingual
from yunlang.kit.money import CENT

_MINUTES, _SECONDS = Bilingual("分钟", "minutes"), Bilingual("秒", "seconds")
_YUAN = Bilingual("元；也可写“120 万元”。", "In CNY.")
_A_YEAR = 365 * 24 * 60
Values = Mapping[str, Any]


def _money(name: str, label: Bilingual, *, required: bool = True, help: Bilingual = _YUAN) -> Field:
    return Field(name, label, FieldType.MONEY, required=required, minimum=CENT, help=help)


def _span(name: str, label: Bilingual, help: Bilingual | None = None, *, required: bool = False) -> Field:
    return Field(
        name, label, FieldType.INTEGER, required=required, minimum=1, maximum=_A_YEAR, unit=_MINUTES, help=help
    )


_OPENS = moment_field(
    "opens", Bilingual("本拍品开始时间", "opens"),
    help=Bilingual("北京时间；留空则由拍卖师宣布开始。", "China time; empty where the auctioneer opens it."),
)  # fmt: skip
_LASTS = _span(
    "lasts", Bilingual("持续时间", "lasts"),
    Bilingual("留空则由拍卖师落槌。", "Empty where the auctioneer closes it."),
)  # fmt: skip
_START = _money("starting_price", Bilingual("起拍价", "starting price"))
_RESERVE = _money(
    "reserve", Bilingual("保留价", "reserve"), required=False,
    help=Bilingual("不公开；留空则以起拍价为准。", "Not shown; empty where it is the starting price."),
)  # fmt: skip
_EXTENSION = (
    _span("window", Bilingual("延时触发", "extension window"), Bilingual(
        "剩余时间不足此数时有效出价即延时；不延时三项都留空。",
        "A bid taken when less is left extends the time; leave all three empty for none.",
    )),
    _span("by", Bilingual("每次延至", "extended to")),
    _span("cap", Bilingual("延时上限", "extended by at most")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LotForm:
    """The fields of a form of sale, and the terms that their values make."""

    fields: tuple[Field, ...]
    terms: Callable[[Values, Schedule], AnyTerms]
    values: Callable[[Any], Values]


def _minutes(value: int | None) -> timedelta | None:
    return None if value is None else timedelta(minutes=value)


def _in_minutes(span: timedelta | None) -> int | None:
    return None if span is None else span // timedelta(minutes=1)


def _extension(values: Values) -> Extension | None:
    given = [values.get(name) for name in ("window", "by", "cap")]
    if not any(given):
        return None
    missing = [name for name, value in zip(("window", "by", "cap"), given, strict=True) if value is None]
    if missing:
        reason = Bilingual("延时三项要么都填，要么都不填", "fill in all three of the extension, or none")
        raise InvalidError({name: [reason] for name in missing})
    return Extension(*(timedelta(minutes=value) for value in given if value is not None))


def _extension_values(extension: Extension | None) -> dict[str, Any]:
    if extension is None:
        return {}
    return {name: _in_minutes(getattr(extension, name)) for name in ("window", "by", "cap")}


def _lines(text: str | None, name: str, reason: Bilingual) -> Iterable[tuple[str, str]]:
    """Yield the pairs that lines of a text hold, the last word of a line being the second."""
    for line in (text or "").splitlines():
        parts = line.rsplit(maxsplit=1)
        if len(parts) == 2:
            yield parts[0], parts[1]
        elif parts:
            raise InvalidError({name: [reason]})


_AMOUNT = Field("amount", Bilingual("金额", "amount"), FieldType.MONEY)
_RUNGS = Bilingual("每行写“起点 幅度”，如“0 5万”", "write “from step” on each line, such as “0 50000”")
_POINTS = Bilingual("每行写“项目 权重”，如“技术方案 40”", "write “criterion weight” on each line")


def _amount(text: str, name: str, reason: Bilingual) -> Decimal:
    try:
        found = _AMOUNT.parse(text)
    except FieldError as error:
        raise InvalidError({name: [error.reason]}) from error
    if found is None:
        raise InvalidError({name: [reason]})
    return Decimal(found).quantize(CENT)


def _ladder(text: str | None) -> tuple[Rung, ...]:
    return tuple(
        Rung(_amount(start, "ladder", _RUNGS), _amount(step, "ladder", _RUNGS))
        for start, step in _lines(text, "ladder", _RUNGS)
    )


def _criteria(text: str | None) -> tuple[Criterion, ...]:
    return tuple(
        Criterion(name, _amount(weight, "criteria", _POINTS)) for name, weight in _lines(text, "criteria", _POINTS)
    )


def _priced(values: Values) -> dict[str, Any]:
    return {"starting_price": values["starting_price"], "reserve": values["reserve"]}


def _prices(terms: Any) -> dict[str, Any]:
    return {"starting_price": terms.starting_price, "reserve": terms.reserve}


def _plain(number: Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".")


_PAYS = {
    "first": Bilingual("按自己的报价", "the own bid"),
    "second": Bilingual("按第二高报价", "the second-highest bid"),
}
_COVER = {
    "commit": Bilingual("先交承诺值，到时自行揭示", "a commitment, revealed by the bidder later"),
    "encrypted": Bilingual("加密密封，由办公室统一开启", "encrypted, opened by the office"),
}
_CLEARS = {
    "lowest_accepted": Bilingual("最低中选价", "the lowest bid accepted"),
    "highest_rejected": Bilingual("最高落选价", "the highest bid rejected"),
}
_KEY = Bilingual("加密密封须填写有效的公钥", "encrypted bids need a sound public key")


def _opening_key(values: Values) -> str:
    """Return the public key without the breaks of its lines; bids that nobody can open are not to be asked for."""
    text = "".join((values["opening_key"] or "").split())
    if values["cover"] == "encrypted" and not opening_key_is_sound(text):
        raise InvalidError({"opening_key": [_KEY]})
    return text


LOT_FORMS: dict[str, LotForm] = {
    "single_quote": LotForm(
        (_START, _RESERVE, _OPENS, _LASTS, _span("confirm_within", Bilingual("确认期限", "to be confirmed within"))),
        lambda values, schedule: SingleQuoteTerms(
            schedule=schedule, confirm_within=_minutes(values["confirm_within"]), **_priced(values)
        ),
        lambda terms: _prices(terms) | {"confirm_within": _in_minutes(terms.confirm_within)},
    ),
    "negotiated": LotForm(
        (_money("starting_price", Bilingual("挂牌价", "price asked for")), _money(
            "reserve", Bilingual("底价", "reserve"), required=False,
            help=Bilingual("不公开；留空则没有底价。", "Not shown; empty for none."),
        ), _OPENS, _LASTS),
        lambda values, schedule: NegotiatedTerms(schedule=schedule, **_priced(values)),
        _prices,
    ),
    "english": LotForm(
        (_START, _RESERVE, Field(
            "ladder", Bilingual("加价阶梯", "increments"), FieldType.TEXT, required=True, max_length=1_000,
            help=Bilingual(
                "每行一档：从什么价起，每次至少加多少，如“0 5万”；首档从 0 起。",
                "One rung a line: from which price, by how much at least, such as “0 50000”; the first from 0.",
            ),
        ), _OPENS, _LASTS, *_EXTENSION),
        lambda values, schedule: EnglishTerms(
            schedule=schedule, ladder=_ladder(values["ladder"]), extension=_extension(values), **_priced(values)
        ),
        lambda terms: _prices(terms) | _extension_values(terms.extension) | {
            "ladder": "\n".join(f"{_plain(one.start)} {_plain(one.step)}" for one in terms.ladder)
        },
    ),
    "sealed": LotForm(
        (_START, _RESERVE,
         Field("pays", Bilingual("成交价", "the winner pays"), FieldType.CHOICE, required=True, choices=_PAYS),
         Field("cover", Bilingual("密封方式", "how bids are sealed"), FieldType.CHOICE, required=True, choices=_COVER),
         Field(
            "opening_key", Bilingual("密封公钥", "public key"), FieldType.TEXT, max_length=1_000,
            help=Bilingual(
                "加密密封时填写：在办公室自己的电脑上用 yunlang auction key 生成。",
                "Of encrypted bids: made by yunlang auction key on the office's own machine.",
            ),
        ), _OPENS, _LASTS, _span("reveal_within", Bilingual("揭示期限", "to be revealed within"))),
        lambda values, schedule: SealedTerms(
            schedule=schedule, pays=values["pays"], cover=values["cover"],
            opening_key=_opening_key(values), reveal_within=_minutes(values["reveal_within"]), **_priced(values),
        ),
        lambda terms: _prices(terms) | {
            "pays": terms.pays, "cover": terms.cover, "reveal_within": _in_minutes(terms.reveal_within),
            "opening_key": terms.opening_key,
        },
    ),
    "dutch": LotForm(
        (_START, _money("floor", Bilingual("最低价", "lowest price")),
         _money("step", Bilingual("降价幅度", "falls by")),
         Field(
            "interval", Bilingual("降价间隔", "falls every"), FieldType.INTEGER, required=True, minimum=1,
            maximum=_A_YEAR * 60, unit=_SECONDS,
        ), _OPENS),
        lambda values, schedule: DutchTerms(
            schedule=schedule, starting_price=values["starting_price"], floor=values["floor"], step=values["step"],
            interval=timedelta(seconds=values["interval"]),
        ),
        lambda terms: {
            "starting_price": terms.starting_price, "floor": terms.floor, "step": terms.step,
            "interval": terms.interval // timedelta(seconds=1),
        },
    ),
    "reverse": LotForm(
        (_money("ceiling", Bilingual("最高限价", "ceiling")), _money("decrement", Bilingual("降价幅度", "decrement")),
         Field(
            "price_weight", Bilingual("价格权重", "weight of the price"), FieldType.DECIMAL, required=True,
            minimum=Decimal("0.01"), maximum=100, unit=Bilingual("%", "%"),
        ), Field(
            "criteria", Bilingual("其他评分项", "other criteria"), FieldType.TEXT, max_length=2_000,
            help=Bilingual(
                "每行一项：名称和权重，如“技术方案 40”；与价格权重合计 100。",
                "One a line: its name and weight; with the price's weight they make 100.",
            ),
        ), _OPENS, _LASTS, *_EXTENSION),
        lambda values, schedule: ReverseTerms(
            schedule=schedule, ceiling=values["ceiling"], decrement=values["decrement"],
            price_weight=values["price_weight"].quantize(CENT), criteria=_criteria(values["criteria"]),
            extension=_extension(values),
        ),
        lambda terms: _extension_values(terms.extension) | {
            "ceiling": terms.ceiling, "decrement": terms.decrement, "price_weight": terms.price_weight,
            "criteria": "\n".join(f"{one.code} {_plain(one.weight)}" for one in terms.criteria),
        },
    ),
    "uniform_price": LotForm(
        (_START, _RESERVE, Field(
            "units", Bilingual("数量", "units"), FieldType.INTEGER, required=True, minimum=1,
            maximum=UniformPriceTerms.largest_supply,
        ), Field(
            "clears_at", Bilingual("统一价格", "the price of all"), FieldType.CHOICE, required=True, choices=_CLEARS
        ), _OPENS, _LASTS),
        lambda values, schedule: UniformPriceTerms(
            schedule=schedule, units=values["units"], clears_at=values["clears_at"], **_priced(values)
        ),
        lambda terms: _prices(terms) | {"units": terms.units, "clears_at": terms.clears_at},
    ),
}  # fmt: skip
# Where the engine's name of a term is not the name of the form's field that says it.
_SAID_BY = {"extension": "window"}


def terms_parsed(form: str, raw: Mapping[str, object], zone: tzinfo) -> AnyTerms:
    """Return the terms that a filled-in form says.

    Raises
    ------
    InvalidError
        With the reasons by field: those of the fields, then those of the engine.
    """
    asked = LOT_FORMS[form]
    values, reasons = parse_record(asked.fields, raw)
    opens = _opening(values.get("opens"), reasons, zone)
    if reasons:
        raise InvalidError({name: [reason] for name, reason in reasons.items()})
    schedule = Schedule(opens=opens, lasts=_minutes(values.get("lasts")))
    try:
        return asked.terms(values, schedule)
    except TermsError as error:
        names = {spec.name for spec in asked.fields}
        said = {_SAID_BY.get(name, name): found for name, found in error.fields.items()}
        raise InvalidError({name if name in names else "opens": found for name, found in said.items()}) from error


def _opening(text: str | None, reasons: dict[str, Bilingual], zone: tzinfo) -> datetime | None:
    if not text:
        return None
    try:
        return moment_parsed(text, zone)
    except FieldError as error:
        reasons["opens"] = error.reason
        return None


def terms_typed(terms: AnyTerms, zone: tzinfo) -> dict[str, Any]:
    """Return what a form shows of terms, so that sending it as it stands says the same terms."""
    opens = terms.schedule.opens
    shown = dict(LOT_FORMS[terms.format].values(terms))
    shown["opens"] = f"{opens.astimezone(zone):%Y-%m-%d %H:%M}" if opens else ""
    shown["lasts"] = _in_minutes(terms.schedule.lasts)
    return shown


def first_price(plain: Mapping[str, Any]) -> Decimal:
    """Return the price that a lot's written terms begin at: the starting price, or the ceiling of a reverse sale."""
    return Decimal(plain.get("starting_price") or plain["ceiling"])
