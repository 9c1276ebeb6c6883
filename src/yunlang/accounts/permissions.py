"""Who may do what with accounts; and `require`, the one gate every service asks.

Predicates get ``(actor, object)``; they are named after the English sentence they decide. `tests/test_permissions.py`
holds the whole matrix role × action × own/other.
"""

from __future__ import annotations

from typing import Any

import rules

from yunlang.accounts.roles import Role
from yunlang.kit.errors import NotAllowedError


@rules.predicate
def is_signed_in(actor: Any) -> bool:
    """Tell whether somebody has signed in with an active account."""
    return bool(getattr(actor, "is_authenticated", False) and getattr(actor, "is_active", False))


@rules.predicate
def is_office(actor: Any) -> bool:
    """Tell whether it is the corridor office, or the platform itself."""
    return bool(is_signed_in(actor)) and getattr(actor, "role", None) == Role.OFFICE


@rules.predicate
def is_manager(actor: Any) -> bool:
    """Tell whether it is a technology manager."""
    return bool(is_signed_in(actor)) and getattr(actor, "role", None) == Role.MANAGER


@rules.predicate
def is_auditor(actor: Any) -> bool:
    """Tell whether it is an auditor, who sees everything and changes nothing."""
    return bool(is_signed_in(actor)) and getattr(actor, "role", None) == Role.AUDITOR


@rules.predicate
def is_self(actor: Any, account: Any) -> bool:
    """Tell whether the account is the actor's own."""
    return account is not None and getattr(account, "pk", None) == getattr(actor, "actor_id", None)


@rules.predicate
def owns_token(actor: Any, token: Any) -> bool:
    """Tell whether the token is the actor's own."""
    return token is not None and token.user_id == getattr(actor, "actor_id", None)


@rules.predicate
def is_recipient(actor: Any, notice: Any) -> bool:
    """Tell whether the notice was written to the actor."""
    return notice is not None and notice.recipient_id == getattr(actor, "actor_id", None)


rules.add_perm("accounts.set_role", is_office)
rules.add_perm("accounts.edit_own_account", is_signed_in & is_self)
rules.add_perm("accounts.create_token", is_signed_in)
rules.add_perm("accounts.revoke_token", is_signed_in & owns_token)
rules.add_perm("accounts.read_notice", is_signed_in & is_recipient)
rules.add_perm("accounts.view_audit", is_office | is_auditor)


def may(actor: Any, permission: str, subject: Any = None) -> bool:
    """Tell whether `actor` has `permission` over `subject`.

    Raises
    ------
    LookupError
        When no room declares such a permission: a slip of the pen must not read as a refusal.
    """
    if not rules.perm_exists(permission):
        raise LookupError(permission)
    return bool(rules.has_perm(permission, actor, subject))


def require(actor: Any, permission: str, subject: Any = None) -> None:
    """Let the allowed pass.

    Raises
    ------
    NotAllowedError
        For everybody else.
    """
    if not may(actor, permission, subject):
        raise NotAllowedError
