"""A run killed with SIGKILL leaves every need with its old matches or its new ones, and the next run goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.factories import make_cities, make_need, make_resource, publish
from yunlang.matching.batches import batch_run
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.models import MatchRun, NeedRanking, StoredMatch
from yunlang.registry.models import Need

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 60.0
ROOT = Path(__file__).resolve().parents[2]


def kill_inside(home: Path, stop_in: int) -> None:
    """Run in another process, and kill it inside the transaction of one of its needs."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.matching.batch_child", str(home), str(stop_in)], cwd=ROOT,
        env=os.environ | {"DATABASE_URL": address.geturl()}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"inside\n"
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


def documents_of(need: Need) -> list[str]:
    return [str(one) for one in need.stored_matches.order_by("rank").values_list("document_id", flat=True)]


@pytest.mark.parametrize("stop_in", [1, 3])
def test_a_killed_run_is_finished_by_the_next(
    build: Callable[..., SearchIndex], index_home: Path, stop_in: int
) -> None:
    make_cities()
    for title in ("高电压电解液添加剂", "碳化硅外延设备", "激光雷达光学元件"):
        publish(make_resource(title=title))
    needs = sorted((publish(make_need(title=f"{title}的需求")) for title in ("电解液", "碳化硅", "激光雷达")),
                   key=lambda need: need.pk)  # fmt: skip
    build()
    batch_run()
    before = {need.pk: set(StoredMatch.objects.filter(need=need).values_list("pk", flat=True)) for need in needs}
    lists = [documents_of(need) for need in needs]
    kill_inside(index_home, stop_in)
    rows = {need.pk: set(StoredMatch.objects.filter(need=need).values_list("pk", flat=True)) for need in needs}
    replaced = [need for need in needs if rows[need.pk] != before[need.pk]]
    assert replaced == needs[: stop_in - 1]
    assert [documents_of(need) for need in needs] == lists
    killed = MatchRun.objects.get(finished_at=None)
    assert NeedRanking.objects.filter(run=killed).count() == stop_in - 1
    report = batch_run(full=True)
    assert report.run == killed
    assert (report.run.anew, report.run.same) == (4 - stop_in, stop_in - 1)
    assert [documents_of(need) for need in needs] == lists
