"""Moving a call on: what every service that does so shares."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from yunlang.accounts.permissions import require
from yunlang.challenges.core.vocabulary import CALL_STATUSES, CALL_STEPS, CallStatus
from yunlang.challenges.models import Call
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.errors import ConflictError, NotFoundError
from yunlang.kit.language import Bilingual


class CallStepError(ConflictError):
    """The call does not go there from where it stands."""

    code = "call_step_not_possible"
    message = Bilingual("该征集“{status}”，不能执行这一步。", "This call is {status}; it does not go there.")


def call_locked(actor: Actor, call_id: UUID) -> Call:
    """Return a call that the office is about to move, locked; inside the transaction of what moves it.

    Raises
    ------
    NotFoundError, NotAllowedError
    """
    require(actor, "challenges.keep_calls")
    call = Call.objects.select_for_update().filter(pk=call_id).first()
    if call is None:
        raise NotFoundError(what=Bilingual("该征集", "this call"))
    return call


def call_moved(actor: Actor, call: Call, target: CallStatus, at: datetime, action: str, **columns: Any) -> Call:
    """Move a locked call on, and write the audit row.

    Raises
    ------
    CallStepError
        When it does not go there from where it stands.
    """
    before = CallStatus(call.status)
    if target not in CALL_STEPS[before]:
        raise CallStepError(status=CALL_STATUSES[before])
    for name, value in (columns | {"status": target, "updated_at": at}).items():
        setattr(call, name, value)
    call.save(update_fields=[*columns, "status", "updated_at"])
    call_audit(actor, call, action, before={"status": before}, after={"status": target, **columns})
    return call


def call_audit(
    actor: Actor, call: Call, action: str, *, before: dict[str, Any] | None = None, after: dict[str, Any]
) -> None:
    """Write the audit row of something that happened to a call."""
    audit_record(actor=actor, action=action, object_kind="call", object_id=call.pk, before=before, after=after)
