"""A small index: six towns, four indicators in two pillars, as files."""

from __future__ import annotations

from pathlib import Path

FRAMEWORK = """\
code: toy
name: {zh: 小指数, en: Toy index}
source: made up for tests
groupings: [area]
denominators: {people: {zh: 人口, en: Population}}
index:
  code: I
  name: {zh: 总指数, en: The index}
  children:
    - code: A
      name: {zh: 投入产出, en: Spending and output}
      children:
        - {code: a1, name: {zh: 投入, en: Spending}, denominator: people}
        - {code: a2, name: {zh: 产出, en: Output}}
    - code: B
      name: {zh: 环境, en: Environment}
      weight: 2
      children:
        - {code: b1, name: {zh: 能耗, en: Energy}, direction: -1}
        - {code: b2, name: {zh: 排放, en: Emissions}, direction: -1, weight: 2}
"""
HEADER = "uCode,uName,area,people,a1,a2,b1,b2"
ROWS = (
    "u1,甲镇,north,10,5,1.5,3,9",
    "u2,乙镇,north,20,7,2.5,2,8",
    "u3,丙镇,south,30,9,,1,7",
    "u4,丁镇,south,40,4,4.5,5,5",
    "u5,戊镇,south,25,6,3.5,4,6",
    "u6,己镇,north,15,8,0.5,6,4",
)
LONG = (
    "unit,year,indicator,value",
    *(
        f"{unit},{year},{code},{value + shift}"
        for year, shift in ((2020, 0), (2021, 1))
        for unit, values in {"u1": (10, 5, 1.5, 3, 9), "u2": (20, 7, 2.5, 2, 8), "u3": (30, 9, 3.5, 1, 7)}.items()
        for code, value in zip(("people", "投入", "Output", "b1", "b2"), values, strict=True)
    ),
)


def write(folder: Path, name: str, lines: tuple[str, ...] | str) -> Path:
    path = folder / name
    path.write_text(lines if isinstance(lines, str) else "\n".join(lines) + "\n", encoding="utf-8")
    return path


def toy_files(folder: Path, rows: tuple[str, ...] = ROWS, header: str = HEADER) -> tuple[Path, Path]:
    """Write the framework and the data; return their paths."""
    return write(folder, "framework.yaml", FRAMEWORK), write(folder, "data.csv", (header, *rows))
