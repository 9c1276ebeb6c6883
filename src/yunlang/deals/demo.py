"""The deals that the demo corridor begins with: made up, between organisations that are made up as well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from rich.console import Console

from yunlang.accounts.models import User
from yunlang.deals import ledger_services as services
from yunlang.deals.ledger_models import Deal
from yunlang.deals.ledger_publishing import heads_publish
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Need, Organisation

_TITLE = Bilingual("登记示例成交……", "Recording the demo's deals…")
_BEGAN = timedelta(days=75)
# What happens to each deal: the day since the first of all, the service, what is written down. A day among the
# values is counted from today.
_Step = tuple[int, str, Mapping[str, Any]]
_STORIES: tuple[tuple[str, str, tuple[_Step, ...]], ...] = (
    ("licence", "1200000", (
        (1, "deal_agree", {}),
        (4, "contract_sign", {"number": "示例-2026-001", "amount": "1200000", "signed_on": -71}),
        (4, "milestone_add", {"title": "技术资料与样品交付", "due": -50}),
        (4, "milestone_add", {"title": "试用报告", "due": -20}),
        (5, "payment_schedule", {"amount": "400000", "due": -60}),
        (5, "payment_schedule", {"amount": "800000", "due": -15}),
        (14, "payment_record", {"payment": 1, "paid_on": -61, "reference": "示例回单 001"}),
        (22, "milestone_reject", {"milestone": 1, "evidence": "示例验收记录 1：样品少两件"}),
        (27, "milestone_accept", {"milestone": 1, "evidence": "示例验收记录 2"}),
        (54, "milestone_accept", {"milestone": 2, "evidence": "示例试用报告"}),
        (59, "payment_record", {"payment": 2, "paid_on": -16, "reference": "示例回单 002"}),
        (60, "deal_complete", {}),
    )),
    ("joint_development", "3600000", (
        (20, "deal_agree", {}),
        (25, "contract_sign", {"number": "示例-2026-02", "amount": "3600000", "signed_on": -50}),
        (26, "deal_amend", {"corrects": "3", "field": "number", "value": "示例-2026-002", "reason": "编号少写一位"}),
        (27, "milestone_add", {"title": "联合方案评审", "due": -10}),
        (27, "milestone_add", {"title": "中试样机", "due": 90}),
        (28, "payment_schedule", {"amount": "1200000", "due": -30}),
        (28, "payment_schedule", {"amount": "1200000", "due": 5}),
        (44, "payment_record", {"payment": 1, "paid_on": -31, "reference": "示例回单 003"}),
        (66, "milestone_accept", {"milestone": 1, "evidence": "示例评审意见"}),
    )),
    ("purchase", "860000", (
        (41, "deal_agree", {}),
        (47, "contract_sign", {"number": "示例-2026-003", "amount": "860000", "signed_on": -28}),
        (48, "milestone_add", {"title": "设备安装调试", "due": 30}),
        (48, "payment_schedule", {"amount": "860000", "due": 40}),
    )),
    ("investment", "5000000", (
        (30, "deal_agree", {}),
        (33, "contract_sign", {"number": "示例-2026-004", "amount": "5000000", "signed_on": -42}),
        (34, "payment_schedule", {"amount": "1000000", "due": -35}),
        (39, "payment_record", {"payment": 1, "paid_on": -36, "reference": "示例回单 004"}),
        (52, "deal_terminate", {"reason": "示例：标的公司控股权变更，双方同意解除"}),
        (56, "payment_refund", {"payment": 1, "refunded_on": -19, "reason": "解除协议约定退还首笔款"}),
    )),
    ("transfer", "450000", ((70, "deal_agree", {}),)),
    ("equity", "2000000", ()),
)  # fmt: skip
# The days on which the six deals are opened.
_OPENED = (0, 18, 38, 29, 67, 72)


def deals_prepare(*, manager: User, console: Console, language: str) -> int:
    """Record the demo's deals where there is none yet, and publish the heads of their days; return how many."""
    if Deal.objects.exists():
        return 0
    with console.status(_TITLE.text(language)), transaction.atomic():
        now = timezone.now()
        pairs = list(_pairs(len(_STORIES)))
        for (kind, amount, story), (need, offer), day in zip(_STORIES, pairs, _OPENED, strict=False):
            _tell(manager, need, offer, {"kind": kind, "amount": amount}, (day, story), now)
        heads_publish(at=now)
    return len(pairs)


def _pairs(count: int) -> Iterator[tuple[Need, Organisation]]:
    """Return needs of made-up organisations, each with a made-up organisation elsewhere that answers it."""
    made_up = Organisation.objects.filter(illustrative=True, status=Status.PUBLISHED).exclude(city=None)
    needs = Need.objects.filter(illustrative=True, status=Status.PUBLISHED, organisation__in=made_up)
    chosen: dict[Any, Need] = {}
    for need in needs.select_related("organisation").order_by("number", "id"):
        chosen.setdefault(need.organisation_id, need)
    others, taken = list(made_up.order_by("-name", "id")), Counter[Any]()
    for need in list(chosen.values())[:count]:
        elsewhere = [one for one in others if one.city_id != need.organisation.city_id]
        # A city that answered nobody yet answers first, so that the deals cross the whole corridor.
        offer = min(elsewhere, key=lambda one: taken[one.city_id], default=None)
        if offer is not None:
            others.remove(offer)
            taken[offer.city_id] += 1
            yield need, offer


def _tell(
    manager: User, need: Need, offer: Organisation, terms: Mapping[str, str], told: tuple[int, tuple[_Step, ...]],
    now: datetime,
) -> None:  # fmt: skip
    opened, story = told
    raw = {
        **terms, "title": need.title, "need_side": str(need.organisation_id), "offer_side": str(offer.pk),
        "source": "need", "source_id": str(need.pk),
    }  # fmt: skip
    began = (timezone.localtime(now) - _BEGAN).replace(hour=10)
    deal = services.deal_open_directly(actor=manager, raw=raw, at=began + timedelta(days=opened))
    for place, (day, service, values) in enumerate(story, start=1):
        parts = {name: values[name] for name in ("milestone", "payment") if name in values}
        written = {name: _written(value, now) for name, value in values.items() if name not in parts}
        more: dict[str, Any] = parts | ({"raw": written} if written else {})
        # What happens on one day happens in its order.
        at = began + timedelta(days=day, minutes=place)
        getattr(services, service)(actor=manager, deal_id=deal.pk, at=at, **more)


def _written(value: Any, now: datetime) -> str:
    return str(timezone.localdate(now) + timedelta(days=value)) if isinstance(value, int) else value
