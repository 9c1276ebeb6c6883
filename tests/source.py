"""Reads the product's own source, for tests that hold it to its rules."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation.template import templatize

import yunlang

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "yunlang"


@dataclass(frozen=True, slots=True)
class Call:
    """A call in a Python file; a positional argument that is not a plain text is None."""

    path: Path
    line: int
    name: str
    texts: tuple[str | None, ...]


def python_calls(folder: Path, names: Set[str]) -> Iterator[Call]:
    """Yield every call of a function with one of `names`, however it was imported."""
    for path in sorted(folder.rglob("*.py")):
        yield from (call for call in _calls(path) if call.name in names)


@cache
def _calls(path: Path) -> tuple[Call, ...]:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return tuple(
        Call(path, node.lineno, _called(node), tuple(_text(argument) for argument in node.args))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    )


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


@dataclass(frozen=True, slots=True)
class Message:
    """A Chinese text of the sources that the catalogue translates."""

    text: str
    plural: str
    context: str
    where: str


_PLAIN = {"gettext", "gettext_lazy", "gettext_noop", "_"}
_PLURAL = {"ngettext", "ngettext_lazy"}
_CONTEXT = {"pgettext", "pgettext_lazy"}
_BOTH = {"npgettext", "npgettext_lazy"}
GETTEXT = _PLAIN | _PLURAL | _CONTEXT | _BOTH
_LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_TEMPLATE_CALL = re.compile(rf"(?<![\w.])(n?p?gettext|_)\(\s*({_LITERAL}(?:\s*,\s*{_LITERAL})*)", re.DOTALL)


def templates() -> list[Path]:
    """Return every template of the product."""
    return sorted(PACKAGE.rglob("*.html"))


def messages() -> Iterator[Message]:
    """Yield every message that Python code and templates ask a translation of."""
    for call in python_calls(PACKAGE, GETTEXT):
        yield _message(call.name, call.texts, f"{call.path.relative_to(PACKAGE)}:{call.line}")
    for path in templates():
        code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        for found in _TEMPLATE_CALL.finditer(code):
            texts = tuple(ast.literal_eval(f"({found[2]},)"))
            yield _message(found[1], texts, f"{path.relative_to(PACKAGE)}:{code.count(chr(10), 0, found.start()) + 1}")


def _message(name: str, texts: tuple[str | None, ...], where: str) -> Message:
    plain = [text for text in texts if text is not None]
    context = plain.pop(0) if name in _CONTEXT | _BOTH and plain else ""
    plural = plain[1] if name in _PLURAL | _BOTH and len(plain) > 1 else ""
    return Message(plain[0] if plain else "", plural, context, where)


def services() -> dict[str, Callable[..., Any]]:
    """Return every public function of the product's service modules that takes an actor."""
    found = {}
    for module in pkgutil.walk_packages(yunlang.__path__, "yunlang."):
        is_service = any(part.endswith("services") for part in module.name.split("."))
        if is_service or module.name.endswith(".importing.run"):
            for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
                own = function.__module__ == module.name and not name.startswith("_")
                if own and "actor" in inspect.signature(function).parameters:
                    found[f"{module.name.removeprefix('yunlang.')}.{name}"] = function
    return found
