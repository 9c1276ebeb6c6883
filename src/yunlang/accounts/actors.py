"""Actors that are not people."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from yunlang.accounts.roles import Role


@dataclass(frozen=True, slots=True)
class SystemActor:
    """The platform itself: imports from the command line, expiry by the clock. It may do what the office may."""

    actor_name: str = "Yunlang"
    actor_id: UUID | None = None
    role: str = Role.OFFICE
    is_authenticated: bool = True
    is_active: bool = True


SYSTEM = SystemActor()
