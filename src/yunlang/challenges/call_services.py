"""What happens to calls for needs. One function is one business action in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yunlang.accounts.permissions import require
from yunlang.challenges.call_steps import call_audit, call_locked, call_moved
from yunlang.challenges.core.rubric import rubric_of, rubric_stored
from yunlang.challenges.core.vocabulary import CallStatus
from yunlang.challenges.fields import CALL_FIELDS, REASON_FIELDS, Raw, day_begins, day_ends
from yunlang.challenges.models import Call
from yunlang.kit.audit import Actor
from yunlang.kit.errors import ConflictError, InvalidError
from yunlang.kit.fields import parse_record
from yunlang.kit.language import Bilingual

RawRubric = Sequence[Mapping[str, Any]]


class NotADraftCallError(ConflictError):
    """What was announced is not changed."""

    code = "call_not_a_draft"
    message = Bilingual("征集已经公布，不能修改；可以撤销后另发。", "The call was announced: withdraw it instead.")


@transaction.atomic
def call_create(*, actor: Actor, raw: Raw, rubric: RawRubric, illustrative: bool = False) -> Call:
    """Draft a call.

    Raises
    ------
    InvalidError
        With the reasons by field, those against the rubric under ``rubric``.
    """
    require(actor, "challenges.keep_calls")
    call = Call(created_by_id=actor.actor_id, illustrative=illustrative, **_columns(raw, rubric))
    call.save(force_insert=True)
    call_audit(actor, call, "call_create", after={"title": call.title, "areas": call.areas, "rubric": call.rubric})
    return call


@transaction.atomic
def call_update(*, actor: Actor, call_id: UUID, raw: Raw, rubric: RawRubric, at: datetime) -> Call:
    """Set every value of a draft.

    Raises
    ------
    NotADraftCallError, InvalidError
    """
    call = call_locked(actor, call_id)
    if call.status != CallStatus.DRAFT:
        raise NotADraftCallError
    before = {"title": call.title, "areas": call.areas, "rubric": call.rubric}
    for name, value in (_columns(raw, rubric) | {"updated_at": at}).items():
        setattr(call, name, value)
    call.save()
    call_audit(
        actor, call, "call_update", before=before,
        after={"title": call.title, "areas": call.areas, "rubric": call.rubric},
    )  # fmt: skip
    return call


@transaction.atomic
def call_open(*, actor: Actor, call_id: UUID, at: datetime) -> Call:
    """Announce a call; nominations are taken from its first day to its last.

    Raises
    ------
    InvalidError
        When its last day has passed.
    """
    call = call_locked(actor, call_id)
    if call.closes_at <= at:
        raise InvalidError({"closes_on": [Bilingual("截止日期已过", "the last day has passed")]})
    return call_moved(actor, call, CallStatus.OPEN, at, "call_open")


@transaction.atomic
def call_withdraw(*, actor: Actor, call_id: UUID, raw: Raw, at: datetime) -> Call:
    """Withdraw a call before its list is published, with the reason."""
    call = call_locked(actor, call_id)
    values, reasons = parse_record(REASON_FIELDS, raw)
    if reasons:
        raise InvalidError({name: [reason] for name, reason in reasons.items()})
    return call_moved(actor, call, CallStatus.WITHDRAWN, at, "call_withdraw", ended_at=at, end_reason=values["reason"])


@transaction.atomic
def call_close(*, actor: Actor, call_id: UUID, at: datetime) -> Call:
    """Put a call away whose list was published."""
    call = call_locked(actor, call_id)
    return call_moved(actor, call, CallStatus.CLOSED, at, "call_close", ended_at=at)


def _columns(raw: Raw, rubric: RawRubric) -> dict[str, Any]:
    values, found = parse_record(CALL_FIELDS, raw)
    reasons = {name: [reason] for name, reason in found.items()}
    days = [values[name] for name in ("opens_on", "closes_on", "screening_until_on") if name in values]
    if days != sorted(days):
        reasons["closes_on"] = [
            Bilingual("日期须依次：开始、截止、评审截止", "the days come in order: opens, closes, reviews due")
        ]
    stored: list[dict[str, str]] = []
    try:
        stored = rubric_stored(rubric_of(rubric))
    except InvalidError as error:
        reasons |= error.fields
    if reasons:
        raise InvalidError(reasons)
    columns = {name: values[name] or "" for name in ("title", "title_en", "summary")}
    return columns | {
        "areas": list(values["areas"]),
        "opens_at": day_begins(values["opens_on"]),
        "closes_at": day_ends(values["closes_on"]),
        "screening_until": day_ends(values["screening_until_on"]),
        "reviewers_per_item": values["reviewers_per_item"],
        "rubric": stored,
    }
