"""Reads of links between cities: those that the platform counts itself, and those that sources report.

Introductions are counted when they were proposed, deals and their amounts when their contract was signed, as the ledger
has it, whatever became of it later; between the cities where both sides were when the deal was opened. The registry's
rows name one organisation each: an achievement has one owner, a patent number no list of assignees, an instrument no
hours of use. Joint patents, joint projects and hours on shared instruments can therefore not be counted from them, and
come from imported tables alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, Sum, When

from yunlang.deals.ledger_models import Contract, deal_is_sample
from yunlang.deals.models import Introduction
from yunlang.indicators.core.links.errors import GravityNotFittedError
from yunlang.indicators.core.links.gravity import GravityFit, gravity_fit
from yunlang.indicators.core.links.kinds import LINK_KINDS, LinkKind
from yunlang.indicators.core.links.matrix import Floats, LinkMatrix
from yunlang.indicators.core.links.records import LinkRecord, matrix_from_records
from yunlang.indicators.models import LinkObservation
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.core.distance import distance_km
from yunlang.registry.models import City, Figure, Source
from yunlang.registry.selectors.corridor import cities

MILLION = Decimal(1_000_000)
MASS_CODE = "gdp"


@dataclass(frozen=True, slots=True)
class LiveKind:
    """A kind of link that the platform counts itself.

    Attributes
    ----------
    rows
        What is counted, with the cities `origin` and `destination`.
    dated
        The field that dates it, a moment or a day.
    value
        What is summed up of each pair of cities.
    is_sample
        What of it was made up for demonstration.
    """

    rows: Callable[[], QuerySet[Any]]
    dated: str
    value: Any
    is_sample: Q


@dataclass(frozen=True, slots=True)
class LinkEdition:
    """One period of one kind of link, as one source has it; without source, as the platform counts it."""

    period: str
    source: Source | None


@dataclass(frozen=True, slots=True, eq=False)
class CityLinks:
    """The links between the nine cities of one kind and period.

    Attributes
    ----------
    cities
        In the corridor's order, as rows and columns of `matrix`.
    elsewhere
        Of what the platform counts: how many have an end outside the nine cities, or where it is not known.
    illustrative
        Of what the platform counts and the matrix holds: how many are of illustrative needs or offers.
    """

    name: str
    kind: LinkKind
    edition: LinkEdition
    cities: tuple[City, ...]
    matrix: LinkMatrix
    elsewhere: int = 0
    illustrative: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """What a gravity model lets expect of links.

    Attributes
    ----------
    fit
        None where it could not be fitted, for `reason`.
    mass_period
        The year of the masses, empty where there are none.
    without_mass
        The cities whose mass is not known, which have no expectation.
    source
        Where the masses come from.
    """

    fit: GravityFit | None
    reason: Bilingual | None
    mass_period: str
    without_mass: tuple[City, ...]
    source: Source | None


def link_editions(name: str) -> list[LinkEdition]:
    """Return what there is of a kind of link, the latest first: the platform's own years and months, then sources'."""
    found = [LinkEdition(period, None) for period in _live_periods(name)] if name in LIVE else []
    rows = LinkObservation.objects.filter(kind=name).values_list("period", "source").distinct()
    sources = Source.objects.in_bulk({code for _, code in rows})
    reported = [(period, sources[code]) for period, code in rows]
    reported.sort(key=lambda pair: (pair[1].title_zh, pair[1].code))
    reported.sort(key=lambda pair: (pair[0].rpartition("/")[2], pair[0]), reverse=True)
    return found + [LinkEdition(period, source) for period, source in reported]


def city_links(name: str, period: str, source_code: str = "") -> CityLinks:
    """Return the links of a kind in a period, as a source has them, or as the platform counts them.

    Raises
    ------
    NotFoundError
        When there are none of that kind, period and source.
    """
    missing = NotFoundError(what=Bilingual("该类别与时期的城市联系", "links of this kind and period"))
    if name not in LINK_KINDS:
        raise missing
    if not source_code:
        bounds = _bounds(period)
        if name not in LIVE or bounds is None:
            raise missing
        return _live_links(name, period, bounds)
    source = Source.objects.filter(code=source_code).first()
    rows = LinkObservation.objects.filter(kind=name, period=period, source=source)
    records = [LinkRecord(start, end, float(value)) for start, end, value in _cells(rows)]
    if source is None or not records:
        raise missing
    return _links(name, LinkEdition(period, source), records, absent=np.nan)


def link_expectation(links: CityLinks) -> Expectation:
    """Return what the cities' gross product and distances let expect, by Poisson pseudo-maximum likelihood."""
    last = links.edition.period.rpartition("/")[2][:4]
    figures = Figure.objects.filter(area="city", code=MASS_CODE, period__regex=r"^\d{4}$")
    period = figures.filter(period__lte=last).aggregate(last=Max("period"))["last"] or ""
    rows = list(figures.filter(period=period).select_related("source").order_by("city", "-source"))
    masses = {row.city_id: float(row.value) for row in rows if row.value > 0}
    without = tuple(city for city in links.cities if city.adcode not in masses)
    source = rows[0].source if rows else None
    sizes = np.array([masses.get(city.adcode, np.nan) for city in links.cities])
    try:
        fit = gravity_fit(links.matrix, sizes, _distances(links.cities), method="ppml")
    except GravityNotFittedError as error:
        return Expectation(None, error.text, period, without, source)
    return Expectation(fit, None, period, without, source)


def _cells(rows: QuerySet[LinkObservation]) -> Any:
    return rows.order_by().values("origin", "destination").annotate(sum=Sum("value")).values_list(
        "origin", "destination", "sum"
    )  # fmt: skip


def _links(name: str, edition: LinkEdition, records: list[LinkRecord], *, absent: float, **more: int) -> CityLinks:
    members, kind = tuple(cities()), LINK_KINDS[name]
    codes = [city.adcode for city in members]
    matrix = matrix_from_records(records, codes, directed=kind.directed, absent=absent)
    return CityLinks(name, kind, edition, members, matrix, **more)


def _distances(members: tuple[City, ...]) -> Floats:
    places = [(city.longitude, city.latitude) for city in members]
    return np.array([[distance_km(start, end) for end in places] for start in places])


def _live_links(name: str, period: str, bounds: tuple[datetime, datetime]) -> CityLinks:
    live = LIVE[name]
    first, after = bounds if live.dated.endswith("_at") else (bound.date() for bound in bounds)
    rows = (
        live.rows()
        .filter(**{f"{live.dated}__gte": first, f"{live.dated}__lt": after})
        .order_by()
        .values("origin", "destination")
        .annotate(links=live.value, count=Count("pk"), samples=Count("pk", filter=live.is_sample))
    )
    placed, elsewhere, samples = [], 0, 0
    for row in rows:
        if row["origin"] is None or row["destination"] is None:
            elsewhere += row["count"]
            continue
        placed.append(LinkRecord(row["origin"], row["destination"], float(row["links"])))
        samples += row["samples"]
    edition = LinkEdition(period, None)
    return _links(name, edition, placed, absent=0.0, elsewhere=elsewhere, illustrative=samples)


def _introductions() -> QuerySet[Any]:
    """Return introductions with the cities of both organisations, or of those that they became part of.

    Needs, resources and experts move with a merger; only an organisation that is itself what is offered stays behind.
    """
    offering = Case(
        When(resource__isnull=False, then=F("resource__organisation__city")),
        When(expert__isnull=False, then=F("expert__organisation__city")),
        When(organisation__merged_into__isnull=False, then=F("organisation__merged_into__city")),
        default=F("organisation__city"),
    )
    return Introduction.objects.annotate(origin=F("need__organisation__city"), destination=offering)


def _contracts() -> QuerySet[Any]:
    return Contract.objects.annotate(origin=F("deal__need_city"), destination=F("deal__offer_city"))


_SAMPLE_INTRODUCTION = Q(need__illustrative=True) | Q(resource__illustrative=True)
LIVE: dict[str, LiveKind] = {
    "introduction": LiveKind(_introductions, "proposed_at", Count("pk"), _SAMPLE_INTRODUCTION),
    "deal": LiveKind(_contracts, "signed_on", Count("pk"), deal_is_sample("deal__")),
    "deal_amount": LiveKind(_contracts, "signed_on", Sum("amount") / MILLION, deal_is_sample("deal__")),
}


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _live_periods(name: str) -> list[str]:
    """Return the years from the first to the last, and the months of the last, the latest first."""
    live = LIVE[name]
    span = live.rows().aggregate(first=Min(live.dated), last=Max(live.dated))
    if span["first"] is None or span["last"] is None:
        return []
    first, last = _day(span["first"]), _day(span["last"])
    begins = first.month if first.year == last.year else 1
    months = [f"{last.year}-{month:02}" for month in range(last.month, begins - 1, -1)]
    return [str(last.year), *months, *(str(year) for year in range(last.year - 1, first.year - 1, -1))]


def _day(dated: date) -> date:
    return dated.astimezone(_zone()) if isinstance(dated, datetime) else dated


def _bounds(period: str) -> tuple[datetime, datetime] | None:
    """Return when a year or month begins and when the next does, None for any other period."""
    try:
        if len(period) == 4:
            year = int(period)
            return datetime(year, 1, 1, tzinfo=_zone()), datetime(year + 1, 1, 1, tzinfo=_zone())
        first = datetime.strptime(period, "%Y-%m").replace(tzinfo=_zone())
    except ValueError:
        return None
    after = (first.year + 1, 1) if first.month == 12 else (first.year, first.month + 1)
    return first, datetime(*after, 1, tzinfo=_zone())
