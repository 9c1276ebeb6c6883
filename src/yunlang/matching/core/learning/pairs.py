"""Graded pairs of needs and achievements, as tables of any origin name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

Grades = npt.NDArray[np.int64]
Places = npt.NDArray[np.int64]
NO_GRADE = 0
LOWEST, HIGHEST = 1, 4
_TITLES = ("achievement_title", "title", "achievement_tokens")
_BODIES = ("achievement_content", "achievement_text", "content", "text")
_NEED_IDS = ("need_id", "id", "guid")
_BETWEEN_CHINESE = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_MOST_PROBLEMS = 20
LONGEST_TITLE = 200
LONGEST_BODY = 4_000


class GradedPairsError(DomainError):
    """The tables of needs and pairs cannot be learnt from."""

    code = "graded_pairs_wrong"
    message = Bilingual("需求或配对表有误：{problems}", "The tables of needs or pairs are wrong: {problems}")


@dataclass(frozen=True, slots=True)
class Text:
    """A title, and what more is said; either may be empty."""

    title: str
    body: str = ""

    @property
    def whole(self) -> str:
        """Return title and body in one."""
        return f"{self.title}\n{self.body}" if self.body else self.title


@dataclass(frozen=True, slots=True)
class GradedPairs:
    """Needs, achievements, and which of them were graded together.

    Attributes
    ----------
    needs, achievements
        Each text once.
    need_of, achievement_of
        Places in them, shape (pairs,).
    grades
        1 unrelated to 4 strong, 0 where there is no grade; shape (pairs,).
    """

    needs: tuple[Text, ...]
    achievements: tuple[Text, ...]
    need_of: Places
    achievement_of: Places
    grades: Grades = field(repr=False)

    def __len__(self) -> int:
        return len(self.grades)

    def chosen(self, rows: npt.NDArray[np.int64]) -> GradedPairs:
        """Return some of the pairs, with all the texts."""
        return GradedPairs(
            self.needs, self.achievements, self.need_of[rows], self.achievement_of[rows], self.grades[rows]
        )


def pairs_from_rows(needs: Iterable[Mapping[str, str]], pairs: Iterable[Mapping[str, str]]) -> GradedPairs:
    """Return the pairs of two tables.

    Parameters
    ----------
    needs
        Rows with ``need_id``, ``title`` and perhaps ``content``.
    pairs
        Rows with ``need_id``, ``level`` and an achievement: ``achievement_tokens`` (a title cut into words),
        ``achievement_title`` or ``title``, and perhaps ``achievement_content`` or ``content``.

    Raises
    ------
    GradedPairsError
        Naming the first twenty problems: a need that is not in the table, a level that is none of 1 to 4, a column
        that is missing.
    """
    texts = {_first(row, _NEED_IDS): _need(row) for row in needs}
    problems: list[str] = []
    found: dict[str, int] = {}
    needs_used: list[Text] = []
    achievements: dict[Text, int] = {}
    rows: list[tuple[int, int, int]] = []
    for number, row in enumerate(pairs, start=2):
        need_id, achievement = row.get("need_id") or "", _achievement(row)
        grade = _grade(row.get("level"))
        if problem := _problem(number, row, need_id in texts, achievement, grade):
            problems.append(problem)
            continue
        if need_id not in found:
            found[need_id] = len(needs_used)
            needs_used.append(texts[need_id])
        rows.append((found[need_id], achievements.setdefault(achievement, len(achievements)), grade or NO_GRADE))
    if problems or not rows:
        shown = "; ".join(problems[:_MOST_PROBLEMS]) or "no pairs / 没有配对"
        raise GradedPairsError(problems=shown)
    table = np.array(rows, dtype=np.int64)
    return GradedPairs(tuple(needs_used), tuple(achievements), table[:, 0], table[:, 1], table[:, 2])


def _problem(number: int, row: Mapping[str, str], need_known: bool, achievement: Text, grade: int | None) -> str | None:
    if not need_known:
        return f"row {number}: need_id {row.get('need_id')!r}"
    if not any(column in row for column in _TITLES + _BODIES):
        return f"row {number}: columns {', '.join(row)}"
    if grade is None:
        return f"row {number}: level {row.get('level')!r}"
    return None


def _grade(given: str | None) -> int | None:
    """Return 1 to 4, 0 for no grade at all, None for what is neither."""
    if given is None or not given.strip():
        return NO_GRADE
    try:
        grade = float(given)
    except ValueError:
        return None
    return int(grade) if grade in range(LOWEST, HIGHEST + 1) else None


def _first(row: Mapping[str, str], columns: Sequence[str]) -> str:
    return next((row[column] for column in columns if row.get(column)), "")


def _need(row: Mapping[str, str]) -> Text:
    return text_of(row.get("title") or "", row.get("content") or row.get("text") or "")


def _achievement(row: Mapping[str, str]) -> Text:
    return text_of(_first(row, _TITLES), _first(row, _BODIES))


def text_of(title: str, body: str) -> Text:
    """Return a text as learning sees it: clean lines within bounds, and a title wherever anything is said."""
    title = " ".join(_lines(title))[:LONGEST_TITLE]
    # Line breaks end sentences and stay.
    lines = _lines(body)
    body = "\n".join(lines)[:LONGEST_BODY]
    return Text(title, body) if title else Text(" ".join(lines)[:LONGEST_TITLE], body)


def _lines(text: str) -> list[str]:
    lines = text.replace("\\n", "\n").replace("\\r", "").splitlines()
    return [_BETWEEN_CHINESE.sub("", clean) for line in lines if (clean := " ".join(line.split()))]
