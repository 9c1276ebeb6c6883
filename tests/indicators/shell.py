"""Runs `yunlang index …` in this process, as the command line does."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from yunlang import cli


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its status."""

    status: int
    output: str
    errors: str


def index(*arguments: object) -> Answer:
    """Run a command on indices."""
    return run("index", *arguments)


def run(*arguments: object) -> Answer:
    """Run a command to its end; what it does not catch is raised, as nothing should be."""
    output, errors = io.StringIO(), io.StringIO()
    words = ["yunlang", *map(str, arguments)]
    with (
        patch.object(sys, "argv", words),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        try:
            cli.main()
            status = 0
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else 0
    return Answer(status, output.getvalue(), errors.getvalue())


def index_run(framework: Path, data: Path, out: Path, settings: dict[str, str] | None = None) -> Answer:
    """Compute an index, expecting that it can be."""
    words = [word for path, value in (settings or {}).items() for word in ("--set", f"{path}={value}")]
    answer = index("run", "--framework", framework, "--data", data, "--out", out, *words)
    assert answer.status == 0, answer.errors
    return answer
