"""The open challenges that the demo corridor begins with: one call that takes nominations, one list published."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from rich.console import Console

from yunlang.accounts.actors import SYSTEM
from yunlang.challenges.call_services import call_create, call_open
from yunlang.challenges.core.vocabulary import CallStatus, NominationStatus
from yunlang.challenges.models import Call, Nomination
from yunlang.challenges.nomination_services import list_publish, nomination_submit
from yunlang.kit.language import Bilingual
from yunlang.registry.core.kinds import NeedKind
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Need

_RUBRIC = (
    {"code": "demand", "zh": "需求真实性与紧迫性", "en": "Real and urgent demand", "weight": "30.00"},
    {"code": "difficulty", "zh": "技术难度与先进性", "en": "Technical difficulty and novelty", "weight": "25.00"},
    {"code": "benefit", "zh": "经济与产业带动效益", "en": "Benefit to firm and industry", "weight": "25.00"},
    {"code": "criteria", "zh": "验收指标可检验性", "en": "Testable acceptance criteria", "weight": "20.00"},
)
_CRITERIA = (
    "1. 需求说明所列各项指标，由双方认可的第三方检测机构出具报告。\n"
    "2. 连续三批样品全部达标。\n"
    "3. 在发榜单位现场试用满三个月，记录完整。"
)
_LISTED_AREAS = ("new_energy", "new_materials", "integrated_circuits")
_OPEN_AREAS = ("biomedicine", "artificial_intelligence", "high_end_equipment")
_LISTED, _NOMINATED = 3, 4


@transaction.atomic
def challenges_prepare(*, console: Console, language: str) -> int:
    """Make the demo's two calls unless it has some; return how many challenges and nominations they hold."""
    if Call.objects.filter(illustrative=True).exists():
        return 0
    with console.status(Bilingual("准备榜单……", "Preparing open challenges…").text(language)):
        now = timezone.now()
        return _published_list(now) + _open_call(now)


def _published_list(now: datetime) -> int:
    title = Bilingual("G60 科创走廊首批揭榜挂帅榜单（示例）", "First open challenges of the G60 corridor (sample)")
    call = _call(title, _LISTED_AREAS, now, opens=-75, closes=-45, screened=-20)
    chosen = _nominations(call, _LISTED_AREAS, _LISTED, now - timedelta(days=60))
    # Experts of the corridor are real people, to whom no made-up review is ascribed: the sample goes without.
    decided = now - timedelta(days=18)
    Nomination.objects.filter(call=call).update(
        status=NominationStatus.SCREENED_IN, decided_at=decided, decision_note="示例"
    )
    Call.objects.filter(pk=call.pk).update(status=CallStatus.SCREENING)
    items = {
        one.pk: {"title": one.need.title, "title_en": one.need.title_en, "winners_at_most": str(1 + number % 2)}
        for number, one in enumerate(chosen)
    }
    raw = {"proposals_close_on": _day(now, 46)}
    return len(list_publish(actor=SYSTEM, call_id=call.pk, raw=raw, items=items, at=now - timedelta(days=14)))


def _open_call(now: datetime) -> int:
    title = Bilingual("G60 科创走廊第二批榜单征集（示例）", "Second call for challenges of the G60 corridor (sample)")
    call = _call(title, _OPEN_AREAS, now, opens=-7, closes=24, screened=45)
    return len(_nominations(call, _OPEN_AREAS, _NOMINATED, now - timedelta(days=2)))


def _call(title: Bilingual, areas: tuple[str, ...], now: datetime, *, opens: int, closes: int, screened: int) -> Call:
    raw: dict[str, object] = {
        "title": title.zh,
        "title_en": title.en,
        "summary": "面向走廊内企业，征集有出资、有验收指标、自身难以解决的技术需求。示例：为演示而写。",
        "areas": list(areas),
        "opens_on": _day(now, opens),
        "closes_on": _day(now, closes),
        "screening_until_on": _day(now, screened),
        "reviewers_per_item": "3",
    }
    made = call_create(actor=SYSTEM, raw=raw, rubric=_RUBRIC, illustrative=True)
    return call_open(actor=SYSTEM, call_id=made.pk, at=now + timedelta(days=opens))


def _day(now: datetime, days: int) -> str:
    return timezone.localtime(now + timedelta(days=days)).date().isoformat()


def _nominations(call: Call, areas: tuple[str, ...], count: int, at: datetime) -> list[Nomination]:
    """Put the first illustrative technology needs of some areas forward, as many as there are."""
    rows = Need.objects.filter(illustrative=True, status=Status.PUBLISHED, kind=NeedKind.TECHNOLOGY, industry__in=areas)
    made = []
    for number, need in enumerate(rows.order_by("number", "pk")[:count]):
        raw: dict[str, object] = {
            "area": need.industry,
            "budget": str(need.budget or Decimal(2_000_000)),
            "acceptance_criteria": _CRITERIA,
            "horizon_months": str(12 + 6 * (number % 3)),
        }
        made.append(nomination_submit(actor=SYSTEM, call_id=call.pk, need_id=need.pk, raw=raw, at=at))
    return made
