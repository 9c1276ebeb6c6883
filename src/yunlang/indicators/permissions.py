"""Who may do what with indices and figures. The app loads this module when it is ready."""

from __future__ import annotations

import rules

from yunlang.accounts.permissions import is_office

rules.add_perm("indicators.import_links", is_office)
