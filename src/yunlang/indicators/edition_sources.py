"""Where an edition's indicators come from: publications of the registry, and what the platform counts itself."""

from __future__ import annotations

from dataclasses import dataclass

from yunlang.indicators.core.framework import Framework, Node
from yunlang.indicators.live_counts import COUNTS
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Figure, Source

_FIGURE, _COUNT = "figure", "count"
_COUNTED = Bilingual("云廊平台统计：{name}", "counted by Yunlang: {name}")


@dataclass(frozen=True, slots=True)
class EditionSource:
    """One source, and the indicators that come from it; a label where it is no publication of the registry's."""

    source: Source | None
    label: Bilingual | None
    nodes: tuple[Node, ...]


def sources_of(framework: Framework) -> list[EditionSource]:
    """Return the sources of a framework's indicators in the framework's order, in at most two queries."""
    named = {node.code: node.source.partition(":") for node in framework.indicators if node.source}
    figures = {name for kind, _, name in named.values() if kind == _FIGURE}
    by_figure: dict[str, set[str]] = {}
    if figures:
        rows = Figure.objects.filter(code__in=figures).order_by().values_list("code", "source_id").distinct()
        for figure, source in rows:
            by_figure.setdefault(figure, set()).add(source)
    grouped: dict[tuple[str, str], list[Node]] = {}
    for code, (kind, _, name) in named.items():
        codes = sorted(by_figure.get(name, ())) if kind == _FIGURE else [name or kind]
        for one in codes:
            grouped.setdefault((_COUNT if kind == _COUNT else "", one), []).append(framework.by_code[code])
    known = Source.objects.in_bulk([one for kind, one in grouped if not kind]) if grouped else {}
    return [
        EditionSource(known.get(one), _label(kind, one) if one not in known else None, tuple(nodes))
        for (kind, one), nodes in grouped.items()
    ]


def _label(kind: str, name: str) -> Bilingual:
    if kind == _COUNT and name in COUNTS:
        return _COUNTED.format(name=COUNTS[name].label)
    return Bilingual(name, name)
