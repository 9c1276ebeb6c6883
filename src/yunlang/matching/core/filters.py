"""What a reader wants to see only: conditions that are kept inside the retrieval."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

MOST_VALUES = 1000
MOST_EXCLUDED = 10_000


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions that every hit meets; an empty one asks nothing.

    A document that does not state a level or a price does not meet a condition on it.

    Attributes
    ----------
    kinds, cities, industries
        The document has one of them; ``""`` among the cities stands for no member city.
    labels
        The document has at least one of them.
    trl_minimum
        Lowest technology readiness level, 1 to 9.
    price_maximum
        Highest price in CNY, not negative.
    exclude_ids
        Documents never returned, at most 10,000.

    Raises
    ------
    ValueError
        When a bound is broken.
    """

    kinds: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    trl_minimum: int | None = None
    price_maximum: Decimal | None = None
    exclude_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("kinds", "cities", "industries", "labels", "exclude_ids"):
            values = getattr(self, name)
            if isinstance(values, str) or not all(isinstance(value, str) for value in values):
                raise ValueError(f"{name} is a collection of strings")
            object.__setattr__(self, name, tuple(sorted(set(values))))
            if len(getattr(self, name)) > (MOST_EXCLUDED if name == "exclude_ids" else MOST_VALUES):
                raise ValueError(f"too many values in {name}")
        if self.trl_minimum is not None and not 1 <= self.trl_minimum <= 9:
            raise ValueError(f"trl_minimum lies between 1 and 9, got {self.trl_minimum}")
        if self.price_maximum is not None and not (self.price_maximum.is_finite() and self.price_maximum >= 0):
            raise ValueError(f"price_maximum is a number and not negative, got {self.price_maximum}")

    @property
    def empty(self) -> bool:
        """Whether nothing is asked."""
        return self == Filters()

    def without(self, name: Literal["kinds", "cities", "industries"]) -> Filters:
        """Return the same filters with one condition lifted, as facets count."""
        lifted: dict[str, Any] = {name: ()}
        return replace(self, **lifted)
