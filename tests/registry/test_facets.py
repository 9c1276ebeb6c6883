"""Lists, labels and facets of the registry agree with counting by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.factories import make_cities, make_organisation
from yunlang.registry.models import Organisation, OrganisationLabel, Resource
from yunlang.registry.selectors.facets import NO_CITY
from yunlang.registry.selectors.listings import ListingFilters, facet_counts, listings
from yunlang.registry.selectors.organisations import OrganisationFilters, organisation_facets, organisations

pytestmark = pytest.mark.django_db
_numbers = count(1)
DAY = date(2026, 11, 22)


@pytest.fixture
def nine(corridor: Any) -> Any:
    return corridor


_CITY = st.sampled_from([None, "330100", "330500"])
_INDUSTRY = st.sampled_from(["", "new_materials", "biomedicine"])
_LISTING = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["achievement", "instrument", "loan"]),
        "city": _CITY,
        "industry": _INDUSTRY,
        "status": st.sampled_from(["published", "published", "draft", "closed"]),
        "owner": st.integers(0, 2),
        "trl": st.none() | st.integers(1, 9),
        "price": st.none() | st.sampled_from([Decimal(1), Decimal(100)]),
        "tags": st.lists(st.sampled_from(["电解液", "隔膜"]), max_size=2, unique=True),
    }
)
_LABELS = st.lists(st.sampled_from(["high_tech", "listed"]), max_size=2, unique=True)
_FILTERS = st.builds(
    ListingFilters,
    kinds=st.lists(st.sampled_from(["achievement", "instrument", "loan"]), max_size=2),
    cities=st.lists(st.sampled_from([NO_CITY, "330100", "330500", "310117"]), max_size=2),
    industries=st.lists(st.sampled_from(["new_materials", "biomedicine"]), max_size=2),
    tags=st.lists(st.sampled_from(["电解液", "隔膜"]), max_size=1),
    labels=_LABELS,
    labels_on=st.just(DAY),
    trl_minimum=st.none() | st.integers(1, 9),
    amount_maximum=st.none() | st.sampled_from([Decimal(50), Decimal(100)]),
    statuses=st.sampled_from([("published",), ("published", "closed")]),
)


def _passes(row: dict[str, Any], labels: list[list[str]], filters: ListingFilters, leave_out: str = "") -> bool:
    return all(
        (
            row["status"] in filters.statuses,
            leave_out == "kind" or not filters.kinds or row["kind"] in filters.kinds,
            leave_out == "city" or not filters.cities or (row["city"] or NO_CITY) in filters.cities,
            leave_out == "industry" or not filters.industries or row["industry"] in filters.industries,
            set(filters.tags) <= set(row["tags"]),
            not filters.labels or bool(set(filters.labels) & set(labels[row["owner"]])),
            filters.trl_minimum is None or (row["trl"] is not None and row["trl"] >= filters.trl_minimum),
            filters.amount_maximum is None or (row["price"] is not None and row["price"] <= filters.amount_maximum),
        )
    )


class FacetsTest(TestCase):
    """Lists and their facets agree with counting by hand, whatever is listed and however it is filtered."""

    @settings(max_examples=40, deadline=None)
    @given(st.lists(_LISTING, max_size=6), st.lists(_LABELS, min_size=3, max_size=3), _FILTERS)
    def test_facets_count_what_the_list_would_show(
        self, rows: list[dict[str, Any]], labels: list[list[str]], filters: ListingFilters
    ) -> None:
        self._write(rows, labels)
        found = listings(Resource, filters)
        expected = [number for number, row in enumerate(rows) if _passes(row, labels, filters)]
        assert sorted(int(one.number) for one in found) == expected
        counts = facet_counts(Resource, filters)
        assert counts.total == len(expected)
        for facet in ("kind", "city", "industry"):
            shown = [row for row in rows if _passes(row, labels, filters, leave_out=facet)]
            by_hand = Counter(row[facet] or NO_CITY for row in shown if row[facet] or facet == "city")
            assert counts[facet] == dict(by_hand), facet

    def _write(self, rows: list[dict[str, Any]], labels: list[list[str]]) -> None:
        make_cities()
        owners = []
        for held in labels:
            name = f"机构{next(_numbers)}"
            owner = Organisation.objects.create(name=name, name_key=name, type="company")
            owners.append(owner)
            for label in held:
                # Held twice, with a gap: the organisation still counts once.
                for start, end in ((None, DAY - timedelta(days=9)), (DAY, None)):
                    OrganisationLabel.objects.create(organisation=owner, label=label, valid_from=start, valid_until=end)
        now = timezone.now()
        Resource.objects.bulk_create(
            Resource(
                number=str(number), title="成果", organisation=owners[row["owner"]], city_id=row["city"],
                published_at=now,
                **{name: row[name] for name in ("kind", "industry", "status", "trl", "price", "tags")},
            )
            for number, row in enumerate(rows)
        )  # fmt: skip


def test_a_label_that_has_ended_or_not_begun_does_not_count(nine: Any) -> None:
    ended, begun, coming = make_organisation(), make_organisation(), make_organisation()
    hold = OrganisationLabel.objects.create
    hold(organisation=ended, label="high_tech", valid_until=DAY - timedelta(days=1))
    hold(organisation=begun, label="high_tech", valid_from=DAY, valid_until=DAY)
    hold(organisation=coming, label="high_tech", valid_from=DAY + timedelta(days=1))
    filters = OrganisationFilters(labels=["high_tech"], labels_on=DAY)
    assert list(organisations(filters)) == [begun]
    assert organisation_facets(filters)["label"] == {"high_tech": 1}
    assert organisation_facets(OrganisationFilters(labels_on=DAY))["label"] == {"high_tech": 1}


def test_labels_count_on_the_present_day_where_none_is_named(nine: Any) -> None:
    today = timezone.localdate()
    one = make_organisation()
    OrganisationLabel.objects.create(organisation=one, label="listed", valid_from=today, valid_until=today)
    assert list(organisations(OrganisationFilters(labels=["listed"]))) == [one]


def test_organisation_facets_agree_with_the_directory(nine: Any) -> None:
    first = make_organisation(city="湖州", industry="新材料")
    make_organisation(city="苏州", type="university")
    make_organisation(city="")
    Organisation.objects.filter(pk=make_organisation(city="湖州").pk).update(status="in_review")
    for label in ("high_tech", "listed"):
        OrganisationLabel.objects.create(organisation=first, label=label)
    facets = organisation_facets(OrganisationFilters())
    assert facets["type"] == {"company": 2, "university": 1}
    assert facets["city"] == {"330500": 1, "320500": 1, NO_CITY: 1}
    assert facets["industry"] == {"new_materials": 1}
    assert facets["placement"] == {"corridor": 2, "unknown": 1}
    assert facets.total == 3
    assert facets["label"] == {"high_tech": 1, "listed": 1}
    both = OrganisationFilters(labels=["high_tech", "listed"])
    assert list(organisations(both)) == [first]
    assert organisation_facets(both)["type"] == {"company": 1}
    in_suzhou = organisation_facets(OrganisationFilters(cities=["320500"]))
    assert (in_suzhou["city"], in_suzhou["type"], in_suzhou.total) == (facets["city"], {"university": 1}, 1)
    unknown = organisation_facets(OrganisationFilters(placements=["unknown"], types=["university"]))
    assert (unknown["placement"], unknown["type"], unknown.total) == ({"corridor": 1}, {"company": 1}, 0)
