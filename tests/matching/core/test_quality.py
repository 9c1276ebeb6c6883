"""Quality on officers' grades, with words alone so that no encoder is needed; benchmarks measure the rest."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np

from tests.matching.core.support import BUILT_AT, make_store
from yunlang.matching.core.document import Document
from yunlang.matching.core.pipeline import Matcher
from yunlang.matching.core.query import Query


def ndcg(scores: list[float], grades: list[int]) -> float:
    gains = 2.0 ** (np.array(grades) - 1) - 1
    discounts = 1 / np.log2(np.arange(2, 12))
    ranked, best = gains[np.argsort(-np.array(scores), kind="stable")][:10], np.sort(gains)[::-1][:10]
    return float((ranked * discounts[: len(ranked)]).sum() / (best * discounts[: len(best)]).sum())


def test_words_rank_graded_pairs_better_than_published_floors(shared_data: Path, tmp_path: Path) -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with (shared_data / "needs" / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    graded: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in rows("pairs_train.csv"):
        graded[row["need_id"]].append((row["achievement_tokens"].replace(" ", ""), int(row["level"])))
    titles = sorted({title for pairs in graded.values() for title, _ in pairs})
    numbers = {title: str(place) for place, title in enumerate(titles)}
    store = make_store(tmp_path)
    store.build([Document(id=numbers[t], kind="k", title=t) for t in titles], watermark=1, built_at=BUILT_AT)
    matcher = Matcher(store, None)
    found = []
    for need in rows("needs.csv"):
        pairs = graded[need["need_id"]]
        if len(pairs) >= 5 and max(grade for _, grade in pairs) > 1:
            scores = matcher.score(Query(need["title"], need["content"]), [numbers[title] for title, _ in pairs])
            found.append(ndcg([scores[numbers[title]] for title, _ in pairs], [grade for _, grade in pairs]))
    assert len(found) == 177
    assert np.mean(found) >= 0.68
