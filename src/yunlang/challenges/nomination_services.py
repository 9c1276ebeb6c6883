"""What happens to nominations, from putting a need forward to the published list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from psycopg.errors import UniqueViolation

from yunlang.accounts.permissions import require
from yunlang.challenges.call_steps import call_locked, call_moved
from yunlang.challenges.core.vocabulary import (
    CALL_STATUSES,
    NOMINATION_STATUSES,
    CallStatus,
    NominationStatus,
)
from yunlang.challenges.fields import (
    DECISION_FIELDS,
    ITEM_FIELDS,
    LIST_FIELDS,
    NOMINATION_FIELDS,
    Raw,
    day_ends,
    parsed,
)
from yunlang.challenges.models import Call, Challenge, Nomination, ReviewRound
from yunlang.challenges.notices import decisions_tell, list_tell
from yunlang.challenges.review_rounds import round_begin
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.fields import parse_record
from yunlang.kit.language import Bilingual
from yunlang.registry.core.kinds import INDUSTRIES
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Need


class CallNotOpenError(ConflictError):
    """Nominations are taken only while the call is open."""

    code = "call_not_open"
    message = Bilingual("该征集现在不接受申报（{status}）。", "This call takes no nominations now ({status}).")


class NeedNotPublishedError(ConflictError):
    """Only what is published may be put forward."""

    code = "need_not_published"
    message = Bilingual("需求发布后才能申报。", "Publish the need first; then it can be put forward.")


class NominatedError(ConflictError):
    """The need stands in this call."""

    code = "nominated_already"
    message = Bilingual("这项需求已申报该征集。", "This need was put forward to this call before.")


class NominationSettledError(ConflictError):
    """The nomination is no longer open."""

    code = "nomination_settled"
    message = Bilingual("这项申报{status}，不能执行这一步。", "This nomination is {status}; the step is not possible.")


class CallStillOpenError(ConflictError):
    """Screening waits for the last day of the call."""

    code = "call_still_open"
    message = Bilingual("征集尚未截止，截止后才能开始评审。", "The call is open still; reviews begin after.")


class RoundOpenError(ConflictError):
    """Decisions wait for the end of the reviews."""

    code = "review_round_open"
    message = Bilingual("评审尚未截止，截止后才能决定。", "The reviews are not closed yet; decisions come after.")


class UndecidedError(ConflictError):
    """The list waits for every decision, and for something to list."""

    code = "nominations_undecided"
    message = Bilingual(
        "还不能发榜：{open} 项申报未决定，{chosen} 项入选。", "Not yet: {open} undecided, {chosen} selected."
    )


@transaction.atomic
def nomination_submit(*, actor: Actor, call_id: UUID, need_id: UUID, raw: Raw, at: datetime) -> Nomination:
    """Put a published need forward to an open call, for its organisation.

    Raises
    ------
    NotFoundError, CallNotOpenError, NeedNotPublishedError, NominatedError, InvalidError
    """
    need = Need.objects.select_related("organisation").select_for_update(of=("self",)).filter(pk=need_id).first()
    if need is None:
        raise NotFoundError(what=Bilingual("该需求", "this need"))
    require(actor, "challenges.nominate", need)
    # Its lock also numbers the nominations of a call one after the other.
    call = Call.objects.select_for_update().filter(pk=call_id).exclude(status=CallStatus.DRAFT).first()
    if call is None:
        raise NotFoundError(what=Bilingual("该征集", "this call"))
    if not takes_nominations(call, at):
        raise CallNotOpenError(status=CALL_STATUSES[call.status])
    if need.status != Status.PUBLISHED:
        raise NeedNotPublishedError
    values = _nomination_values(call, raw)
    last = call.nominations.aggregate(last=Max("number"))["last"] or 0
    made = Nomination(call=call, need=need, number=last + 1, submitted_by_id=actor.actor_id, submitted_at=at, **values)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise NominatedError from error
        raise
    _audit(actor, made, "nomination_submit", after={"call": str(call.pk), "need": str(need.pk), **values})
    return made


def takes_nominations(call: Call, at: datetime) -> bool:
    """Tell whether needs may be put forward to a call at a moment."""
    return call.status == CallStatus.OPEN and call.opens_at <= at <= call.closes_at


def _nomination_values(call: Call, raw: Raw) -> dict[str, Any]:
    values, found = parse_record(NOMINATION_FIELDS, raw)
    reasons = {name: [reason] for name, reason in found.items()}
    if values.get("area") and values["area"] not in call.areas:
        taken = [INDUSTRIES[one] for one in call.areas]
        zh, en = "、".join(one.zh for one in taken), ", ".join(one.en for one in taken)
        reasons["area"] = [Bilingual(f"该征集只收：{zh}", f"this call takes: {en}")]
    if reasons:
        raise InvalidError(reasons)
    return values


@transaction.atomic
def nomination_withdraw(*, actor: Actor, nomination_id: UUID, at: datetime) -> Nomination:
    """Take a nomination back before the reviews begin."""
    nomination = Nomination.objects.select_related("need", "call").filter(pk=nomination_id).first()
    if nomination is None:
        raise NotFoundError(what=Bilingual("该申报", "this nomination"))
    require(actor, "challenges.withdraw_nomination", nomination)
    # The call before the nomination, as everybody who moves either does.
    call = Call.objects.select_for_update().get(pk=nomination.call_id)
    nomination = _held(nomination.pk)
    if call.status != CallStatus.OPEN:
        raise NominationSettledError(status=CALL_STATUSES[call.status])
    nomination.status, nomination.withdrawn_at, nomination.updated_at = NominationStatus.WITHDRAWN, at, at
    nomination.save(update_fields=["status", "withdrawn_at", "updated_at"])
    _audit(actor, nomination, "nomination_withdraw", after={"status": nomination.status})
    return nomination


@transaction.atomic
def screening_begin(*, actor: Actor, call_id: UUID, at: datetime, avoid_same_city: bool = False) -> ReviewRound:
    """End a call's nominations and begin their reviews, by the call's own rubric.

    Raises
    ------
    CallStepError, CallStillOpenError
    """
    call = call_locked(actor, call_id)
    if call.status == CallStatus.OPEN and at <= call.closes_at:
        raise CallStillOpenError
    call_moved(actor, call, CallStatus.SCREENING, at, "screening_begin")
    return round_begin(
        actor=actor, subject=call, rubric=call.rubric, reviewers_per_item=call.reviewers_per_item,
        due_at=max(call.screening_until, at), at=at, avoid_same_city=avoid_same_city,
    )  # fmt: skip


@transaction.atomic
def screening_decide(*, actor: Actor, nomination_id: UUID, chosen: bool, raw: Raw, at: datetime) -> Nomination:
    """Decide whether a nomination goes on the list, once the reviews are closed; until the list is out, anew.

    Raises
    ------
    NotFoundError, RoundOpenError, NominationSettledError
    InvalidError
        When a refusal has no reason.
    """
    require(actor, "challenges.keep_calls")
    call_id = Nomination.objects.filter(pk=nomination_id).values_list("call_id", flat=True).first()
    if call_id is None:
        raise NotFoundError(what=Bilingual("该申报", "this nomination"))
    call = call_locked(actor, call_id)
    if call.status != CallStatus.SCREENING:
        raise NominationSettledError(status=CALL_STATUSES[call.status])
    if not ReviewRound.objects.filter(call=call, closed_at__isnull=False).exists():
        raise RoundOpenError
    nomination = _held(nomination_id, settled=True)
    note = parsed(DECISION_FIELDS, raw)["note"] or ""
    if not chosen and not note:
        raise InvalidError({"note": [Bilingual("未入选须写明原因", "a refusal takes a reason")]})
    before = {"status": nomination.status, "note": nomination.decision_note}
    nomination.status = NominationStatus.SCREENED_IN if chosen else NominationStatus.SCREENED_OUT
    nomination.decision_note, nomination.decided_at, nomination.updated_at = note, at, at
    nomination.save(update_fields=["status", "decision_note", "decided_at", "updated_at"])
    _audit(actor, nomination, "screening_decide", before=before, after={"status": nomination.status, "note": note})
    return nomination


@transaction.atomic
def list_publish(
    *, actor: Actor, call_id: UUID, raw: Raw, items: Mapping[UUID, Raw] | None = None, at: datetime
) -> list[Challenge]:
    """Publish the list: a challenge for every nomination selected, in the order of their numbers.

    `items` has the words of each challenge by nomination (`ITEM_FIELDS`); the need's own title and one winner where
    it has none.

    Raises
    ------
    CallStepError, UndecidedError
    InvalidError
        With the reasons by field, those of an item under ``<nomination's id>-<field>``.
    """
    call = call_locked(actor, call_id)
    rows = list(call.nominations.select_for_update(of=("self",)).select_related("need").order_by("number"))
    undecided = [one for one in rows if one.status == NominationStatus.SUBMITTED]
    chosen = [one for one in rows if one.status == NominationStatus.SCREENED_IN]
    if call.status == CallStatus.SCREENING and (undecided or not chosen):
        raise UndecidedError(open=len(undecided), chosen=len(chosen))
    closes_at, words = _list_values(raw, chosen, items or {}, at)
    call_moved(actor, call, CallStatus.LISTED, at, "list_publish", listed_at=at)
    made = [
        Challenge(
            call=call, nomination=one, number=number, area=one.area, description=one.need.description,
            budget=one.budget, acceptance_criteria=one.acceptance_criteria, horizon_months=one.horizon_months,
            published_at=at, proposals_close_at=closes_at, illustrative=call.illustrative, **words[one.pk],
        )
        for number, one in enumerate(chosen, 1)
    ]  # fmt: skip
    Challenge.objects.bulk_create(made)
    decided = [one for one in rows if one.status in (NominationStatus.SCREENED_IN, NominationStatus.SCREENED_OUT)]
    for one in decided:
        one.call = call
    decisions_tell(decided)
    list_tell(call, decided)
    return made


def _list_values(
    raw: Raw, chosen: list[Nomination], items: Mapping[UUID, Raw], at: datetime
) -> tuple[datetime, dict[UUID, dict[str, Any]]]:
    values, found = parse_record(LIST_FIELDS, raw)
    reasons = {name: [reason] for name, reason in found.items()}
    closes_at = day_ends(values["proposals_close_on"]) if "proposals_close_on" in values else at
    if "proposals_close_on" in values and closes_at <= at:
        reasons["proposals_close_on"] = [Bilingual("日期已过", "has passed")]
    words: dict[UUID, dict[str, Any]] = {}
    for one in chosen:
        usual = {"title": one.need.title, "title_en": one.need.title_en, "winners_at_most": "1"}
        words[one.pk], found = parse_record(ITEM_FIELDS, items.get(one.pk, usual))
        words[one.pk]["title_en"] = words[one.pk].get("title_en") or ""
        reasons |= {f"{one.pk}-{name}": [reason] for name, reason in found.items()}
    if reasons:
        raise InvalidError(reasons)
    return closes_at, words


def _held(nomination_id: UUID, *, settled: bool = False) -> Nomination:
    """Return a nomination, locked; one that is decided only where `settled`."""
    rows = Nomination.objects.select_for_update(of=("self",)).select_related("need", "call")
    nomination = rows.get(pk=nomination_id)
    is_open = nomination.status == NominationStatus.SUBMITTED
    if not is_open and (nomination.status == NominationStatus.WITHDRAWN or not settled):
        raise NominationSettledError(status=NOMINATION_STATUSES[nomination.status])
    return nomination


def _audit(
    actor: Actor, nomination: Nomination, action: str, *,
    before: dict[str, Any] | None = None, after: dict[str, Any],
) -> None:  # fmt: skip
    audit_record(
        actor=actor, action=action, object_kind="nomination", object_id=nomination.pk, before=before, after=after
    )
