"""Who may do what with indices and figures. The app loads this module when it is ready."""

from yunlang.indicators import edition_permissions

__all__ = ["edition_permissions"]
