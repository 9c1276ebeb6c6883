"""When the server's clock jumps: written down once, told to the office, and accepted by it for all processes."""

from __future__ import annotations

import os
import socket
from typing import Any

from django.db import transaction
from django.urls import reverse

from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import User
from yunlang.accounts.notices import NewNotice, notices_write
from yunlang.accounts.permissions import require
from yunlang.accounts.roles import Role
from yunlang.auctions.clock import ClockJumpedError, database_time
from yunlang.auctions.clock_models import ClockIncident
from yunlang.kit.audit import audit_record
from yunlang.kit.errors import ConflictError, NotFoundError
from yunlang.kit.language import Bilingual

NOTICE = "clock_jumped"
NOTICE_PHRASE = Bilingual(
    "服务器时钟跳变 {seconds} 秒，竞价已停止受理，请核实时间。",
    "The server's clock jumped by {seconds} seconds. Bidding has stopped until you have checked the time.",
)
_KIND = "clock_incident"


def open_incident() -> ClockIncident | None:
    """Return the incident that waits for the office, if one does."""
    return ClockIncident.objects.filter(accepted_at=None).first()


@transaction.atomic
def clock_incident_note(error: ClockJumpedError) -> ClockIncident:
    """Write down that the clock jumped and tell the office, once whoever notices."""
    process = f"{socket.gethostname()}:{os.getpid()}"[:200]
    values = {"seconds": error.jump, "process": process}
    incident, is_new = ClockIncident.objects.get_or_create(accepted_at=None, defaults=values)
    if is_new:
        audit_record(actor=SYSTEM, action="clock_incident_note", object_kind=_KIND, object_id=incident.pk, after=values)
        office = User.objects.filter(role=Role.OFFICE, is_active=True).values_list("pk", flat=True)
        address, payload = reverse("auctions:clock"), {"seconds": error.jump}
        notices_write(NOTICE, [NewNotice(one, str(incident.pk), payload, address) for one in office])
    return incident


@transaction.atomic
def clock_accept(*, actor: Any, incident_id: int) -> ClockIncident:
    """Say that the clock is right as it is now; every process goes on by it.

    Raises
    ------
    NotAllowedError, NotFoundError
    ConflictError
        When somebody has said so before.
    """
    require(actor, "auctions.accept_clock")
    incident = ClockIncident.objects.select_for_update().filter(pk=incident_id).first()
    if incident is None:
        raise NotFoundError(what=Bilingual("该时钟事件", "this incident"))
    if incident.accepted_at is not None:
        raise ConflictError
    incident.accepted_at, incident.accepted_by_id = database_time(), actor.actor_id
    incident.save(update_fields=["accepted_at", "accepted_by"])
    audit_record(
        actor=actor,
        action="clock_accept",
        object_kind=_KIND,
        object_id=incident.pk,
        after={"seconds": incident.seconds},
    )
    return incident
