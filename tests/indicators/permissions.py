"""The part of the permission matrix that speaks of indices; `tests/test_permissions.py` asks it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from tests.indicators.editions import dataset, framework, make_draft, recipe, typed
from yunlang.indicators.edition_models import Edition

_STAFF = {"office", "auditor"}
_EVERYBODY = {"visitor", "inactive", "stranger", "pending", "former", "editor", "owner", "manager"} | _STAFF

INDICATORS_MATRIX: dict[str, dict[str, set[str]]] = {
    "indicators.publish": {"": {"office"}},
    "indicators.view_drafts": {"": _STAFF},
    "indicators.view_edition": {"other edition, draft": _STAFF, "other edition, published": _EVERYBODY},
}

# Every service by name: how to call it so that nothing but the permission stands in the way.
INDICATORS_CALLS: dict[str, Callable[[SimpleNamespace, Any], dict[str, Any]]] = {
    "indicators.services.edition_create": lambda world, actor: {
        "raw": typed(), "framework": framework(), "data": dataset(), "recipe": recipe(),
    },
    "indicators.services.edition_change": lambda world, actor: {"edition_id": _draft().pk, "raw": typed()},
    "indicators.services.edition_publish": lambda world, actor: {"edition_id": _draft().pk, "at": timezone.now()},
    "indicators.services.edition_discard": lambda world, actor: {"edition_id": _draft().pk},
}  # fmt: skip


def edition_of(name: str) -> Edition:
    """Return the edition that a row of the matrix names; what it holds is not asked."""
    return Edition(status=name.rpartition(" ")[2])


def _draft() -> Edition:
    return Edition.objects.first() or make_draft()
