"""From a need's matches to a signature, in a real browser, on a desk and on a telephone."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Site

SignIn = Callable[[Page, str], None]
Check = Callable[[Page], None]
NEED = re.compile(r"^/needs/[0-9a-f-]{36}/$")


@pytest.fixture
def people(browser: Browser, site: Site, sign_in: SignIn, width: int) -> Iterator[dict[str, Page]]:
    """Return a window each for the manager and for the owner of a need."""
    contexts = [browser.new_context(base_url=site.address, viewport={"width": width, "height": 900}) for _ in range(2)]
    windows = dict(zip(("manager", "enterprise"), (context.new_page() for context in contexts), strict=True))
    for who, window in windows.items():
        sign_in(window, who)
    yield windows
    for context in contexts:
        context.close()


def fits(page: Page, check_accessibility: Check) -> None:
    """Hold a page to what every page keeps to."""
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert page.locator("h1").count() == 1


def own_need(page: Page) -> str:
    """Return the address of a need of the reader's."""
    page.goto("/workbench/")
    links = page.locator("main h3 a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return str(next(link for link in links if NEED.match(link)))


def test_a_manager_compares_judges_and_introduces_the_owner_accepts_and_both_sign(
    people: dict[str, Page], check_accessibility: Check
) -> None:
    manager, owner = people["manager"], people["enterprise"]
    need = own_need(owner)
    manager.goto(f"{need}match/")
    fits(manager, check_accessibility)

    offered = manager.locator(".hits > .row").filter(has=manager.get_by_role("link", name="约对接"))
    for place in range(2):
        offered.nth(place).get_by_label("比较").check()
    manager.get_by_role("button", name="比较所选").first.click()
    expect(manager.locator("table.compare thead th")).to_have_count(2)
    fits(manager, check_accessibility)
    manager.go_back()

    first = offered.first
    title = first.locator(".row-title").inner_text()
    good = first.get_by_role("button", name=re.compile("^合适"))
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    expect(first.locator(".feedback")).to_contain_text("已记下")
    fits(manager, check_accessibility)

    first.get_by_role("link", name="约对接").click()
    reason = f"技术路线一致，先看样品 {uuid.uuid4().hex[:6]}"
    manager.get_by_label("推荐理由").fill(reason)
    fits(manager, check_accessibility)
    manager.get_by_role("button", name="提出对接").click()
    expect(manager.locator("h1")).to_contain_text(title)
    fits(manager, check_accessibility)
    introduction = urlparse(manager.url).path

    owner.goto("/workbench/")
    waiting = owner.get_by_role("region", name="等您答复的对接")
    fits(owner, check_accessibility)
    waiting.get_by_role("link", name=title).click()
    expect(owner.locator("main")).to_contain_text(reason)
    fits(owner, check_accessibility)
    owner.get_by_role("button", name="同意对接").click()
    expect(owner.get_by_role("button", name="同意对接")).to_have_count(0)

    manager.goto("/workbench/")
    fits(manager, check_accessibility)
    task = manager.get_by_role("region", name="对接任务").locator(".row", has_text=title)
    expect(task).to_have_count(1)
    expect(task).to_contain_text("征询供给方意见")
    task.get_by_role("button", name="办结").click()
    expect(manager.get_by_text("任务已办结")).to_be_visible()

    manager.goto(introduction)
    for step, reached in (("记录供给方同意", "双方已同意"), ("记录会面", "会面洽谈"), ("记录签约", "已签约")):
        manager.get_by_role("button", name=step).click()
        expect(manager.locator(".lede .badge")).to_have_text(reached)
    fits(manager, check_accessibility)
    manager.goto("/introductions/?status=signed")
    expect(manager.get_by_role("link", name=title).first).to_be_visible()
    fits(manager, check_accessibility)
