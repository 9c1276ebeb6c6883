"""Import reports add up, stay small and can be downloaded."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.table_files import rows_of
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import ImportReport, RowProblem, WriteFormat
from yunlang.kit.tables.report import MOST_KEPT

REASON = Bilingual("不是数字", "not a number")
counts = st.integers(0, 1_000)
problems = st.lists(
    st.builds(RowProblem, st.integers(1), st.text(max_size=3), st.text(max_size=3), st.just(REASON)), max_size=3
)
reports = st.builds(
    ImportReport.of,
    read=counts,
    created=counts,
    updated=counts,
    unchanged=counts,
    skipped=counts,
    problems=problems,
    warnings=problems,
)


@given(reports, reports, reports)
def test_reports_add_up_in_any_grouping(first: ImportReport, second: ImportReport, third: ImportReport) -> None:
    assert (first + second) + third == first + (second + third)
    assert first + ImportReport() == first == ImportReport() + first
    total = first + second
    assert total.read == first.read + second.read
    assert total.problems == first.problems + second.problems
    assert total.warning_count == len(first.warnings) + len(second.warnings)


def test_findings_are_counted_beyond_those_kept() -> None:
    many = [RowProblem(number, "列", "x", REASON) for number in range(700)]
    total = ImportReport.of(problems=many) + ImportReport.of(problems=many, warnings=many * 2)
    assert (len(total.problems), total.problem_count) == (MOST_KEPT, 1_400)
    assert (len(total.warnings), total.warning_count) == (MOST_KEPT, 1_400)
    assert not total.is_clean
    assert ImportReport.of(read=3, created=3, warnings=many).is_clean


def test_a_report_as_json_in_one_language_or_both() -> None:
    report = ImportReport.of(read=2, created=1, skipped=1, problems=[RowProblem(3, "金额", "abc", REASON)])
    both = json.loads(json.dumps(report.to_dict()))
    assert both["problems"] == [
        {"row": 3, "column": "金额", "value": "abc", "reason": {"zh": "不是数字", "en": "not a number"}}
    ]
    assert (both["read"], both["created"], both["skipped"], both["problem_count"]) == (2, 1, 1, 1)
    english = json.loads(json.dumps(report.to_dict("en")))
    assert english["problems"][0]["reason"] == "not a number"
    assert "读取 2 行" in report.summary().zh
    assert "2 rows read" in report.summary().en


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_a_report_can_be_downloaded(format: WriteFormat) -> None:
    report = ImportReport.of(
        problems=[RowProblem(3, "金额", "=1+1", REASON)],
        warnings=[RowProblem(4, "城市", "某地", Bilingual("未识别", "unknown"))],
    )
    stream = io.BytesIO()
    report.write(format, stream)
    rows = [tuple(str(value) for value in row.values.values()) for row in rows_of(stream.getvalue(), f"报告.{format}")]
    assert rows == [
        ("3", "金额", "=1+1", "问题 problem", "不是数字", "not a number"),
        ("4", "城市", "某地", "提示 warning", "未识别", "unknown"),
    ]
