"""A challenge from its call to the second milestone: the office, an enterprise, two proposers and two reviewers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Site
from tests.factories import PASSWORD

SignIn = Callable[[Page, str], None]
Check = Callable[[Page], None]
ROOT = Path(__file__).resolve().parents[2]
PDF = {"name": "检测报告.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 evidence"}
PATENT = {"name": "技术方案.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 proposal"}


def on_stage(site: Site, *words: str) -> dict[str, Any]:
    """Have something arranged behind the scene: people, or the clock set forward to a deadline."""
    environment = os.environ | {"YUNLANG_HOME": str(site.home), "DJANGO_SETTINGS_MODULE": "yunlang.config.settings"}
    environment.pop("DATABASE_URL", None)
    answer = subprocess.run(
        [sys.executable, "-m", "tests.e2e.challenge_stage", *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    told: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return told


@pytest.fixture
def cast(site: Site, browser: Browser, sign_in: SignIn) -> Iterator[dict[str, Any]]:
    """Return a window for each who takes part, and what is known of them."""
    known = on_stage(site, "people")
    contexts, windows = [], {}
    for who in ("office", "needing", "first", "second", "expert1", "expert2"):
        context = browser.new_context(base_url=site.address, viewport={"width": 1440, "height": 900}, locale="zh-CN")
        context.set_default_timeout(15_000)
        contexts.append(context)
        windows[who] = context.new_page()
        if who == "office":
            sign_in(windows[who], "office")
            continue
        windows[who].goto("/accounts/sign-in/")
        windows[who].locator("input[name=email]").fill(known[who]["email"])
        windows[who].locator("input[name=password]").fill(PASSWORD)
        windows[who].locator("main form button").first.click()
        windows[who].wait_for_url(lambda url: "sign-in" not in url)
    yield {"known": known, **windows}
    for context in contexts:
        context.close()


def fits(page: Page, check_accessibility: Check) -> None:
    """Hold a page to what every page keeps to; it fits a telephone as well."""
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, page.url)
    check_accessibility(page)
    assert page.locator("h1").count() == 1


def fill(page: Page, values: dict[str, str]) -> None:
    """Fill in a form by its labels."""
    for name, value in values.items():
        page.locator(f"[name='{name}']").fill(value)


def reviewed(expert: Page, points: dict[str, str], check_accessibility: Check) -> None:
    """Have an expert give every open review the points that its title calls for."""
    for _ in range(len(points)):
        expert.goto("/reviews/")
        expert.locator("main .row", has_text="待评审").locator("h2 a").first.click()
        title = expert.locator("h1").inner_text()
        given = next(value for part, value in points.items() if part in title)
        expect(expert.locator("main")).not_to_contain_text("揭榜研究所")
        if given == "90":
            fits(expert, check_accessibility)
        for field in expert.locator("input[name^=points_]").all():
            field.fill(given)
        expert.get_by_role("button", name="提交评审").click()
        expect(expert.get_by_text("评审已提交")).to_be_visible()


def call_to_list(cast: dict[str, Any], site: Site, check_accessibility: Check) -> str:
    """Take a need through call, reviews and decision to the published list; return the challenge's address."""
    office, needing, need = cast["office"], cast["needing"], cast["known"]["needing"]
    office.goto("/challenges/calls/new/")
    fill(office, {"title": "联合攻关需求征集", "opens_on": "2026-01-01", "closes_on": "2099-01-01",
                  "screening_until_on": "2099-02-01", "reviewers_per_item": "2"})  # fmt: skip
    office.get_by_label("新材料").check()
    office.get_by_role("button", name="存为草稿").click()
    office.get_by_role("button", name="公布征集").click()
    expect(office.get_by_text("征集已公布")).to_be_visible()
    call = urlparse(office.url).path
    needing.goto(f"/needs/{need['need']}/nominate/?call={call.split('/')[3]}")
    fill(needing, {"budget": "600 万元", "acceptance_criteria": "循环 500 次容量保持率 ≥ 85%", "horizon_months": "24"})
    needing.get_by_role("button", name="提交申报").click()
    expect(needing.get_by_text("需求已申报")).to_be_visible()
    on_stage(site, "call", call.split("/")[3])
    office.goto(f"{call}screening/")
    office.get_by_role("button", name="截止申报，开始评审").click()
    office.get_by_role("button", name="分配评审").click()
    round_address = urlparse(office.url).path
    for who in ("expert1", "expert2"):
        reviewed(cast[who], {need["title"]: "85"}, check_accessibility)
    office.goto(round_address)
    office.get_by_role("button", name="截止本轮评审").click()
    office.goto(call)
    office.get_by_role("link", name=need["title"]).click()
    office.get_by_role("button", name="入选", exact=True).click()
    office.goto(f"{call}publish/")
    fill(office, {"proposals_close_on": "2099-03-01"})
    office.locator("input[name$=winners_at_most]").fill("2")
    office.get_by_role("button", name="发布榜单").click()
    office.get_by_role("link", name=need["title"]).first.click()
    return urlparse(office.url).path


def proposed(page: Page, challenge: str, title: str, asked: str, check_accessibility: Check) -> None:
    """Hand in a proposal; the first attempt asks for money in words, and what was typed stays."""
    page.goto(challenge)
    fits(page, check_accessibility)
    page.get_by_role("link", name="提交揭榜方案").click()
    fits(page, check_accessibility)
    fill(page, {"title": title, "approach": "原位聚合，三批连续验证", "basis": "已有百吨级装置",
                "schedule": "小试 6 个月，中试 6 个月", "asked": "很多"})  # fmt: skip
    page.locator("input[type=file]").set_input_files([PATENT])
    page.get_by_role("button", name="密封提交").click()
    expect(page.get_by_label("方案名称")).to_have_value(title)
    expect(page.locator(".error-summary")).to_be_visible()
    fits(page, check_accessibility)
    fill(page, {"asked": asked})
    page.locator("input[type=file]").set_input_files([PATENT])
    page.get_by_role("button", name="密封提交").click()
    expect(page.locator("h1")).to_have_text("揭榜方案回执")
    expect(page.get_by_text("技术方案.pdf")).to_be_visible()
    fits(page, check_accessibility)


def test_a_challenge_from_the_call_to_the_second_milestone(
    cast: dict[str, Any], site: Site, check_accessibility: Check
) -> None:
    office, first, second = cast["office"], cast["first"], cast["second"]
    challenge = call_to_list(cast, site, check_accessibility)
    proposed(first, challenge, "甲路线", "300 万元", check_accessibility)
    proposed(second, challenge, "乙路线", "250 万元", check_accessibility)

    # Sealed: the office sees neither whose nor what.
    office.goto(f"{challenge}proposals/")
    expect(office.locator("main")).not_to_contain_text("路线")
    expect(office.locator("main")).not_to_contain_text("揭榜研究所")
    fits(office, check_accessibility)
    assert on_stage(site, "close", challenge.split("/")[2]) == {"closed": 1, "sealed": 2}
    office.reload()
    fits(office, check_accessibility)
    office.get_by_role("button", name="开启全部方案").click()
    expect(office.get_by_text("已开启 2 份方案")).to_be_visible()

    # Reviewed blind.
    office.get_by_role("link", name="组织评审").click()
    fill(office, {"due_on": "2099-03-20", "reviewers_per_item": "2"})
    fits(office, check_accessibility)
    office.get_by_role("button", name="开始评审").click()
    office.get_by_role("button", name="分配评审").click()
    round_address = urlparse(office.url).path
    for who in ("expert1", "expert2"):
        reviewed(cast[who], {"甲路线": "90", "乙路线": "80"}, check_accessibility)
    office.goto(round_address)
    office.get_by_role("button", name="截止本轮评审").click()

    # Awarded to two in parallel, of whom one goes on after the first stage.
    office.goto(f"{challenge}stages/")
    fits(office, check_accessibility)
    fill(office, {"1-title": "小试", "1-criteria": "首批样品检测合格", "1-due": "2027-06-30", "1-share": "30", "1-keeps": "1",
                  "2-title": "中试", "2-criteria": "连续 3 批稳定", "2-due": "2027-12-31", "2-share": "70"})  # fmt: skip
    office.get_by_role("button", name="保存阶段安排").click()
    fits(office, check_accessibility)
    office.get_by_role("link", name="定榜").click()
    for title, amount in (("甲路线", "300 万元"), ("乙路线", "250 万元")):
        office.locator("section", has=office.get_by_role("heading", name=title)).locator("input").first.fill(amount)
    fits(office, check_accessibility)
    office.get_by_role("button", name="定榜并登记成交").click()
    expect(office.get_by_text("已定榜")).to_be_visible()

    awards = {}
    for name, page in (("first", first), ("second", second)):
        page.goto("/challenges/proposals/")
        fits(page, check_accessibility)
        page.get_by_role("link", name="合同与阶段").click()
        awards[name] = urlparse(page.url).path
        office.goto(awards[name])
        office.get_by_role("link", name="记录合同").click()
        fill(office, {"number": f"JB-{name}", "signed_on": "2026-12-25"})
        office.get_by_role("button", name="记录合同").click()
        step(page, awards[name], "交付本阶段", {"note": "样品检测合格"}, check_accessibility, sends=True)
        step(office, awards[name], "验收通过", {"finding": "符合标准", "pay_by": "2027-07-31"}, check_accessibility)
    step(office, awards["first"], "记录付款", {"paid_on": "2027-07-15", "reference": "回单 1"}, check_accessibility)

    office.get_by_role("link", name="现在决定").click()
    office.get_by_label(re.compile(cast["known"]["first"]["organisation"])).check()
    fill(office, {"reason": "指标较低"})
    fits(office, check_accessibility)
    office.get_by_role("button", name="淘汰其余揭榜方").click()
    second.goto(awards["second"])
    expect(second.locator("main")).to_contain_text("指标较低")
    expect(second.get_by_role("link", name="交付本阶段")).to_have_count(0)

    # The second stage: rejected, delivered again, accepted.
    step(first, awards["first"], "交付本阶段", {"note": "两批稳定"}, check_accessibility, sends=True)
    step(office, awards["first"], "验收不通过", {"finding": "缺第三批"}, check_accessibility)
    first.goto(awards["first"])
    expect(first.locator("main")).to_contain_text("缺第三批")
    step(first, awards["first"], "再次交付", {"note": "补齐第三批"}, check_accessibility, sends=True)
    step(office, awards["first"], "验收通过", {"finding": "三批稳定", "pay_by": "2028-01-31"}, check_accessibility)
    expect(office.locator("section", has_text="中试").locator(".badge")).to_have_text("已通过")
    fits(office, check_accessibility)
    office.get_by_role("link", name="看成交").click()
    expect(office.locator("#journal").locator("..")).to_contain_text("里程碑通过验收")

    # Whoever reads the list sees who won, how far they are, and the sums.
    cast["needing"].goto(challenge)
    expect(cast["needing"].get_by_role("region", name="揭榜方").last).to_contain_text("第 1 阶段后淘汰")
    fits(cast["needing"], check_accessibility)
    cast["needing"].goto("/challenges/statistics/")
    fits(cast["needing"], check_accessibility)


def step(
    page: Page, award: str, name: str, values: dict[str, str], check_accessibility: Check, *, sends: bool = False
) -> None:
    """Take one step with an award on its page."""
    page.goto(award)
    page.get_by_role("link", name=re.compile(f"^{name}")).click()
    fits(page, check_accessibility)
    fill(page, values)
    if sends:
        page.locator("input[type=file]").set_input_files([PDF])
    page.locator("form.form button").first.click()
    page.wait_for_url(f"**{award}")
