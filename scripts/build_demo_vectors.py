"""Encodes every document of the demo corridor once, so that a first start needs no encoding.

Run it against a home with the demo loaded (``yunlang demo --load-only``) whenever the demo's records, the text that the
encoder reads, or the encoder change. About two minutes on two cores.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from yunlang.cli import begin

TARGET = Path(__file__).resolve().parent.parent / "src" / "yunlang" / "matching" / "demo_vectors.npz"


def main() -> int:
    """Write the file beside the code that reads it."""
    begin()
    from rich.progress import Progress

    from yunlang.matching.core.document import embedding_text
    from yunlang.matching.documents import published_documents
    from yunlang.matching.engine import encoder
    from yunlang.matching.vectors import vectors_make

    texts = [embedding_text(document) for document in published_documents()]
    with Progress() as bar:
        task = bar.add_task("encode", total=len(set(texts)))
        vectors = vectors_make(encoder(), texts, progress=lambda count: bar.advance(task, count))
    digests = sorted(vectors)
    np.savez_compressed(
        TARGET,
        encoder=np.array(encoder().name),
        digests=np.array([list(bytes.fromhex(digest)) for digest in digests], dtype=np.uint8),
        codes=np.array([vectors[digest] for digest in digests], dtype=np.int8),
    )
    print(f"{len(digests)} vectors, {TARGET.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
