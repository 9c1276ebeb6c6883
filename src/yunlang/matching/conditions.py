"""What the address of a match page restricts the answers to. What means nothing there is left out, never an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from yunlang.kit.language import Bilingual
from yunlang.kit.money import MoneyError, money_label, parse_money
from yunlang.matching.core.filters import Filters
from yunlang.matching.documents import KINDS
from yunlang.matching.selectors import city_values
from yunlang.registry.core.kinds import INDUSTRIES, LABELS
from yunlang.registry.pages.parameters import (
    Chip,
    address_without,
    chips,
    chosen,
    city_labels,
    facet,
    free_text,
)
from yunlang.registry.selectors.facets import NO_CITY

_FACETS = {
    "kind": Bilingual("类型", "Kind"),
    "city": Bilingual("城市", "City"),
    "industry": Bilingual("产业", "Industry"),
}
_LEVELS = tuple(str(level) for level in range(1, 10))


@dataclass(frozen=True, slots=True)
class MatchFilters:
    """The filters, and what the page shows of them.

    Attributes
    ----------
    filters
        As the engine takes them.
    picked
        Chosen values by parameter, known ones only.
    cities
        Names of the cities by code, in the corridor's order.
    price
        What was typed as the highest price.
    price_error
        Why that is no amount, or None.
    """

    filters: Filters
    picked: Mapping[str, tuple[str, ...]]
    cities: Mapping[str, Bilingual]
    price: str
    price_error: Bilingual | None

    @property
    def _vocabularies(self) -> dict[str, Mapping[str, Bilingual]]:
        return {"kind": KINDS, "city": self.cities, "industry": INDUSTRIES, "label": LABELS}

    @property
    def levels(self) -> list[tuple[str, bool]]:
        """The readiness levels to choose from, the chosen one marked."""
        return [(level, level == str(self.filters.trl_minimum)) for level in _LEVELS]

    @property
    def labels(self) -> list[tuple[str, Bilingual, bool]]:
        """The labels of organisations to choose from, the chosen one marked."""
        return [(key, name, key in self.picked["label"]) for key, name in LABELS.items()]

    def chips(self, request: HttpRequest) -> list[Chip]:
        """Return everything chosen, each with the address without it."""
        found = [
            chip
            for name, words in self._vocabularies.items()
            for chip in chips(request, name, self.picked[name], words)
        ]
        if self.filters.trl_minimum is not None:
            found.append(Chip(f"TRL ≥ {self.filters.trl_minimum}", address_without(request, "trl")))
        if self.filters.price_maximum is not None:
            most = Bilingual(*(money_label(self.filters.price_maximum, language) for language in ("zh", "en")))
            label = Bilingual(f"价格不超过 {most.zh}", f"Price up to {most.en}")
            found.append(Chip(label, address_without(request, "price")))
        return found

    def facets(self, counts: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
        """Return the facets with the engine's counts."""
        found = {name: dict(counts.get(name, {})) for name in _FACETS}
        if "" in found["city"]:
            found["city"][NO_CITY] = found["city"].pop("")
        words = self._vocabularies
        return [facet(title, name, words[name], found[name], self.picked[name]) for name, title in _FACETS.items()]


def match_filters(request: HttpRequest) -> MatchFilters:
    """Return the filters that a page's address names."""
    query, cities = request.GET, city_labels()
    vocabularies = {"kind": KINDS, "city": cities, "industry": INDUSTRIES, "label": LABELS}
    picked = {name: chosen(query, name, words) for name, words in vocabularies.items()}
    level, price, price_error = query.get("trl", ""), None, None
    typed = free_text(query, "price")
    try:
        price = parse_money(typed) if typed else None
    except MoneyError as error:
        price_error = error.reason
    filters = Filters(
        kinds=picked["kind"],
        cities=city_values(picked["city"]),
        industries=picked["industry"],
        labels=picked["label"],
        trl_minimum=int(level) if level in _LEVELS else None,
        price_maximum=price,
    )
    return MatchFilters(filters, picked, cities, typed, price_error)
