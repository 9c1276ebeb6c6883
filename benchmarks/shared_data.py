"""The real data beside the repository: read when a benchmark runs, never copied into it."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

from yunlang.matching.core.document import Document

SHARED = Path(os.environ.get("YUNLANG_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"
DEMO_DOCUMENTS = 12_000


def read_csv(name: str) -> list[dict[str, str]]:
    """Return the rows of a shared table."""
    with (SHARED / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def patents() -> list[dict[str, str]]:
    """Return the shared patents."""
    return [json.loads(line) for line in (SHARED / "patents/patents.jsonl").read_text(encoding="utf-8").splitlines()]


def demo_documents() -> list[Document]:
    """Return titles of patents, projects and products as documents."""
    titles = [("achievement", row["title"], row["assignee"]) for row in patents()]
    projects = read_csv("projects/national_key_rd_projects.csv")
    titles += [("achievement", row["title"], row["institution"]) for row in projects]
    titles += [("service", row["product"], row["company_code"]) for row in read_csv("chain/company_product.csv")]
    cities = ("310117", "320500", "330100", "")
    return [
        Document(id=str(place), kind=kind, title=title, organisation=owner, city=cities[place % 4])
        for place, (kind, title, owner) in enumerate(titles[:DEMO_DOCUMENTS])
    ]
