"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from yunlang.accounts.permissions import may


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the language, and which of the office's pages the reader may open."""
    reader = getattr(request, "user", None)
    return {
        "language": get_language() or "zh-hans",
        "may_review": may(reader, "registry.view_review_queue"),
        "may_import": may(reader, "registry.import"),
    }
