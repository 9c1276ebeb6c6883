"""Reads of editions: which there are, one opened for its pages, and whether it still computes to the last digit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import QuerySet

from yunlang.accounts.permissions import may
from yunlang.indicators.core.audit.report import Audit, AuditLimits, audit
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Floats, Framework
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine, Run
from yunlang.indicators.edition_computing import edition_computed
from yunlang.indicators.edition_facts import array_of, data_of
from yunlang.indicators.edition_models import PUBLISHED, Edition
from yunlang.indicators.framework_files import framework_of
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual

_HEAVY = ("framework", "recipe", "data", "results")
_OPEN_AT_ONCE = 8
EDITION = Bilingual("该版指数", "this edition of the index")


def editions_published() -> QuerySet[Edition]:
    """Return the published editions, each index's latest first, without what they hold."""
    found = Edition.objects.filter(status=PUBLISHED).defer(*_HEAVY)
    return found.order_by("index", "-published_at", "-label")


def editions_by_index() -> list[list[Edition]]:
    """Return the published editions of each index, its latest first."""
    found: dict[str, list[Edition]] = {}
    for edition in editions_published():
        found.setdefault(edition.index, []).append(edition)
    return list(found.values())


def editions_all() -> QuerySet[Edition]:
    """Return all editions for whoever looks after them, the latest first."""
    return Edition.objects.defer(*_HEAVY).select_related("created_by", "published_by").order_by("-created_at")


def edition_at(index: str, label: str, reader: Any) -> Edition:
    """Return the edition at an address.

    Raises
    ------
    NotFoundError
        Where there is none, or the reader may not know that there is.
    """
    found = Edition.objects.defer(*_HEAVY).filter(index=index, label=label).first()
    if found is None or not may(reader, "indicators.view_edition", found):
        raise NotFoundError(what=EDITION)
    return found


def edition_get(edition_id: UUID) -> Edition:
    """Return an edition by its id.

    Raises
    ------
    NotFoundError
    """
    found = Edition.objects.defer(*_HEAVY).filter(pk=edition_id).first()
    if found is None:
        raise NotFoundError(what=EDITION)
    return found


def edition_before(edition: Edition) -> Edition | None:
    """Return the edition that the same index published before this one."""
    earlier = Edition.objects.filter(index=edition.index, status=PUBLISHED).exclude(pk=edition.pk).defer(*_HEAVY)
    if edition.published_at is not None:
        earlier = earlier.filter(published_at__lt=edition.published_at)
    return earlier.order_by("-published_at").first()


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a unit ranks when the method varies: 5 %, mean and 95 %."""

    low: float
    mean: float
    high: float


class OpenEdition:
    """An edition's content, read once and kept by each process; safe to use from several threads.

    Attributes
    ----------
    scores
        As published, shape (periods, units, nodes).
    ranks
        As published, shape (periods, units).
    """

    def __init__(self, edition: Edition) -> None:
        self.framework: Framework = framework_of(edition.framework)
        self.recipe: Recipe = Recipe.of(edition.recipe)
        self.data: Dataset = data_of(edition.data)
        results: Mapping[str, Any] = edition.results
        self.units: tuple[str, ...] = tuple(results["units"])
        self.periods: tuple[str, ...] = tuple(results["periods"])
        self.weights: Floats = array_of(results["weights"])
        self.scores: Floats = array_of(results["scores"])
        self.ranks: Floats = array_of(results["ranks"])
        self.uncertainty: Mapping[str, Any] = results["uncertainty"]
        self._engine: Engine | None = None
        self._lock = Lock()

    def run(self, recipe: Recipe | None = None) -> Run:
        """Run a recipe over the edition's data, its own where none is given."""
        with self._lock:
            if self._engine is None:
                self._engine = Engine(self.framework, self.data)
            return self._engine.run(recipe or self.recipe)

    @property
    def engine(self) -> Engine:
        """An engine of one's own, for what takes longer."""
        return Engine(self.framework, self.data)

    @cached_property
    def audit(self) -> Audit:
        """What its data, structure and weights do to its ranking in the last period."""
        # The page shows no removal of units, which costs a run each.
        return audit(self.engine, self.recipe, limits=AuditLimits(units_removed=0))

    @property
    def names(self) -> dict[str, str]:
        """Names of the units by code, as the data have them."""
        return dict(zip(self.data.units, self.data.unit_names, strict=True))

    @property
    def intervals(self) -> dict[str, Interval]:
        """Each unit's interval of ranks in the last period."""
        return {
            row["unit"]: Interval(row["q5"], row["mean"], row["q95"])
            for row in self.uncertainty["units"]
            if row["q5"] is not None
        }

    def score_of(self, code: str, period: int = -1) -> Floats:
        """Return a node's scores in one period, shape (units,)."""
        found: Floats = self.scores[period, :, self.framework.codes.index(code)]
        return found


def edition_open(edition: Edition) -> OpenEdition:
    """Return an edition's content; what was read before is not read again unless it changed."""
    return _opened(edition.pk, edition.inputs, edition.recipe_digest, edition.engine)


@lru_cache(maxsize=_OPEN_AT_ONCE)
def _opened(edition_id: UUID, inputs: str, recipe_digest: str, engine: str) -> OpenEdition:
    return OpenEdition(Edition.objects.only(*_HEAVY).get(pk=edition_id))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a unit ranks in an edition's last period."""

    edition: Edition
    rank: int
    of: int
    period: str


def standings_of(unit: str) -> list[Standing]:
    """Return where a unit ranks in the latest edition of each index that ranks several, in one query."""
    found = []
    for editions in editions_by_index():
        opened = edition_open(editions[0])
        ranks = dict(zip(opened.units, opened.ranks[-1].tolist(), strict=True))
        number = sum(not np.isnan(rank) for rank in ranks.values())
        rank = ranks.get(unit, np.nan)
        if number > 1 and not np.isnan(rank):
            found.append(Standing(editions[0], int(rank), number, opened.periods[-1]))
    return found


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether an edition computes again to what was published.

    Attributes
    ----------
    differences
        What differs, by name.
    """

    checked: int
    differences: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every number came out the same."""
        return not self.differences


def edition_verify(edition: Edition) -> Verification:
    """Compute an edition anew from the framework, the data and the recipe it keeps, and compare every number."""
    anew = edition_computed(
        framework_of(edition.framework),
        data_of(edition.data),
        Recipe.of(edition.recipe),
        uncertainty=edition.results["uncertainty"],
    )
    names = ("inputs", "recipe_digest", "framework", "recipe", "data")
    found = [name for name in names if _floats(anew[name]) != _floats(getattr(edition, name))]
    results = anew["results"]
    for name in sorted(results.keys() | edition.results.keys()):
        if _floats(results.get(name)) != _floats(edition.results.get(name)):
            found.append(f"results.{name}")
    checked = sum(np.size(array_of(results[name])) for name in ("scores", "ranks", "weights"))
    return Verification(int(checked), tuple(found))


def _floats(value: Any) -> Any:
    """Return plain values with every number a float: a database gives 1e23 back as the whole number 10²³."""
    if isinstance(value, Mapping):
        return {key: _floats(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_floats(one) for one in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
