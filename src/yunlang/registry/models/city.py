"""The nine member cities and the figures published about them."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models

from yunlang.kit.language import Bilingual
from yunlang.registry.models.base import choices, known


class City(models.Model):
    """A member city of the corridor, by its administrative division code (GB/T 2260)."""

    adcode = models.CharField(primary_key=True, max_length=6, validators=[RegexValidator(r"^\d{6}$")])
    name_zh = models.CharField(max_length=20, unique=True)
    name_en = models.CharField(max_length=40, unique=True)
    full_name_zh = models.CharField(max_length=40)
    province_zh = models.CharField(max_length=20)
    province_en = models.CharField(max_length=40)
    order = models.PositiveSmallIntegerField(unique=True)
    longitude = models.FloatField()
    latitude = models.FloatField()
    boundary = models.JSONField()

    class Meta:
        ordering = ["order"]
        constraints = [
            models.CheckConstraint(condition=models.Q(adcode__regex=r"^\d{6}$"), name="city_adcode_shape"),
            models.CheckConstraint(
                condition=models.Q(longitude__range=(-180, 180), latitude__range=(-90, 90)), name="city_on_earth"
            ),
        ]

    def __str__(self) -> str:
        return self.name_zh

    @property
    def label(self) -> Bilingual:
        """The city's name in both languages."""
        return Bilingual(self.name_zh, self.name_en)


AREAS: dict[str, Bilingual] = {
    "city": Bilingual("城市", "city"),
    "corridor": Bilingual("九城市", "the nine cities"),
    "yangtze_delta": Bilingual("长三角", "Yangtze River Delta"),
    "elsewhere": Bilingual("走廊以外", "outside the corridor"),
}
QUALIFIERS: dict[str, Bilingual] = {
    "about": Bilingual("约", "about"),
    "over": Bilingual("超过", "over"),
    "near": Bilingual("近", "nearly"),
}


class Figure(models.Model):
    """One published figure: of a city, of the whole corridor, of the delta around it, or from elsewhere."""

    area = models.CharField(max_length=20, choices=choices(AREAS), default="corridor")
    city = models.ForeignKey(City, null=True, on_delete=models.PROTECT, related_name="figures")
    code = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    period = models.CharField(max_length=20)
    value = models.DecimalField(max_digits=24, decimal_places=6)
    qualifier = models.CharField(max_length=10, choices=choices(QUALIFIERS), blank=True, default="")
    unit_zh = models.CharField(max_length=40, blank=True, default="")
    unit_en = models.CharField(max_length=60, blank=True, default="")
    note_zh = models.CharField(max_length=300, blank=True, default="")
    note_en = models.CharField(max_length=300, blank=True, default="")
    source = models.ForeignKey("registry.Source", on_delete=models.PROTECT, related_name="figures")

    class Meta:
        ordering = ["code", "period"]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "city", "code", "period", "source"], nulls_distinct=False, name="figure_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(area="city", city__isnull=False)
                | (~models.Q(area="city") & models.Q(city__isnull=True)),
                name="figure_city_iff_of_city",
            ),
            known("area", AREAS, name="figure_area_known"),
            known("qualifier", QUALIFIERS, name="figure_qualifier_known", blank=True),
        ]
        indexes = [models.Index(fields=["code", "period"], name="figure_by_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.period}: {self.value}"

    @property
    def label(self) -> Bilingual:
        """The figure's name in both languages."""
        return Bilingual(self.name_zh, self.name_en)

    @property
    def note(self) -> Bilingual:
        """What the source says beside the figure, in both languages."""
        return Bilingual(self.note_zh, self.note_en or self.note_zh)

    @property
    def qualified(self) -> Bilingual:
        """How exact the source calls it: about, over, nearly, or nothing."""
        return QUALIFIERS.get(self.qualifier, Bilingual("", ""))

    @property
    def unit(self) -> Bilingual:
        """The unit in both languages; empty for shares and ranks."""
        return Bilingual(self.unit_zh, self.unit_en)
