"""A framework: which indicators there are, how they group into pillars and an index, and what each one means."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from yunlang.indicators.core.errors import FrameworkError
from yunlang.kit.language import Bilingual

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]
NOTHING = Bilingual("", "")


@dataclass(frozen=True, slots=True)
class Goalposts:
    """Fixed ends of an indicator's scale.

    Attributes
    ----------
    low, high
        In the indicator's own unit; the low end scores 0 where more is better, the highest where less is.
    scale
        The score of the better end.
    truncate
        Whether values beyond an end score as that end does.
    """

    low: float
    high: float
    scale: float = 100.0
    truncate: bool = True


@dataclass(frozen=True, slots=True)
class Node:
    """One indicator, or one group of nodes.

    Attributes
    ----------
    parent
        The code of the group it counts in; empty for the index itself.
    is_indicator
        Whether data are given for it, rather than its children's.
    direction
        1 where more is better, -1 where less is.
    weight
        Relative to its siblings'; at least 0.
    denominator
        The column of the data to divide by; empty for none.
    target
        The value to reach, in the indicator's unit.
    """

    code: str
    name: Bilingual
    parent: str = ""
    is_indicator: bool = True
    direction: int = 1
    weight: float = 1.0
    unit: Bilingual = NOTHING
    denominator: str = ""
    target: float | None = None
    goalposts: Goalposts | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A node with children, as positions among `Framework.codes`; children always come before it."""

    code: str
    position: int
    members: Integers
    level: int


@dataclass(frozen=True)
class Framework:
    """A checked hierarchy of any depth.

    Parameters
    ----------
    nodes
        In any order. Indicators keep theirs; groups are put bottom-up.

    Raises
    ------
    FrameworkError
        With every problem: a code given twice, an unknown parent, a cycle, several roots, an empty group, a weight or a
        direction that is none.
    """

    code: str
    name: Bilingual
    nodes: tuple[Node, ...]
    source: str = ""
    groupings: tuple[str, ...] = ()
    denominators: Mapping[str, Bilingual] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = _problems(self.nodes)
        if problems:
            raise FrameworkError(problems)

    @cached_property
    def by_code(self) -> dict[str, Node]:
        """Each node by its code."""
        return {node.code: node for node in self.nodes}

    @cached_property
    def children(self) -> dict[str, tuple[Node, ...]]:
        """The nodes under each group, in the framework's order."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            found.setdefault(node.parent, []).append(node)
        return {code: tuple(nodes) for code, nodes in found.items()}

    @cached_property
    def levels(self) -> dict[str, int]:
        """1 for an indicator; for a group, one above its highest child."""
        found: dict[str, int] = {}

        def level(node: Node) -> int:
            if node.code not in found:
                below = self.children.get(node.code, ())
                found[node.code] = 1 if node.is_indicator else 1 + max(level(child) for child in below)
            return found[node.code]

        for node in self.nodes:
            level(node)
        return found

    @cached_property
    def indicators(self) -> tuple[Node, ...]:
        """The nodes that data are given for."""
        return tuple(node for node in self.nodes if node.is_indicator)

    @cached_property
    def aggregates(self) -> tuple[Node, ...]:
        """The groups, lower levels first; the index is last."""
        groups = [node for node in self.nodes if not node.is_indicator]
        return tuple(sorted(groups, key=lambda node: self.levels[node.code]))

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Codes of indicators, then of groups: the columns of an aggregated table."""
        return tuple(node.code for node in (*self.indicators, *self.aggregates))

    @property
    def root(self) -> Node:
        """The index itself."""
        return self.aggregates[-1]

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups as positions, bottom-up."""
        position = {code: place for place, code in enumerate(self.codes)}
        return tuple(
            Group(
                code=node.code,
                position=position[node.code],
                members=np.array([position[child.code] for child in self.children[node.code]], dtype=np.intp),
                level=self.levels[node.code],
            )
            for node in self.aggregates
        )

    @cached_property
    def directions(self) -> Floats:
        """1 or -1 for each indicator, shape (indicators,)."""
        return np.array([node.direction for node in self.indicators], dtype=np.float64)

    @cached_property
    def weights(self) -> Floats:
        """The given weights in the order of `codes`, shape (indicators + groups,)."""
        return np.array([self.by_code[code].weight for code in self.codes], dtype=np.float64)

    def pillar_of(self, code: str) -> str:
        """Return the group right under the index that a node counts in; the index's own code for itself."""
        node = self.by_code[code]
        while node.parent and node.parent != self.root.code:
            node = self.by_code[node.parent]
        return node.code

    def indicators_under(self, code: str) -> tuple[str, ...]:
        """Return the codes of the indicators that count in a node."""
        node = self.by_code[code]
        if node.is_indicator:
            return (code,)
        return tuple(leaf for child in self.children[code] for leaf in self.indicators_under(child.code))

    def without(self, codes: Iterable[str]) -> Framework:
        """Return the framework without some nodes; groups left empty go too.

        Raises
        ------
        FrameworkError
            Where nothing is left.
        """
        gone = set(codes)
        kept = [node for node in self.nodes if node.code not in gone and not self._ancestors(node) & gone]
        while True:
            parents = {node.parent for node in kept}
            full = [node for node in kept if node.is_indicator or node.code in parents]
            if len(full) == len(kept):
                return Framework(self.code, self.name, tuple(kept), self.source, self.groupings, self.denominators)
            kept = full

    def _ancestors(self, node: Node) -> set[str]:
        found: set[str] = set()
        while node.parent:
            found.add(node.parent)
            node = self.by_code[node.parent]
        return found


def _problems(nodes: tuple[Node, ...]) -> dict[str, list[Bilingual]]:
    problems: dict[str, list[Bilingual]] = {}

    def add(code: str, zh: str, en: str) -> None:
        problems.setdefault(code or "?", []).append(Bilingual(zh, en))

    by_code: dict[str, Node] = {}
    for node in nodes:
        if not node.code:
            add("", "缺少代码", "a code is missing")
        if node.code in by_code:
            add(node.code, "代码重复", "the code is given twice")
        by_code[node.code] = node
        _check_values(node, add)
    for node in nodes:
        if node.parent and node.parent not in by_code:
            add(node.code, f"上级“{node.parent}”不存在", f"its parent “{node.parent}” does not exist")
        elif node.parent and by_code[node.parent].is_indicator:
            add(node.code, f"上级“{node.parent}”是指标，不能再有下级", f"its parent “{node.parent}” is an indicator")
        if not node.is_indicator and all(child.parent != node.code for child in nodes):
            add(node.code, "没有下级指标", "it has no children")
    for code in _in_cycles(by_code):
        add(code, "层级成环", "it is its own ancestor")
    roots = [node for node in nodes if not node.parent]
    if len(roots) != 1 or roots[0].is_indicator:
        named = "、".join(node.code for node in roots) or "—"
        zh = f"应有且只有一个不带上级的总指数，现为：{named}"
        en = f"exactly one group has no parent, the index itself; here: {', '.join(node.code for node in roots) or '—'}"
        add(roots[0].code if roots else "index", zh, en)
    return problems


def _check_values(node: Node, add: Callable[[str, str, str], None]) -> None:
    if node.direction not in (1, -1):
        add(node.code, "方向只能是 1 或 -1", "its direction is 1 or -1")
    if not (math.isfinite(node.weight) and node.weight >= 0):
        add(node.code, "权重应为不小于 0 的数", "its weight is a number of at least 0")
    if node.goalposts is not None and not node.goalposts.low < node.goalposts.high:
        add(node.code, "目标区间的下限应小于上限", "its lower goalpost is below its upper one")


def _in_cycles(by_code: Mapping[str, Node]) -> list[str]:
    found = []
    for code in by_code:
        seen = {code}
        parent = by_code[code].parent
        while parent in by_code and parent not in seen:
            seen.add(parent)
            parent = by_code[parent].parent
        if parent == code:
            found.append(code)
    return found
