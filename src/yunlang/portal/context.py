"""What every page knows."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from yunlang.accounts.notices import unread_count
from yunlang.accounts.permissions import may


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the language, which of the office's pages the reader may open, and how much is unread."""
    reader = getattr(request, "user", None)
    is_known = bool(getattr(reader, "is_authenticated", False))
    return {
        "language": get_language() or "zh-hans",
        "may_review": may(reader, "registry.view_review_queue"),
        "may_import": may(reader, "registry.import"),
        # Asked only by pages that show it.
        "unread": cache(lambda: unread_count(reader)) if is_known else 0,
    }
