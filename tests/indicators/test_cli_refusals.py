"""Every mistake in what `yunlang index` is given is named with its place, and ends with status 1."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.indicators.shell import Answer, index
from tests.indicators.toy_index import FRAMEWORK, HEADER, LONG, ROWS, toy_files, write


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNLANG_LANGUAGE", "en")


def refused(framework: Path, data: Path, *words: object, out: Path | None = None) -> Answer:
    target = out or framework.parent / "out"
    before = sorted(framework.parent.glob("**/*"))
    answer = index("run", "--framework", framework, "--data", data, "--out", target, *words)
    assert answer.status == 1, answer
    assert answer.output == ""
    assert "Traceback" not in answer.errors
    assert sorted(framework.parent.glob("**/*")) == before, "nothing is written"
    return answer


def column(place: int, cell: str, rows: tuple[str, ...] = ROWS) -> tuple[str, ...]:
    """Return the rows with one column's cells all alike."""
    parted = [row.split(",") for row in rows]
    return tuple(",".join([*cells[:place], cell, *cells[place + 1 :]]) for cells in parted)


DATA = {
    "unknown indicator": (HEADER + ",zz", tuple(f"{row},1" for row in ROWS), ["zz: the framework has no such indicator"]),
    "missing column": (
        HEADER.replace(",b1", ",note"), column(6, "x"), ["b1: the data have no such column"],
    ),
    "missing denominator": (
        HEADER.replace(",people", ",town"), column(3, "x"), ["a1: its denominator “people” has no column"],
    ),
    "constant column": (HEADER, column(6, "3"), ["b1: the column is constant"]),
    "all missing": (HEADER, column(6, "NA"), ["b1: all values are missing"]),
    "several at once": (
        HEADER, column(7, "…", column(6, "")), ["b1: all values are missing", "b2: all values are missing"],
    ),
    "text for numbers": (
        HEADER, (ROWS[0].replace("1.5", "many"), ROWS[1].replace(",8", ",1e999"), *ROWS[2:]),
        ["row 2, column “a2”: “many” is no number", "row 3, column “b2”: “1e999” is no number"],
    ),
    "unit twice": (HEADER, (*ROWS, ROWS[0]), ["row 8: u1 comes twice"]),
    "unit without a code": (HEADER, (ROWS[0].replace("u1", ""), *ROWS[1:]), ["row 2 has no unit code"]),
    "no column of units": (HEADER.replace("uCode", "x"), ROWS, ["data.csv: no column of unit codes"]),
    "no rows": (HEADER, (), ["data.csv: there is a header and no data"]),
}  # fmt: skip


@pytest.mark.parametrize("case", DATA)
def test_what_is_wrong_with_data_is_named(tmp_path: Path, case: str) -> None:
    header, rows, said = DATA[case]
    answer = refused(*toy_files(tmp_path, rows, header))
    for words in said:
        assert words in answer.errors


def test_what_is_wrong_with_long_data_is_named(tmp_path: Path) -> None:
    lines = (*LONG, "u1,2020,nothing,3", "u2,2020,b1,few", "u1,2021,b1,4", ",2021,b1,4")
    framework, _ = toy_files(tmp_path)
    answer = refused(framework, write(tmp_path, "long.csv", lines))
    start = len(LONG)
    for words in (
        "nothing: the framework has no such indicator", f"row {start + 2}, column “value”: “few” is no number",
        f"row {start + 3}: u1 2021 b1 comes twice", f"row {start + 4} has no unit code",
    ):  # fmt: skip
        assert words in answer.errors


def test_a_cell_that_a_workbook_cannot_compute_is_not_taken_for_missing(tmp_path: Path) -> None:
    import openpyxl

    framework, _ = toy_files(tmp_path)
    book = openpyxl.Workbook()
    for line in (HEADER, *ROWS):
        book.active.append([float(cell) if cell.replace(".", "").isdigit() else cell for cell in line.split(",")])
    book.active["F3"] = "=1/0"
    book.save(tmp_path / "data.xlsx")
    assert "row 3, column “a2”" in refused(framework, tmp_path / "data.xlsx").errors


FRAMEWORKS = {
    "not YAML": ("a: [1, 2\nb: 3", ["framework.yaml:2: this is no valid YAML"]),
    "binary": ("\x00\x01\x02", ["framework.yaml: this is no valid YAML"]),
    "no mapping": ("- 1", ["framework.yaml: it should be a mapping"]),
    "deep": ("index: " + "[" * 20_000, ["framework.yaml: this is no valid YAML"]),
    "holds itself": ("index: &a {code: I, children: [*a]}", ["framework.yaml: it holds too much, or itself"]),
    "bomb": (
        "\n".join(["x0: &x0 [1]", *(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 12))]),
        ["framework.yaml: it holds too much, or itself"],
    ),
    "many problems": (
        FRAMEWORK.replace("direction: -1}", "direction: 2}").replace("code: a2", "code: a1").replace("source:", "sauce:"),
        ["b1: its direction is 1 or -1", "a1: the code is given twice", "sauce: there is no such entry"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FRAMEWORKS)
def test_what_is_wrong_with_a_framework_is_named(tmp_path: Path, case: str) -> None:
    text, said = FRAMEWORKS[case]
    _, data = toy_files(tmp_path)
    answer = refused(write(tmp_path, "framework.yaml", text), data)
    for words in said:
        assert words in answer.errors


def test_what_is_wrong_with_a_framework_table_is_named(tmp_path: Path) -> None:
    _, data = toy_files(tmp_path)
    lines = (
        "iCode,iName,Direction,Weight,Parent,Type", "a,A,1,much,I,Indicator", "b,B,5,1,J,Indicator", "I,All,1,1,,Aggregate",
        "c,C,1,1,I,Thing",
    )  # fmt: skip
    answer = refused(write(tmp_path, "framework.csv", lines), data)
    for words in (
        "a (2): weight “much” is no number", "b: its direction is 1 or -1", "its parent “J” does not exist",
        "framework.csv:5: “thing” is none of",
    ):  # fmt: skip
        assert words in answer.errors
    answer = refused(write(tmp_path, "framework.csv", ("a,b", "1,2")), data)
    for name in ("icode", "parent", "type"):
        assert f"the column “{name}” is missing" in answer.errors


SETTINGS = {
    "normalise.method=best": "normalise.method: “best” is none of: minmax, zscore",
    "normalise.methods=zscore": "normalise.methods: there is no such setting",
    "normalize.method=zscore": "normalize.method: there is no such setting",
    "normalise.range=100,1": "normalise: the range's lower end is below its upper end",
    "normalise.range=low,high": "normalise.range.0: “low” is no number",
    "normalise.mean=nan": "normalise.mean: “nan” is no finite number",
    "treat.points=few": "treat.points: “few” is no whole number",
    "screen.availability=90": "screen.availability: it must be ≤ 1",
    "method": "method: write STAGE.OPTION=VALUE",
    "weight.given={1": "weight.given={1: this is no valid JSON",
    "order=normalise,treat": "recipe: normalise comes last",
    "treat.by_indicator.zz.method=none": "treat.by_indicator.zz: the framework has no such indicator",
    "treat.by_indicator.a1.method=best": "treat.by_indicator.a1.method: “best” is none of",
    "aggregate.by_level.2.method=best": "aggregate.by_level.2.method: “best” is none of",
    "weight.given.zz=1": "weight.given.zz: the framework has no such node",
    "impute.group=zz": "impute.group: the data have no grouping “zz”",
    "normalise.method=goalposts": "without: a1, a2, b1, b2",
    "normalise.method=distance_to_target": "without: a1, a2, b1, b2",
    "normalise.method=distance_to_reference": "needs a reference",
    "weight.method=ahp": "weight.matrices.A: the experts' judgement is missing",
    "aggregate.method=geometric": "aggregate: a geometric mean needs values above 0",
    "aggregate.method=harmonic": "aggregate: a harmonic mean has no place for 0",
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_is_wrong_with_a_setting_is_named(tmp_path: Path, setting: str) -> None:
    assert SETTINGS[setting] in refused(*toy_files(tmp_path), "--set", setting).errors


def test_every_wrong_setting_of_a_recipe_is_named_at_once(tmp_path: Path) -> None:
    recipe = write(tmp_path, "recipe.yaml", "normalise: {method: nope, foo: 2}\nzzz: 1\ntreat: {points: -1}\n")
    answer = refused(*toy_files(tmp_path), "--recipe", recipe)
    for place in ("normalise.method:", "normalise.foo:", "zzz:", "treat.points:"):
        assert place in answer.errors


@pytest.mark.parametrize("which", ["--framework", "--data", "--recipe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, which: str) -> None:
    framework, data = toy_files(tmp_path)
    recipe = write(tmp_path, "recipe.yaml", "{}")
    for wrong, said in (
        (tmp_path / "nowhere.yaml", "there is no such file"),
        (tmp_path, "this is a folder, not a file"),
    ):
        paths = {"--framework": framework, "--data": data, "--recipe": recipe} | {which: wrong}
        words = [word for pair in paths.items() for word in pair]
        answer = index("run", *words, "--out", tmp_path / "out")
        assert answer.status == 1
        assert f"{wrong}: {said}" in answer.errors


@pytest.mark.parametrize("name", ["data.csv", "data.xlsx", "data.jsonl"])
def test_a_binary_file_is_no_table(tmp_path: Path, name: str) -> None:
    framework, _ = toy_files(tmp_path)
    data = tmp_path / name
    data.write_bytes(bytes(range(256)) * 40)
    assert f"{data}: " in refused(framework, data).errors


def test_an_empty_file_is_no_table(tmp_path: Path) -> None:
    framework, _ = toy_files(tmp_path)
    data = write(tmp_path, "data.csv", "")
    assert f"{data}: The file is empty" in refused(framework, data).errors


def test_a_folder_that_cannot_be_written_is_named_before_anything_is_computed(tmp_path: Path) -> None:
    framework, data = toy_files(tmp_path)
    assert f"{data}: this is no folder" in refused(framework, data, out=data).errors
    assert f"{data / 'x'}: a part of its path is no folder" in refused(framework, data, out=data / "x").errors


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_of_somebody_else_is_named(tmp_path: Path) -> None:
    framework, data = toy_files(tmp_path)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    assert "permission is denied" in refused(framework, data, out=closed / "out").errors
