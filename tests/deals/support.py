"""A need and what is offered for it, with the people around both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.factories import make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.deals.models import Introduction
from yunlang.deals.services import introduction_propose
from yunlang.registry.models import Need, Resource

PROPOSED_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@dataclass
class Deal:
    """Who and what an introduction is about."""

    need: Need
    resource: Resource
    needing: User
    offering: User
    manager: User
    office: User

    def propose(self, **values: Any) -> Introduction:
        """Return an introduction, proposed by the manager unless told otherwise."""
        wanted = {
            "actor": self.manager, "need_id": self.need.pk, "offer_kind": "resource", "offer_id": self.resource.pk,
            "at": PROPOSED_AT,
        } | values  # fmt: skip
        return introduction_propose(**wanted)


def make_deal() -> Deal:
    """Return a published need and a published resource of two organisations, each with a member."""
    needing, offering = make_user(), make_user()
    return Deal(
        need=publish(make_need(make_organisation(owner=needing))),
        resource=publish(make_resource(make_organisation(owner=offering))),
        needing=needing,
        offering=offering,
        manager=make_user(Role.MANAGER),
        office=make_user(Role.OFFICE),
    )
