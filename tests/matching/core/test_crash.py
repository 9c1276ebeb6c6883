"""A writer killed at any moment leaves the old state or the new one."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
from pathlib import Path

from tests.matching.core.crash_child import state_at
from tests.matching.core.support import BUILT_AT, make_store
from yunlang.matching.core.filters import Filters

ROOT = Path(__file__).resolve().parents[3]
KILLS = 8


def test_killed_writer_leaves_a_whole_state(tmp_path: Path) -> None:
    make_store(tmp_path).build([], watermark=0, built_at=BUILT_AT)
    moments = random.Random(4)
    reached = 0
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.matching.core.crash_child", str(tmp_path)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=moments.uniform(0.02, 0.9))
        child.kill()
        _, complaint = child.communicate()
        assert complaint == ""
        index = make_store(tmp_path).open()
        expected = state_at(index.watermark)
        assert {name: item.title for name, item in index.documents(expected).items()} == expected
        assert index.count == len(expected)
        rows = {index.table.find(name) for name in expected}
        assert set(index.search_words(["改动"], 100, Filters())) == rows
        assert index.watermark >= reached
        reached = index.watermark
    assert reached > KILLS
