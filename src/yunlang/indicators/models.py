"""Editions of indices, and what flows between cities."""

from yunlang.indicators.link_models import LinkObservation

__all__ = ["LinkObservation"]
