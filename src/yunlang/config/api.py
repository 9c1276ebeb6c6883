"""The REST API: the rooms' routers put together, who may call and how often."""

from __future__ import annotations

import os
from typing import Any

from yunlang.accounts.api import SECURITY_SCHEMES, Caller, CallLimits
from yunlang.kit.api.application import RestAPI
from yunlang.kit.api.limiting import RequestLimiter
from yunlang.kit.language import Bilingual
from yunlang.portal.reference import ReferencePage

# Every room that has an API names its router here, in the order of the reference.
ROUTERS: tuple[str, ...] = (
    "yunlang.matching.api.router",
    "yunlang.deals.api.introductions.router",
    "yunlang.deals.api.deals.router",
    "yunlang.auctions.api.lots.router",
    "yunlang.registry.api.needs.router",
    "yunlang.registry.api.resources.router",
    "yunlang.registry.api.organisations.router",
    "yunlang.registry.api.experts.router",
    "yunlang.registry.api.corridor.router",
    "yunlang.indicators.figure_api.router",
    "yunlang.indicators.edition_api.router",
    "yunlang.registry.api.members.router",
    "yunlang.registry.api.review.router",
    "yunlang.registry.api.records.router",
)

GROUPS: dict[str, Bilingual] = {
    "matching": Bilingual("匹配", "Matching"),
    "deals": Bilingual("对接与成交", "Introductions and deals"),
    "auctions": Bilingual("拍卖", "Auctions"),
    "needs": Bilingual("需求", "Needs"),
    "resources": Bilingual("要素", "Resources"),
    "organisations": Bilingual("机构", "Organisations"),
    "experts": Bilingual("专家", "Experts"),
    "corridor": Bilingual("城市、数据与用语", "Cities, figures, vocabulary"),
    "indices": Bilingual("指数", "Indices"),
    "members": Bilingual("我与机构成员", "The caller and memberships"),
    "review": Bilingual("走廊办公室", "The corridor office"),
    "records": Bilingual("来源与历史", "Provenance and history"),
}

_TITLE = Bilingual("云廊 API", "Yunlang API")
_DESCRIPTION = Bilingual(
    "公开内容无需登录即可读取；其余须提供令牌（Authorization: Bearer yl_…）。\n"
    "令牌即凭据，只能由本人登录后在“API 令牌”页面生成，不能由另一个令牌生成；read 令牌只读，write 令牌可修改。\n"
    "也可使用已登录浏览器的 Cookie；修改时另附 X-CSRFToken 请求头。\n"
    "列表每次最多 200 条，按 next 给出的地址翻页。\n"
    "金额为人民币元，写作两位小数的字符串；时间为 UTC；标识为 UUID。\n"
    "错误均为 application/problem+json（RFC 9457）；语言取 ?lang=，其次 Accept-Language，默认中文。\n"
    "调用次数有限制，余量见 RateLimit 响应头；超过时返回 429，按 Retry-After 等待。",
    "What is public may be read without signing in; all else takes a token (Authorization: Bearer yl_…).\n"
    "A token is a credential: a person makes it after signing in, on the page of API tokens, and never another token. "
    "Scope read reads, scope write also changes.\n"
    "The cookie of a signed-in browser will do as well; changes then also take the X-CSRFToken header.\n"
    "A list answers at most 200 rows; follow the address in next.\n"
    "Money is CNY, a string with two decimals; times are UTC; ids are UUIDs.\n"
    "Every error is application/problem+json (RFC 9457), in the language of ?lang=, Accept-Language, else Chinese.\n"
    "Calls are limited; the RateLimit header tells what is left. Beyond it the answer is 429: wait for Retry-After.",
)

caller = Caller(
    RequestLimiter(),
    CallLimits.per_minute(
        anonymous=int(os.environ.get("YUNLANG_RATE_ANONYMOUS", "120")),
        person=int(os.environ.get("YUNLANG_RATE_TOKEN", "600")),
    ),
)


def _api() -> RestAPI:
    extra: dict[str, Any] = {
        "components": {"securitySchemes": SECURITY_SCHEMES},
        "tags": [{"name": name, "description": title.en, "x-zh": title.zh} for name, title in GROUPS.items()],
    }
    made = RestAPI(
        title=_TITLE, description=_DESCRIPTION, docs=ReferencePage(), version="1", urls_namespace="api", auth=caller,
        openapi_extra=extra,
    )  # fmt: skip
    for router in ROUTERS:
        made.add_router("", router)
    return made


api = _api()
