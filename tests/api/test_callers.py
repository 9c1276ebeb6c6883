"""Who may call: tokens and their scope, browsers and their proof, and how often."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from tests.api.conftest import Api, Registry, token_for
from tests.api.test_problems import problem
from tests.factories import PASSWORD, make_user
from yunlang.accounts.api import CallLimits
from yunlang.accounts.models import ApiToken
from yunlang.accounts.services import token_revoke
from yunlang.config.api import caller
from yunlang.kit.api.limiting import client_address, client_network

pytestmark = pytest.mark.django_db


def test_me(api_as: Callable[..., Api], registry: Registry) -> None:
    me = api_as(registry.member, scope="read").get("/me").json()
    assert (me["id"], me["role"], me["token"]["scope"]) == (str(registry.member.id), "member", "read")
    assert [(row["organisation"]["name"], row["role"]) for row in me["memberships"]] == [
        (registry.organisation.name, "owner")
    ]
    assert "password" not in str(me)


def test_what_is_not_public_asks_to_sign_in(api_as: Callable[..., Api], registry: Registry) -> None:
    anybody = api_as()
    for path in (
        "/me",
        "/review-queue",
        "/merge-candidates",
        f"/needs/{registry.need.id}/history",
        f"/organisations/{registry.organisation.id}/members",
        "/needs?status=draft",
    ):
        answer = anybody.get(path)
        problem(answer, 401, "sign_in_required")
        assert answer["WWW-Authenticate"] == 'Bearer realm="yunlang"'
    for method, path in (("POST", "/needs"), ("PATCH", f"/needs/{registry.draft.id}"), ("DELETE", "/members/1")):
        problem(anybody(method, path, {}), 401, "sign_in_required")


@pytest.mark.parametrize("header", ["Bearer yl_wrong", "Bearer", "Basic eW9nOnBhc3M=", "", "yl_", "Bearer \x00"])
def test_a_wrong_token_is_not_anonymous(client: Client, header: str) -> None:
    answer = client.get("/api/v1/needs", headers={"authorization": header})
    problem(answer, 401, "token_refused")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_tokens_end(api_as: Callable[..., Api], client: Client) -> None:
    user = make_user()
    secret = token_for(user)
    assert Api(client, secret).get("/me").status_code == 200
    token_revoke(actor=user, token_id=user.api_tokens.get().id, at=timezone.now())
    problem(Api(client, secret).get("/me"), 401, "token_refused")
    late = token_for(user)
    long_ago = timezone.now() - timedelta(days=2)
    ApiToken.objects.filter(revoked_at=None).update(created_at=long_ago, expires_at=long_ago + timedelta(days=1))
    problem(Api(client, late).get("/me"), 401, "token_refused")


def test_a_token_that_reads_changes_nothing(api_as: Callable[..., Api], registry: Registry) -> None:
    reader = api_as(registry.member, scope="read")
    answer = reader("PATCH", f"/needs/{registry.draft.id}", {"title": "不该成功"})
    problem(answer, 403, "scope_too_narrow")
    assert 'scope="write"' in answer["WWW-Authenticate"]
    registry.draft.refresh_from_db()
    assert registry.draft.title != "不该成功"


def test_a_browser_needs_proof_to_change_and_none_to_read(registry: Registry) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.login(username=registry.member.email, password=PASSWORD)
    path = f"/api/v1/needs/{registry.draft.id}"
    assert browser.get(path).status_code == 200
    change: dict[str, Any] = {"data": {"title": "来自浏览器"}, "content_type": "application/json"}
    problem(browser.patch(path, **change), 403, "csrf_failed")
    browser.get("/accounts/sign-in/")
    browser.cookies["csrftoken"] = "a" * 32
    assert browser.patch(path, headers={"x-csrftoken": "a" * 32}, **change).json()["title"] == "来自浏览器"
    # The header decides where there is one, whoever is signed in.
    problem(browser.get(path, headers={"authorization": "Bearer yl_wrong"}), 401, "token_refused")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Allow two calls a minute to strangers and three to people; return a way to set the clock."""
    monkeypatch.setattr(caller, "limits", CallLimits.per_minute(anonymous=2, person=3))

    def at(now: datetime) -> None:
        monkeypatch.setattr(caller.limiter, "clock", lambda: now)

    at(datetime(2026, 11, 22, 8, 0, 20, tzinfo=UTC))
    return at


def test_strangers_are_limited_by_address(client: Client, few: Callable[[datetime], None]) -> None:
    answers = [client.get("/api/v1/cities") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit"] for answer in answers] == [f'"anonymous";r={left};t=40' for left in (1, 0, 0)]
    assert answers[0]["RateLimit-Policy"] == '"anonymous";q=2;w=60'
    assert "40" in problem(answers[2], 429, "too_many_requests")["detail"]
    assert answers[2]["Retry-After"] == "40"
    assert client.get("/api/v1/cities", REMOTE_ADDR="192.0.2.7").status_code == 200
    few(datetime(2026, 11, 22, 8, 1, 0, tzinfo=UTC))
    assert client.get("/api/v1/cities").status_code == 200


def test_wrong_tokens_count_as_strangers(client: Client, few: Callable[[datetime], None]) -> None:
    wrong = {"headers": {"authorization": "Bearer yl_guess"}}
    assert [client.get("/api/v1/me", **wrong).status_code for _ in range(3)] == [401, 401, 429]


def test_a_persons_tokens_share_one_limit(client: Client, few: Callable[[datetime], None]) -> None:
    # Tokens live by the clock that the limit is counted by.
    few(timezone.now().replace(second=20, microsecond=0))
    user = make_user()
    ApiToken.objects.all().delete()
    first, second = token_for(user), token_for(user)
    statuses = [Api(client, secret).get("/me").status_code for secret in (first, second, first, second)]
    assert statuses == [200, 200, 200, 429]


def test_forwarded_addresses_count_only_behind_our_proxy(rf: RequestFactory, settings: Any) -> None:
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": "198.51.100.9, 203.0.113.5"})
    settings.BEHIND_TLS = False
    assert client_address(request) == "10.0.0.1"
    settings.BEHIND_TLS = True
    assert client_address(request) == "203.0.113.5"
    garbled = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": "unknown"})
    assert client_address(garbled) == "10.0.0.1"


def test_a_household_of_ipv6_is_one_caller(rf: RequestFactory, settings: Any) -> None:
    settings.BEHIND_TLS = False
    one, two = (rf.get("/", REMOTE_ADDR=f"2001:db8:1:2::{end}") for end in ("1", "ffff"))
    assert client_network(one) == client_network(two) == "2001:db8:1:2::/64"
    assert client_network(rf.get("/", REMOTE_ADDR="192.0.2.7")) == "192.0.2.7"
