"""From a signed introduction to a deal's completion, in a real browser; its journal is then checked without the site."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

Check = Callable[[Page], None]
FORMS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("记录合同", {"合同编号": "YL-2026-E2E", "金额": "120 万元", "签订日期": "2026-11-20"}, "合同已记入账本。"),
    ("设立里程碑", {"交付内容": "中试样品交付", "期限": "2027-03-01"}, "里程碑已记入账本。"),
    ("约定付款", {"金额": "120 万元", "应付日期": "2027-03-15"}, "付款约定已记入账本。"),
    ("验收通过", {"验收依据": "检测报告 13"}, "已记录验收通过。"),
    ("记录付款", {"付款日期": "2026-11-21", "凭证号": "银行回单 8842"}, "付款已记入账本。"),
)


def signed_introduction(manager: Page) -> None:
    """Have the manager introduce a need to what matches it, and record that both sides agree and sign."""
    manager.goto("/needs/?sort=latest")
    manager.locator("main .row-title a").last.click()
    manager.goto(f"{manager.url}match/")
    manager.get_by_role("link", name="约对接").last.click()
    manager.get_by_role("button", name="提出对接").click()
    for step in ("记录需求方同意", "记录供给方同意", "记录会面", "记录签约"):
        manager.get_by_role("button", name=step).click()
    expect(manager.locator(".lede .badge")).to_have_text("已签约")


def test_a_deal_is_kept_from_the_introduction_to_its_end_and_its_journal_verifies(
    page: Page, sign_in: Callable[[Page, str], None], check_accessibility: Check, tmp_path: Path
) -> None:
    sign_in(page, "manager")
    signed_introduction(page)

    def fits() -> None:
        check_accessibility(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
        assert page.locator("h1").count() == 1

    page.set_viewport_size({"width": 390, "height": 900})
    page.get_by_role("link", name="登记成交").click()
    page.get_by_label("成交方式").select_option(label="许可")
    page.get_by_label("金额").fill("120 万元")
    fits()
    page.get_by_role("button", name="登记成交").click()
    expect(page.locator(".steps [aria-current=step]")).to_have_text("已达成意向")
    for action, typed, said in FORMS:
        page.get_by_role("link", name=action).click()
        for label, value in typed.items():
            page.get_by_label(label).fill(value)
        # The others are the same page with other fields.
        if action in ("记录合同", "验收通过"):
            fits()
        page.get_by_role("button", name=action).click()
        expect(page.get_by_text(said)).to_be_visible()
    page.get_by_role("button", name="记录履行完毕").click()
    expect(page.locator(".lede .badge-done")).to_have_text("已完成")
    journal = page.get_by_role("region", name="账本").locator("li.row")
    expect(journal).to_have_count(7)
    expect(journal.first).to_contain_text("履行完毕")
    fits()
    page.set_viewport_size({"width": 1440, "height": 900})
    with page.expect_download() as download:
        page.get_by_role("link", name="下载账本").click()
    exported = tmp_path / "deal.jsonl"
    download.value.save_as(exported)
    command = [sys.executable, "-m", "yunlang", "ledger", "verify", str(exported)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search("[ ，]7 (条|entries)", done.stdout), done.stdout

    for address in ("/deals/", "/ledger/"):
        page.goto(address)
        fits()
    page.goto("/index/links/?kind=deal")
    expect(page.locator(".lede")).to_contain_text("笔")
    fits()
