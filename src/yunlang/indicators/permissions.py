"""Who may do what with indices, links and figures. The app loads this module when it is ready."""

from __future__ import annotations

from typing import Any

import rules

from yunlang.accounts.permissions import is_auditor, is_office


@rules.predicate
def is_published(actor: Any, edition: Any) -> bool:
    """Tell whether the edition is public."""
    return bool(getattr(edition, "is_published", False))


rules.add_perm("indicators.import_links", is_office)
rules.add_perm("indicators.publish", is_office)
rules.add_perm("indicators.view_drafts", is_office | is_auditor)
rules.add_perm("indicators.view_edition", is_published | is_office | is_auditor)
