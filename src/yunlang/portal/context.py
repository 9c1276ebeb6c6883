"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from yunlang.accounts.permissions import may


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the language, and whether the reader has a review queue."""
    return {
        "language": get_language() or "zh-hans",
        "may_review": may(getattr(request, "user", None), "registry.view_review_queue"),
    }
