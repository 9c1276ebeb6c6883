"""The guide's program does what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from yunlang.auctions.core.journal import event_read

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "auctions.md"


def test_the_guides_python_works(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    (promised,) = re.findall(r"# (\d.*)", program)
    exec(compile(program, str(GUIDE), "exec"), {})
    first, line = capsys.readouterr().out.splitlines()
    assert first == promised
    assert event_read(line).sequence == 7
