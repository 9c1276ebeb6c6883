"""Schemathesis over the whole OpenAPI, as each kind of caller: no server error, and what is documented is so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import Registry, token_for
from tests.indicators.editions import make_edition
from yunlang.accounts.api import CallLimits
from yunlang.config.api import caller
from yunlang.matching import engine
from yunlang.matching.services import index_rebuild

pytestmark = pytest.mark.django_db

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SETTINGS = settings(
    max_examples=5, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def _schema(*, every_boundary: bool) -> Any:
    made = schemathesis.openapi.from_wsgi("/api/v1/openapi.json?lang=en", get_wsgi_application())
    made.config.phases.coverage.enabled = every_boundary
    return made


# Every boundary of every schema as the office, which reaches furthest; random calls as the others. Matching needs an
# index, which takes a while to make, and is called apart.
MATCH = "/api/v1/match"
thorough, quick = _schema(every_boundary=True), _schema(every_boundary=False)
# What is done with a deal is one function behind a dozen addresses: one of them stands for all.
DEAL_STEPS = r"^/api/v1/deals/\{deal_id\}/(?!contract)"
registry_thorough = thorough.exclude(path=MATCH)
registry_quick = quick.exclude(path=MATCH).exclude(path_regex=DEAL_STEPS)
matching = thorough.include(path=MATCH)


@pytest.fixture(autouse=True)
def _calls_share_the_transaction(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # As Django's test client has it: the connection, and so the test's transaction, outlives each call.
    monkeypatch.setattr(caller, "limits", CallLimits.per_minute(anonymous=10**6, person=10**6))
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def existing(registry: Registry) -> dict[str, list[Any]]:
    """Return what there is for each path parameter, so that calls reach past «not found»."""
    return {
        "need_id": [registry.need.id, registry.draft.id],
        "resource_id": [registry.resource.id],
        "organisation_id": [registry.organisation.id, registry.other.id],
        "expert_id": [registry.expert.id],
        "record_id": [registry.need.id, registry.resource.id, registry.organisation.id],
        "adcode": ["330500"],
        "code": [registry.source.code],
        "index": [make_edition().index],
        "label": ["2024"],
        "membership_id": [registry.organisation.memberships.get().pk],
        "candidate_id": [registry.candidate.pk],
        "introduction_id": [registry.introduction.id],
        "deal_id": [registry.deal.id],
        "task_id": [task.id for task in registry.introduction.tasks.all()],
    }


@pytest.fixture
def sent(role: str, registry: Registry) -> dict[str, str]:
    """Return the headers of each kind of caller."""
    people = {"member": registry.member, "office": registry.office}
    plain = {"Accept-Encoding": "identity"}
    return plain | ({"Authorization": f"Bearer {token_for(people[role])}"} if role in people else {})


def _call(case: Any, sent: dict[str, str], existing: dict[str, list[Any]]) -> None:
    checks = [*CHECKS, negative_data_rejection]
    for name, value in list((case.path_parameters or {}).items()):
        candidates = existing.get(name, [])
        if candidates and len(str(value)) % 3:
            case.path_parameters[name] = str(candidates[len(str(case.body)) % len(candidates)])
            checks = CHECKS  # what was wrong about the call may be right now
    case.call_and_validate(headers=sent, checks=checks)


@pytest.mark.parametrize("role", ["office"])
@registry_thorough.parametrize()
@SETTINGS
def test_no_boundary_breaks_the_api(case: Any, sent: dict[str, str], existing: dict[str, list[Any]]) -> None:
    _call(case, sent, existing)


@pytest.mark.parametrize("role", ["anonymous", "member"])
@registry_quick.parametrize()
@SETTINGS
def test_no_call_breaks_the_api(case: Any, sent: dict[str, str], existing: dict[str, list[Any]]) -> None:
    _call(case, sent, existing)


@pytest.fixture
def search_index(registry: Registry, settings: Any, tmp_path: Path) -> Iterator[None]:
    """Make an index of what there is."""
    settings.SEARCH_INDEX = tmp_path / "index"
    for made in (engine.store, engine.matcher):
        made.cache_clear()
    index_rebuild(at=timezone.now())
    yield
    for made in (engine.store, engine.matcher):
        made.cache_clear()


@pytest.mark.parametrize("role", ["member"])
@matching.parametrize()
@SETTINGS
def test_no_question_breaks_matching(
    case: Any, sent: dict[str, str], existing: dict[str, list[Any]], search_index: None
) -> None:
    _call(case, sent, existing)
