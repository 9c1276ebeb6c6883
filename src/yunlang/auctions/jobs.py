"""Background work of auctions: the worker finds it here."""

from __future__ import annotations

from yunlang.auctions import sale_jobs

__all__ = ["sale_jobs"]
