"""Amounts of money in the engine: exact decimals with two places, whatever the caller's decimal context says."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from typing import Annotated, Any, TypeGuard

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual
from yunlang.kit.money import CENT, LARGEST

# Sums and products of amounts fit; a result that would have to be rounded is a mistake and raises.
EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
_ROUNDING = Context(prec=60, rounding=ROUND_HALF_UP)
_HUNDRED = Decimal(100)
_EXPONENT = -2
_LONGEST = 24


class AmountError(DomainError):
    """Not a positive amount with two places that fits numeric(18,2)."""

    code = "auction_amount_invalid"
    message = Bilingual(
        "“{raw}”不是有效金额：应为正数，精确到分，不超过 1 亿亿元。",
        "“{raw}” is no valid amount: it must be positive, with two decimal places, below 10^16 CNY.",
    )
    status = 422


def has_two_places(value: object) -> TypeGuard[Decimal]:
    """Tell whether a decimal is finite, not negative and has exactly two places."""
    return (
        isinstance(value, Decimal)
        and value.is_finite()
        and value.as_tuple().exponent == _EXPONENT
        and not value.is_signed()
    )


def is_amount(value: object) -> TypeGuard[Decimal]:
    """Tell whether `value` is a positive amount with exactly two places that fits numeric(18,2)."""
    return has_two_places(value) and 0 < value <= LARGEST


def amount_checked(value: Decimal) -> Decimal:
    """Return `value`, which must be an amount.

    Raises
    ------
    AmountError
        When it is none.
    """
    if not is_amount(value):
        raise AmountError(raw=str(value)[:40])
    return value


def _read(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError("a decimal is written as text")
    return Decimal(value)


def _checked(value: Decimal) -> Decimal:
    if not has_two_places(value):
        raise ValueError("a decimal has two places and no sign")
    return value


# How a decimal stands in plain values: text with all its places, never a JSON number.
Amount = Annotated[
    Decimal,
    BeforeValidator(_read),
    AfterValidator(_checked),
    PlainSerializer(lambda value: f"{value:f}", return_type=str),
]


def plus(left: Decimal, right: Decimal) -> Decimal:
    """Return the exact sum."""
    return EXACT.add(left, right)


def minus(left: Decimal, right: Decimal) -> Decimal:
    """Return the exact difference."""
    return EXACT.subtract(left, right)


def times(left: Decimal, right: Decimal | int) -> Decimal:
    """Return the exact product."""
    return EXACT.multiply(left, Decimal(right))


def percentage(part: Decimal, whole: Decimal) -> Decimal:
    """Return 100 · part / whole with two places, halves away from zero."""
    return _ROUNDING.divide(times(part, _HUNDRED), whole).quantize(CENT, context=_ROUNDING)
