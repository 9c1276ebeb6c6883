"""Editions of indices, and what flows between cities."""
