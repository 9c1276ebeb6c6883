"""The house rules on who imports whom: import-linter's contracts, and engines that need no Django."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from tests.source import PACKAGE

ROOT = PACKAGE.parent.parent
# What of kit is as pure as a core; its tables of its own and what answers requests stand on Django.
KIT_PURE = {"errors", "fields", "ids", "language", "money", "pdf", "tables", "text"}


def test_each_floor_imports_only_from_below(capfd: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert status == 0, capfd.readouterr().out


def _pure_modules() -> list[str]:
    cores = [path for path in PACKAGE.rglob("*.py") if "core" in path.relative_to(PACKAGE).parts]
    kit = [path for path in (PACKAGE / "kit").rglob("*.py") if KIT_PURE & set(_names(path)[1:2])]
    return sorted(".".join(["yunlang", *_names(path)]) for path in cores + kit)


def _names(path: Path) -> list[str]:
    names = list(path.relative_to(PACKAGE).with_suffix("").parts)
    return names[:-1] if names[-1] == "__init__" else names


_WITHOUT_DJANGO = """
import importlib, sys
from importlib.abc import MetaPathFinder

class NoDjango(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"django", "ninja", "procrastinate", "rules"}:
            raise ImportError(f"{name} is imported by what must not need it")

sys.meta_path.insert(0, NoDjango())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_every_core_is_a_library_that_needs_neither_django_nor_settings() -> None:
    modules = _pure_modules()
    assert "yunlang.kit.fields" in modules
    assert "yunlang.registry.core.lifecycle" in modules
    command = [sys.executable, "-c", _WITHOUT_DJANGO, *modules]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={"PATH": ""})
    assert answer.returncode == 0, answer.stderr


def test_no_file_has_more_than_four_hundred_lines() -> None:
    folders = (PACKAGE, ROOT / "tests", ROOT / "benchmarks", ROOT / "scripts")
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for one in folders for path in one.rglob("*.py")}
    long = {str(path.relative_to(ROOT)): size for path, size in sizes.items() if size > 400}
    assert {name: size for name, size in long.items() if "/migrations/" not in name} == {}
