"""Who reviews what: enough reviewers for each item, none with a conflict of interest, the load even.

A minimum-cost flow from reviewers to items. Its matrix is totally unimodular, so that the linear programme's vertex is
integral (Ahuja, Magnanti and Orlin, Network Flows, 1993, chapter 11).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_array

from yunlang.kit.errors import ConflictError
from yunlang.kit.language import Bilingual

NOBODY: frozenset[Hashable] = frozenset()


class Conflict(StrEnum):
    """Why a reviewer may not judge an item."""

    SAME_ORGANISATION = "same_organisation"
    MEMBER = "member"
    AUTHOR = "author"
    DECLARED = "declared"
    SAME_CITY = "same_city"


CONFLICTS: dict[str, Bilingual] = {
    Conflict.SAME_ORGANISATION: Bilingual("同一单位", "same organisation"),
    Conflict.MEMBER: Bilingual("申报单位成员", "member of the applicant"),
    Conflict.AUTHOR: Bilingual("参与过该单位的需求或要素", "worked on its needs or resources"),
    Conflict.DECLARED: Bilingual("本人申请回避", "declared by the reviewer"),
    Conflict.SAME_CITY: Bilingual("同一城市", "same city"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be reviewed.

    Attributes
    ----------
    organisations, people, cities
        Whose it is, who wrote it, and where they sit.
    area
        Its industry; empty where unknown.
    wanted
        How many reviewers it still lacks.
    """

    key: Hashable
    organisations: frozenset[Hashable] = NOBODY
    people: frozenset[Hashable] = NOBODY
    cities: frozenset[Hashable] = NOBODY
    area: str = ""
    wanted: int = 1


@dataclass(frozen=True, slots=True)
class Judge:
    """Somebody who may review.

    Attributes
    ----------
    organisation
        Where the expert works.
    memberships
        Organisations for which the account acts on the platform.
    worked_for
        Organisations with a need or a resource that the person wrote or stands in.
    people
        The ids by which the person may be named: expert and account.
    declared
        Items for which the person declared a conflict.
    engaged
        Items that the person reviews already or has reviewed.
    load
        How many reviews the person has in this round already.
    """

    key: Hashable
    organisation: Hashable = None
    memberships: frozenset[Hashable] = NOBODY
    worked_for: frozenset[Hashable] = NOBODY
    people: frozenset[Hashable] = NOBODY
    city: Hashable = None
    area: str = ""
    declared: frozenset[Hashable] = NOBODY
    engaged: frozenset[Hashable] = NOBODY
    load: int = 0


class ReviewersLackingError(ConflictError):
    """Some items have too few reviewers without a conflict of interest.

    Attributes
    ----------
    lacking
        By item, how many reviewers are missing even in the best assignment.
    """

    code = "reviewers_lacking"
    message = Bilingual(
        "无利益冲突的评审专家不足，还缺 {missing} 人次：{names}。请增邀专家，或减少每项评审人数。",
        "Too few reviewers without a conflict of interest: {missing} reviews are missing, for {names}. "
        "Invite more experts, or ask for fewer reviews of each item.",
    )

    def __init__(self, lacking: Mapping[Hashable, int], names: str | Bilingual) -> None:
        self.lacking = dict(lacking)
        super().__init__(missing=sum(lacking.values()), names=names)


def conflicts(item: Item, judge: Judge, *, avoid_same_city: bool = False) -> tuple[Conflict, ...]:
    """Return every reason why `judge` may not review `item`, none where they may."""
    found = {
        Conflict.SAME_ORGANISATION: judge.organisation in item.organisations,
        Conflict.MEMBER: bool(judge.memberships & item.organisations),
        Conflict.AUTHOR: bool(judge.worked_for & item.organisations or judge.people & item.people),
        Conflict.DECLARED: item.key in judge.declared,
        Conflict.SAME_CITY: avoid_same_city and judge.city is not None and judge.city in item.cities,
    }
    return tuple(reason for reason, holds in found.items() if holds)


def assign(
    items: Sequence[Item], judges: Sequence[Judge], *, seed: int, avoid_same_city: bool = False
) -> dict[Any, tuple[Any, ...]]:
    """Return the judges of each item, by their keys.

    Loads are as even as conflicts allow (the sum of their squares is least), earlier reviews counted; among even
    assignments as many as possible are of the judge's own area; among those the seed decides. The same arguments give
    the same answer.

    Raises
    ------
    ReviewersLackingError
        When some item cannot have as many as it wants, naming each and how many it lacks.
    """
    pairs = _pairs(items, judges, avoid_same_city=avoid_same_city)
    taken, missing = _solved(items, judges, pairs, seed)
    if lacking := {item.key: count for item, count in zip(items, missing, strict=True) if count}:
        raise ReviewersLackingError(lacking, "、".join(str(key) for key in lacking))
    found: dict[Hashable, list[Hashable]] = {item.key: [] for item in items}
    for (row, column), is_taken in zip(pairs, taken, strict=True):
        if is_taken:
            found[items[row].key].append(judges[column].key)
    return {key: tuple(chosen) for key, chosen in found.items()}


def _pairs(items: Sequence[Item], judges: Sequence[Judge], *, avoid_same_city: bool) -> list[tuple[int, int]]:
    return [
        (row, column)
        for row, item in enumerate(items)
        for column, judge in enumerate(judges)
        if item.key not in judge.engaged and not conflicts(item, judge, avoid_same_city=avoid_same_city)
    ]


def _solved(
    items: Sequence[Item], judges: Sequence[Judge], pairs: Sequence[tuple[int, int]], seed: int
) -> tuple[list[bool], list[int]]:
    """Solve the flow: one variable per pair, one per further review of a judge, one per item for what it lacks."""
    wanted = [item.wanted for item in items]
    demand = sum(wanted)
    if not demand:
        return [False] * len(pairs), [0] * len(items)
    possible = [0] * len(judges)
    for _, column in pairs:
        possible[column] += 1
    steps = [(column, step) for column, most in enumerate(possible) for step in range(1, most + 1)]
    cost = np.concatenate(_costs(items, judges, pairs, steps, demand, seed))
    count = len(cost)
    # Rows: each item is given what it wants or lacks it; each judge's reviews are that judge's steps.
    rows, columns, values = [], [], []
    for place, (row, column) in enumerate(pairs):
        rows += [row, len(items) + column]
        columns += [place, place]
        values += [1.0, 1.0]
    for place, (column, _) in enumerate(steps, len(pairs)):
        rows.append(len(items) + column)
        columns.append(place)
        values.append(-1.0)
    for row in range(len(items)):
        rows.append(row)
        columns.append(len(pairs) + len(steps) + row)
        values.append(1.0)
    matrix = csc_array((values, (rows, columns)), shape=(len(items) + len(judges), count))
    right = np.array([*wanted, *[0] * len(judges)], dtype=float)
    upper = np.concatenate([np.ones(len(pairs) + len(steps)), np.array(wanted, dtype=float)])
    bounds = np.column_stack([np.zeros(count), upper])
    # The simplex method ends in a vertex, and every vertex is integral.
    answer = linprog(cost, A_eq=matrix, b_eq=right, bounds=bounds, method="highs-ds")
    flow = np.rint(answer.x).astype(int)
    return [bool(one) for one in flow[: len(pairs)]], [int(one) for one in flow[count - len(items) :]]


def _costs(
    items: Sequence[Item],
    judges: Sequence[Judge],
    pairs: Sequence[tuple[int, int]],
    steps: Sequence[tuple[int, int]],
    demand: int,
    seed: int,
) -> list[np.ndarray]:
    # Each rank of preference costs more than all of the ranks below it together.
    chance = Random(seed)  # noqa: S311 - a fair draw, not a secret
    other_area = [float(bool(items[row].area) and items[row].area != judges[column].area) for row, column in pairs]
    draw = [chance.random() / (demand + 1) for _ in pairs]
    heavier = [float((2 * (judges[column].load + step) - 1) * (demand + 2)) for column, step in steps]
    lacking = 2.0 * (max(heavier, default=0.0) + demand + 2)
    return [np.array(other_area) + np.array(draw), np.array(heavier), np.full(len(items), lacking)]
