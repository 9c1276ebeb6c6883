"""The guide's files and commands do what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.indicators.shell import index
from tests.indicators.toy_index import write

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "indices.md"
DATA = (
    "uCode,uName,area,people,rd,pat,en,air",
    *(
        f"t{n},Town {n},{'north' if n % 2 else 'south'},{100 + 7 * n},{20 + n * n % 11},{n * 5 % 17},{n % 9},{30 + n * 3 % 13}"
        for n in range(20)
    ),
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.S)


@pytest.fixture
def towns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    framework, plan = blocks("yaml")
    write(tmp_path, "towns.yaml", framework)
    write(tmp_path, "plan.yaml", plan)
    write(tmp_path, "towns.csv", DATA)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YUNLANG_LANGUAGE", "en")
    return tmp_path


def test_every_command_of_the_guide_works(towns: Path) -> None:
    lines = blocks("")[0].replace("\\\n", " ").splitlines()
    commands = [line.split("#")[0].split(">")[0].split()[2:] for line in lines]
    assert len(commands) == 8
    write(towns, "recipe.yaml", index("recipe").output)
    write(towns, "other.yaml", index("recipe", "--set", "normalise.method=rank").output)
    for command in commands:
        answer = index(*(word if word != "earlier-result" else "result" for word in command))
        assert answer.status == 0, (command, answer.errors)


def test_the_guides_settings_plan_and_goalposts_are_taken(towns: Path) -> None:
    words = ("--framework", "towns.yaml", "--data", "towns.csv")
    text = GUIDE.read_text(encoding="utf-8")
    settings = re.findall(r"`--set (\S+)`", text)
    assert settings
    for setting in settings:
        answer = index("run", *words, "--out", "out", "--set", setting, "--set", "normalise.range=1,100")
        assert answer.status == 0, answer.errors
    goalposts = "normalise.by_indicator.en.method=goalposts"
    assert index("run", *words, "--out", "out", "--set", goalposts).status == 0
    answer = index("uncertainty", *words, "--plan", "plan.yaml", "--replicates", 100)
    assert answer.status == 0, answer.errors


def test_the_guides_python_works(towns: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(blocks("python")[0], str(GUIDE), "exec"), {})
    assert "'t0'" in capsys.readouterr().out


def test_the_guide_names_every_method() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    offered = re.findall(r"│ (\w+)\.method\s+│ \w+\s+│ (.*?) │", _wide_listing())
    assert len(offered) == 6
    for stage, methods in offered:
        for method in methods.strip().split(", "):
            assert method in ("none", "framework") or f"`{method}`" in text, (stage, method)


def _wide_listing() -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "400")
        return index("methods").output
