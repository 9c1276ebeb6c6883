"""A lot sold live, by several people in browsers of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.auction_floor import HouseLot, lot_on, lot_opened
from tests.e2e.conftest import Site
from tests.e2e.wire import Wire

Check = Callable[[Page], None]
Enter = Callable[..., Page]
SOLD = 45_000


@pytest.fixture
def enter(browser: Browser, site: Site) -> Iterator[Enter]:
    """Return a function that opens a browser window of its own, signed in as somebody or nobody."""
    with ExitStack() as windows:

        def go(email: str = "", *, width: int = 1440, address: str = "") -> Page:
            context = browser.new_context(
                base_url=address or site.address, viewport={"width": width, "height": 900}, locale="zh-CN"
            )
            windows.callback(context.close)
            context.set_default_timeout(15_000)
            page = context.new_page()
            if email:
                page.goto("/accounts/sign-in/")
                page.locator("input[name=email]").fill(email)
                page.locator("input[name=password]").fill(site.password)
                page.locator("main form button").first.click()
                page.wait_for_url(lambda url: "sign-in" not in url)
            return page

        yield go


def bid(page: Page, amount: str) -> None:
    page.get_by_label("出价（元）").fill(amount)
    page.get_by_role("button", name="出价", exact=True).click()


def told(page: Page, text: str) -> None:
    expect(page.locator(".room-answer")).to_contain_text(text)


def stands(page: Page, text: str) -> None:
    expect(page.locator("[data-show=own]")).to_have_text(text)


def go_in(page: Page, house: HouseLot) -> None:
    page.goto(f"/lots/{house.lot}/room/")
    expect(page.locator("[data-show=connection]")).to_contain_text("已连接")


def rooms(site: Site, house: HouseLot, enter: Enter) -> tuple[Page, Page]:
    """Return both bidders in the lot's room as it opens, one of them on a telephone."""
    pages = enter(house.bidders["01"]), enter(house.bidders["02"], width=390)
    for page in pages:
        go_in(page, house)
    lot_opened(site, house)
    return pages


def fits(page: Page, check_accessibility: Check) -> None:
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def test_a_bid_war_is_extended_and_ends_with_the_hammer(site: Site, enter: Enter, check_accessibility: Check) -> None:
    house = lot_on(site, seconds=12)
    hall = enter()
    hall.goto(f"/auctions/{house.sale}/screen/")
    one, two = rooms(site, house, enter)
    bid(one, "895 万元")
    told(one, "为第 1 笔出价。您领先")
    stands(one, "您领先")
    bid(two, "8960000")
    told(two, "至少应为 9000000")
    bid(two, "9000000")
    stands(two, "您领先")
    stands(one, "您的出价已被超过")
    bid(one, "12300000")
    stands(two, "您的出价已被超过")
    expect(hall.locator("[data-show=price]")).to_have_text("12,300,000")
    expect(hall.locator(".happenings")).to_contain_text("截止时间延至")
    fits(one, check_accessibility)
    fits(two, check_accessibility)
    fits(hall, check_accessibility)
    expect(one.locator("[data-show=own]")).to_have_text("您已竞得", timeout=SOLD)
    stands(two, "未竞得")
    expect(hall.locator(".happenings")).to_contain_text("落槌：号牌 01，12,300,000 元")


def test_a_bid_that_the_network_swallows_is_sent_again_and_counts_once(site: Site, enter: Enter) -> None:
    house = lot_on(site, seconds=600)
    one, two = rooms(site, house, enter)
    seen: list[str] = []

    def fail_once(route: Route) -> None:
        """Let the server take the bid, and lose its answer; then be gone for a while."""
        seen.append(str(route.request.post_data))
        if len(seen) == 1:
            route.fetch()
        if len(seen) < 3:
            route.abort("connectionreset")
        else:
            route.continue_()

    one.route("**/room/bid/", fail_once)
    bid(one, "8950000")
    expect(one.locator(".room-answer")).to_contain_text("网络中断")
    told(one, "没有重复出价")
    assert len(set(seen)) == 1, "each try has to carry the same key"
    stands(one, "您领先")
    expect(two.locator("[data-show=bids]")).to_have_text("1")


def test_a_lost_connection_in_the_last_seconds_catches_up_with_all_that_happened(site: Site, enter: Enter) -> None:
    house = lot_on(site, seconds=12)
    with Wire(urlparse(site.address).port or 0) as wire:
        one, two = enter(house.bidders["01"], address=wire.address), enter(house.bidders["02"])
        go_in(one, house)
        go_in(two, house)
        lot_opened(site, house)
        bid(one, "8950000")
        stands(one, "您领先")
        wire.cut()
        bid(two, "9000000")
        stands(two, "您领先")
        bid(one, "9900000")
        expect(one.locator(".room-answer")).to_contain_text("网络中断")
        expect(one.locator("[data-show=connection]")).to_contain_text("连接中断")
        expect(two.locator("[data-show=own]")).to_have_text("您已竞得", timeout=SOLD)
        wire.mend()
        told(one, "未受理：拍卖已结束")
        stands(one, "未竞得")
        expect(one.locator(".happenings")).to_contain_text("落槌：号牌 02，9,000,000 元")
        ours, theirs = (page.locator(".happenings li").all_inner_texts() for page in (one, two))
        assert ours == theirs


def test_the_auctioneer_pauses_goes_on_and_annuls_and_everybody_sees_why(
    site: Site, enter: Enter, check_accessibility: Check
) -> None:
    house = lot_on(site, seconds=600)
    one, two = rooms(site, house, enter)
    office = enter(house.auctioneer)
    office.goto(f"/auctions/{house.sale}/console/")
    bid(one, "8950000")
    stands(one, "您领先")
    fits(office, check_accessibility)

    office.locator("summary", has_text="暂停").click()
    office.get_by_label("原因").first.fill("核对材料")
    office.get_by_role("button", name="暂停").last.click()
    expect(two.locator("[data-show=phase]").first).to_have_text("已暂停")
    expect(two.locator(".happenings")).to_contain_text("暂停：核对材料")
    office.get_by_role("button", name="恢复").click()
    expect(two.locator("[data-show=phase]").first).to_have_text("出价中")
    bid(two, "9000000")
    stands(two, "您领先")

    office.locator("summary", has_text="撤销").click()
    office.locator("details.grave").get_by_label("原因").fill("卖方权属证明有误")
    office.locator("details.grave").get_by_role("button").click()
    for page in (one, two):
        expect(page.locator("[data-show=phase]").first).to_have_text("已撤销")
        expect(page.locator(".happenings")).to_contain_text("撤销：卖方权属证明有误")
    fits(two, check_accessibility)
