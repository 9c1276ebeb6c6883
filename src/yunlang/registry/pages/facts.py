"""Values of a record as its page shows them: only what is there, in the order of the field descriptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual
from yunlang.registry.core.details import details_values
from yunlang.registry.core.fields import DETAIL_FIELDS, NEED_FIELDS, fields_named
from yunlang.registry.core.kinds import ResourceKind
from yunlang.registry.models import Need, Resource

# The one figure that a row of the list shows: the first of these that the listing says.
_ROW_FIGURES: dict[str, tuple[str, ...]] = {
    ResourceKind.ACHIEVEMENT: ("price", "trl", "funding"),
    ResourceKind.EXPERTISE: ("price",),
    ResourceKind.INSTRUMENT: ("hourly_rate", "price"),
    ResourceKind.SERVICE: ("price",),
    ResourceKind.LOAN: ("amount_maximum",),
    ResourceKind.FUND: ("size",),
    ResourceKind.POLICY: ("amount_maximum", "share_percent"),
    ResourceKind.SPACE: ("area_square_metres", "rent_monthly"),
    ResourceKind.TALENT: ("headcount",),
}
(_BUDGET,) = fields_named(NEED_FIELDS, "budget")
_SHORT_LABELS = {"trl": Bilingual("TRL", "TRL")}


@dataclass(frozen=True, slots=True)
class Fact:
    """One value with the field that describes it."""

    spec: Field
    value: Any

    @property
    def label(self) -> Bilingual:
        """Return the field's name, short where a row has little room."""
        return _SHORT_LABELS.get(self.spec.name, self.spec.label)

    @property
    def is_rate(self) -> bool:
        """Tell whether it is money per something, which is not written as 万元 or 亿元."""
        unit = self.spec.unit
        return self.spec.type is FieldType.MONEY and unit is not None and "/" in unit.zh

    @property
    def unit(self) -> Bilingual | None:
        """Return the unit to write after the value; an amount of money says its own."""
        return None if self.spec.type is FieldType.MONEY and not self.is_rate else self.spec.unit


def facts(specs: Iterable[Field], values: Mapping[str, Any]) -> list[Fact]:
    """Return the facts of `specs` that are not blank."""
    return [Fact(spec, values[spec.name]) for spec in specs if values.get(spec.name) not in (None, "", (), [])]


def row_figure(listing: Need | Resource) -> Fact | None:
    """Return the one figure of a list's row, or None where the listing says none."""
    if isinstance(listing, Need):
        return None if listing.budget is None else Fact(_BUDGET, listing.budget)
    values = {"trl": listing.trl, "price": listing.price, **details_values(listing.kind, listing.details)}
    specs = {spec.name: spec for spec in DETAIL_FIELDS[listing.kind]}
    names = [name for name in _ROW_FIGURES[listing.kind] if values.get(name) is not None]
    return Fact(specs[names[0]], values[names[0]]) if names else None
