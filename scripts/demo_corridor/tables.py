"""Reading and writing of the few formats used: CSV, TSV, JSON lines, gzip; every output is the same on every run."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a UTF-8 CSV file, with or without byte-order mark, keyed by its header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_tsv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a hand-written table; an absent last cell reads as empty."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, restval="")
        return [{key: value or "" for key, value in row.items()} for row in rows]


def read_jsonl(path: Path) -> list[Record]:
    """Return the objects of a JSON-lines file, gzip-compressed if its name ends in .gz."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def jsonl_bytes(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Return `records` as JSON lines in UTF-8, keys in the order given."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def gzip_bytes(data: bytes) -> bytes:
    """Return `data` compressed without time or file name, so that equal data give equal bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def compact(record: Mapping[str, Any], keep: Sequence[str] = ()) -> Record:
    """Return `record` without its empty values, except those of the keys to `keep`."""
    return {key: value for key, value in record.items() if key in keep or value not in (None, "", [], {}, ())}
