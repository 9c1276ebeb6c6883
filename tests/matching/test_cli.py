"""Matching from a shell: what is printed, and a clear word for everything mistyped."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.factories import make_resource, publish
from tests.matching.conftest import RecordingEncoder, forget_engine
from yunlang import cli
from yunlang.matching import engine
from yunlang.matching.services import index_update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor", "encoder")]


NOBODYS = "0198c0de-6a52-7000-8000-3f1b5a2c9d10"


@pytest.fixture(autouse=True)
def _begun_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "begin", lambda: None)
    monkeypatch.setenv("YUNLANG_LANGUAGE", "zh-hans")
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["match", *arguments])


def rows(*arguments: str) -> list[dict[str, Any]]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def titles(*arguments: str) -> set[str]:
    return {row["title"] for row in rows(*arguments)}


def test_json_is_a_list_of_objects_with_what_the_issue_asks(few: dict[str, Any]) -> None:
    found = rows("高电压电解液添加剂")
    assert found[0]["id"] == str(few["additive"].pk)
    for row in found:
        assert {"id", "kind", "title", "organisation", "city", "score", "reasons"} <= row.keys()
    assert found[0]["city"] == "湖州"
    assert rows("电解液", "-k", "1") == rows("电解液")[:1]


def test_names_follow_the_readers_language(few: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNLANG_LANGUAGE", "en")
    assert rows("高电压电解液添加剂")[0]["city"] == "Huzhou"
    assert "in the corridor: Huzhou" in run("高电压电解液添加剂").stdout


def test_a_person_reads_score_title_place_and_reasons(few: dict[str, Any]) -> None:
    result = run("高电压电解液添加剂")
    assert result.exit_code == 0
    for words in ("成果", "高电压电解液添加剂", "湖州材料 · 湖州", "添加剂", "走廊内：湖州", "ms"):
        assert words in result.stdout, words
    assert "没有找到合适的结果" in run("红楼梦诗词").stdout
    assert "没有符合条件的结果" in run("电解液", "--kind", "fund").stdout


def test_what_people_typed_is_never_read_as_markup(few: dict[str, Any]) -> None:
    publish(make_resource(title="磁控溅射 [/bold] [red]靶材[/red]"))
    index_update()
    result = run("磁控溅射靶材")
    assert result.exit_code == 0
    assert "磁控溅射 [/bold] [red]靶材[/red]" in result.stdout


def test_a_registered_need_asks_with_its_conditions(few: dict[str, Any]) -> None:
    found = rows("--need", str(few["need"].pk))
    assert {"trl", "price", "deadline"} <= {one["code"] for one in found[0]["reasons"]["conditions"]}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--kind", "instrument"), {"电解液分析仪"}),
        (("--kind", "仪器"), {"电解液分析仪"}),
        (("--kind", "instrument", "--kind", "need"), {"电解液分析仪", "高镍三元动力电解液"}),
        (("--city", "湖州"), {"电解液分析仪", "高电压电解液添加剂"}),
        (("--city", "Huzhou"), {"电解液分析仪", "高电压电解液添加剂"}),
        (("--city", "330500"), {"电解液分析仪", "高电压电解液添加剂"}),
        (("--industry", "新材料"), {"高电压电解液添加剂"}),
        (("--label", "high_tech"), {"电解液分析仪", "高电压电解液添加剂"}),
        (("--trl", "6"), {"高电压电解液添加剂"}),
        (("--price", "200万元"), {"高电压电解液添加剂"}),
    ],
)
def test_options_narrow(few: dict[str, Any], options: tuple[str, ...], expected: set[str]) -> None:
    assert titles("电解液", *options) == expected


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "请写明要找什么"),
        (("  ",), "请写明要找什么"),
        (("电解液", "--kind", "achievments"), "没有“achievments”，可选：achievement 成果、"),
        (("电解液", "--kind", ""), "可选：achievement"),
        (("电解液", "--label", "x"), "可选：high_tech"),
        (("电解液", "--industry", "x"), "可选：integrated_circuits"),
        (("电解液", "--city", "北京"), "“北京”不是九城市之一：松江、苏州"),
        (("电解液", "--price", "很多"), "“很多”不是金额"),
        (("电解液", "--trl", "10"), "--trl"),
        (("电解液", "-k", "0"), "-k"),
        (("--need", "abc"), "--need"),
        (("电解液", "--need", NOBODYS), "只能给一个"),
    ],
)
def test_what_is_mistyped_is_named_with_status_two(
    few: dict[str, Any], arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in "".join(result.stderr.replace("│", "").split("\n")).replace("  ", "")


def test_a_kind_that_is_none_is_named_in_english_too(few: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNLANG_LANGUAGE", "en")
    result = run("电解液", "--kind", "patent")
    assert result.exit_code == 2
    assert "there is no “patent”; choose from: achievement, expertise" in " ".join(
        result.stderr.replace("│", "").split()
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("match", "电解液"), "尚未建立检索索引"), (("match", "--need", NOBODYS), "没有找到")],
)
def test_what_cannot_be_answered_is_one_line_and_status_one(
    few: dict[str, Any], index_home: Path, arguments: tuple[str, ...], said: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    shutil.rmtree(index_home)
    monkeypatch.setattr("sys.argv", ["yunlang", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    error = capsys.readouterr().err.strip()
    assert said in error
    assert "\n" not in error


def test_reindexing_builds_words_and_vectors(
    few: dict[str, Any], index_home: Path, encoder: RecordingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(index_home)
    forget_engine()
    publish(make_resource(title="后来发布的"))
    result = CliRunner().invoke(cli.app, ["matching", "reindex"])
    assert result.exit_code == 0, result.output
    index = engine.store().open()
    assert result.stdout == f"已建立检索索引：{index.count} 条。\n"
    assert index.vector_count == index.count
    assert "重建检索索引" in result.stderr
    monkeypatch.setenv("YUNLANG_LANGUAGE", "en")
    assert CliRunner().invoke(cli.app, ["matching", "reindex"]).stdout.startswith("The search index is built: ")
