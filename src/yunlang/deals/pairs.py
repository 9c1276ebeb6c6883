"""What may be introduced to what: a published need, and something published that another organisation offers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from yunlang.deals.models import OFFER_MODELS, Introduction
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Need


class NotOfferedError(ConflictError):
    """Only what is published can be introduced."""

    code = "introduction_not_published"
    message = Bilingual(
        "需求或供给已不在发布中，不能约对接。",
        "One of the two is no longer published; they cannot be introduced.",
    )


class SameOrganisationError(ConflictError):
    """Both sides are one organisation."""

    code = "introduction_same_organisation"
    message = Bilingual(
        "需求和供给同属一家机构，无需对接。", "Both belong to one organisation; no introduction is needed."
    )


def pair_of(need_id: UUID, offer_kind: str, offer_id: UUID, *, lock: bool = False) -> dict[str, Any]:
    """Return both ends as an introduction's columns; held, where `lock`, until the transaction ends.

    Held ones are neither closed nor merged away meanwhile. They are taken in the order in which mergers take them.

    Raises
    ------
    InvalidError
        When `offer_kind` is nothing that is offered.
    NotFoundError
        When one of them does not exist.
    """
    model = OFFER_MODELS.get(offer_kind)
    if model is None:
        reason = Bilingual("请选择要素、专家或机构", "Name a resource, an expert or an organisation")
        raise InvalidError({"offer_kind": [reason]})
    wanted: list[tuple[str, Any, UUID]] = [("need", Need, need_id), (offer_kind, model, offer_id)]
    if offer_kind == "organisation":
        wanted.reverse()
    found: dict[str, Any] = {}
    for name, one, key in wanted:
        rows = one.objects.select_for_update(no_key=True) if lock else one.objects.all()
        row = rows.filter(pk=key).first()
        if row is None:
            raise NotFoundError(what=Bilingual("该需求或供给", "this need or offer"))
        found[name] = row
    return found


def pair_check(introduction: Introduction) -> None:
    """Let two pass that may be introduced to each other.

    Raises
    ------
    NotOfferedError
        When one of them is not published.
    SameOrganisationError
        When both belong to one organisation.
    """
    if {introduction.need.status, introduction.offer.status} != {Status.PUBLISHED}:
        raise NotOfferedError
    need, offering = introduction.parties.values()
    if need == offering:
        raise SameOrganisationError
