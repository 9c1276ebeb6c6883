"""A build that waits half way for ever: `python -m tests.matching.core.milvus_child ADDRESS`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.matching.core.support import BUILT_AT, HashingEncoder, sample_documents
from yunlang.matching.core.analyser import default_analyser
from yunlang.matching.core.document import Document
from yunlang.matching.core.milvus_changes import BATCH
from yunlang.matching.core.milvus_store import MilvusStore


def unfinished() -> Iterator[Document]:
    """Yield as many documents as are sent at once, say so when they are, and wait."""
    yield from sample_documents(BATCH)
    print("half way", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    MilvusStore(
        sys.argv[1], analyser=default_analyser(), encoder=HashingEncoder.name, dimension=HashingEncoder.dimension
    ).build(unfinished(), watermark=99, built_at=BUILT_AT)
