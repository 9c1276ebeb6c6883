"""A writer killed at any moment leaves the old state or the new one."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
from pathlib import Path

from tests.matching.core.crash_child import state_at
from tests.matching.core.support import BUILT_AT, make_store, sample_documents
from yunlang.matching.core.document import Document
from yunlang.matching.core.filters import Filters

ROOT = Path(__file__).resolve().parents[3]
KILLS = 6


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
        for _ in range(moments.randint(2, 6)):
            assert child.stdout.readline().strip().isdigit()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=moments.uniform(0, 0.2))
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


def test_a_commit_that_only_missed_its_last_step_is_forgotten(tmp_path: Path) -> None:
    items = sample_documents()
    store = make_store(tmp_path)
    words = tmp_path / store.build(items, watermark=5, built_at=BUILT_AT).generation / "lexical"
    before = {path.name: path.read_bytes() for path in words.iterdir() if not path.name.startswith(".")}
    store.update([Document(id="new", kind="k", title="新增")], ["d1"], watermark=6)
    for name, content in before.items():
        (words / name).write_bytes(content)
    index = make_store(tmp_path).open()
    assert (index.watermark, index.count, "d1" in index, "new" in index) == (5, 30, True, False)
    index = make_store(tmp_path).update([Document(id="new", kind="k", title="新增")], ["d1"], watermark=6)
    assert (index.watermark, index.count, "d1" in index, "new" in index) == (6, 30, False, True)
