"""Indicators: composite indices from definition to audited result, and the figures that the corridor publishes."""
