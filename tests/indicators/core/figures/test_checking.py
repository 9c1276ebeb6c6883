"""Checks on figures made up for the purpose: each rule, each verdict, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.indicators.core.figures import (
    Derived,
    FigureStore,
    Outcome,
    Quantity,
    Verdict,
    check_run,
    published_estimate,
)
from yunlang.indicators.core.figures.definitions import CheckDefinitionError, definitions_read
from yunlang.indicators.core.figures.kinds import KINDS, ROLES, days_of, years_of, years_that_fit
from yunlang.indicators.core.figures.world import AGGREGATES, is_country
from yunlang.kit.language import Bilingual

PHRASE = {"zh": "问", "en": "question"}
MEMBERS = ("320500", "330400", "310117")


def figure(area: str, code: str, period: str, value: str, qualifier: str = "", source: str = "s") -> Quantity:
    return Quantity(
        area, code, period, published_estimate(Decimal(value), qualifier), Bilingual(f"{area}的{code}", f"{code} of {area}"),
        Bilingual("亿元", "CNY 100 million"), source, Bilingual("来源", "source"), qualifier=qualifier,
    )  # fmt: skip


def run(kind: str, claim: dict[str, Any], inputs: dict[str, Any], *figures: Quantity, **store: Any) -> Outcome:
    entry = {"code": "x", "kind": kind, "question": PHRASE, "claim": claim, "inputs": inputs}
    check = definitions_read({"checks": [entry]}).checks[0]
    return check_run(check, FigureStore(figures, members=MEMBERS, **store))


def at(code: str, **more: Any) -> dict[str, Any]:
    return {"area": "corridor", "code": code, **more}


def world(**values: str) -> list[Quantity]:
    return [figure(f"country:{name}", "gdp", "2023", value) for name, value in values.items()]


@pytest.mark.parametrize(
    ("claimed", "qualifier", "verdict"),
    [
        ("10", "", "agrees"),
        ("11", "near", "agrees"),
        ("9.99", "over", "agrees"),
        ("12", "", "contradicts"),
        ("10.2", "over", "contradicts"),
    ],
)
def test_figures_agree_where_some_number_lies_in_both(claimed: str, qualifier: str, verdict: str) -> None:
    figures = figure("corridor", "a", "2023", claimed, qualifier), figure("corridor", "b", "2023", "10.02")
    outcome = run("same", at("a", period="2023"), {"other": at("b")}, *figures)
    assert outcome.verdict == verdict
    assert outcome.inputs == figures[1:]


def test_a_sum_a_difference_and_a_share() -> None:
    parts = [figure("corridor", "part", year, value) for year, value in (("2022", "50.18"), ("2023", "109.68"))]
    whole = figure("corridor", "whole", "2023", "160", "near")
    added = run("sum", at("whole", period="2023"), {"parts": at("part", periods=["2022", "2023"])}, whole, *parts)
    assert added.verdict is Verdict.AGREES
    assert added.computed is not None
    assert added.computed.value == Decimal("159.86")
    assert added.working[0].zh.startswith("50.18 + 109.68 = 159.86")
    less = figure("corridor", "less", "2023", "59.50")
    taken = run(
        "difference", at("less", period="2023"), {"from": at("part"), "less": at("part", period="2022")}, less, *parts
    )
    assert taken.verdict is Verdict.AGREES
    share = figure("corridor", "share", "2023", "31.4")
    divided = run(
        "share",
        at("share", period="2023"),
        {"part": at("part", period="2022"), "whole": at("whole")},
        share,
        whole,
        *parts,
    )
    assert divided.verdict is Verdict.AGREES


def test_growth_in_total_against_growth_a_year_holds_for_five_years_only() -> None:
    grown = figure("corridor", "grown", "2018/2023", "83")
    yearly = figure("corridor", "yearly", "2018/2023", "12.9", "about")
    outcome = run("mean_growth", at("yearly", period="2018/2023"), {"total": at("grown")}, grown, yearly)
    assert outcome.verdict is Verdict.AGREES
    assert "5 years" in outcome.remarks[0].en
    assert years_that_fit(grown.estimate, yearly.estimate) == (5,)
    six = [replace(one, period="2018/2024") for one in (grown, yearly)]
    longer = run("mean_growth", at("yearly", period="2018/2024"), {"total": at("grown")}, *six)
    assert longer.verdict is Verdict.CONTRADICTS
    never = replace(yearly, estimate=published_estimate(Decimal(500)))
    assert (
        "no number of years"
        in run("mean_growth", at("yearly", period="2018/2023"), {"total": at("grown")}, grown, never).remarks[0].en
    )


@given(st.decimals(min_value="1", max_value="40", places=1), st.integers(1, 20))
def test_a_total_growth_made_of_a_yearly_one_agrees_with_it(rate: Decimal, years: int) -> None:
    grown = ((1 + rate / 100) ** years - 1) * 100
    period = f"2000/{2000 + years}"
    figures = figure("corridor", "grown", period, f"{grown:.4f}"), figure("corridor", "yearly", period, str(rate))
    outcome = run("mean_growth", at("yearly", period=period), {"total": at("grown")}, *figures)
    assert outcome.verdict is Verdict.AGREES


def test_premiums_seen_in_auctions() -> None:
    for start, hammer, premium in (("895", "1230", "37.43"), ("240", "320", "33.33")):
        figures = [
            figure("elsewhere", code, "", value)
            for code, value in (("start", start), ("hammer", hammer), ("premium", premium))
        ]
        inputs = {
            "before": {"area": "elsewhere", "code": "start", "step": 1},
            "after": {"area": "elsewhere", "code": "hammer", "step": 1},
        }
        assert run("growth", {"area": "elsewhere", "code": "premium"}, inputs, *figures).verdict is Verdict.AGREES


def test_a_rank_counts_those_above_and_shows_its_neighbours() -> None:
    table = world(
        A="300", B="200", C="100", D="90", E="80", F="70", G="60", H="50", I="40", J="30", K="20", L="10", M="5"
    )
    value = figure("corridor", "gdp", "2023", "150.5")
    inputs = {"value": at("gdp"), "table": {"area": "countries", "code": "gdp"}}
    third = run(
        "rank", at("rank", period="2023", step=0), inputs, value, figure("corridor", "rank", "2023", "3"), *table
    )
    assert third.verdict is Verdict.AGREES
    assert [one.area for one in third.inputs] == ["corridor", "country:B", "country:C"]
    second = run(
        "rank", at("rank", period="2023", step=0), inputs, value, figure("corridor", "rank", "2023", "2"), *table
    )
    assert second.verdict is Verdict.CONTRADICTS
    rounded = figure("corridor", "gdp", "2023", "200", "about")
    spread = run(
        "rank", at("rank", period="2023", step=0), inputs, rounded, figure("corridor", "rank", "2023", "3"), *table
    )
    assert spread.computed is not None
    assert (spread.computed.low, spread.computed.high) == (2, 3)


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=20, unique=True), st.integers(1, 10_000))
def test_a_rank_is_one_more_than_how_many_are_larger(values: list[int], value: int) -> None:
    table = world(**{f"N{number}": f"{one}.0001" for number, one in enumerate(values)})
    claim = figure("corridor", "rank", "2023", str(1 + sum(one >= value for one in values)))
    inputs = {"value": at("gdp", step=0), "table": {"area": "countries", "code": "gdp"}}
    outcome = run(
        "rank", at("rank", period="2023", step=0), inputs, figure("corridor", "gdp", "2023", str(value)), claim, *table
    )
    assert outcome.verdict is Verdict.AGREES


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (("100", "204.16", "267.57"), "agrees"),
        (("100", "90.5", "267.57"), "contradicts"),
        (("100", "300.5", "267.57"), "contradicts"),
    ],
)
def test_a_series_rises_or_does_not(values: tuple[str, ...], verdict: str) -> None:
    figures = [
        figure("corridor", "index", year, value) for year, value in zip(("2011", "2019", "2023"), values, strict=True)
    ]
    series = at("index", periods=["2011", "2019", "2023"], step=0.01)
    assert run("rising", at("index", period="2023"), {"series": series}, *figures).verdict == verdict


def test_a_day_and_a_year_are_counted_from_the_period() -> None:
    assert days_of("2021-01/2021-09") == 273
    assert days_of("2020-02/2020-02") == 29
    assert days_of("2021-12/2021-12") == 31
    assert years_of("2018/2023") == 5
    for period in ("2023", "2023/2018", "2021-01/2021-09"):
        with pytest.raises(ValueError, match="later"):
            years_of(period)
    with pytest.raises(ValueError, match="month"):
        days_of("2021")
    figures = (
        figure("corridor", "new", "2021-01/2021-09", "150.76"),
        figure("corridor", "daily", "2021-01/2021-09", "5522", "over"),
    )
    outcome = run("per_day", at("daily", period="2021-01/2021-09"), {"total": at("new", scale=10000)}, *figures)
    assert outcome.verdict is Verdict.AGREES


def test_a_missing_figure_is_named_and_nothing_is_said() -> None:
    names = {"corridor": Bilingual("九城市", "the nine"), "a": Bilingual("甲", "a"), "b": Bilingual("乙", "b")}
    outcome = run("same", at("a", period="2023"), {"other": at("b")}, figure("corridor", "a", "2023", "1"), names=names)
    assert outcome.verdict is Verdict.UNCHECKED
    assert outcome.missing == (Bilingual("九城市乙（2023）", "b, the nine (2023)"),)
    assert outcome.computed is None
    without = run("same", at("a", period="2023"), {"other": at("b")}, figure("corridor", "b", "2023", "1"), names=names)
    assert [name.en for name in without.missing] == ["a, the nine (2023)"]
    assert without.published is None


def test_some_of_the_cities_make_a_lower_bound() -> None:
    cities = [figure(adcode, "gdp", "2023", "100.5") for adcode in MEMBERS[:2]]
    parts = {"parts": {"area": "cities", "code": "gdp"}}
    larger = run("sum", at("gdp", period="2023"), parts, figure("corridor", "gdp", "2023", "250.5"), *cities)
    assert larger.verdict is Verdict.AGREES
    assert "310117" in larger.remarks[0].zh
    smaller = run("sum", at("gdp", period="2023"), parts, figure("corridor", "gdp", "2023", "190.5"), *cities)
    assert smaller.verdict is Verdict.CONTRADICTS
    limit = {"limit": {"area": "cities", "code": "gdp"}}
    assert (
        run("at_most", at("gdp", period="2023"), limit, figure("corridor", "gdp", "2023", "190.5"), *cities).verdict
        == "agrees"
    )
    # The missing city may hold what exceeds those known.
    assert (
        run("at_most", at("gdp", period="2023"), limit, figure("corridor", "gdp", "2023", "250.5"), *cities).verdict
        == "unchecked"
    )
    complete = [*cities, figure("310117", "gdp", "2023", "10")]
    assert (
        run("at_most", at("gdp", period="2023"), limit, figure("corridor", "gdp", "2023", "250.5"), *complete).verdict
        == "contradicts"
    )


@pytest.mark.parametrize(("claimed", "verdict"), [("1.12", "agrees"), ("1.08", "unchecked")])
def test_another_years_figure_can_support_but_not_contradict(claimed: str, verdict: str) -> None:
    figures = (
        figure("corridor", "above", "2024", claimed),
        figure("corridor", "own", "2024", "3.77"),
        figure("china", "own", "2023", "2.65"),
    )
    inputs = {"from": at("own"), "less": {"area": "china", "code": "own", "fallback": "2023"}}
    outcome = run("difference", at("above", period="2024"), inputs, *figures)
    assert outcome.verdict == verdict
    assert outcome.provisional
    exact = run("difference", at("above", period="2024"), inputs, *figures, figure("china", "own", "2024", "2.69"))
    assert not exact.provisional
    assert exact.verdict is (Verdict.AGREES if claimed == "1.08" else Verdict.CONTRADICTS)


def test_what_nobody_published_follows_from_others_and_shows_how() -> None:
    figures = (
        figure("china", "spending", "2023", "33357.1"),
        figure("china", "intensity", "2023", "2.65"),
        figure("corridor", "share", "2023", "6.5"),
        figure("corridor", "gdp", "2023", "81500"),
    )
    document = {"area": "china", "code": "gdp", "kind": "base_of_share", "label": PHRASE, "unit": PHRASE,
                "inputs": {"part": {"area": "china", "code": "spending"}, "percent": {"area": "china", "code": "intensity"}}}  # fmt: skip
    derived: tuple[Derived, ...] = definitions_read({"derived": [document]}).derived
    inputs = {"part": at("gdp"), "whole": {"area": "china", "code": "gdp"}}
    outcome = run("share", at("share", period="2023"), inputs, *figures, derived=derived)
    assert outcome.verdict is Verdict.AGREES
    assert [one.code for one in outcome.inputs] == ["gdp", "spending", "intensity"]
    assert "33,357.1 ÷ 2.65%" in outcome.working[0].zh
    lacking = run("share", at("share", period="2023"), inputs, *figures[1:], derived=derived)
    assert lacking.verdict is Verdict.UNCHECKED


def test_a_source_is_chosen_where_it_is_named() -> None:
    figures = [
        figure("corridor", "a", "2023", value, source=source) for value, source in (("1.5", "one"), ("2.5", "two"))
    ]
    outcome = run("same", at("a", period="2023", source="two"), {"other": at("a", source="one")}, *figures)
    assert outcome.verdict is Verdict.CONTRADICTS
    assert outcome.published is not None
    assert (outcome.published.source, outcome.inputs[0].source) == ("two", "one")


GOOD = {"code": "x", "kind": "same", "question": PHRASE, "claim": at("a"), "inputs": {"other": at("b")}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "guess"}, "kind is one of same"),
        ({"inputs": {"others": at("b")}}, "the inputs of same are other"),
        ({"inputs": {"other": {"area": "corridor"}}}, "has area and code"),
        ({"inputs": {"other": at("b", years=[1])}}, "has area and code"),
        ({"inputs": {"other": at("b", step="half")}}, "should be numbers"),
        ({"claim": [at("a"), at("b")]}, "claim should be one figure"),
        ({"question": {"zh": "问"}}, "zh and en"),
        ({"question": None}, "zh and en"),
    ],
)
def test_a_wrong_entry_is_refused_by_name(change: dict[str, Any], said: str) -> None:
    with pytest.raises(CheckDefinitionError) as refused:
        definitions_read({"checks": [GOOD | change]})
    assert said in refused.value.text.en
    assert "“x”" in refused.value.text.en


def test_an_entry_without_question_or_with_a_name_taken_is_refused() -> None:
    with pytest.raises(CheckDefinitionError, match="缺 question"):
        definitions_read({"checks": [{key: value for key, value in GOOD.items() if key != "question"}]})
    with pytest.raises(CheckDefinitionError, match="重复"):
        definitions_read({"checks": [GOOD, GOOD]})


def test_every_rule_names_its_roles() -> None:
    assert set(KINDS) == set(ROLES)


def test_groups_of_countries_are_no_countries() -> None:
    assert len(AGGREGATES) == 48
    assert is_country("CHN")
    assert not is_country("WLD")
    assert not is_country("EAS")
