"""Alive, ready, measured."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client, RequestFactory

from yunlang.kit import readiness as checks
from yunlang.kit.readiness import NotReadyError, readiness, readiness_register
from yunlang.portal import operations


@pytest.fixture
def own_checks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Keep the checks of this test to itself."""
    mine: dict[str, Any] = {}
    monkeypatch.setattr(checks, "_checks", mine)
    return mine


def test_alive_asks_nobody(client: Client, django_db_blocker: Any) -> None:
    # Without the `db` fixture any question to the database would fail the test.
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert "no-store" in answer["Cache-Control"]
    assert client.post("/healthz").status_code in (403, 405)


@pytest.mark.django_db
def test_ready_says_what_is_missing(client: Client, own_checks: dict[str, Any]) -> None:
    def missing() -> None:
        message = "index to build"
        raise NotReadyError(message)

    def broken() -> None:
        message = "/secret/path"
        raise OSError(message)

    readiness_register("database", operations._check_database)
    assert client.get("/readyz").json() == {"status": "ready", "checks": {"database": "ok"}}
    readiness_register("search_index", missing)
    readiness_register("disk", broken)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "disk": "failed", "search_index": "index to build"}
    readiness_register("search_index", lambda: None)
    assert readiness()["search_index"] is None


@pytest.mark.django_db
def test_a_migration_to_apply_is_not_ready() -> None:
    operations._migrations_applied.cache_clear()
    recorder = MigrationRecorder(connection)
    ((room, last),) = MigrationLoader(connection).graph.leaf_nodes("registry")
    recorder.record_unapplied(room, last)
    with pytest.raises(NotReadyError):
        operations._check_migrations()
    recorder.record_applied(room, last)
    operations._check_migrations()
    operations._migrations_applied.cache_clear()


@pytest.mark.parametrize(
    ("origin", "headers", "token", "status"),
    [
        ("127.0.0.1", {}, "", 200),
        ("::1", {}, "", 200),
        ("192.0.2.7", {}, "", 403),
        ("not an address", {}, "", 403),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.7"}, "", 403),
        ("127.0.0.1", {"forwarded": "for=192.0.2.7"}, "", 403),
        ("192.0.2.7", {"authorization": "Bearer s3cret"}, "s3cret", 200),
        ("192.0.2.7", {"authorization": "Bearer wrong"}, "s3cret", 403),
        ("192.0.2.7", {"authorization": "Bearer "}, "", 403),
        ("192.0.2.7", {"authorization": "Bearer 密"}, "s3cret", 403),
    ],
)
def test_metrics_are_for_this_machine_or_the_token(
    rf: RequestFactory, origin: str, headers: dict[str, str], token: str, status: int
) -> None:
    answer = operations.metrics(rf.get("/metrics", REMOTE_ADDR=origin, headers=headers), token=token)
    assert answer.status_code == status
    assert (b"yunlang_requests_total" in answer.content) is (status == 200)


def test_metrics_count_requests_by_route(client: Client) -> None:
    client.get("/healthz")
    text = client.get("/metrics").content.decode()
    assert 'yunlang_requests_total{method="GET",route="healthz",status="200"}' in text
