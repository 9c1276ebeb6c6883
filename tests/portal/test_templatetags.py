"""The filters every template may use, and the shared partials, as other rooms use them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual
from yunlang.portal.templatetags.yunlang import address_toggling, address_with, figure_at, holds, period, typed

BUDGET = Field("budget", Bilingual("预算", "budget"), FieldType.MONEY, required=True, example="200 万元")
MODES = Field(
    "modes", Bilingual("方式", "ways"), FieldType.CHOICES,
    choices={"licence": Bilingual("许可", "licence"), "equity": Bilingual("作价入股", "equity")},
)  # fmt: skip


def partial(template: str, address: str = "/needs/", /, **context: Any) -> str:
    return render_to_string(f"portal/{template}.html", context | {"language": "zh-hans"}, RequestFactory().get(address))


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "true"), (Decimal("2000000.00"), "2000000"), (Decimal("0.50"), "0.5"), (("甲", "乙"), "甲；乙"),
     ("200 万元", "200 万元"), (0, "0")],
)  # fmt: skip
def test_an_input_holds_what_parses_back(value: Any, text: str) -> None:
    assert typed(value) == text


def test_a_choice_is_held_whole_not_in_part() -> None:
    assert holds("licence", "licence")
    assert not holds("licence", "lic")
    assert holds(["licence", "equity"], "equity")
    assert not holds(None, "licence")


def test_figures_line_up_and_spans_are_words() -> None:
    assert figure_at(Decimal("20059.000000"), 1) == "20,059.0"
    with translation.override("en"):
        assert period("2021-01/2021-09") == "2021-01 to 2021-09"
    with translation.override("zh-hans"):
        assert period("2021-01/2021-09") == "2021-01 至 2021-09"
        assert period("2024") == "2024"


def test_addresses_keep_the_rest_of_the_query() -> None:
    context: Any = {"request": RequestFactory().get("/needs/?city=330500&city=340100&page=3")}
    assert address_with(context, page=4) == "?city=330500&city=340100&page=4"
    assert address_with(context, page=None) == "?city=330500&city=340100"
    assert address_toggling(context, "city", "330500") == "?city=340100"
    assert address_toggling(context, "kind", "finance") == "?city=330500&city=340100&kind=finance"


def test_a_field_keeps_what_was_typed_and_says_what_is_wrong() -> None:
    html = partial("_field", spec=BUDGET, value="二百万", errors=[Bilingual("不是金额", "not an amount")])
    assert 'id="field-budget"' in html
    assert 'value="二百万"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="help-budget"' in html
    assert "不是金额" in html
    assert "200 万元" in html


def test_a_field_escapes_what_was_typed() -> None:
    html = partial("_field", spec=BUDGET, value='"><script>', errors=[])
    assert "<script>" not in html


def test_several_choices_are_checkboxes() -> None:
    html = partial("_field", spec=MODES, value=("equity",), errors=[])
    assert html.count('type="checkbox"') == 2
    assert 'value="equity" checked' in html
    assert 'value="licence" checked' not in html


def test_options_are_offered_while_typing() -> None:
    city = Field("city", Bilingual("城市", "city"))
    html = partial("_field", spec=city, value="", errors=[], options=["湖州", "合肥"])
    assert 'list="options-city"' in html
    assert '<datalist id="options-city"><option value="湖州"><option value="合肥">' in html


def test_the_summary_links_to_each_field_and_takes_errors_of_none() -> None:
    errors = {"budget": [Bilingual("不是金额", "not an amount")], "": [Bilingual("请先选机构", "choose first")]}
    html = partial("_error_summary", errors=errors, fields=[BUDGET])
    assert '<a href="#field-budget">预算：不是金额</a>' in html
    assert "<li>请先选机构</li>" in html
    assert partial("_error_summary", errors={}, fields=[]).strip() == ""


def test_a_facet_marks_what_is_chosen_and_folds_what_is_long() -> None:
    values = [{"value": str(n), "label": f"值{n}", "count": 1_200, "chosen": n == 1} for n in range(12)]
    html = partial("_facet", "/needs/?kind=1&page=2", title="种类", name="kind", values=values)
    assert html.count("aria-current") == 1
    assert 'href="?kind=1&amp;kind=2"' in html
    assert "另有 2 项" in html
    assert "1,200" in html


def test_a_pager_shows_ends_and_neighbours() -> None:
    page = Paginator(range(1_000), 20).get_page(7)
    html = partial("_pager", "/needs/?city=330500&page=7", page=page, count=1_000)
    assert 'rel="prev" href="?city=330500&amp;page=6"' in html
    assert 'rel="next" href="?city=330500&amp;page=8"' in html
    assert '<span class="here" aria-current="page">7</span>' in html
    assert 'href="?city=330500&amp;page=50"' in html
    assert "第 121–140 条，共 1,000 条" in html
    assert partial("_pager", page=Paginator([1], 20).get_page(1), count=1).strip() == ""
