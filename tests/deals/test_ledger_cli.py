"""`yunlang ledger`: an export that any machine verifies, without Django and without a database."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.deals.ledger_support import AT, make_dealing
from tests.indicators import shell
from tests.indicators.shell import Answer
from tests.source import PACKAGE
from yunlang import cli
from yunlang.deals.ledger_models import JournalHead
from yunlang.deals.ledger_publishing import heads_publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]


@pytest.fixture(autouse=True)
def _the_tests_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "begin", lambda: None)


def ledger(*arguments: object) -> Answer:
    return shell.run("ledger", *arguments)


def test_an_export_is_verified_where_there_is_neither_django_nor_a_database(tmp_path: Path) -> None:
    make_dealing().contracted()
    file, heads = tmp_path / "ledger.jsonl", tmp_path / "heads.jsonl"
    heads_publish(at=AT + timedelta(days=1))
    assert ledger("export", file).status == 0
    assert ledger("heads", heads).status == 0
    without = (
        "import sys\n"
        "for name in ('django', 'psycopg', 'procrastinate'): sys.modules[name] = None\n"
        "from yunlang.cli import main\n"
        "main()\n"
    )
    words = [sys.executable, "-c", without, "ledger", "verify", str(file), "--heads", str(heads)]
    environment = {"PATH": "", "PYTHONPATH": str(PACKAGE.parent), "YUNLANG_LANGUAGE": "zh-hans", "PYTHONUTF8": "1"}
    answer = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert answer.returncode == 0, answer.stderr
    assert "完好：1 个对象，4 条" in answer.stdout
    assert "其中 4 条已由公布的哈希固定" in answer.stdout


def test_one_changed_byte_is_found_and_named(tmp_path: Path) -> None:
    make_dealing().contracted()
    file = tmp_path / "ledger.jsonl"
    ledger("export", file)
    data = bytearray(file.read_bytes())
    data[data.index(b"1200000.00")] = ord("9")
    file.write_bytes(data)
    answer = ledger("verify", file)
    assert (answer.status, "第 1 条：内容与哈希不符" in answer.errors) == (1, True)


def test_one_deal_is_exported_by_its_id(tmp_path: Path) -> None:
    dealing = make_dealing()
    make_dealing()
    file = tmp_path / "deal.jsonl"
    assert ledger("export", file, "--deal", dealing.deal.pk).status == 0
    assert "完好：1 个对象，1 条" in ledger("verify", file).output
    assert ledger("export", file, "--deal", "0198c0de-6a52-7000-8000-3f1b5a2c9d10").status == 1


def test_without_a_file_the_database_is_checked() -> None:
    make_dealing()
    heads_publish(at=AT + timedelta(days=1))
    assert "1 个对象，1 条，已公布 1 日" in ledger("verify").output
    JournalHead.objects.update(hash="a" * 64)
    assert ledger("verify").status == 1


def test_published_heads_are_listed(tmp_path: Path) -> None:
    make_dealing()
    (day,) = heads_publish(at=AT + timedelta(days=1))
    assert ledger("heads").output == f"2026-11-23\t1\t{day.root}\n"


def test_files_that_are_none_are_refused_in_one_line(tmp_path: Path) -> None:
    make_dealing()
    file, strange = tmp_path / "ledger.jsonl", tmp_path / "strange"
    ledger("export", file)
    strange.write_text("{}\n")
    for arguments in (("verify", tmp_path / "none"), ("verify", strange), ("verify", tmp_path),
                      ("verify", file, "--heads", strange)):  # fmt: skip
        answer = ledger(*arguments)
        assert answer.status == 1
        assert answer.errors.count("\n") == 1
