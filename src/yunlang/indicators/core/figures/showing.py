"""Estimates as people read them."""

from __future__ import annotations

from decimal import Decimal

from yunlang.indicators.core.figures.estimates import Estimate

_DIGITS = 6


def number_text(value: Decimal, digits: int = _DIGITS) -> str:
    """Write a number with thousands separated, that many digits and no fewer than its whole part.

    Parameters
    ----------
    value
        Any finite number.
    digits
        How many to show, leading zeros not counted; closing zeros after the point are left out.
    """
    places = max(0, digits - value.adjusted() - 1) if value else 0
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def estimate_text(estimate: Estimate, digits: int = _DIGITS) -> str:
    """Write an estimate: the number with its bounds, or the one bound where there is no other."""
    if estimate.is_open:
        return f"≥ {number_text(estimate.low, digits)}"
    if estimate.low == 0 and estimate.value == estimate.high:
        return f"≤ {number_text(estimate.high, digits)}"
    if estimate.low == estimate.high:
        return number_text(estimate.value, digits)
    low, value, high = (number_text(number, digits) for number in (estimate.low, estimate.value, estimate.high))
    return f"{value} [{low}, {high}]"
