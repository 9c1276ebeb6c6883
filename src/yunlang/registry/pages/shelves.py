"""Needs and resources share their pages; a shelf says what differs between the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from yunlang.kit.language import Bilingual
from yunlang.registry.core.kinds import NEED_KINDS, RESOURCE_KINDS
from yunlang.registry.models import Need, Resource


@dataclass(frozen=True, slots=True)
class Shelf:
    """One kind of listing: its model, the names of its addresses, its words."""

    model: type[Need] | type[Resource]
    name: str
    vocabulary: str
    kinds: Mapping[str, Bilingual]
    noun: Bilingual
    # What one row of a list and the filter «at most» count: a need's budget, a resource's price.
    amount: Bilingual

    @property
    def list_url(self) -> str:
        """Where all of them are listed."""
        return reverse(f"registry:{self.name}s")

    @property
    def new_url(self) -> str:
        """Where one is written."""
        return reverse(f"registry:{self.name}_new")

    def url(self, listing: Any) -> str:
        """Return the address of one listing's page."""
        return reverse(f"registry:{self.name}", args=[listing.pk])

    def edit_url(self, listing: Any) -> str:
        """Return the address where one listing is changed."""
        return reverse(f"registry:{self.name}_edit", args=[listing.pk])

    def discard_url(self, listing: Any) -> str:
        """Return the address where one draft is deleted."""
        return reverse(f"registry:{self.name}_discard", args=[listing.pk])

    def step_url(self, listing: Any, step: str) -> str:
        """Return the address that takes a step with one listing."""
        return reverse(f"registry:{self.name}_step", args=[listing.pk, step])


NEEDS = Shelf(Need, "need", "need_kind", NEED_KINDS, Bilingual("需求", "need"), Bilingual("预算", "budget"))
RESOURCES = Shelf(
    Resource, "resource", "resource_kind", RESOURCE_KINDS, Bilingual("要素", "resource"), Bilingual("报价", "price")
)
SHELVES = {shelf.name: shelf for shelf in (NEEDS, RESOURCES)}
