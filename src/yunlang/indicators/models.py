"""Editions of indices, and what flows between cities."""

from yunlang.indicators.edition_models import Edition

__all__ = ["Edition"]
