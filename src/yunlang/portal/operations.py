"""For those who run an installation: is it alive, is it ready, how is it doing."""

from __future__ import annotations

import ipaddress
import secrets
from functools import cache

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from yunlang.kit.readiness import NotReadyError, readiness, readiness_register


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Tell that the process answers; it asks nobody else."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Tell whether everything that serving needs is there: 200, or 503 with what is missing."""
    checks = readiness()
    ready = all(missing is None for missing in checks.values())
    body = {
        "status": "ready" if ready else "not ready",
        "checks": {name: text or "ok" for name, text in checks.items()},
    }
    return JsonResponse(body, status=200 if ready else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest, token: str) -> HttpResponse:
    """Return the process's measures in Prometheus' text format, to this machine itself or to who has `token`.

    A request that some proxy forwarded does not count as from this machine.
    """
    if not (_is_local(request) or _has_token(request, token)):
        return HttpResponse("Forbidden", status=403, content_type="text/plain")
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _is_local(request: HttpRequest) -> bool:
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _has_token(request: HttpRequest, token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and secrets.compare_digest(given.encode(), token.encode())


def _check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _check_migrations() -> None:
    _migrations_applied()


@cache
def _migrations_applied() -> bool:
    # A failure is raised and so not kept; once applied, migrations stay so for the life of the process.
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        message = "migrations to apply"
        raise NotReadyError(message)
    return True


readiness_register("database", _check_database)
readiness_register("migrations", _check_migrations)
