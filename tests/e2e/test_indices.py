"""An analyst and the corridor office with an index, in a real browser on the running demo."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Site
from yunlang.indicators.shipped import DATA

SignIn = Callable[[Page, str], None]
Check = Callable[[Page], None]
EDITION = "/index/yrd/2024/"


def window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_an_analyst_changes_a_weight_sees_which_ranks_move_and_sends_the_link(
    page: Page, width: int, check_accessibility: Check, tmp_path: Path
) -> None:
    window(page, width)
    page.goto("/")
    page.locator(".site-nav a", has_text="指数").click()
    check_accessibility(page)
    page.locator(".row-title a", has_text="长三角城市").click()
    expect(page.locator(".ranking tbody tr").first).to_contain_text("上海")
    expect(page.locator(".map .map-city")).to_have_count(9)
    check_accessibility(page)
    assert fits(page)
    page.locator(".tabs a", has_text="下载").click()
    with page.expect_download() as download:
        page.locator("a[download]", has_text="无量纲化").click()
    download.value.save_as(tmp_path / "stage.csv")
    assert (tmp_path / "stage.csv").read_text(encoding="utf-8-sig").startswith('"uCode",')
    page.locator(".tabs a", has_text="换个算法").click()
    expect(page.locator(".what-if-summary")).to_have_text("现在与发布版相同。")
    weight = page.get_by_role("spinbutton", name="创新发展")
    weight.fill("60")
    expect(page.locator(".what-if-summary")).to_contain_text("个名次变动")
    page.wait_for_url(re.compile(r"what-if/\?w\.yrd2024_innovation=60$"))
    expect(page.locator(".ranking .moved").first).to_be_visible()
    check_accessibility(page)
    assert fits(page)
    ranking = page.locator(".ranking tbody").inner_text()
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("spinbutton", name="创新发展")).to_have_value("60")
    assert other.locator(".ranking tbody").inner_text() == ranking


def test_a_slider_moves_by_keyboard_and_the_ranking_answers(page: Page) -> None:
    page.goto(f"{EDITION}what-if/")
    slider = page.get_by_role("slider", name="创新发展，滑块")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("spinbutton", name="创新发展")).to_have_value("25")
    page.wait_for_url(re.compile(r"w\.yrd2024_innovation=25$"))
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile(r"what-if/$"))
    expect(page.locator(".what-if-summary")).to_have_text("现在与发布版相同。")


def test_a_method_that_the_data_forbid_says_at_its_field_what_to_do(page: Page, check_accessibility: Check) -> None:
    page.goto(f"{EDITION}what-if/")
    page.get_by_label("合成").select_option("geometric")
    expect(page.locator("#error-aggregate")).to_contain_text("极差法 1–100")
    expect(page.get_by_role("alert")).to_contain_text("这样算不出来")
    check_accessibility(page)
    page.get_by_label("合成").select_option("harmonic")
    expect(page.locator("#error-aggregate")).to_contain_text("调和平均")
    page.get_by_label("合成").select_option("median")
    expect(page.locator("#error-aggregate")).to_be_empty()
    expect(page.locator(".what-if-summary")).to_contain_text("等级相关系数")


def test_what_if_works_without_scripts(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.address, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{EDITION}what-if/")
    page.locator("[id='field-w.yrd2024_innovation']").fill("60")
    page.get_by_role("button", name="重算名次").click()
    expect(page.locator(".what-if-summary")).to_contain_text("个名次变动")
    assert "w.yrd2024_innovation=60" in page.url
    context.close()


@pytest.mark.parametrize("tab", ["units/340100/", "audit/", "../../g60-growth/2023/series/", "../../g60/2024/"])
def test_the_other_pages_are_read_by_everybody_at_every_width(
    page: Page, width: int, check_accessibility: Check, tab: str
) -> None:
    window(page, width)
    page.goto(EDITION + tab)
    chart = page.locator(".chart")
    if chart.count():
        expect(chart.locator("svg")).to_be_visible()
    check_accessibility(page)
    assert fits(page)


def test_the_office_makes_an_edition_looks_at_it_and_publishes_it(
    page: Page, sign_in: SignIn, check_accessibility: Check
) -> None:
    sign_in(page, "office")
    page.goto("/index/editions/")
    check_accessibility(page)
    for name, value in {
        "index": "dimensions",
        "label": "2024",
        "title_zh": "分项合成",
        "title_en": "Dimensions",
    }.items():
        page.locator(f"#field-{name}").fill(value)
    page.locator("#field-framework").set_input_files(DATA / "yrd2024_dimensions.yaml")
    page.locator("#field-data").set_input_files(DATA / "yrd2024.csv")
    page.get_by_role("button", name="计算草稿").click()
    expect(page.locator("#help-data .field-error").first).to_be_visible()
    page.locator("#field-framework").set_input_files(DATA / "yrd2024_dimensions.yaml")
    page.locator("#field-data").set_input_files(DATA / "yrd2024_dimensions.csv")
    page.locator("#field-recipe").set_input_files(DATA / "yrd2024_dimensions_recipe.yaml")
    page.get_by_role("button", name="计算草稿").click()
    page.wait_for_url(re.compile(r"/index/editions/[0-9a-f-]{36}/$"))
    check_accessibility(page)
    page.get_by_role("link", name="看草稿").click()
    expect(page.locator(".notice-attention")).to_contain_text("草稿")
    page.get_by_role("link", name="修改或发布").click()
    page.get_by_role("button", name="发布并冻结").click()
    page.wait_for_url(re.compile(r"/index/dimensions/2024/$"))
    expect(page.locator(".notice-done")).to_contain_text("已发布")
