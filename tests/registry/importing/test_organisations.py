"""Organisations from tables: found by code, else by exact name; similar names offered for merging."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.factories import make_cities, make_organisation
from tests.registry.importing.files import as_csv, counts, credit_code, reasons, run, run_csv
from yunlang.accounts.actors import SYSTEM
from yunlang.kit.models import AuditEntry, Change
from yunlang.registry.core.kinds import Placement
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing import run as running
from yunlang.registry.importing.organisations import OrganisationImporter
from yunlang.registry.models import MergeCandidate, Organisation, Provenance, Source
from yunlang.registry.services.merging import organisations_merge

pytestmark = pytest.mark.django_db
NAMED = ("名称", "类型")
CODED = ("名称", "类型", "统一社会信用代码")
A, B, C = credit_code(1), credit_code(2), credit_code(3)


@pytest.fixture(autouse=True)
def _cities(corridor: object) -> None: ...


def names() -> list[str]:
    return sorted(Organisation.objects.values_list("name", flat=True))


def test_a_full_row_becomes_an_organisation_with_its_origin() -> None:
    header = ("名称", "类型", "统一社会信用代码", "城市", "产业", "主要产品", "网站", "联系邮箱")
    row = (
        "湖州某某新材料有限公司",
        "企业",
        A.lower(),
        "湖州市",
        "新材料",
        "电解液；添加剂",
        "https://example.com",
        "a@example.com",
    )
    batch, report = run("organisation", as_csv(header, [row]), filename="企业.csv")
    assert counts(report) == (1, 0, 0, 0)
    made = Organisation.objects.get()
    assert (made.name, made.type, made.credit_code, made.city_id) == (row[0], "company", A, "330500")
    assert (made.placement, made.industry, made.products) == (Placement.CORRIDOR, "new_materials", ["电解液", "添加剂"])
    assert (made.status, made.contact_email, made.summary) == (Status.PUBLISHED, "a@example.com", "")
    origin = Provenance.objects.get(object_kind="organisation", object_id=made.pk)
    assert origin.original == dict(zip(header, row, strict=True))
    assert origin.batch == batch
    assert (origin.source.title_zh, origin.source.publisher, origin.source.dated != "") == ("企业.csv", "Yunlang", True)
    assert list(Change.objects.values_list("object_kind", "object_id")) == [("organisation", made.pk)]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id, entry.after) == (
        "table_import", str(batch.pk), {"file": "企业.csv", "created": 1, "updated": 0, "refused": 0},
    )  # fmt: skip


def test_a_second_import_changes_nothing() -> None:
    data = as_csv((*CODED, "城市"), [("甲公司", "企业", A, "苏州"), ("乙大学", "高等院校", "", "")])
    run("organisation", data)
    before = list(Organisation.objects.order_by("pk").values())
    batch, report = run("organisation", data)
    assert counts(report) == (0, 0, 2, 0)
    assert list(Organisation.objects.order_by("pk").values()) == before
    assert Change.objects.count() == 2
    assert batch.source is None
    assert Source.objects.count() == 1


def test_a_later_file_updates_by_code_and_by_name() -> None:
    run_csv("organisation", (*CODED, "地址"), ("甲公司", "企业", A, "旧址"), ("乙公司", "企业", "", "旧址"))
    report = run_csv("organisation", (*CODED, "地址"), ("甲公司", "企业", A, "新址"), ("乙公司", "企业", "", "旧址"))
    assert counts(report) == (0, 1, 1, 0)
    assert dict(Organisation.objects.values_list("name", "address")) == {"甲公司": "新址", "乙公司": "旧址"}
    changed = Organisation.objects.get(name="甲公司")
    assert changed.updated_at > changed.created_at
    assert Provenance.objects.filter(object_id=changed.pk).count() == 2


def test_a_missing_column_leaves_a_field_alone_and_a_blank_cell_clears_it() -> None:
    run_csv("organisation", (*CODED, "地址", "标签", "城市"), ("甲公司", "企业", A, "某路 1 号", "电池；材料", "苏州"))
    run_csv("organisation", NAMED, ("甲公司", "企业"))
    kept = Organisation.objects.get()
    assert (kept.address, kept.tags, kept.city_id, kept.credit_code) == ("某路 1 号", ["电池", "材料"], "320500", A)
    run_csv("organisation", (*CODED, "地址", "标签", "城市"), ("甲公司", "企业", "", "", "", ""))
    cleared = Organisation.objects.get()
    assert (cleared.address, cleared.tags, cleared.city_id, cleared.placement) == ("", [], None, Placement.UNKNOWN)
    assert cleared.credit_code == A, "a blank never takes away what an organisation is known by"


@pytest.mark.parametrize(
    ("header", "cells", "placement", "city", "warned"),
    [
        (("城市",), ("湖州",), Placement.CORRIDOR, "330500", False),
        (("所在地",), ("广东深圳",), Placement.OUTSIDE, None, False),
        (("所在地核实",), ("走廊外",), Placement.OUTSIDE, None, False),
        (("所在地核实", "所在地"), ("所在地未核实", "某地"), Placement.UNKNOWN, None, False),
        (("所在地核实", "城市"), ("走廊外", "湖州"), Placement.CORRIDOR, "330500", True),
        (("所在地核实",), ("走廊内",), Placement.UNKNOWN, None, True),
        ((), (), Placement.UNKNOWN, None, False),
    ],
)
def test_placement_follows_from_city_and_seat(
    header: tuple[str, ...], cells: tuple[str, ...], placement: str, city: str | None, warned: bool
) -> None:
    report = run_csv("organisation", (*NAMED, *header), ("甲公司", "企业", *cells))
    made = Organisation.objects.get()
    assert (made.placement, made.city_id) == (placement, city)
    assert bool(report.warning_count) is warned


def test_a_seat_without_a_city_column_does_not_move_an_organisation_out_of_its_city() -> None:
    make_organisation(name="甲公司", city="320500")
    report = run_csv("organisation", (*NAMED, "所在地"), ("甲公司", "企业", "苏州工业园区"))
    assert counts(report) == (0, 1, 0, 0)
    moved = Organisation.objects.get()
    assert (moved.city_id, moved.placement, moved.seat) == ("320500", Placement.CORRIDOR, "苏州工业园区")


def test_three_bad_rows_are_named_and_the_good_ones_load() -> None:
    header = (*CODED, "城市", "备注")
    rows = [
        ("甲公司", "企业", A, "湖州", "好"),
        ("乙公司", "工厂", "", "湖州", ""),
        ("丙公司", "企业", A[:-1] + "0" if A[-1] != "0" else A[:-1] + "1", "", ""),
        ("丁公司", "企业", "", "上海", ""),
        ("", "企业", "", "", ""),
        ("戊公司", "企业", B, "", ""),
    ]
    report = run_csv("organisation", header, *rows)
    assert counts(report) == (2, 0, 0, 4)
    assert names() == ["戊公司", "甲公司"]
    found = reasons(report)
    assert [(row, column, value) for row, column, value, _ in found] == [
        (3, "类型", "工厂"), (4, "统一社会信用代码", rows[2][2]), (5, "城市", "上海"), (6, "名称", ""),
    ]  # fmt: skip
    assert "不在可选值中" in found[0][3]
    assert "校验位" in found[1][3]
    assert "九城市" in found[2][3]
    assert "必填" in found[3][3]
    assert [(one.row, one.column, one.value) for one in report.warnings] == [(1, "备注", "")]


def test_all_or_nothing_loads_none_and_still_names_every_problem() -> None:
    batch, report = run("organisation", as_csv(NAMED, [("甲公司", "企业"), ("乙公司", "工厂")]), all_or_nothing=True)
    assert counts(report) == (0, 0, 0, 2)
    assert (report.problem_count, report.problems[0].row) == (1, 3)
    assert not Organisation.objects.exists()
    assert not AuditEntry.objects.exists()
    assert not Source.objects.exists()
    assert (batch.state, batch.report["problem_count"]) == ("failed", 1)


def test_all_or_nothing_loads_all_where_nothing_is_wrong() -> None:
    batch, report = run("organisation", as_csv(NAMED, [("甲公司", "企业")]), all_or_nothing=True)
    assert (counts(report), batch.state) == ((1, 0, 0, 0), "done")


def test_repeats_inside_a_file_are_refused_whatever_tells_them() -> None:
    report = run_csv(
        "organisation", CODED,
        ("甲公司", "企业", A), ("甲公司改名", "企业", A), ("乙公司", "企业", ""), ("乙公司", "企业", B), ("甲公司", "企业", ""),
    )  # fmt: skip
    assert counts(report) == (2, 0, 0, 3)
    assert [(row, column, reason) for row, column, _, reason in reasons(report)] == [
        (3, "统一社会信用代码", "与第 2 行重复"), (5, "统一社会信用代码", "与第 4 行重复"), (6, "名称", "与第 2 行重复"),
    ]  # fmt: skip
    assert names() == ["乙公司", "甲公司"]


def test_the_same_code_under_another_name_renames_and_says_so() -> None:
    run_csv("organisation", CODED, ("甲公司", "企业", A))
    report = run_csv("organisation", CODED, ("甲股份有限公司", "企业", A))
    assert counts(report) == (0, 1, 0, 0)
    assert names() == ["甲股份有限公司"]
    assert [(one.column, one.value, one.reason.zh) for one in report.warnings] == [
        ("名称", "甲股份有限公司", "该信用代码已登记为“甲公司”，名称按本行更新")
    ]


def test_a_code_comes_to_an_organisation_that_had_none() -> None:
    known = make_organisation(name="甲公司")
    report = run_csv("organisation", CODED, ("甲公司", "企业", A))
    assert counts(report) == (0, 1, 0, 0)
    known.refresh_from_db()
    assert known.credit_code == A


def test_two_legal_persons_of_one_name_are_two() -> None:
    report = run_csv("organisation", CODED, ("某某有限公司", "企业", A), ("某某有限公司", "企业", B))
    assert (counts(report), report.warning_count) == ((2, 0, 0, 0), 0)
    again = run_csv("organisation", NAMED, ("某某有限公司", "企业"))
    assert counts(again) == (0, 0, 0, 1)
    assert "请填写统一社会信用代码" in reasons(again)[0][3]
    assert not MergeCandidate.objects.exists(), "two codes are two legal persons"


def test_a_similar_name_is_kept_and_offered_for_merging() -> None:
    known = make_organisation(name="苏州某某装备有限公司")
    report = run_csv("organisation", NAMED, ("苏州某某装备股份有限公司", "企业"), ("苏州 某某装备公司", "企业"))
    assert counts(report) == (2, 0, 0, 0)
    assert Organisation.objects.count() == 3
    pairs = MergeCandidate.objects.all()
    assert all(known.pk in (pair.first_id, pair.second_id) for pair in pairs)
    assert pairs.count() == 2
    assert [(one.row, one.column) for one in report.warnings] == [(2, "名称"), (3, "名称")]
    assert "苏州某某装备有限公司" in report.warnings[0].reason.zh
    again = run_csv("organisation", NAMED, ("苏州某某装备股份有限公司", "企业"))
    assert (counts(again), again.warning_count, MergeCandidate.objects.count()) == ((0, 0, 1, 0), 0, 2)


def test_what_was_merged_stays_merged_when_its_file_comes_again() -> None:
    header = (*CODED, "地址")
    data = as_csv(header, [("甲有限公司", "企业", "", "一"), ("甲股份有限公司", "企业", A, "二")])
    run("organisation", data)
    kept = Organisation.objects.get(name="甲有限公司")
    organisations_merge(actor=SYSTEM, candidate_id=MergeCandidate.objects.get().pk, keep_id=kept.pk, at=kept.created_at)
    _, report = run("organisation", data)
    assert counts(report) == (0, 0, 2, 0)
    assert [one.reason.zh for one in report.warnings] == ["该机构已并入“甲有限公司”，本行未导入"]
    kept.refresh_from_db()
    assert (kept.name, kept.credit_code, kept.address) == ("甲有限公司", A, "一")


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("联系邮箱", "不是邮箱", "邮箱"),
        ("名称", "（）", "应含文字"),
        ("网站", "example.com", "http"),
        ("证券代码", "1" * 21, "上限"),
    ],
)
def test_what_a_form_refuses_an_import_refuses(column: str, value: str, reason: str) -> None:
    cells = {"名称": "甲公司", "类型": "企业"} | {column: value}
    report = run_csv("organisation", tuple(cells), tuple(cells.values()))
    assert counts(report) == (0, 0, 0, 1)
    assert reasons(report)[0][1] == column
    assert reason in reasons(report)[0][3]


def test_a_name_whose_key_is_longer_than_itself_is_taken() -> None:
    report = run_csv("organisation", NAMED, ("㍿" * 120, "企业"))
    assert counts(report) == (1, 0, 0, 0)
    assert len(Organisation.objects.get().name_key) == 200


def test_a_draft_waits_in_the_review_queue() -> None:
    run_csv("organisation", NAMED, ("甲公司", "企业"), draft=True)
    assert Organisation.objects.get().status == Status.IN_REVIEW
    run_csv("organisation", (*NAMED, "地址"), ("甲公司", "企业", "某路"))
    assert Organisation.objects.get().status == Status.IN_REVIEW, "an update publishes nothing"


def test_of_two_similar_names_in_a_file_the_later_is_offered_for_merging() -> None:
    report = run_csv("organisation", NAMED, ("苏州某某装备有限公司", "企业"), ("苏州某某装备股份有限公司", "企业"))
    assert [(one.row, one.value) for one in report.warnings] == [(3, "苏州某某装备股份有限公司")]
    assert MergeCandidate.objects.count() == 1


def test_rows_that_the_database_refuses_are_found_among_the_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registry_organisation ADD CONSTRAINT no_such_road CHECK (address <> '坏')")
    make_organisation(name="机构 5", address="旧")
    rows = [(f"机构 {number}", "企业", "坏" if number in (3, 5, 17) else "好") for number in range(20)]
    report = run_csv("organisation", (*NAMED, "地址"), *rows)
    assert counts(report) == (17, 0, 0, 3)
    assert reasons(report) == [
        (row, "名称", name, "与已登记的数据冲突（no_such_road）")
        for row, name in ((5, "机构 3"), (7, "机构 5"), (19, "机构 17"))
    ]
    assert Organisation.objects.filter(address="好").count() == Provenance.objects.count() == 17
    assert Organisation.objects.get(name="机构 5").address == "旧"


def test_what_somebody_registers_meanwhile_is_found_at_the_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    make_organisation(name="机构 5", address="旧")
    look, looks = OrganisationImporter._registered, []

    def look_too_early(importer: Any, rows: Any) -> Any:
        looks.append(len(rows))
        return look(importer, rows) if len(looks) > 1 else look(importer, [])

    monkeypatch.setattr(OrganisationImporter, "_registered", look_too_early)
    report = run_csv("organisation", (*NAMED, "地址"), *[(f"机构 {number}", "企业", "新") for number in range(8)])
    assert counts(report) == (7, 1, 0, 0)
    assert Organisation.objects.filter(address="新").count() == 8


class Registered:
    """The same rules on plain values, one row after the other."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def take(self, file: list[tuple[str, str, str]]) -> list[str]:
        touched: list[int] = []
        return [self._take(name, code, address, touched) for name, code, address in file]

    def _take(self, name: str, code: str, address: str, touched: list[int]) -> str:
        same = [row for row in self.rows if row["name"] == name]
        without = [row for row in same if not row["code"]]
        if code:
            found = [row for row in self.rows if row["code"] == code] or without
        elif len(same) > 1 and not without:
            return "refused"
        else:
            found = without or same
        row = found[0] if found else {"name": name, "code": "", "address": None}
        if id(row) in touched:
            return "refused"
        touched.append(id(row))
        if not found:
            self.rows.append(row)
        after = {"name": name, "code": code or row["code"], "address": address}
        outcome = "created" if not found else "unchanged" if row == after else "updated"
        row.update(after)
        return outcome

    def state(self) -> list[tuple[str, str, str]]:
        return sorted((row["name"], row["code"], row["address"]) for row in self.rows)


row = st.tuples(
    st.sampled_from(["甲公司", "甲有限公司", "乙公司"]), st.sampled_from(["", A, B, C]), st.sampled_from(["", "某路"])
)
files = st.lists(st.lists(row, min_size=1, max_size=7), min_size=1, max_size=3)


class UpsertTest(TestCase):
    """Whatever the files and wherever batches end, the registry holds what the plain rules say."""

    @classmethod
    def setUpTestData(cls) -> None:
        make_cities()

    @given(files, st.integers(1, 4))
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def test_like_plain_values(self, imported: list[list[tuple[str, str, str]]], batch_rows: int) -> None:
        model = Registered()
        usual, running.BATCH_ROWS = running.BATCH_ROWS, batch_rows
        try:
            for file in imported:
                outcomes = model.take(file)
                cells = [(name, "企业", code, address) for name, code, address in file]
                report = run_csv("organisation", (*CODED, "地址"), *cells)
                wanted = tuple(outcomes.count(name) for name in ("created", "updated", "unchanged", "refused"))
                assert counts(report) == wanted
                kept = Organisation.objects.values_list("name", "credit_code", "address")
                assert sorted((name, code or "", address) for name, code, address in kept) == model.state()
        finally:
            running.BATCH_ROWS = usual
