"""Makes the table of the static encoder: fits vectors of pieces of text so that their sums give e5's vectors.

    python scripts/build_static_encoder.py --data ../shared/data --cache /tmp/e5

Texts: titles, keywords and clauses of abstracts (CSL, patents), titles of national projects, names of products. Left
out, so that benchmarks measure on what the table never saw: every CSL text of the development files, the first 500
patents, all needs and their graded achievements. e5 takes hours for these texts on two cores; what it encoded stays in
the folder `--cache`, so a stopped run goes on where it was. The fit itself takes minutes.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track
from scipy import sparse

from yunlang.matching.core.encoder import STEPS, E5Encoder, quantise, unit_rows
from yunlang.matching.core.grams import Keys, text_grams
from yunlang.matching.core.static_encoder import SHIPPED, StaticTable, table_write

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src" / "yunlang" / "matching" / "core" / SHIPPED
HELD_PATENTS = 500
HELD_CSL = ("ts_dev.tsv", "kg_dev.tsv", "cls_dcp_dev.tsv", "cls_ctg_dev.tsv")
LONGEST_TEXT = 96  # characters, as the engine gives them to an encoder
CHUNK = 2_000  # texts in one file of the cache

# How much a text's error counts: titles are what the encoder is for; names of products are many, short and repetitive.
WEIGHTS = {"titles": 4.0, "keywords": 1.0, "abstracts": 1.0, "products": 0.7}
DIMENSION = 256
PIECES = 100_000
RAREST = 3  # texts that have a piece
LENGTH_POWER = 0.25  # a sum of n pieces is fitted divided by n to this power
RIDGE, ROUNDS = 1.5, 15
EMPHASIS = 0.5  # telling pieces have long vectors: lengthened by this power of their length; chosen by title → abstract
CHOOSING_DIMENSION, CHOOSING_RIDGE, CHOOSING_ROUNDS = 32, 5.0, 12

Array = npt.NDArray[np.float32]

_CLAUSES = re.compile(r"[。；;！!？?]|(?<=[^\d]),|，|：|:")
_KEYWORDS = re.compile(r"[_;；,，、\s]+")
_SHORT, _CLAUSE = 6, 12  # characters: shorter clauses join their neighbours


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_csl(data: Path, name: str) -> list[list[str]]:
    """Return text and target of each row of a CSL file."""
    lines = (data / "csl" / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[1:] for line in lines]


def one_line(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.replace("\\n", " ").split())


def clauses(text: str) -> list[str]:
    """Return the clauses of a text, short ones joined."""
    found: list[str] = []
    begun = ""
    for part in filter(None, (part.strip() for part in _CLAUSES.split(one_line(text)))):
        if len(begun) + len(part) < _CLAUSE:
            begun = f"{begun},{part}" if begun else part
            continue
        joined = f"{begun},{part}" if begun and len(begun) < _SHORT else part
        if len(begun) >= _SHORT:
            found.append(begun)
        begun = ""
        found.append(joined[:LONGEST_TEXT])
    return [*found, begun] if begun else found


def held_texts(data: Path, patents: Sequence[dict[str, str]]) -> set[str]:
    """Return the texts that benchmarks measure on, and their clauses."""
    texts = [text for name in HELD_CSL for row in read_csl(data, name) for text in row]
    texts += [text for row in patents[:HELD_PATENTS] for text in (row["title"], row["abstract"])]
    texts += [text for row in read_csv(data / "needs" / "needs.csv") for text in (row["title"], row["content"])]
    pairs = read_csv(data / "needs" / "pairs_train.csv")
    whole = {one_line(text) for text in texts} | {row["achievement_tokens"].replace(" ", "") for row in pairs}
    return whole | {clause for text in whole for clause in clauses(text)}


def corpus(data: Path) -> tuple[list[str], Array]:
    """Return the texts to fit, each once, and their weights."""
    lines = (data / "patents" / "patents.jsonl").read_text(encoding="utf-8").splitlines()
    patents = [json.loads(line) for line in lines]
    held = held_texts(data, patents)
    names = ("ts_test.tsv", "kg_test.tsv", "cls_dcp_test.tsv")
    whole = [row[0] for name in names for row in read_csl(data, name)]
    whole += [row["abstract"] for row in patents[HELD_PATENTS:]]
    abstracts = [text for text in dict.fromkeys(map(one_line, whole)) if text not in held]
    titles = [row[0] for name in ("cls_ctg_train.tsv", "cls_ctg_test.tsv") for row in read_csl(data, name)]
    titles += [row[1] for row in read_csl(data, "ts_test.tsv")]
    titles += [row["title"] for row in patents[HELD_PATENTS:]]
    titles += [row["title"] for row in read_csv(data / "projects" / "national_key_rd_projects.csv")]
    parts = {
        "titles": titles,
        "keywords": [word for row in read_csl(data, "kg_test.tsv") for word in _KEYWORDS.split(row[1])],
        "abstracts": [*abstracts, *(clause for text in abstracts for clause in clauses(text))],
        "products": [row["product"] for row in read_csv(data / "chain" / "company_product.csv")],
    }
    weights: dict[str, float] = {}
    for part, texts in parts.items():
        for text in map(one_line, texts):
            if text and text not in held:
                weights.setdefault(text[:LONGEST_TEXT], WEIGHTS[part])
    return list(weights), np.array(list(weights.values()), dtype=np.float32)


def teacher_vectors(texts: Sequence[str], cache: Path) -> Array:
    """Return e5's vectors of the texts, from the cache where they are there.

    All get the query prefix: compared with each other, such vectors rank the graded pairs better than a query's with a
    passage's (docs/decisions/0013-a-static-encoder.md).
    """
    teacher = E5Encoder()
    cache.mkdir(parents=True, exist_ok=True)
    found = []
    for start in track(range(0, len(texts), CHUNK), description=teacher.name):
        part = texts[start : start + CHUNK]
        digest = blake2b("\n".join([teacher.name, *part]).encode(), digest_size=16).hexdigest()
        file = cache / f"{digest}.npy"
        if not file.exists():
            np.save(file, teacher.encode_queries(part).astype(np.float16))
        found.append(np.load(file))
    return np.concatenate(found).astype(np.float32)


def pieces_of(texts: Sequence[str]) -> tuple[Keys, npt.NDArray[np.int64]]:
    """Return the keys of all texts' pieces and how many each text has."""
    parts = [text_grams(texts[start : start + CHUNK]) for start in range(0, len(texts), CHUNK)]
    return np.concatenate([part.keys for part in parts]), np.concatenate([np.diff(part.ends) for part in parts])


def design(vocabulary: Keys, keys: Keys, counts: npt.NDArray[np.int64], power: float) -> sparse.csr_array:
    """Return how often each text has each piece, divided by its number of known pieces to a power."""
    places = np.minimum(np.searchsorted(vocabulary, keys), len(vocabulary) - 1)
    known = vocabulary[places] == keys
    rows = np.repeat(np.arange(len(counts)), counts)[known]
    totals = np.bincount(rows, minlength=len(counts)).astype(np.float32)
    shape = (len(counts), len(vocabulary))
    return sparse.csr_array((totals[rows] ** -power, (rows, places[known])), shape=shape, dtype=np.float32)


def ridge(inputs: sparse.csr_array, targets: Array, penalty: float, rounds: int) -> Array:
    """Return vectors of pieces that nearly give the targets: conjugate gradients, all columns at once.

    Few rounds on purpose: rare pieces, which the texts hardly determine, stay small.
    """
    back = inputs.T.tocsr()
    scale = np.asarray(inputs.multiply(inputs).sum(axis=0)).reshape(-1, 1).astype(np.float32) + penalty
    solution = np.zeros((inputs.shape[1], targets.shape[1]), dtype=np.float32)
    rest = back @ targets
    near = rest / scale
    step, size = near.copy(), (rest * near).sum(axis=0)
    for _ in track(range(rounds), description="fit"):
        image = back @ (inputs @ step) + penalty * step
        share = size / (step * image).sum(axis=0)
        solution += share * step
        rest -= share * image
        near = rest / scale
        before, size = size, (rest * near).sum(axis=0)
        step = near + (size / before) * step
    return solution


def fit(texts: Sequence[str], weights: Array, teacher: Array) -> StaticTable:
    """Return the table whose sums come nearest to the teacher's vectors."""
    keys, counts = pieces_of(texts)
    mean = (teacher * weights[:, np.newaxis]).sum(axis=0) / weights.sum()
    centred = unit_rows(teacher - mean)
    _, axes = np.linalg.eigh((centred * weights[:, np.newaxis]).T @ centred)
    targets = centred @ axes[:, ::-1][:, :DIMENSION]
    root = np.sqrt(weights)[:, np.newaxis]
    every, seen = np.unique(keys, return_counts=True)
    every = every[seen >= RAREST]
    inputs = design(every, keys, counts, 0.0)
    first = targets[:, :CHOOSING_DIMENSION] * root
    sketch = ridge(sparse.csr_array(inputs.multiply(root)), first, CHOOSING_RIDGE, CHOOSING_ROUNDS)
    worth = (inputs.T @ weights) * (sketch**2).sum(axis=1)
    chosen = np.sort(every[np.argsort(-worth)[:PIECES]])
    inputs = sparse.csr_array(design(chosen, keys, counts, LENGTH_POWER).multiply(root))
    vectors = ridge(inputs, targets * root, RIDGE, ROUNDS)
    vectors *= np.linalg.norm(vectors, axis=1, keepdims=True) ** EMPHASIS
    scales = np.abs(vectors).max(axis=1) / STEPS
    return StaticTable(chosen, quantise(vectors), scales.astype(np.float32), E5Encoder.name)


def main() -> None:
    """Write the file beside the code that reads it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--cache", type=Path, required=True, help="folder of what the teacher encoded")
    parser.add_argument("--target", type=Path, default=TARGET)
    chosen = parser.parse_args()
    texts, weights = corpus(chosen.data)
    table = fit(texts, weights, teacher_vectors(texts, chosen.cache))
    with chosen.target.open("wb") as file:
        table_write(table, file)
    size = chosen.target.stat().st_size / 1e6
    Console().print(f"{len(texts)} texts, {len(table.keys)} pieces, {size:.1f} MB, {table.fingerprint}")


if __name__ == "__main__":
    main()
