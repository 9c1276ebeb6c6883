"""Who may see and publish editions of indices; `permissions` loads this module."""

from __future__ import annotations

from typing import Any

import rules

from yunlang.accounts.permissions import is_auditor, is_office


@rules.predicate
def is_published(actor: Any, edition: Any) -> bool:
    """Tell whether the edition is public."""
    return bool(getattr(edition, "is_published", False))


rules.add_perm("indicators.publish", is_office)
rules.add_perm("indicators.view_drafts", is_office | is_auditor)
rules.add_perm("indicators.view_edition", is_published | is_office | is_auditor)
