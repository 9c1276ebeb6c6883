"""Who may do what with matches. The app loads this module when it is ready."""

from __future__ import annotations

from typing import Any

import rules

from yunlang.accounts.permissions import is_auditor, is_signed_in


@rules.predicate
def is_person(actor: Any) -> bool:
    """Tell whether it is somebody with an account: the platform has no opinion of its own answers."""
    return getattr(actor, "actor_id", None) is not None


rules.add_perm("matching.judge", is_signed_in & is_person & ~is_auditor)
