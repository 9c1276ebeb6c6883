"""The demo as a process: it comes up whole, goes down clean, and recovers from being killed.

After the browser's tests, whose corridor it takes over: loading another one takes long.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import Site, free_port, processes_of, start_demo, stop_demo


@pytest.fixture(scope="module")
def home(site: Site) -> Iterator[Path]:
    """Return the home of the site that the browser visited, stopped."""
    stop_demo(site)
    assert gone(site.home)
    yield site.home
    for process in processes_of(site.home):
        process.kill()


def yunlang(home: Path, *arguments: str) -> str:
    """Run a command as a person would; return what it prints."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL"}}
    environment |= {"YUNLANG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "yunlang.config.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "yunlang", *arguments], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def matches(home: Path, *arguments: str) -> list[dict[str, object]]:
    """Return what ``yunlang match … --json`` finds."""
    found: list[dict[str, object]] = json.loads(yunlang(home, "match", *arguments, "--json"))
    return found


def gone(home: Path, seconds: float = 15) -> bool:
    """Tell whether every process of this home ends within a time."""
    deadline = time.monotonic() + seconds
    while processes_of(home):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def test_it_serves_matches_and_leaves_nothing_running(home: Path) -> None:
    site = start_demo(home, free_port())
    found = matches(home, "卫星互联网相控阵天线")
    assert len(found) >= 10
    assert {"id", "kind", "title", "organisation", "city", "score", "reasons"} <= found[0].keys()
    assert all("天线" in str(one["title"]) or "卫星" in str(one["title"]) for one in found[:3])
    assert all(one["kind"] != "need" for one in found)
    stop_demo(site)
    assert site.process.returncode == 0
    assert gone(home)


def test_a_command_line_match_needs_no_server(home: Path) -> None:
    found = matches(home, "高镍三元动力电解液", "--kind", "achievement", "--city", "杭州", "-k", "3")
    assert 1 <= len(found) <= 3
    assert {one["adcode"] for one in found} == {"330100"}
    assert gone(home)


def test_a_killed_run_recovers_at_the_next_start(home: Path) -> None:
    first = start_demo(home, free_port())
    os.killpg(first.process.pid, signal.SIGKILL)
    first.process.wait(10)
    second = start_demo(home, free_port())
    assert answers(second)
    strangers = [one for one in processes_of(home) if one.pid != second.process.pid and _is_web(one)]
    assert all(second.process.pid in [parent.pid for parent in one.parents()] for one in strangers)
    stop_demo(second)
    assert gone(home)


def test_a_killed_database_ends_the_run_and_the_next_one_recovers(home: Path) -> None:
    site = start_demo(home, free_port())
    postmaster = int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    psutil.Process(postmaster).kill()
    stop_demo(site)
    again = start_demo(home, free_port())
    assert answers(again)
    stop_demo(again)
    assert gone(home)


def test_a_second_run_of_the_same_home_is_refused_clearly(home: Path) -> None:
    site = start_demo(home, free_port())
    with pytest.raises(RuntimeError, match="already running"):
        start_demo(home, free_port())
    assert answers(site)
    stop_demo(site)
    assert gone(home)


def answers(site: Site) -> bool:
    """Tell whether the match page answers with real resources."""
    query = urllib.parse.urlencode({"q": "电解液"})
    with urllib.request.urlopen(f"{site.address}/match/?{query}", timeout=20) as answer:
        return answer.status == 200 and "电解液" in answer.read().decode()


def _is_web(process: psutil.Process) -> bool:
    return "web" in process.cmdline() or "worker" in process.cmdline()
