"""The demo corridor: loaded whole or not at all, brought up to date by a newer edition, never over people's work."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.factories import make_member, make_organisation, make_resource, make_user, publish
from tests.registry.importing.editions import (
    MODELS,
    achievement,
    expert,
    figure,
    load,
    need,
    organisation,
    public_state,
    source,
    write,
)
from tests.registry.importing.files import run_csv
from yunlang.accounts.roles import Role
from yunlang.kit.models import AuditEntry, Change
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing import demo
from yunlang.registry.importing.demo import DemoDataError
from yunlang.registry.models import (
    Expert,
    Figure,
    Membership,
    MergeCandidate,
    Need,
    Organisation,
    OrganisationLabel,
    Provenance,
    Resource,
    Source,
)
from yunlang.registry.services.listings import listing_close
from yunlang.registry.services.merging import organisations_merge
from yunlang.registry.services.organisations import organisation_update

pytestmark = pytest.mark.django_db
STAFF = {"code": "staff", "period": "2023", "value": 90, "unit": "人"}
DAYS = st.sampled_from((None, "2024-01-01"))


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """Return an edition with something of everything."""
    return write(
        tmp_path / "older",
        organisations=[
            organisation("甲公司", summary="做材料的。", labels=[{"label": "high_tech", "valid_from": "2024-01-01"}]),
            organisation("乙大学", type="university", attributes=[STAFF]),
            organisation("丙研究所", type="institute"),
        ],
        experts=[expert("张三", "乙大学"), expert("李四", "丙研究所")],
        needs=[need("N-1", "甲公司"), need("N-2", "甲公司")],
        achievements=[achievement("R-1", "乙大学", expert="张三", trl=4), achievement("R-2", "丙研究所")],
        figures=[figure("gdp", 9, note="约数", note_en="about")],
    )  # fmt: skip


def newer(tmp_path: Path, **changes: Any) -> Path:
    """Return an edition that names of the older one's records only 甲公司, N-1 and those given."""
    records = {"organisations": [organisation("甲公司")], "needs": [need("N-1", "甲公司")]} | changes
    return write(tmp_path / "newer", **records)


def status(model: Any, **which: Any) -> str:
    return str(model.objects.values_list("status", flat=True).get(**which))


class TestMembership:
    def test_the_enterprise_user_administers_a_made_up_company(self, older: Path, tmp_path: Path) -> None:
        load(
            write(tmp_path / "one", organisations=[organisation("甲公司"), organisation("示例企业", illustrative=True)])
        )
        user = make_user()
        demo.demo_membership(user)
        demo.demo_membership(user)
        assert Membership.objects.get(user=user).organisation.name == "示例企业"


class TestEditions:
    def test_records_are_changed_added_and_closed(self, older: Path, tmp_path: Path) -> None:
        load(older)
        kept = Organisation.objects.get(name="甲公司").pk
        load(newer(
            tmp_path,
            organisations=[organisation("甲公司", city="330500"), organisation("丁银行", type="bank")],
            needs=[need("N-1", "甲公司", title="改了的标题", deadline="2098-01-01")],
        ))  # fmt: skip
        changed = Organisation.objects.get(name="甲公司")
        assert (changed.pk, changed.city_id, changed.summary) == (kept, "330500", "")
        assert Need.objects.get(number="N-1").city_id == "330500", "it follows its organisation"
        assert Need.objects.get(number="N-1").title == "改了的标题"
        assert status(Organisation, name="丁银行") == Status.PUBLISHED
        closed = (Organisation, {"name": "乙大学"}), (Expert, {"name": "张三"}), (Resource, {"number": "R-1"})
        assert {status(model, **which) for model, which in closed} == {Status.CLOSED}
        gone = Need.objects.get(number="N-2")
        assert (gone.status, gone.closed_at is not None) == (Status.CLOSED, True)
        assert AuditEntry.objects.filter(action="need_close", object_id=str(gone.pk), actor_id=None).count() == 1
        assert Change.objects.filter(object_kind="need", object_id=gone.pk).count() == 2, "loaded, closed"
        assert not Figure.objects.exists()

    def test_what_is_named_again_is_published_again(self, older: Path, tmp_path: Path) -> None:
        load(older)
        before = public_state()
        ids = {kind: set(model.objects.values_list("pk", flat=True)) for kind, model in MODELS.items()}
        load(newer(tmp_path))
        Source.objects.update(edition="of a year ago")
        load(older)
        assert public_state() == before
        assert ids == {kind: set(model.objects.values_list("pk", flat=True)) for kind, model in MODELS.items()}
        assert Need.objects.get(number="N-2").closed_at is None

    def test_what_has_expired_opens_again_only_with_a_later_last_day(self, tmp_path: Path) -> None:
        past = [need("N-1", "甲公司", deadline="2020-01-01"), need("N-2", "甲公司", deadline="2020-01-01")]
        load(write(tmp_path / "older", organisations=[organisation("甲公司")], needs=past))
        Need.objects.update(status=Status.EXPIRED)
        load(newer(tmp_path, needs=[need("N-1", "甲公司"), past[1] | {"title": "改了的标题"}]))
        assert (status(Need, number="N-1"), status(Need, number="N-2")) == (Status.PUBLISHED, Status.EXPIRED)

    def test_an_organisation_written_differently_stays_the_same_one(self, older: Path, tmp_path: Path) -> None:
        load(older)
        ids = dict(Organisation.objects.values_list("name", "pk"))
        load(newer(
            tmp_path,
            organisations=[organisation("甲股份有限公司"), organisation("第二大学", aliases=["乙大学"])],
            needs=[need("N-1", "甲股份有限公司")],
            experts=[expert("张三", "第二大学")],
        ))  # fmt: skip
        assert Organisation.objects.get(name="甲股份有限公司").pk == ids["甲公司"]
        assert Organisation.objects.get(name="第二大学").pk == ids["乙大学"]
        assert Expert.objects.get(name="张三").organisation_id == ids["乙大学"]
        assert AuditEntry.objects.filter(action="organisation_update", actor_id=None).count() == 2
        assert not MergeCandidate.objects.exists()

    def test_a_listing_that_moves_to_another_organisation_stays_the_same_one(self, older: Path, tmp_path: Path) -> None:
        load(older)
        moved = Resource.objects.get(number="R-2").pk
        load(newer(tmp_path, achievements=[achievement("R-2", "甲公司")]))
        assert Resource.objects.get(number="R-2").pk == moved
        assert Resource.objects.get(number="R-2").organisation.name == "甲公司"

    def test_labels_and_figures_are_those_of_the_newer_edition(self, older: Path, tmp_path: Path) -> None:
        load(older)
        load(newer(tmp_path, organisations=[
            organisation("甲公司", labels=[{"label": "high_tech"}, {"label": "specialised", "source": "two"}]),
        ]))  # fmt: skip
        held = OrganisationLabel.objects.values_list("label", "valid_from", "source")
        assert sorted(held) == [("high_tech", None, "one"), ("specialised", None, "two")]

    def test_origins_are_those_of_the_newer_edition(self, older: Path, tmp_path: Path) -> None:
        load(older)
        load(newer(tmp_path, organisations=[organisation("甲公司", source="two", source_row={"row": 7})]))
        origin = Provenance.objects.get(object_id=Organisation.objects.get(name="甲公司").pk)
        assert (origin.source_id, origin.original) == ("two", {"row": 7})

    def test_sources_that_nothing_names_any_more_are_removed(self, older: Path, tmp_path: Path) -> None:
        load(older)
        by_people = Source.objects.create(code="import-1", title_zh="表", title_en="table")
        renamed = [source("three")]
        only = {"organisations": [organisation("甲公司", source="three")], "needs": [], "sources": renamed}
        load(newer(tmp_path, **only))
        assert set(Source.objects.values_list("code", flat=True)) == {"one", "three", by_people.code}, (
            "what was closed still says where it came from"
        )

    def test_names_compared_by_an_older_rule_are_found(self, older: Path, tmp_path: Path) -> None:
        load(older)
        Organisation.objects.update(name_key="of an older rule")
        assert load(newer(tmp_path))[1].count("\n") == 1
        assert Organisation.objects.filter(name="甲公司").count() == 1
        assert not Organisation.objects.filter(name_key="of an older rule").exists()

    def test_a_crash_leaves_the_older_edition(
        self, older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load(older)
        before, entries = public_state(), AuditEntry.objects.count()
        folder = newer(tmp_path)
        with monkeypatch.context() as broken:
            broken.setattr(demo, "_spread_needs_in_time", _crash)
            with pytest.raises(MemoryError):
                load(folder)
        assert (public_state(), AuditEntry.objects.count()) == (before, entries)
        load(folder)
        assert status(Need, number="N-2") == Status.CLOSED


def _crash(*_: object) -> None:
    raise MemoryError


class TestPeople:
    def test_what_a_member_changed_stays(self, older: Path, tmp_path: Path) -> None:
        load(older)
        known = Organisation.objects.get(name="甲公司")
        member = make_user()
        make_member(member, known, Membership.Role.OWNER)
        raw = {"name": "甲新材料有限公司", "type": "company", "summary": "我们自己写的。", "city": "330100"}
        organisation_update(actor=member, organisation_id=known.pk, raw=raw)
        load(newer(tmp_path, needs=[need("N-1", "甲公司", title="改了的标题"), need("N-3", "甲公司")]))
        known.refresh_from_db()
        assert (known.name, known.summary, known.city_id) == ("甲新材料有限公司", "我们自己写的。", "330100")
        assert not Organisation.objects.filter(name="甲公司").exists()
        assert set(Need.objects.filter(organisation=known).values_list("number", "title", "status")) == {
            ("N-1", "改了的标题", Status.PUBLISHED),
            ("N-2", "需求 N-2", Status.CLOSED),
            ("N-3", "需求 N-3", Status.PUBLISHED),
        }

    def test_what_the_office_closed_stays_closed(self, older: Path, tmp_path: Path) -> None:
        load(older)
        closed = Need.objects.get(number="N-1").pk
        listing_close(actor=make_user(Role.OFFICE), model=Need, listing_id=closed, at=timezone.now())
        load(newer(tmp_path, needs=[need("N-1", "甲公司", title="改了的标题")]))
        assert list(Need.objects.filter(number="N-1").values_list("status", "title")) == [(Status.CLOSED, "需求 N-1")]

    def test_a_listing_with_a_new_number_is_not_doubled(self, older: Path, tmp_path: Path) -> None:
        load(older)
        listing = Need.objects.get(number="N-1")
        Need.objects.filter(pk=listing.pk).update(number="M-1")
        AuditEntry.objects.create(
            actor_id=make_user().pk, actor_name="somebody", action="need_update", object_kind="need",
            object_id=str(listing.pk), before={"number": "N-1"}, after={"number": "M-1"},
        )  # fmt: skip
        load(newer(tmp_path))
        assert list(Need.objects.filter(status=Status.PUBLISHED).values_list("number", flat=True)) == ["M-1"]

    def test_their_own_records_stay(self, corridor: object, older: Path, tmp_path: Path) -> None:
        member = make_user()
        own = make_organisation(member, name="丁公司", summary="自己登记的。")
        listing = publish(make_resource(own, number="R-2", title="自己的成果"))
        run_csv("organisation", ("名称", "类型", "简介"), ("戊公司", "企业", "来自表格。"))
        load(older)
        rivals = [organisation("甲公司"), organisation("戊公司", summary="来自示例。")]
        load(newer(tmp_path, organisations=rivals, achievements=[achievement("R-2", "甲公司")]))
        assert Organisation.objects.get(name="戊公司").summary == "来自表格。"
        assert status(Organisation, name="丁公司") == Status.PUBLISHED
        listing.refresh_from_db()
        assert (listing.organisation_id, listing.title, listing.status) == (own.pk, "自己的成果", Status.PUBLISHED)
        assert Resource.objects.get(number="R-2", organisation__name="甲公司").status == Status.PUBLISHED

    def test_an_organisation_that_somebody_uses_is_not_closed(self, older: Path, tmp_path: Path) -> None:
        load(older)
        make_member(make_user(), Organisation.objects.get(name="乙大学"))
        make_resource(Organisation.objects.get(name="丙研究所"), actor=make_user(Role.OFFICE))
        load(newer(tmp_path))
        assert status(Organisation, name="乙大学") == status(Organisation, name="丙研究所") == Status.PUBLISHED

    def test_labels_that_they_gave_stay(self, older: Path, tmp_path: Path) -> None:
        load(older)
        run_csv(
            "label", ("机构", "资质", "起始日期", "截止日期"), ("甲公司", "高新技术企业", "2024-01-01", "2026-12-31")
        )
        labelled = organisation("甲公司", labels=[{"label": "high_tech", "valid_from": "2020-01-01"}])
        load(newer(tmp_path, organisations=[labelled]))
        assert [str(label.valid_until) for label in OrganisationLabel.objects.all()] == ["2026-12-31"]

    def test_what_they_stand_in_the_way_of_is_left_out_and_said(self, older: Path, tmp_path: Path) -> None:
        load(older)
        Organisation.objects.filter(name="甲公司").update(status=Status.IN_REVIEW)
        _, said = load(newer(tmp_path, needs=[need("N-1", "甲公司"), need("N-9", "甲公司")]))
        assert "1 records of the demo corridor disagree" in said
        assert "not published" in said
        assert not Need.objects.filter(number="N-9").exists()

    def test_an_empty_registry_takes_all_or_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(DemoDataError, match="not registered"):
            load(newer(tmp_path, needs=[need("N-1", "没有登记的公司")]))
        assert not Organisation.objects.exists()
        assert not Source.objects.exists()

    def test_merged_organisations_stay_merged(self, older: Path, tmp_path: Path) -> None:
        load(older)
        pair = sorted(Organisation.objects.filter(name__in=["甲公司", "丙研究所"]).values_list("pk", flat=True))
        candidate = MergeCandidate.objects.create(first_id=pair[0], second_id=pair[1])
        kept = Organisation.objects.get(name="丙研究所")
        organisations_merge(actor=make_user(Role.OFFICE), candidate_id=candidate.pk, keep_id=kept.pk, at=timezone.now())
        load(newer(tmp_path, needs=[need("N-1", "甲公司", title="改了的标题")]))
        assert Organisation.objects.get(name="甲公司").merged_into_id == kept.pk
        assert status(Organisation, name="丙研究所") == Status.PUBLISHED
        assert Need.objects.get(number="N-1").organisation_id == kept.pk
        assert Need.objects.get(number="N-1").title == "改了的标题"


NAMES = ("甲公司", "乙公司", "丙大学", "丁研究所")


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """Return an edition: some organisations with facts, some experts and listings of theirs."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    origin = st.sampled_from(("one", "two"))
    place = st.sampled_from(("320500", "330500", None))

    def some(make: Any, keys: tuple[str, ...], **values: Any) -> list[dict[str, Any]]:
        chosen = draw(st.lists(st.sampled_from(keys), unique=True))
        drawn = [{name: draw(strategy) for name, strategy in values.items()} for _ in chosen]
        return [
            make(key, draw(st.sampled_from(names)), source=draw(origin), **one)
            for key, one in zip(chosen, drawn, strict=True)
        ]

    labels = st.lists(st.sampled_from(("high_tech", "specialised")), unique=True)
    return {
        "organisations": [
            organisation(
                name,
                city=draw(place),
                summary=draw(st.sampled_from((None, "一", "二"))),
                source=draw(origin),
                labels=[{"label": label, "valid_from": draw(DAYS)} for label in draw(labels)],
                attributes=draw(st.sampled_from(([], [STAFF], [STAFF | {"value": 91}]))),
                illustrative=draw(st.booleans()),
            )
            for name in names
        ],
        "experts": some(expert, ("张三", "李四")),
        "needs": some(need, ("N-1", "N-2"), city=place, illustrative=st.booleans()),
        "achievements": some(achievement, ("R-1", "R-2"), trl=st.sampled_from((None, 4, 6)), city=place),
    }  # fmt: skip


class TestReload(TestCase):
    # An example takes a tenth of a second: shrinking one would take minutes.
    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )
    @given(st.lists(records(), min_size=2, max_size=3))
    def test_any_edition_over_any_other_equals_a_fresh_load(self, following: list[dict[str, Any]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            paths = [write(Path(folder) / str(place), **one) for place, one in enumerate(following)]
            with transaction.atomic():
                load(paths[-1])
                fresh = public_state()
                transaction.set_rollback(True)
            for path in paths:
                assert "disagree" not in load(path)[1]
            reloaded = public_state()
        reloaded["source"] = [one for one in reloaded["source"] if one in fresh["source"]]
        assert reloaded == fresh
