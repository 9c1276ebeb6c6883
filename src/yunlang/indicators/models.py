"""Editions of indices, and what flows between cities."""

from yunlang.indicators.edition_models import Edition
from yunlang.indicators.link_models import LinkObservation

__all__ = ["Edition", "LinkObservation"]
