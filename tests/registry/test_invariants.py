"""What PostgreSQL itself refuses, whoever writes: every constraint is broken on purpose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DataError, IntegrityError, connection, models, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.challenges import broken as challenges
from tests.challenges.broken_proposals import PROPOSALS_BROKEN
from tests.deals import broken as deals
from tests.indicators import broken as indicators
from tests.matching import broken as matching
from tests.rows import need, organisation, resource, user
from yunlang.accounts.models import ApiToken, Notice
from yunlang.matching.models import Vector
from yunlang.registry.core.credit_code import ALPHABET, check_character, is_credit_code
from yunlang.registry.models import (
    City,
    Expert,
    Figure,
    Membership,
    MergeCandidate,
    Need,
    Organisation,
    OrganisationAttribute,
    OrganisationLabel,
    Provenance,
    Source,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, tzinfo=UTC)
CODE = "91330500MA2B2C3D4" + check_character("91330500MA2B2C3D4")
_numbers = count(1)


def token(**values: Any) -> ApiToken:
    return ApiToken.objects.create(
        **{"user": user(), "name": "脚本", "prefix": "yl_", "digest": str(next(_numbers)), "created_at": NOW}
        | {"expires_at": NOW.replace(year=2027)} | values
    )  # fmt: skip


def expert(**values: Any) -> Expert:
    return Expert.objects.create(**{"name": "张三"} | values)


def city(**values: Any) -> City:
    number = next(_numbers)
    return City.objects.create(
        **{
            "adcode": f"{number:06d}", "name_zh": f"城{number}", "name_en": f"City {number}", "order": number,
            "full_name_zh": "城", "province_zh": "省", "province_en": "Province", "longitude": 120, "latitude": 30,
            "boundary": {},
        } | values
    )  # fmt: skip


def source() -> Source:
    code = f"source-{next(_numbers)}"
    return Source.objects.create(code=code, title_zh=code, title_en=code)


def label(**values: Any) -> OrganisationLabel:
    return OrganisationLabel.objects.create(**{"label": "high_tech"} | values)


def pair(first: Organisation, second: Organisation, **values: Any) -> MergeCandidate:
    return MergeCandidate.objects.create(first=first, second=second, **values)


def twice(make: Callable[..., Any], **values: Any) -> None:
    make(**values)
    make(**values)


def in_order() -> list[Organisation]:
    return sorted((organisation(), organisation()), key=lambda row: row.pk)


def merged_into_itself() -> None:
    one = organisation()
    Organisation.objects.filter(pk=one.pk).update(merged_into=one)


def figure(**values: Any) -> Figure:
    return Figure.objects.create(**{"code": "gdp", "period": "2025", "value": 1, "source": source()} | values)


def vectors_twice() -> None:
    twice(Vector.objects.create, encoder="e5", content_hash="1", codes=b"1")


def notice(**values: Any) -> Notice:
    whose = {} if "recipient" in values else {"recipient": user()}
    usual = {"kind": "strong_match", "key": "1", "payload": {}, "address": "/needs/"}
    return Notice.objects.create(**(whose | usual | values))


BROKEN: dict[str, Callable[[], Any]] = {
    **challenges.BROKEN,
    **PROPOSALS_BROKEN,
    **deals.BROKEN,
    **indicators.BROKEN,
    **matching.BROKEN,
    "notice_unique": lambda: twice(notice, recipient=user()),
    "notice_named": lambda: notice(key=""),
    "notice_address_on_this_site": lambda: notice(address="//elsewhere.example/"),
    "user_email_unique": lambda: [user(email="one@example.org"), user(email="ONE@Example.org")],
    "user_role_known": lambda: user(role="emperor"),
    "token_scope_known": lambda: token(scope="everything"),
    "token_expires_later": lambda: token(expires_at=NOW),
    "city_adcode_shape": lambda: city(adcode="33010"),
    "city_on_earth": lambda: city(latitude=120),
    "figure_unique": lambda: twice(figure, source=source()),
    "figure_area_known": lambda: figure(area="moon"),
    "figure_city_iff_of_city": lambda: figure(area="city"),
    "figure_qualifier_known": lambda: figure(qualifier="maybe"),
    "organisation_credit_code_unique": lambda: twice(organisation, credit_code=CODE),
    "organisation_credit_code_valid": lambda: organisation(credit_code=CODE[:17] + ("0" if CODE[17] != "0" else "1")),
    "organisation_name_unique_without_code": lambda: twice(organisation, name="同名"),
    "organisation_city_iff_corridor": lambda: organisation(placement="corridor"),
    "organisation_not_merged_into_self": merged_into_itself,
    "organisation_named": lambda: organisation(name=""),
    "organisation_type_known": lambda: organisation(type="gang"),
    "organisation_placement_known": lambda: organisation(placement="moon"),
    "organisation_industry_known": lambda: organisation(industry="alchemy"),
    "organisation_status_known": lambda: organisation(status="lost"),
    "label_known": lambda: label(organisation=organisation(), label="best_of_all"),
    "label_ends_after_start": lambda: label(
        organisation=organisation(), valid_from=date(2025, 1, 2), valid_until=date(2025, 1, 1)
    ),
    "label_periods_do_not_overlap": lambda: twice(label, organisation=organisation()),
    "attribute_unique": lambda: twice(
        OrganisationAttribute.objects.create, organisation=organisation(), code="revenue", period="2025", value=1
    ),
    "attribute_named": lambda: OrganisationAttribute.objects.create(
        organisation=organisation(), code="revenue", period="", value=1
    ),
    "membership_unique": lambda: twice(Membership.objects.create, user=user(), organisation=organisation()),
    "membership_role_known": lambda: Membership.objects.create(user=user(), organisation=organisation(), role="king"),
    "membership_state_known": lambda: Membership.objects.create(
        user=user(), organisation=organisation(), state="maybe"
    ),
    "merge_pair_unique": lambda: [pair(*both) for both in [in_order()] * 2],
    "merge_pair_ordered": lambda: pair(*reversed(in_order())),
    "merge_state_known": lambda: pair(*in_order(), state="perhaps"),
    "expert_unique_in_organisation": lambda: twice(expert, organisation=organisation()),
    "expert_named": lambda: expert(organisation=organisation(), name=""),
    "expert_industry_known": lambda: expert(organisation=organisation(), industry="alchemy"),
    "expert_status_known": lambda: expert(organisation=organisation(), status="lost"),
    "need_number_unique": lambda: [
        need(organisation=one, number="1", title=t) for one in [organisation()] for t in "ab"
    ],
    "need_title_unique_without_number": lambda: twice(need, organisation=organisation()),
    "need_titled": lambda: need(title=""),
    "need_published_has_time": lambda: need(status="published"),
    "need_industry_known": lambda: need(industry="alchemy"),
    "need_status_known": lambda: need(status="lost"),
    "need_kind_known": lambda: need(kind="luck"),
    "need_trl_range": lambda: need(trl_minimum=10),
    "need_budget_range": lambda: need(budget=Decimal("-0.01")),
    "resource_number_unique": lambda: [
        resource(organisation=one, number="1", title=t) for one in [organisation()] for t in "ab"
    ],
    "resource_title_unique_without_number": lambda: twice(resource, organisation=organisation()),
    "resource_titled": lambda: resource(title=""),
    "resource_published_has_time": lambda: resource(status="expired"),
    "resource_industry_known": lambda: resource(industry="alchemy"),
    "resource_status_known": lambda: resource(status="lost"),
    "resource_kind_known": lambda: resource(kind="luck"),
    "resource_trl_range": lambda: resource(trl=0),
    "resource_price_range": lambda: resource(price=Decimal("-1")),
    "resource_ends_after_start": lambda: resource(valid_from=date(2025, 1, 2), valid_until=date(2025, 1, 1)),
    "provenance_unique": lambda: twice(
        Provenance.objects.create, object_kind="need", object_id=organisation().id, source=source(), original={}
    ),
    "vector_unique": vectors_twice,
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_the_database_refuses(name: str) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        BROKEN[name]()
    assert refusal.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_every_declared_constraint_is_broken_above() -> None:
    own = [model for model in apps.get_models() if model.__module__.startswith("yunlang.")]
    declared = {constraint.name for model in own for constraint in model._meta.constraints}
    assert declared | {"organisation_credit_code_valid"} == set(BROKEN)


def test_the_database_holds_every_constraint_that_the_models_declare() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes")
        held = {row[0] for row in cursor.fetchall()}
    assert set(BROKEN) <= held


def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_what_the_constraints_leave_free_stays_free() -> None:
    one, other = organisation(), organisation()
    organisation(credit_code=CODE, name=one.name)
    Organisation.objects.filter(pk=other.pk).update(merged_into=one, name="旧名")
    organisation(name="旧名")
    for kind in ("technology", "finance"):
        need(organisation=one, kind=kind)
    for number in "12":
        resource(organisation=one, number=number)
    resource(organisation=other, number="1", trl=9, price=Decimal(0))
    resource(organisation=other, valid_from=date(2025, 1, 1), valid_until=date(2025, 1, 1))


def test_a_label_is_held_again_from_the_day_after_it_ended() -> None:
    one = organisation()
    label(organisation=one, valid_from=date(2020, 1, 1), valid_until=date(2022, 12, 31))
    label(organisation=one, valid_from=date(2023, 1, 1))
    label(organisation=one, label="listed", valid_from=date(2021, 1, 1))
    label(organisation=organisation(), valid_from=date(2021, 1, 1))
    for first, last in ((date(2022, 12, 31), date(2022, 12, 31)), (date(2030, 1, 1), None), (None, date(2020, 1, 1))):
        with pytest.raises(IntegrityError, match="label_periods_do_not_overlap"), transaction.atomic():
            label(organisation=one, valid_from=first, valid_until=last)


def test_a_city_is_named_exactly_when_the_organisation_sits_in_the_corridor() -> None:
    place = city()
    organisation(placement="corridor", city=place)
    for placement in ("outside", "unknown"):
        with pytest.raises(IntegrityError, match="organisation_city_iff_corridor"), transaction.atomic():
            organisation(placement=placement, city=place)


@pytest.mark.parametrize("owner", [organisation, city])
def test_what_others_stand_on_is_not_deleted_from_under_them(owner: Callable[[], models.Model]) -> None:
    row = owner()
    values = {"organisation": row} if isinstance(row, Organisation) else {"city": row}
    listing = need(**values)
    with pytest.raises(models.ProtectedError):
        row.delete()
    delete = f"DELETE FROM {row._meta.db_table} WHERE {row._meta.pk.column} = %s; SET CONSTRAINTS ALL IMMEDIATE"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(delete, [row.pk])
    assert Need.objects.filter(pk=listing.pk).exists()


def test_money_that_does_not_fit_eighteen_digits_is_refused_not_rounded() -> None:
    with pytest.raises(DataError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE registry_need SET budget = 1e16 WHERE id = %s", [need().pk])


_BODY = st.text(ALPHABET, min_size=2, max_size=2).flatmap(
    lambda head: st.tuples(
        st.text("0123456789", min_size=6, max_size=6), st.text(ALPHABET, min_size=9, max_size=9)
    ).map(lambda rest: head + "".join(rest))
)
_RIGHT = _BODY.map(lambda body: body + check_character(body))
_NEARLY = st.builds(
    lambda code, place, other: code[:place] + other + code[place + 1 :],
    _RIGHT,
    st.integers(0, 17),
    st.text(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ１２Ａ٣ \n-"), min_size=0, max_size=2),
)


class CreditCodeTest(TestCase):
    """The rule stands twice, in Python and in SQL, and must be one rule."""

    def _in_database(self, code: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT credit_code_valid(%s)", [code])
            return bool(cursor.fetchone()[0])

    @settings(deadline=None)
    @given(_RIGHT)
    def test_a_right_code_is_right_in_both(self, code: str) -> None:
        assert is_credit_code(code)
        assert self._in_database(code)

    @settings(deadline=None)
    @given(_NEARLY | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
    def test_both_say_the_same_of_anything(self, code: str) -> None:
        assert self._in_database(code) == is_credit_code(code)
