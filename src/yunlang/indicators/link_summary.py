"""What links between cities come to: figures of the network, and of each city."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from yunlang.indicators.core.links.concentration import gini, strength_centralisation
from yunlang.indicators.core.links.density import density
from yunlang.indicators.core.links.matrix import Floats
from yunlang.indicators.core.links.shares import cross_share, reciprocity
from yunlang.indicators.core.links.strength import strength
from yunlang.indicators.core.links.unit_indicators import UnitIndicators, unit_indicators
from yunlang.indicators.link_selectors import CityLinks, Expectation
from yunlang.kit.language import Bilingual

NETWORK_LABELS: dict[str, Bilingual] = {
    "total": Bilingual("跨市合计", "links between cities"),
    "pairs": Bilingual("城市对", "pairs of cities"),
    "linked": Bilingual("有联系的城市对", "pairs that are linked"),
    "unknown": Bilingual("没有数据的城市对", "pairs without data"),
    "density": Bilingual("密度", "density"),
    "cross_share": Bilingual("跨市占比", "cross-city share"),
    "centralisation": Bilingual("中心势", "centralisation"),
    "gini": Bilingual("基尼系数", "Gini coefficient"),
    "reciprocity": Bilingual("互惠度", "reciprocity"),
}


@dataclass(frozen=True, slots=True)
class Network:
    """Figures of the whole network; None where something they depend on is not known.

    Attributes
    ----------
    total
        What goes between cities, as far as known.
    pairs, linked, unknown
        Pairs of cities without regard to direction: all, those with any link, those of which a link is not known.
    """

    total: float
    pairs: int
    linked: int
    unknown: int
    density: float | None
    cross_share: float | None
    centralisation: float | None
    gini: float | None
    reciprocity: float | None


def network_of(links: CityLinks) -> Network:
    """Return the figures of the network."""
    matrix = links.matrix
    both = matrix.symmetrised().pair_values()
    strengths = strength(matrix)
    return Network(
        total=float(np.nansum(matrix.pair_values())),
        pairs=len(both),
        linked=int((np.nan_to_num(both) > 0).sum()),
        unknown=int(np.isnan(both).sum()),
        density=known(density(matrix)),
        cross_share=known(cross_share(matrix)),
        centralisation=known(strength_centralisation(matrix)),
        gini=None if np.isnan(strengths).any() else known(gini(strengths)),
        reciprocity=known(reciprocity(matrix)) if matrix.directed else None,
    )


def indicators_of(links: CityLinks, expectation: Expectation) -> UnitIndicators:
    """Return the cities' indicators, with the ratio of observed to expected links where there is an expectation."""
    return unit_indicators(links.matrix, expectation.fit.expected if expectation.fit else None)


def links_record(links: CityLinks, expectation: Expectation) -> dict[str, Any]:
    """Return everything as plain values, for JSON: numbers that are not known as null."""
    found, source = indicators_of(links, expectation), links.edition.source
    network, fit = network_of(links), expectation.fit
    return {
        "kind": links.name,
        "period": links.edition.period,
        "source": source.code if source else None,
        "unit": links.kind.unit,
        "directed": links.kind.directed,
        "cities": list(links.matrix.codes),
        "matrix": [[known(value) for value in row] for row in links.matrix.values],
        "elsewhere": links.elsewhere,
        "illustrative": links.illustrative,
        "network": {name: getattr(network, name) for name in NETWORK_LABELS},
        "indicators": {
            code: {name: known(value) for name, value in zip(found.names, row, strict=True)}
            for code, row in zip(found.codes, found.values, strict=True)
        },
        "gravity": fit and {
            "method": fit.method, "constant": fit.constant, "origin": fit.origin, "destination": fit.destination,
            "distance": fit.distance, "standard_errors": fit.standard_errors, "links": fit.used,
            "mass": "gdp", "mass_period": expectation.mass_period,
            "expected": [[known(value) for value in row] for row in fit.expected],
        },
        "gravity_reason": expectation.reason.en if expectation.reason else None,
    }  # fmt: skip


def known(value: float | Floats) -> float | None:
    """Return a number, None where it is not known."""
    number = float(value)
    return None if math.isnan(number) else number
