"""The words that a room's script fills in as things happen, so that it needs none of its own."""

from __future__ import annotations

from functools import cache

from yunlang.auctions.core.state import PHASES
from yunlang.kit.language import Bilingual

_WORDS: dict[str, Bilingual] = {
    "connecting": Bilingual("正在连接…", "connecting…"),
    "connected": Bilingual("已连接，实时更新", "connected, updated live"),
    "lost": Bilingual("连接中断，正在重连…", "connection lost, reconnecting…"),
    "in_step": Bilingual("本机时钟与服务器一致", "this device's clock agrees with the server's"),
    "behind": Bilingual("本机比服务器慢 {seconds} 秒", "this device is {seconds} s behind the server"),
    "ahead": Bilingual("本机比服务器快 {seconds} 秒", "this device is {seconds} s ahead of the server"),
    "you_lead": Bilingual("您领先", "you lead"),
    "outbid": Bilingual("您的出价已被超过", "you have been outbid"),
    "won": Bilingual("您已竞得", "it is yours"),
    "not_won": Bilingual("未竞得", "it went to another bidder"),
    "no_bid_yet": Bilingual("您尚未出价", "you have not bid yet"),
    "has_bid": Bilingual("您已出价", "you have bid"),
    "sending": Bilingual("已发送，等待受理…", "sent, waiting for the answer…"),
    "resending": Bilingual(
        "网络中断，正在用同一编号重发，不会重复出价…",
        "the network failed; sending again under the same key, so nothing is bid twice…",
    ),
    "time_left": Bilingual("剩余时间", "Time left"),
    "time_is_up": Bilingual("时间到，等待落槌", "time is up, awaiting the hammer"),
    "no_clock": Bilingual("由拍卖师落槌", "the auctioneer closes"),
    "opens_in": Bilingual("{time} 后开始", "opens in {time}"),
    "nobody": Bilingual("暂无", "none yet"),
    "price": Bilingual("现价（元）", "Price (CNY)"),
    "starting_price": Bilingual("起拍价（元）", "Starting price (CNY)"),
    "ceiling": Bilingual("最高限价（元）", "Ceiling (CNY)"),
    "paddle": Bilingual("号牌 {bidder}", "paddle {bidder}"),
    "reserve_met": Bilingual("已达保留价", "reserve met"),
    "reserve_not_met": Bilingual("未达保留价", "reserve not met"),
    "take": Bilingual("以 {price} 元应价", "take it at CNY {price}"),
    "sealed_kept": Bilingual(
        "承诺值已封存。请保存下面的随机数；开启时须凭金额与随机数。",
        "The commitment is sealed. Keep the nonce below: opening takes the amount and the nonce.",
    ),
    "no_crypto": Bilingual(
        "此浏览器不能在本机计算承诺值，请用 HTTPS 打开本页。",
        "This browser cannot compute the commitment here. Open the page over HTTPS.",
    ),
    "signed_out": Bilingual("登录已过期，请重新登录后再试。", "You have been signed out. Sign in and try again."),
    "bad_amount": Bilingual("请填写金额（元，精确到分）", "Write the amount in CNY, with two places at most"),
}


@cache
def room_words() -> dict[str, Bilingual]:
    """Return every word by its key; phases under ``phase_<name>``."""
    return _WORDS | {f"phase_{phase}": label for phase, label in PHASES.items()}


def price_label(format_: str, *, has_price: bool) -> Bilingual:
    """Return what the price in large figures is."""
    if has_price or format_ == "dutch":
        return _WORDS["price"]
    return _WORDS["ceiling" if format_ == "reverse" else "starting_price"]
