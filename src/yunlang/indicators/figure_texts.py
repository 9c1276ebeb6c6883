"""Outcomes of checks as people read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from yunlang.indicators.core.figures import Estimate, Outcome, Quantity, Verdict
from yunlang.indicators.core.figures.showing import estimate_text, number_text
from yunlang.kit.language import Bilingual
from yunlang.registry.models.city import QUALIFIERS

NOTHING = Bilingual("–", "–")
_MEANING = Bilingual("{range}（{rule}）", "{range} ({rule})")
_DATED = Bilingual("{label}，{period}：{value}", "{label}, {period}: {value}")
_UNDATED = Bilingual("{label}：{value}", "{label}: {value}")
_SHORT = 5
_STANDARD_OF_INDEX = "="
_MONEY = {
    "CNY 100 million": ("CNY", Decimal("0.1"), "billion"),
    "CNY 10,000": ("CNY", Decimal("0.01"), "million"),
    "US$ 100 million": ("US$", Decimal("0.1"), "billion"),
}


@dataclass(frozen=True, slots=True)
class OutcomeShown:
    """One outcome, ready for a page or a table."""

    outcome: Outcome
    published: Bilingual
    computed: Bilingual
    computed_range: Bilingual
    meaning: Bilingual
    inputs: tuple[tuple[Bilingual, Quantity], ...]


def outcome_shown(outcome: Outcome) -> OutcomeShown:
    """Put an outcome into words."""
    bare = Bilingual("", "")
    claimed, computed, unit = outcome.claimed, outcome.computed, outcome.unit
    return OutcomeShown(
        outcome=outcome,
        published=published_text(outcome.published) if outcome.published else NOTHING,
        computed=with_unit(computed, unit, _short) if computed else NOTHING,
        computed_range=with_unit(computed, unit, estimate_text) if computed else bare,
        meaning=_MEANING.format(range=with_unit(claimed, unit, estimate_text), rule=outcome.tolerance)
        if claimed
        else bare,
        inputs=tuple((_input_text(one), one) for one in outcome.inputs),
    )


def published_text(one: Quantity) -> Bilingual:
    """Return a figure as it was published: how exact, the number or fraction, the unit."""
    qualifier = QUALIFIERS.get(one.qualifier, Bilingual("", ""))
    fraction = Bilingual(one.written, one.written)
    text = fraction if one.written else with_unit(one.estimate, one.unit, _plain)
    return Bilingual(f"{qualifier.zh} {text.zh}".strip(), f"{qualifier.en} {text.en}".strip())


def with_unit(estimate: Estimate, unit: Bilingual, write: Callable[[Estimate], str]) -> Bilingual:
    """Return a number with its unit, as each language has it: 180 亿元, CNY 18 billion; 12.9%; 267.57 (2011 = 100)."""
    text = write(estimate)
    if _STANDARD_OF_INDEX in unit.zh:
        return Bilingual(f"{text}（{unit.zh}）", f"{text} ({unit.en})")
    if unit.zh == "%":
        return Bilingual(f"{text}%", f"{text}%")
    english = f"{text} {unit.en}"
    if unit.en in _MONEY:
        currency, factor, word = _MONEY[unit.en]
        english = f"{currency} {write(estimate.scaled(factor))} {word}"
    return Bilingual(f"{text} {unit.zh}".strip(), english.strip())


def _plain(estimate: Estimate) -> str:
    return number_text(estimate.value)


def _short(estimate: Estimate) -> str:
    """Return a number without its bounds, unless there is only one of them."""
    text = estimate_text(estimate, _SHORT)
    return text if text[0] in "≥≤" else number_text(estimate.value, _SHORT)


def _input_text(one: Quantity) -> Bilingual:
    words = _DATED if one.period else _UNDATED
    return words.format(label=one.label, period=one.period, value=published_text(one))


def verdict_style(verdict: Verdict) -> str:
    """Return the colour of a verdict in a terminal."""
    return {Verdict.AGREES: "green", Verdict.CONTRADICTS: "red", Verdict.UNCHECKED: "yellow"}[verdict]
