"""`yunlang index sources`: where each indicator comes from, and what is missing."""

from __future__ import annotations

import pytest

from tests.indicators.shell import index
from tests.indicators.test_live import figure
from yunlang import cli

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have room for whole rows, in English, and the test's own database."""
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("YUNLANG_LANGUAGE", "en")
    monkeypatch.setattr(cli, "begin", lambda: None)


def row_of(output: str, indicator: str) -> list[str]:
    return next([cell.strip() for cell in line.split("│")] for line in output.splitlines() if indicator in line)


def test_each_indicator_has_a_row_with_its_gaps() -> None:
    for code, period in (("loans", "2023"), ("gdp", "2023"), ("gdp", "2024")):
        for city, value in (("330500", 4000), ("330100", 20000)):
            figure(city, code, period, value)
    answer = index("sources", "g60_2021")
    assert answer.status == 0, answer.errors
    loans = row_of(answer.output, "loans outstanding relative to GDP")
    assert loans[2:4] == ["yearbook", "2023"]
    assert loans[4] == "Songjiang, Suzhou, Jiaxing, Jinhua, Huzhou, Xuancheng, Wuhu, Hefei".replace("Huzhou, ", "")
    assert loans[5] == "yes"
    assert row_of(answer.output, "trade as a share of GDP")[5] == "no city has data"


def test_the_growth_index_looks_at_the_years_that_are_there() -> None:
    answer = index("sources", "g60_growth")
    assert answer.status == 0, answer.errors
    assert row_of(answer.output, "GDP, nominal")[3] == "—"


def test_a_framework_that_is_not_fed_from_the_platform_is_refused() -> None:
    answer = index("sources", "yrd2024")
    assert answer.status == 1
    assert "this framework" in answer.errors
