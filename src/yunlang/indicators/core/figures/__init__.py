"""Published figures: what a published number can mean, and whether several of them can be true together."""

from yunlang.indicators.core.figures.checking import check_run, checks_run
from yunlang.indicators.core.figures.estimates import Estimate, published_estimate
from yunlang.indicators.core.figures.model import Check, Derived, Input, Outcome, Quantity, Verdict
from yunlang.indicators.core.figures.store import FigureStore

__all__ = [
    "Check",
    "Derived",
    "Estimate",
    "FigureStore",
    "Input",
    "Outcome",
    "Quantity",
    "Verdict",
    "check_run",
    "checks_run",
    "published_estimate",
]
