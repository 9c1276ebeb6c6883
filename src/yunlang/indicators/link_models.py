"""Links between cities that somebody published or reported: what the platform cannot count itself."""

from __future__ import annotations

from django.db import models

from yunlang.indicators.core.links.kinds import KIND_LABELS, LINK_KINDS, PERIOD, UNITS, WITHOUT_DIRECTION
from yunlang.kit.language import Bilingual
from yunlang.registry.models import City, Source
from yunlang.registry.models.base import choices, known


def _unit_of_kind() -> models.Q:
    condition = models.Q()
    for name, kind in LINK_KINDS.items():
        condition |= models.Q(kind=name, unit=kind.unit)
    return condition


class LinkObservation(models.Model):
    """How much went from one city to another in one period, as one source has it.

    A link of a kind without direction stands once, with the lower code first; what stays inside a city has it twice.
    A pair that no row names is not known, which is not zero.
    """

    kind = models.CharField(max_length=20, choices=choices(KIND_LABELS))
    period = models.CharField(max_length=20)
    origin = models.ForeignKey(City, on_delete=models.PROTECT, related_name="links_out")
    destination = models.ForeignKey(City, on_delete=models.PROTECT, related_name="links_in")
    value = models.DecimalField(max_digits=24, decimal_places=6)
    unit = models.CharField(max_length=20, choices=choices(UNITS))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "period", "origin", "destination", "source"], name="link_unique"),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="link_value_not_negative"),
            models.CheckConstraint(condition=models.Q(period__regex=PERIOD), name="link_period_shape"),
            models.CheckConstraint(condition=_unit_of_kind(), name="link_unit_of_kind"),
            models.CheckConstraint(
                condition=~models.Q(kind__in=WITHOUT_DIRECTION) | models.Q(origin__lte=models.F("destination")),
                name="link_without_direction_stands_once",
            ),
            known("kind", KIND_LABELS, name="link_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.period}: {self.origin_id} → {self.destination_id} {self.value}"

    @property
    def label(self) -> Bilingual:
        """What kind of link it is, in words."""
        return KIND_LABELS[self.kind]
