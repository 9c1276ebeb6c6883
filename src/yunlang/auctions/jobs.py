"""Background work of auctions: the worker finds it here."""

from __future__ import annotations

from yunlang.auctions import result_jobs, sale_jobs

__all__ = ["result_jobs", "sale_jobs"]
