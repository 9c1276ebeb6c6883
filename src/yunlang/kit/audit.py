"""The audit log: one row per business action, in the action's own transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from yunlang.kit.models import AuditEntry


class Actor(Protocol):
    """Whoever acts: a signed-in person, or the platform itself (`SYSTEM`)."""

    @property
    def actor_id(self) -> UUID | None:
        """The account's id; None for the platform."""

    @property
    def actor_name(self) -> str:
        """Who it was, as people read it years later."""


# Bids arrive by the hundred a second: one statement, without a model made of each row.
_INSERT = """
INSERT INTO kit_auditentry (actor_id, actor_name, action, object_kind, object_id, after)
SELECT actor_id, actor_name, action, object_kind, object_id, after::jsonb
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) WITH ORDINALITY
    AS new (actor_id, actor_name, action, object_kind, object_id, after, place)
ORDER BY place
"""
_NAME_LIMIT: int = AuditEntry._meta.get_field("actor_name").max_length or 0


def audit_record(
    *,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: object,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one audit row. Call it inside the transaction of the action itself."""
    AuditEntry.objects.create(
        actor_id=actor.actor_id,
        # A name and an address may be longer than the column together; the id tells who it was all the same.
        actor_name=actor.actor_name[:_NAME_LIMIT],
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        before=_plain(before),
        after=_plain(after),
    )


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One action, to be written together with others."""

    actor: Actor
    action: str
    object_kind: str
    object_id: object
    after: Mapping[str, Any]


def audit_record_all(rows: Iterable[AuditRow]) -> None:
    """Write many audit rows in one statement. Call it inside the transaction of the actions themselves."""
    columns = [
        (
            row.actor.actor_id, row.actor.actor_name[:_NAME_LIMIT], row.action, row.object_kind, str(row.object_id),
            json.dumps(dict(row.after), cls=DjangoJSONEncoder),
        )
        for row in rows
    ]  # fmt: skip
    if columns:
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [list(column) for column in zip(*columns, strict=True)])


def changed_values(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Iterable[str] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return only what differs between two states, as the pair an audit row keeps."""
    keys = [key for key in (names or after) if before.get(key) != after.get(key)]
    return {key: before.get(key) for key in keys}, {key: after.get(key) for key in keys}


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    plain: dict[str, Any] = json.loads(json.dumps(dict(values), cls=DjangoJSONEncoder))
    return plain
