"""Public identifiers: UUIDv7 (RFC 9562), which sort by the time they were made."""

from __future__ import annotations

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Return a new UUIDv7 as the standard library's type."""
    return UUID(bytes=uuid_utils.uuid7().bytes)
