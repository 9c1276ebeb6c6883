"""Callers of the API, and a small corridor for them to call about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.models import ApiToken, User
from yunlang.accounts.roles import Role
from yunlang.accounts.services import token_create
from yunlang.deals.ledger_services import deal_open_directly
from yunlang.deals.models import Deal, Introduction
from yunlang.deals.services import introduction_propose
from yunlang.registry.models import (
    Expert,
    Figure,
    MergeCandidate,
    Need,
    Organisation,
    Provenance,
    Resource,
    Source,
)


@dataclass
class Api:
    """Calls the API as somebody, by token or as nobody."""

    client: Client
    secret: str | None = None

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Return the answer to one call."""
        if self.secret is not None:
            headers.setdefault("authorization", f"Bearer {self.secret}")
        options: dict[str, Any] = {"headers": headers}
        if body is not None:
            options |= {"data": body, "content_type": "application/json"}
        return self.client.generic(method, f"/api/v1{path}", **_encoded(options))

    def get(self, path: str, **headers: str) -> Any:
        """Return the answer to a reading call."""
        return self("GET", path, **headers)


def _encoded(options: dict[str, Any]) -> dict[str, Any]:
    import json

    if "data" in options and not isinstance(options["data"], (bytes, str)):
        options["data"] = json.dumps(options["data"])
    return options


def token_for(user: User, scope: str = ApiToken.Scope.WRITE) -> str:
    """Return the secret of a new token."""
    return token_create(actor=user, name="测试", scope=scope, days=1, at=timezone.now()).secret


@pytest.fixture
def api_as(client: Client) -> Callable[..., Api]:
    """Return a maker of callers: ``api_as()`` is anonymous, ``api_as(user)`` has a token that may write."""

    def make(user: User | None = None, scope: str = ApiToken.Scope.WRITE) -> Api:
        return Api(client, token_for(user, scope) if user else None)

    return make


@dataclass
class Registry:
    """One of everything, and the people around it."""

    member: User
    office: User
    organisation: Organisation
    other: Organisation
    candidate: MergeCandidate
    expert: Expert
    source: Source
    draft: Need
    need: Need
    resource: Resource
    introduction: Introduction
    deal: Deal


@pytest.fixture
def registry(corridor: dict[str, Any]) -> Registry:
    """Return one of everything."""
    member, office = make_user(), make_user(Role.OFFICE)
    organisation, other = make_organisation(owner=member), make_organisation(owner=make_user())
    source = Source.objects.create(code="index-2024", title_zh="协同创新指数", title_en="Innovation index")
    expert = Expert.objects.create(organisation=organisation, name="张三", fields=["电解液"])
    Figure.objects.create(code="gdp", name_zh="生产总值", name_en="GDP", period="2024", value="9.10", source=source)
    first, second = sorted([make_organisation(), make_organisation()], key=lambda row: row.id)
    candidate = MergeCandidate.objects.create(first=first, second=second, reason_zh="同名", reason_en="same name")
    need = publish(make_need(organisation, tags=["电解液"]))
    Provenance.objects.create(object_kind="need", object_id=need.id, source=source, original={"电话": "0572"})
    resource = publish(make_resource(organisation, expert="张三", tags=["电解液"]))
    introduction = introduction_propose(
        actor=office, need_id=need.id, offer_kind="organisation", offer_id=other.id, at=timezone.now()
    )
    deal = deal_open_directly(
        actor=office,
        raw={
            "kind": "licence",
            "title": "专利许可",
            "amount": "120 万元",
            "need_side": str(organisation.id),
            "offer_side": str(other.id),
            "source": "need",
            "source_id": str(need.id),
        },
        at=timezone.now(),
    )
    return Registry(
        member, office, organisation, other, candidate, expert, source, make_need(organisation), need, resource,
        introduction, deal,
    )  # fmt: skip
