"""Small preferences among documents that say the same: near ones first, and those that fit the need's conditions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np

from yunlang.matching.core.chunks import UNPRICED, UNSTATED_LEVEL, Rows, Vocabulary
from yunlang.matching.core.fusion import Array
from yunlang.matching.core.query import Query
from yunlang.matching.core.table import cents

# Shifts of the log-odds of a better grade. A preference, never a filter: between two near-equal documents it decides,
# against a clearly better one it does not (the same shift as 0.01 of e5's cosine, or less).
IN_CORRIDOR = 0.2
SAME_CITY = 0.1
MISSED = -0.3


class Attributes(Protocol):
    """What tells the filterable attributes of rows."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The values that `records` hold as numbers, those of the records told so far among them."""

    def records(self, rows: Sequence[int]) -> Rows:
        """Return the rows' attributes, records of `chunks.ROW`."""


def preference_shifts(table: Attributes, rows: Sequence[int], query: Query, cities: Collection[str]) -> Array:
    """Return for each row the sum of its preferences, in log-odds, shape (rows,).

    A document in one of the `cities` gains 0.2, in the need's own city 0.1 more. A condition of the query (kind,
    readiness level, budget, label) that the document states and misses costs 0.3; not stated costs nothing.
    """
    records = table.records(rows)
    vocabulary = table.vocabulary
    shift = IN_CORRIDOR * np.isin(records["city"], vocabulary.codes("city", cities))
    if query.city:
        shift = shift + SAME_CITY * np.isin(records["city"], vocabulary.codes("city", [query.city]))
    if query.kinds:
        shift = shift + MISSED * ~np.isin(records["kind"], vocabulary.codes("kind", query.kinds))
    if query.trl is not None:
        shift = shift + MISSED * ((records["trl"] != UNSTATED_LEVEL) & (records["trl"] < query.trl))
    if query.budget is not None:
        shift = shift + MISSED * ((records["price"] != UNPRICED) & (records["price"] > cents(query.budget)))
    if query.labels:
        shift = shift + MISSED * ((records["labels"] & vocabulary.bits(query.labels)) == 0)
    return np.asarray(shift, dtype=np.float64)
