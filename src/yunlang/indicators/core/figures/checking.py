"""Checks run against a store of figures."""

from __future__ import annotations

from collections.abc import Iterable

from yunlang.indicators.core.figures.estimates import ROUNDING_RULES, Estimate
from yunlang.indicators.core.figures.kinds import KINDS, Found, years_that_fit
from yunlang.indicators.core.figures.model import NOTHING, Check, Outcome, Quantity, Verdict
from yunlang.indicators.core.figures.store import COUNTRY, FigureStore
from yunlang.kit.language import Bilingual

_FRACTION_RULE = Bilingual(
    "写作 {written}：离它比离相邻的几分之一更近的数",
    "written as {written}: what is nearer to it than to the next fraction",
)
_EXACT = Bilingual("精确数", "exact")
_PROVISIONAL = Bilingual(
    "用了其他年份的数字，即使对不上也不能说明公布的数字有误",
    "figures of another year were used, so that a difference shows nothing against the published one",
)
_AT_LEAST = Bilingual("缺 {names}，所以只能算出下限", "{names} missing, so that only a lower limit follows")
_YEARS_FIT = Bilingual("两个数在 {years} 年时相符", "the two agree for a span of {years} years")
_NO_YEARS_FIT = Bilingual("无论多少年，两个数都对不上", "the two agree for no number of years")
_JOIN = Bilingual("、", ", ")


def checks_run(checks: Iterable[Check], store: FigureStore) -> list[Outcome]:
    """Run every check, in order."""
    return [check_run(check, store) for check in checks]


def check_run(check: Check, store: FigureStore) -> Outcome:
    """Tell whether a published figure follows from others.

    A figure agrees when some number lies both in what it can mean and in what follows from the inputs, and contradicts
    when none does. Where a figure is missing, or where another period's stood in for it and the two do not agree,
    nothing can be said.

    Returns
    -------
    Outcome
        The verdict, both intervals, the calculation and the figures used.
    """
    found = store.find(check.claim, "")
    claim = found.quantities[0] if found.quantities else None
    period = check.claim.period
    inputs = {role: [store.find(one, period) for one in selectors] for role, selectors in check.inputs.items()}
    missing = (*found.absent, *_missing(inputs))
    used = tuple(one for row in inputs.values() for source in row for one in source.quantities)
    if claim is None or missing:
        return _unchecked(check, claim, _leaves(used), missing)
    computed = KINDS[check.kind](inputs, period)
    provisional = any(one.stands_in for one in used)
    remarks = (*_remarks(inputs, used), *_years(check, inputs, claim.estimate))
    agrees = computed.holds and computed.estimate.meets(claim.estimate)
    doubtful = (provisional or computed.is_partial) and not agrees
    return Outcome(
        check=check,
        verdict=Verdict.AGREES if agrees else Verdict.UNCHECKED if doubtful else Verdict.CONTRADICTS,
        published=claim,
        claimed=claim.estimate,
        computed=computed.estimate,
        unit=claim.unit,
        tolerance=_tolerance(claim),
        working=(*dict.fromkeys(step for one in used for step in one.working), *computed.working),
        inputs=_leaves(_shown(used, computed.deciding)),
        provisional=provisional,
        remarks=(*remarks, *((_PROVISIONAL,) if doubtful and provisional else ())),
    )


def _missing(inputs: dict[str, list[Found]]) -> tuple[Bilingual, ...]:
    """Name what nothing at all was found for; a sum of some of the cities is still a lower bound."""
    return tuple(name for row in inputs.values() for found in row if found.is_empty for name in found.absent)


def _shown(used: tuple[Quantity, ...], deciding: tuple[Quantity, ...]) -> tuple[Quantity, ...]:
    """Leave out the rows of a table that did not decide."""
    return tuple(one for one in used if not deciding or one in deciding or not one.area.startswith(COUNTRY))


def _leaves(used: tuple[Quantity, ...]) -> tuple[Quantity, ...]:
    return tuple(dict.fromkeys(leaf for one in used for leaf in one.leaves()))


def _unchecked(
    check: Check, claim: Quantity | None, used: tuple[Quantity, ...], missing: tuple[Bilingual, ...]
) -> Outcome:
    return Outcome(
        check=check,
        verdict=Verdict.UNCHECKED,
        published=claim,
        claimed=claim.estimate if claim else None,
        computed=None,
        unit=claim.unit if claim else NOTHING,
        tolerance=_tolerance(claim) if claim else NOTHING,
        inputs=used,
        missing=tuple(dict.fromkeys(missing)),
    )


def _tolerance(claim: Quantity) -> Bilingual:
    if claim.written and claim.qualifier in ("", "about"):
        return _FRACTION_RULE.format(written=claim.written)
    if claim.estimate.low == claim.estimate.high:
        return _EXACT
    return ROUNDING_RULES[claim.qualifier]


def _remarks(inputs: dict[str, list[Found]], used: tuple[Quantity, ...]) -> tuple[Bilingual, ...]:
    lines = [line for one in used for line in one.caveats]
    for row in inputs.values():
        for found in row:
            if found.absent:
                names = Bilingual(_JOIN.zh.join(n.zh for n in found.absent), _JOIN.en.join(n.en for n in found.absent))
                lines.append(_AT_LEAST.format(names=names))
    return tuple(dict.fromkeys(lines))


def _years(check: Check, inputs: dict[str, list[Found]], yearly: Estimate) -> tuple[Bilingual, ...]:
    if check.kind != "mean_growth":
        return ()
    fitting = years_that_fit(inputs["total"][0].estimate, yearly)
    if not fitting:
        return (_NO_YEARS_FIT,)
    years = Bilingual(_JOIN.zh.join(map(str, fitting)), _JOIN.en.join(map(str, fitting)))
    return (_YEARS_FIT.format(years=years),)
