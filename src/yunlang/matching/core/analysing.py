"""Cutting many documents into terms in a process of its own, while this one fills the index with those before.

Cutting takes more than half of a build, and Python works on one processor at a time.
"""

from __future__ import annotations

import contextlib
import gc
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Self

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.document import Document
from yunlang.matching.core.terms import IndexedTerms, indexed_terms, searched_texts

ALONE = 10  # batches cut here; a process takes longer to start than they take
AHEAD = 2  # batches in the process's hands
_CHILD = "import sys; from yunlang.matching.core.analysing import serve; serve(int(sys.argv[1]))"

Batch = Sequence[Document]


def analysed(
    batches: Iterable[Batch], analyser: Analyser, *, alone: int = ALONE
) -> Iterator[tuple[Batch, IndexedTerms]]:
    """Yield batches of documents with their terms, from some number of batches on cut elsewhere.

    Parameters
    ----------
    alone
        Batches that are cut here.
    """
    rest = iter(batches)
    for batch in islice(rest, alone):
        yield batch, indexed_terms(analyser, _texts(batch))
    batch = next(rest, ())
    if not batch:
        return
    with _Cutter(analyser) as cutter:
        waiting = deque([(batch, cutter.submit(_texts(batch)))])
        for following in rest:
            waiting.append((following, cutter.submit(_texts(following))))
            if len(waiting) > AHEAD:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)


def serve(descriptor: int) -> None:
    """Answer texts with their terms until the other side is gone."""
    gc.disable()  # nothing here refers to itself
    with Connection(descriptor) as connection:
        try:
            analyser = Analyser(connection.recv())
            while True:
                connection.send(indexed_terms(analyser, connection.recv()))
        except (EOFError, OSError):
            return


class _Cutter:
    """A process that cuts; it ends with this one, however this one ends. Where it fails, texts are cut here."""

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser

    def __enter__(self) -> Self:
        self._connection, theirs = Pipe()
        with theirs:
            # Not a fork, which would copy locks that other threads hold, nor of the same session: Ctrl-C is for us.
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                [sys.executable, "-c", _CHILD, str(theirs.fileno())],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        # One thread each way, so that the process has the next texts before its last answer is read.
        self._sender, self._receiver = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._sender.submit(self._send, self._analyser.extra_words)
        return self

    def submit(self, texts: Sequence[tuple[str, str]]) -> Future[IndexedTerms]:
        """Have some texts cut; answers come in the order asked for."""
        self._sender.submit(self._send, texts)
        return self._receiver.submit(self._receive, texts)

    def _send(self, what: object) -> None:
        # Whoever waits for the answer finds the process gone.
        with contextlib.suppress(OSError):
            self._connection.send(what)

    def _receive(self, texts: Sequence[tuple[str, str]]) -> IndexedTerms:
        try:
            found: IndexedTerms = self._connection.recv()
        except (EOFError, OSError):
            return indexed_terms(self._analyser, texts)
        return found

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for threads in (self._sender, self._receiver):
            threads.shutdown(cancel_futures=True)
        self._connection.close()


def _first(waiting: deque[tuple[Batch, Future[IndexedTerms]]]) -> tuple[Batch, IndexedTerms]:
    batch, terms = waiting.popleft()
    return batch, terms.result()


def _texts(batch: Batch) -> list[tuple[str, str]]:
    return list(map(searched_texts, batch))
