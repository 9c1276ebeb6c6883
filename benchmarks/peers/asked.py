"""What every engine is given and asked; plain values, so that reading them loads no engine."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

BEST = 200  # hits asked for


@dataclass(frozen=True, slots=True)
class Asked:
    """A query: its text, its words, the same words under their numbers (`w17`), and its unit vector."""

    title: str
    words: list[str]
    tokens: list[str]
    vector: np.ndarray


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents for our engine, their words under their numbers for the others, and unit vectors for both."""

    documents: list[Any]
    tokens: list[list[str]]
    vectors: np.ndarray
    about: str = field(default="")


def keep(folder: Path, name: str, value: object) -> None:
    """Leave a value for processes to come."""
    with (folder / name).open("wb") as file:
        pickle.dump(value, file, protocol=pickle.HIGHEST_PROTOCOL)


def kept(folder: Path, name: str) -> Any:
    """Return what `keep` left."""
    with (folder / name).open("rb") as file:
        return pickle.load(file)
