"""What the platform itself can count for each city, by name: organisations, listings, introductions, deals.

Made-up examples never count. A zero says that nothing is registered with a seat verified to be in that city; a share of
nothing is missing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from yunlang.deals.core.introduction import Status as IntroductionStatus
from yunlang.deals.ledger_models import Contract, deal_is_sample
from yunlang.deals.models import Introduction
from yunlang.kit.language import Bilingual
from yunlang.registry.core.kinds import OrganisationType, ResourceKind
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Expert, Need, Organisation, Resource
from yunlang.registry.selectors.listings import labels_held

Numbers = Mapping[str, float]
_SHOWN = [Status.PUBLISHED, Status.CLOSED, Status.EXPIRED]
_GRADES = ("优秀", "良好")
# The tag that projects of these programmes carry; other programmes, of provinces and cities, do not.
_NATIONAL = "国家重点研发计划"
_SUPPORT = (
    ResourceKind.SERVICE, ResourceKind.LOAN, ResourceKind.FUND, ResourceKind.POLICY, ResourceKind.SPACE,
    ResourceKind.TALENT,
)  # fmt: skip
_RESEARCH = (OrganisationType.UNIVERSITY, OrganisationType.INSTITUTE, OrganisationType.LABORATORY)


class Tally:
    """Counts by city, each table read once, however many indicators ask for it."""

    @cached_property
    def organisations(self) -> dict[tuple[str, ...], int]:
        """Published organisations by city and type."""
        rows = Organisation.objects.filter(status=Status.PUBLISHED, illustrative=False).exclude(city=None)
        return _counted(rows, "city", "type")

    @cached_property
    def labels(self) -> dict[tuple[str, ...], int]:
        """Labels that published organisations hold today, by city and label."""
        rows = labels_held(None).filter(organisation__status=Status.PUBLISHED, organisation__illustrative=False)
        return _counted(rows.exclude(organisation__city=None), "organisation__city", "label")

    @cached_property
    def resources(self) -> dict[tuple[str, ...], int]:
        """Published resources by city and kind."""
        rows = Resource.objects.filter(status=Status.PUBLISHED, illustrative=False).exclude(city=None)
        return _counted(rows, "city", "kind")

    @cached_property
    def national_projects(self) -> dict[tuple[str, ...], int]:
        """Published achievements of the national key R&D programmes, by city."""
        rows = Resource.objects.filter(
            kind=ResourceKind.ACHIEVEMENT, status=Status.PUBLISHED, illustrative=False, tags__contains=[_NATIONAL]
        )
        return _counted(rows.exclude(city=None), "city")

    @cached_property
    def shared_instruments(self) -> dict[tuple[str, ...], int]:
        """Published instruments whose sharing was graded good or better last time, by city."""
        rows = Resource.objects.filter(
            kind=ResourceKind.INSTRUMENT,
            status=Status.PUBLISHED,
            illustrative=False,
            details__sharing_grade__in=_GRADES,
        )
        return _counted(rows.exclude(city=None), "city")

    @cached_property
    def experts(self) -> dict[tuple[str, ...], int]:
        """Published experts by the city of their organisation."""
        rows = Expert.objects.filter(status=Status.PUBLISHED, organisation__illustrative=False)
        return _counted(rows.exclude(organisation__city=None), "organisation__city")

    @cached_property
    def needs(self) -> dict[tuple[str, ...], int]:
        """Needs ever published, by city and whether anybody was introduced to them."""
        answered = Exists(Introduction.objects.filter(need=OuterRef("pk")))
        rows = Need.objects.filter(status__in=_SHOWN, illustrative=False).exclude(city=None)
        return _counted(rows.annotate(answered=answered), "city", "answered")

    @cached_property
    def introductions(self) -> dict[tuple[str, ...], int]:
        """Introductions by the cities of both sides, empty outside the corridor, and by how far they have come."""
        rows = Introduction.objects.filter(need__illustrative=False).annotate(
            needing=Coalesce("need__city", "need__organisation__city"),
            offering=Coalesce(
                "resource__organisation__city", "expert__organisation__city",
                "organisation__merged_into__city", "organisation__city",
            ),
        )  # fmt: skip
        return _counted(rows.filter(~Q(needing=None) | ~Q(offering=None)), "needing", "offering", "status")

    @cached_property
    def contracts(self) -> dict[tuple[str, str], tuple[int, float]]:
        """Contracts signed by the cities of both sides, empty outside the corridor: how many, and CNY million."""
        rows = Contract.objects.exclude(deal_is_sample("deal__")).order_by()
        counted = rows.values_list("deal__need_city", "deal__offer_city").annotate(Count("pk"), Sum("amount"))
        return {(needing or "", offering or ""): (count, float(sum) / 1e6) for needing, offering, count, sum in counted}

    def contracts_of(self, place: int, *, across: bool = False) -> Counter[str]:
        """Sum contracts (`place` 0) or their amounts (1) for each city that takes part, as `introductions_of`."""
        found: Counter[str] = Counter()
        for (needing, offering), numbers in self.contracts.items():
            if across and (not needing or not offering or needing == offering):
                continue
            for city in {needing, offering} - {""}:
                found[city] += numbers[place]  # type: ignore[assignment]
        return found

    def introductions_of(self, *, signed: bool = False, across: bool = False) -> Counter[str]:
        """Count introductions for each city that takes part, once where both sides are of one city."""
        found: Counter[str] = Counter()
        for (needing, offering, status), count in self.introductions.items():
            if signed and status != IntroductionStatus.SIGNED:
                continue
            if across and (not needing or not offering or needing == offering):
                continue
            for city in {needing, offering} - {""}:
                found[city] += count
        return found


def _counted(rows: object, *columns: str) -> dict[tuple[str, ...], int]:
    """Count rows by columns in one query; None becomes an empty word."""
    counted = rows.order_by().values_list(*columns).annotate(_count=Count("pk"))  # type: ignore[attr-defined]
    return {tuple("" if one is None else str(one) for one in values): count for *values, count in counted}


def _of(counts: Mapping[tuple[str, ...], int], *kinds: str) -> Counter[str]:
    """Sum counts by city, over the kinds named or over all."""
    found: Counter[str] = Counter()
    chosen = set(kinds)
    for (city, *kind), count in counts.items():
        if not chosen or kind[0] in chosen:
            found[city] += count
    return found


def _share(parts: Numbers, wholes: Numbers) -> dict[str, float]:
    return {city: 100 * parts.get(city, 0) / whole if whole else math.nan for city, whole in wholes.items()}


@dataclass(frozen=True, slots=True)
class LiveCount:
    """One thing counted.

    Attributes
    ----------
    label
        What is counted, in words.
    of
        Gives the number by city; a city left out has none.
    is_share
        Whether a city left out is missing rather than nought.
    """

    label: Bilingual
    of: Callable[[Tally], Numbers]
    is_share: bool = False


def _label(label: str) -> Callable[[Tally], Numbers]:
    return lambda tally: _of(tally.labels, label)


COUNTS: dict[str, LiveCount] = {
    "organisations": LiveCount(
        Bilingual("登记机构", "organisations registered"), lambda tally: _of(tally.organisations)
    ),
    "research_organisations": LiveCount(
        Bilingual("登记的高校、科研院所和实验室", "universities, institutes and laboratories registered"),
        lambda tally: _of(tally.organisations, *_RESEARCH),
    ),
    "listed_companies": LiveCount(
        Bilingual("登记的上市公司（所在地已核实）", "listed companies registered whose seat is verified"),
        _label("listed"),
    ),
    "star_companies": LiveCount(
        Bilingual("登记的科创板上市公司（所在地已核实）", "STAR Market companies registered whose seat is verified"),
        _label("star_market"),
    ),
    "key_laboratories": LiveCount(
        Bilingual("登记的国家重点实验室（所在地已核实）", "state key laboratories registered whose seat is verified"),
        _label("key_laboratory"),
    ),
    "national_projects": LiveCount(
        Bilingual(
            "登记的国家重点研发计划项目（按牵头单位所在地）",
            "national key R&D projects registered, by the leading organisation’s seat",
        ),
        lambda tally: _of(tally.national_projects),
    ),
    "shared_instruments": LiveCount(
        Bilingual(
            "大型仪器开放共享考核良好以上的单位",
            "institutions whose sharing of large instruments is graded good or better",
        ),
        lambda tally: _of(tally.shared_instruments),
    ),
    "resources": LiveCount(Bilingual("发布的创新要素", "resources published"), lambda tally: _of(tally.resources)),
    "support_resources": LiveCount(
        Bilingual(
            "发布的服务、信贷、基金、政策、载体和人才项目",
            "services, loans, funds, policies, spaces and talent published",
        ),
        lambda tally: _of(tally.resources, *_SUPPORT),
    ),
    "experts": LiveCount(Bilingual("登记的专家", "experts registered"), lambda tally: _of(tally.experts)),
    "needs": LiveCount(Bilingual("发布过的需求", "needs ever published"), lambda tally: _of(tally.needs)),
    "needs_answered_share": LiveCount(
        Bilingual("有对接的需求占比", "share of needs that somebody was introduced to"),
        lambda tally: _share(_of(tally.needs, "True"), _of(tally.needs)),
        is_share=True,
    ),
    "introductions": LiveCount(
        Bilingual("参与的对接", "introductions taken part in"), lambda tally: tally.introductions_of()
    ),
    "introductions_signed": LiveCount(
        Bilingual("签约的对接", "introductions signed"), lambda tally: tally.introductions_of(signed=True)
    ),
    "introductions_across_share": LiveCount(
        Bilingual("跨城对接占比", "share of introductions between two cities of the corridor"),
        lambda tally: _share(tally.introductions_of(across=True), tally.introductions_of()),
        is_share=True,
    ),
    "deals": LiveCount(Bilingual("签订合同的成交", "deals contracted"), lambda tally: tally.contracts_of(0)),
    "deals_amount": LiveCount(
        Bilingual("成交合同金额（百万元）", "amounts of contracts, in CNY million"), lambda tally: tally.contracts_of(1)
    ),
    "deals_across_share": LiveCount(
        Bilingual("跨城成交占比", "share of deals between two cities of the corridor"),
        lambda tally: _share(tally.contracts_of(0, across=True), tally.contracts_of(0)),
        is_share=True,
    ),
}
