"""Rows of introductions and tasks, each breaking one constraint of the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from tests.deals.support import PROPOSED_AT
from tests.rows import need, resource
from yunlang.deals.models import Introduction, Task

LATER, EARLIER = PROPOSED_AT + timedelta(days=1), PROPOSED_AT - timedelta(days=1)
AGREED = {"need_agreed_at": LATER, "offer_agreed_at": LATER, "accepted_at": LATER}
DECLINED = {"status": "declined", "due": None, "decline_reason": "已满", "declined_at": LATER}
SIGNED = {"status": "signed", "due": None, **AGREED, "meeting_at": LATER, "signed_at": LATER}


def introduction(**values: Any) -> Introduction:
    pair = {} if "need" in values else {"need": need()}
    offer = {} if "resource" in values else {"resource": resource()}
    usual = {"proposed_at": PROPOSED_AT, "due": date(2026, 12, 1)}
    return Introduction.objects.create(**(pair | offer | usual | values))


def introduced_twice() -> None:
    first = introduction()
    introduction(need=first.need, resource=first.resource)


def task(**values: Any) -> Task:
    whose = {} if "introduction" in values else {"introduction": introduction()}
    return Task.objects.create(**(whose | {"due": date(2026, 12, 1)} | values))


def task_twice() -> None:
    whose = introduction()
    for _ in "12":
        task(introduction=whose, code="arrange_meeting")


BROKEN: dict[str, Callable[[], Any]] = {
    "introduction_status_known": partial(introduction, status="unheard", due=None),
    "introduction_offers_one_thing": partial(introduction, resource=None),
    "introduction_open_once": introduced_twice,
    "introduction_declined_with_reason": partial(introduction, **DECLINED | {"decline_reason": ""}),
    "introduction_agreed_by_both": partial(introduction, status="accepted", **AGREED | {"offer_agreed_at": None}),
    "introduction_due_iff_open": partial(introduction, due=None),
    "introduction_due_after_proposal": partial(introduction, due=date(2026, 11, 21)),
    "introduction_accepted_has_time": partial(introduction, status="accepted", **AGREED | {"accepted_at": None}),
    "introduction_meeting_has_time": partial(introduction, status="meeting", **AGREED),
    "introduction_signed_has_time": partial(introduction, **SIGNED | {"signed_at": None}),
    "introduction_declined_has_time": partial(introduction, **DECLINED | {"declined_at": None}),
    "introduction_need_agreed_in_order": partial(introduction, need_agreed_at=EARLIER),
    "introduction_offer_agreed_in_order": partial(introduction, offer_agreed_at=EARLIER),
    "introduction_accepted_in_order": partial(introduction, status="accepted", **AGREED | {"accepted_at": EARLIER}),
    "introduction_meeting_in_order": partial(introduction, status="meeting", **AGREED, meeting_at=PROPOSED_AT),
    "introduction_signed_in_order": partial(introduction, **SIGNED | {"signed_at": PROPOSED_AT}),
    "introduction_declined_in_order": partial(introduction, **DECLINED | {"declined_at": EARLIER}),
    "task_code_known": partial(task, code="juggle"),
    "task_named_once": task,
    "task_of_course_unique": task_twice,
}
