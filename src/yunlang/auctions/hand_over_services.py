"""Documents of the hand-over: given by one side, accepted by the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from yunlang.accounts.permissions import require
from yunlang.auctions import result_notices as notices
from yunlang.auctions.clock import Clock, server_time
from yunlang.auctions.core.aftersale import ResultStatus
from yunlang.auctions.hand_over_files import file_checked
from yunlang.auctions.models import HandOver, HandOverFile, Result
from yunlang.auctions.result_fields import HAND_OVER_FIELDS
from yunlang.auctions.result_permissions import parties_of, sides_of
from yunlang.auctions.sale_parts import parsed
from yunlang.kit.audit import audit_record
from yunlang.kit.errors import ConflictError, NotFoundError
from yunlang.kit.language import Bilingual

OPEN = (ResultStatus.CONFIRMED, ResultStatus.SETTLED)
_JOINED = ("lot__seller__merged_into", "lot__sale", "bidder__organisation__merged_into")


class HandOverClosedError(ConflictError):
    """Nothing is handed over before the confirmation or after the end."""

    code = "hand_over_closed"
    message = Bilingual(
        "成交确认之后、交割完成之前，才能上传或签收交割文件。",
        "Documents are handed over between the confirmation of the sale and its completion.",
    )


class FileKnownError(ConflictError):
    """The same bytes were handed over before."""

    code = "hand_over_file_known"
    message = Bilingual("同一份文件此前已上传。", "The same file was handed over before.")


class AcceptedError(ConflictError):
    """The document was accepted before."""

    code = "hand_over_accepted"
    message = Bilingual("该文件此前已签收。", "The document was accepted before.")


@transaction.atomic
def hand_over_add(
    *, actor: Any, result_id: UUID, raw: Mapping[str, object], filename: str, content: bytes,
    clock: Clock = server_time,
) -> HandOver:  # fmt: skip
    """Hand a document over to the other side.

    Raises
    ------
    NotFoundError, NotAllowedError, HandOverClosedError, FileKnownError, InvalidError
    """
    result = _held(result_id)
    require(actor, "auctions.hand_over", result)
    values = parsed(HAND_OVER_FIELDS, raw)
    file = file_checked(filename, content)
    if result.status not in OPEN:
        raise HandOverClosedError
    side = sides_of(actor, result)[0]
    at = clock()
    made = HandOver(
        result=result, side=side, filename=file.name, content_type=file.content_type, size=len(content),
        sha256=file.sha256, added_by_id=actor.actor_id, added_at=at, **values,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise FileKnownError from error
        raise
    HandOverFile.objects.create(hand_over=made, content=content)
    after = {"result": str(result.pk), "title": made.title, "sha256": made.sha256, "side": side}
    audit_record(actor=actor, action="hand_over_add", object_kind="hand_over", object_id=made.pk, after=after)
    others = [party.pk for one, party in parties_of(result).items() if one != side]
    notices.lot_tell(notices.HANDED_OVER, result.lot, others, key=str(made.pk), title=made.title)
    return made


@transaction.atomic
def hand_over_accept(*, actor: Any, hand_over_id: UUID, clock: Clock = server_time) -> HandOver:
    """Accept a document that the other side handed over.

    Raises
    ------
    NotFoundError, NotAllowedError, HandOverClosedError, AcceptedError
    """
    found = HandOver.objects.filter(pk=hand_over_id).first()
    if found is None:
        raise NotFoundError(what=Bilingual("该交割文件", "this document"))
    found.result = _held(found.result_id)
    require(actor, "auctions.accept_hand_over", found)
    found.refresh_from_db(fields=["accepted_at"])
    if found.result.status not in OPEN:
        raise HandOverClosedError
    if found.accepted_at is not None:
        raise AcceptedError
    found.accepted_at = found.updated_at = clock()
    found.accepted_by_id = actor.actor_id
    found.save(update_fields=["accepted_at", "accepted_by", "updated_at"])
    after = {"result": str(found.result_id), "sha256": found.sha256}
    audit_record(actor=actor, action="hand_over_accept", object_kind="hand_over", object_id=found.pk, after=after)
    return found


def _held(result_id: UUID) -> Result:
    rows = Result.objects.select_related(*_JOINED).select_for_update(of=("self",))
    result = rows.filter(pk=result_id).first()
    if result is None:
        raise NotFoundError(what=Bilingual("该成交结果", "this result"))
    return result
