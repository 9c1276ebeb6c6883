"""Estimates as people read them."""

from __future__ import annotations

from decimal import Decimal

from yunlang.indicators.core.figures.estimates import Estimate

_DIGITS = 6


def number_text(value: Decimal) -> str:
    """Write a number with thousands separated, six digits and no fewer than its whole part.

    Parameters
    ----------
    value
        Any finite number.
    """
    places = max(0, _DIGITS - max(1, value.adjusted() + 1)) if value else 0
    text = f"{value:,.{min(places, _DIGITS)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def estimate_text(estimate: Estimate) -> str:
    """Write an estimate: the number with its bounds, or the one bound where there is no other."""
    if estimate.is_open:
        return f"≥ {number_text(estimate.low)}"
    if estimate.low == 0 and estimate.value == estimate.high:
        return f"≤ {number_text(estimate.high)}"
    if estimate.low == estimate.high:
        return number_text(estimate.value)
    return f"{number_text(estimate.value)} [{number_text(estimate.low)}, {number_text(estimate.high)}]"
