"""What people said of a pair, and what became of it, as grades for the next training."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from enum import StrEnum
from typing import TypeVar

from yunlang.kit.language import Bilingual


class Verdict(StrEnum):
    """What somebody says of a match."""

    GOOD = "good"
    BAD = "bad"


VERDICTS: dict[str, Bilingual] = {
    Verdict.GOOD: Bilingual("合适", "good match"),
    Verdict.BAD: Bilingual("不合适", "not a match"),
}


class Judgement(StrEnum):
    """A verdict, or a deed that says more than one."""

    BAD = "bad"
    GOOD = "good"
    INTRODUCED = "introduced"
    SIGNED = "signed"


# The grades of technology-transfer staff, 1 unrelated to 4 strong. Whoever introduces two to each other puts a name to
# it, but has judged no more than that they fit; a signature is proof.
LEVELS: dict[Judgement, int] = {
    Judgement.BAD: 1,
    Judgement.GOOD: 3,
    Judgement.INTRODUCED: 3,
    Judgement.SIGNED: 4,
}

Pair = TypeVar("Pair", bound=Hashable)


def graded(judgements: Iterable[tuple[Pair, Judgement]]) -> dict[Pair, int]:
    """Return the level of each pair, 1 to 4: of several judgements the strongest wins, whoever gave it and when.

    The pairs come in the order in which they are first spoken of.
    """
    levels: dict[Pair, int] = {}
    for pair, judgement in judgements:
        levels[pair] = max(levels.get(pair, 0), LEVELS[judgement])
    return levels
