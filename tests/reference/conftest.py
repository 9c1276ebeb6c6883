"""Where others' published figures are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def coinr() -> Path:
    """Return the folder of what COINr 1.1.14 computes on its ASEM example; skip where it is absent."""
    folder = Path(os.environ.get("YUNLANG_SHARED", ROOT.parent / "shared")) / "reference" / "coinr"
    if not folder.is_dir():
        pytest.skip("COINr's figures are not here; set YUNLANG_SHARED to the parent of reference/coinr")
    return folder
