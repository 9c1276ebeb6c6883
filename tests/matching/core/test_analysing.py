"""Cutting documents in a process of its own gives what cutting them here gives."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import psutil
import pytest

from tests.matching.core.support import sample_documents
from yunlang.matching.core import analysing
from yunlang.matching.core.analyser import Analyser, default_analyser
from yunlang.matching.core.analysing import analysed
from yunlang.matching.core.document import Document
from yunlang.matching.core.terms import IndexedTerms, indexed_terms, searched_texts

WORDS = ("相控阵天线雷达",)


def batches(count: int = 6) -> list[list[Document]]:
    items = [
        Document(id="wide", kind="a", title="（5G）相控阵天线雷达：ＡＢＣ", tags=("标签",), text="正文。"),
        *sample_documents(59),
    ]
    return [items[start::count] for start in range(count)]


def plain(terms: IndexedTerms) -> list[object]:
    lists = (terms.word_lists, terms.character_lists)
    return [terms.words, terms.characters, *((one.ends.tolist(), one.terms.tolist()) for one in lists),
            terms.word_counts.tolist(), terms.character_counts.tolist()]  # fmt: skip


def expected(analyser: Analyser) -> list[list[object]]:
    return [plain(indexed_terms(analyser, list(map(searched_texts, batch)))) for batch in batches()]


def cutters() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if analysing._CHILD in one.cmdline()]


@pytest.mark.parametrize("alone", [0, 2, 5, 6, 100])
def test_a_process_cuts_as_we_do(alone: int) -> None:
    analyser = Analyser(WORDS)
    found = list(analysed(iter(batches()), analyser, alone=alone))
    assert [batch for batch, _ in found] == batches()
    assert [plain(terms) for _, terms in found] == expected(analyser)
    assert cutters() == []


def test_where_the_process_is_killed_we_go_on_ourselves() -> None:
    found = []
    for place, (_, terms) in enumerate(analysed(iter(batches()), default_analyser(), alone=0)):
        if place == 1:
            (cutter,) = cutters()
            os.kill(cutter.pid, signal.SIGKILL)
        found.append(plain(terms))
    assert found == expected(default_analyser())


def test_where_no_process_can_be_had_we_go_on_ourselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysing, "_CHILD", "raise SystemExit(1)")
    found = [plain(terms) for _, terms in analysed(iter(batches()), default_analyser(), alone=1)]
    assert found == expected(default_analyser())


def test_whoever_stops_half_way_leaves_no_process() -> None:
    def failing() -> Iterator[list[Document]]:
        yield from batches()[:3]
        raise ValueError("a document that cannot be")

    with pytest.raises(ValueError, match="cannot be"):
        list(analysed(failing(), default_analyser(), alone=0))
    assert cutters() == []


def test_nothing_to_cut_starts_nothing() -> None:
    assert list(analysed(iter([]), default_analyser(), alone=0)) == []
