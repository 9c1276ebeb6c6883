"""Outcomes of checks as people read them."""

from __future__ import annotations

from dataclasses import dataclass

from yunlang.indicators.core.figures import Outcome, Quantity, Verdict
from yunlang.indicators.core.figures.showing import estimate_text, number_text
from yunlang.kit.language import Bilingual
from yunlang.registry.models.city import QUALIFIERS

NOTHING = Bilingual("–", "–")
_DATED = Bilingual("{label}，{period}：{value}", "{label}, {period}: {value}")
_UNDATED = Bilingual("{label}：{value}", "{label}: {value}")
_SHORT = 5
_STANDARD_OF_INDEX = "="
_MONEY = ("CNY 1", "US$ 1")


@dataclass(frozen=True, slots=True)
class OutcomeShown:
    """One outcome, ready for a page or a table."""

    outcome: Outcome
    published: Bilingual
    computed: Bilingual
    computed_range: Bilingual
    claimed_range: Bilingual
    inputs: tuple[tuple[Bilingual, Quantity], ...]


def outcome_shown(outcome: Outcome) -> OutcomeShown:
    """Put an outcome into words."""
    bare = Bilingual("", "")
    claimed, computed = outcome.claimed, outcome.computed
    return OutcomeShown(
        outcome=outcome,
        published=published_text(outcome.published) if outcome.published else NOTHING,
        computed=with_unit(_short(outcome), outcome.unit) if computed else NOTHING,
        computed_range=with_unit(estimate_text(computed), outcome.unit) if computed else bare,
        claimed_range=with_unit(estimate_text(claimed), outcome.unit) if claimed else bare,
        inputs=tuple((_input_text(one), one) for one in outcome.inputs),
    )


def published_text(one: Quantity) -> Bilingual:
    """Return a figure as it was published: how exact, the number or fraction, the unit."""
    qualifier = QUALIFIERS.get(one.qualifier, Bilingual("", ""))
    text = Bilingual(one.written, one.written) if one.written else with_unit(number_text(one.estimate.value), one.unit)
    return Bilingual(f"{qualifier.zh} {text.zh}".strip(), f"{qualifier.en} {text.en}".strip())


def with_unit(text: str, unit: Bilingual) -> Bilingual:
    """Return a number with its unit: 12.9%, 180 亿元, 180 × CNY 100 million, 267.57 (2011 = 100)."""
    if _STANDARD_OF_INDEX in unit.zh:
        return Bilingual(f"{text}（{unit.zh}）", f"{text} ({unit.en})")
    if unit.zh == "%":
        return Bilingual(f"{text}%", f"{text}%")
    english = f"{text} × {unit.en}" if unit.en.startswith(_MONEY) else f"{text} {unit.en}"
    return Bilingual(f"{text} {unit.zh}".strip(), english.strip())


def _short(outcome: Outcome) -> str:
    """Return the number that follows, without its bounds unless there is only one of them."""
    assert outcome.computed is not None  # noqa: S101  # asked for only where there is one
    text = estimate_text(outcome.computed, _SHORT)
    return text if text[0] in "≥≤" else number_text(outcome.computed.value, _SHORT)


def _input_text(one: Quantity) -> Bilingual:
    words = _DATED if one.period else _UNDATED
    return words.format(label=one.label, period=one.period, value=published_text(one))


def verdict_style(verdict: Verdict) -> str:
    """Return the colour of a verdict in a terminal."""
    return {Verdict.AGREES: "green", Verdict.CONTRADICTS: "red", Verdict.UNCHECKED: "yellow"}[verdict]
