"""Changes an index without end, for `test_crash` to kill; every change follows from its watermark alone."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.matching.core.support import BUILT_AT, lookup, make_store, vectors_of
from yunlang.matching.core.document import Document

PER_CHANGE = 5
IDS = 23


def changed_by(watermark: int) -> tuple[list[Document], list[str]]:
    """Return the upserts and deletes of a change."""
    upserts = [
        Document(id=f"d{(watermark * 7 + step) % IDS}", kind="k", title=f"改动 {watermark}")
        for step in range(PER_CHANGE)
    ]
    return upserts, [f"d{(watermark * 5 + step) % IDS}" for step in range(2)]


def state_at(watermark: int) -> dict[str, str]:
    """Return the titles by id after all changes up to a watermark."""
    titles: dict[str, str] = {}
    for number in range(1, watermark + 1):
        upserts, deletes = changed_by(number)
        for document_id in deletes:
            titles.pop(document_id, None)
        titles |= {item.id: item.title for item in upserts}
    return titles


def main() -> None:
    """Change the index in the directory named on the command line until killed."""
    store = make_store(Path(sys.argv[1]))
    watermark = store.open().watermark
    while True:
        print(watermark, flush=True)
        watermark += 1
        upserts, deletes = changed_by(watermark)
        store.update(upserts, deletes, watermark=watermark)
        if watermark % 3 == 0:
            store.update_vectors(vectors_of(upserts))
        if watermark % 7 == 0:
            store.compact()
        if watermark % 10 == 0:
            items = [Document(id=name, kind="k", title=title) for name, title in state_at(watermark).items()]
            store.build(items, watermark=watermark, built_at=BUILT_AT, vectors=lookup(items))


if __name__ == "__main__":
    main()
