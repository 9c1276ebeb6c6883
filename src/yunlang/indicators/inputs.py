"""What a calculation is made from: a framework, data and a recipe, read from files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Framework
from yunlang.indicators.core.recipe import Recipe, parse_settings
from yunlang.indicators.core.run import Engine
from yunlang.indicators.data_tables import dataset_read
from yunlang.indicators.file_errors import FileUnusableError
from yunlang.indicators.framework_files import framework_read, recipe_read
from yunlang.kit.tables import TableError

T = TypeVar("T")


@dataclass(frozen=True)
class Inputs:
    """A framework with its data.

    Attributes
    ----------
    sources
        The files' names to their SHA-256.
    """

    framework: Framework
    data: Dataset
    sources: dict[str, str]

    def engine(self) -> Engine:
        """Return an engine over them.

        Raises
        ------
        DatasetError
            Where an indicator has no column or no value.
        """
        return Engine(self.framework, self.data)


def inputs_read(framework: Path, data: Path, *, sheet: str | None = None) -> Inputs:
    """Read a framework and its data.

    Raises
    ------
    FileUnusableError
        Where a file is not there or is none that can be read, with its path.
    FrameworkError, DatasetError
        With every problem of what the files say.
    """
    found = file_read(framework, framework_read)
    table = file_read(data, lambda path: dataset_read(path, found, sheet=sheet))
    return Inputs(found, table, {path.name: _digest(path) for path in (framework, data)})


def recipe_of(path: Path | None, settings: Iterable[str]) -> Recipe:
    """Return the recipe of a file, the default one where there is none, with ``STAGE.OPTION=VALUE`` settings changed.

    Raises
    ------
    FileUnusableError, RecipeError
        With every problem.
    """
    changes = parse_settings(settings)
    recipe = Recipe() if path is None else file_read(path, recipe_read)
    return recipe.changed(changes)


def file_read(path: Path, read: Callable[[Path], T]) -> T:
    """Read a file by a function, with its path in every refusal that would not name it."""
    try:
        with path.open("rb"):
            pass
        return read(path)
    except OSError as error:
        raise FileUnusableError.of(path, error) from error
    except TableError as error:
        raise FileUnusableError.because(path, error.text) from error


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
