"""A scale of commission as people write it: «5%; 1000万 3%; 最低 1万; 封顶 50万»."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from yunlang.auctions.core.commission import CommissionError, Scale, Tier
from yunlang.kit.language import Bilingual
from yunlang.kit.money import CENT, MoneyError, parse_money

_PART = re.compile(r"[;；\n]")
_PERCENT = re.compile(r"(?:(?P<above>.*\S)\s+)?(?P<percent>\d{1,3}(?:\.\d{1,2})?)\s*[%％]")
_BOUND = re.compile(r"(?P<bound>最低|封顶|min|max)\s*(?P<amount>\S.*)")
_NOTHING = Decimal("0.00")
_UNREADABLE = Bilingual(
    "“{part}”看不懂，可写：5%; 1000万 3%; 最低 1万; 封顶 50万",
    "“{part}” cannot be read; write 5%; 10000000 3%; min 10000; max 500000",
)


def scale_read(text: str) -> Scale | None:
    """Return the scale that a text says; None where it says nothing.

    Raises
    ------
    CommissionError
        When a part cannot be read, or the scale cannot be applied.
    """
    tiers: list[Tier] = []
    bounds: dict[str, Decimal] = {}
    for part in filter(None, (one.strip() for one in _PART.split(text))):
        if found := _PERCENT.fullmatch(part):
            above = _amount(found["above"], part) if found["above"] else _NOTHING
            tiers.append(Tier(above, Decimal(found["percent"]).quantize(CENT)))
        elif found := _BOUND.fullmatch(part):
            name = "minimum" if found["bound"] in ("最低", "min") else "cap"
            bounds[name] = _amount(found["amount"], part)
        else:
            raise _unreadable(part)
    return Scale(tuple(tiers), **bounds) if tiers or bounds else None


def scale_text(scale: Scale | None) -> str:
    """Return a scale as `scale_read` takes it."""
    if scale is None:
        return ""
    parts = [f"{tier.above} {tier.percent}%" if tier.above else f"{tier.percent}%" for tier in scale.tiers]
    parts += [f"最低 {scale.minimum}"] if scale.minimum else []
    parts += [f"封顶 {scale.cap}"] if scale.cap is not None else []
    return "; ".join(parts)


def _amount(text: str, part: str) -> Decimal:
    try:
        return parse_money(text).quantize(CENT)
    except (MoneyError, InvalidOperation) as error:
        raise _unreadable(part) from error


def _unreadable(part: str) -> CommissionError:
    return CommissionError({"commission": [_UNREADABLE.format(part=part[:40])]})
