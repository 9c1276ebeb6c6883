"""What a match answers: hits with their reasons, facets, and whether anything good was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yunlang.kit.language import Bilingual
from yunlang.matching.core.document import Document
from yunlang.matching.core.explanation import Reasons

GOOD = 0.38  # 97% of the graded needs have a hit from here on, 5% of titles from the humanities; docs/benchmarks.md

NO_WORDS = Bilingual("请写明要找什么。", "Please say what you are looking for.")
NO_DOCUMENT = Bilingual("没有符合条件的结果。", "Nothing meets the conditions.")
NO_GOOD_MATCH = Bilingual(
    "没有找到合适的结果，以下仅供参考；可换一种说法，或发布需求。",
    "No good match. What follows is for reference; try other words, or post a need.",
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that answers a query.

    Attributes
    ----------
    document
        As indexed.
    score
        Expected grade from 0 (unrelated) to 1 (strong); comparable between queries.
    reasons
        See `explanation.Reasons`.
    """

    document: Document
    score: float
    reasons: Reasons

    @property
    def good(self) -> bool:
        """Whether the match is worth an officer's look."""
        return self.score >= GOOD

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        item = self.document
        return {
            "id": item.id, "kind": item.kind, "title": item.title, "organisation": item.organisation,
            "city": item.city, "place": item.place, "score": round(self.score, 4), "good": self.good,
            "reasons": self.reasons.to_dict(),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class MatchResult:
    """The answer to a query.

    Attributes
    ----------
    hits
        The best first.
    note
        Why there is no hit, or no good one; None where there is.
    facets
        Number of documents by kind, by city and by industry; see `SearchIndex.facets`.
    degraded
        Whether some documents, or the query, had no vector, so that words alone decided.
    watermark
        Of the state that answered.
    timings
        Milliseconds by stage; empty without a clock.
    """

    hits: tuple[Hit, ...]
    note: Bilingual | None
    facets: Mapping[str, Mapping[str, int]]
    degraded: bool
    watermark: int
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def weak(self) -> bool:
        """Whether there is no good match."""
        return not any(hit.good for hit in self.hits)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "hits": [hit.to_dict() for hit in self.hits],
            "weak": self.weak,
            "note": None if self.note is None else {"zh": self.note.zh, "en": self.note.en},
            "facets": {name: dict(counts) for name, counts in self.facets.items()},
            "degraded": self.degraded,
            "watermark": self.watermark,
            "timings": {name: round(value, 3) for name, value in self.timings.items()},
        }
