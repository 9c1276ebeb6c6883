"""The same lists wherever they are ranked: in this process, in others, on a Dask cluster; and how one asks for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dask
import pytest
from django.test import Client
from typer.testing import CliRunner

from tests.api.conftest import Api, token_for
from tests.factories import make_member, make_need, make_user, publish
from tests.matching.core.support import BUILT_AT, lookup, make_store, sample_documents
from tests.matching.core.test_batch import KINDS, NEEDS, source_of
from yunlang import cli
from yunlang.matching import runners
from yunlang.matching.batches import batch_run
from yunlang.matching.core.batch_matcher import IndexSource
from yunlang.matching.core.errors import MissingIndexError
from yunlang.matching.models import StoredMatch
from yunlang.matching.runners import ClusterMissingError, ClusterUnreachableError, Runner, here, in_processes, on_dask
from yunlang.matching.services import index_update
from yunlang.registry.models import Need, Resource

PARTS = [NEEDS[:1], NEEDS[1:3], NEEDS[3:]]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> IndexSource:
    home = tmp_path_factory.mktemp("index")
    items = sample_documents(60)
    make_store(home).build(items, watermark=3, built_at=BUILT_AT, vectors=lookup(items))
    return source_of(home)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a cluster of two worker processes."""
    from distributed import LocalCluster

    folder = str(tmp_path_factory.mktemp("dask"))
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=folder
    ) as made:
        yield made.scheduler_address


def lists(runner: Runner, source: IndexSource) -> dict[str, Any]:
    return {one.id: one for part in runner(source, PARTS, KINDS) for one in part}


def test_processes_give_the_same_to_the_last_digit(source: IndexSource) -> None:
    assert lists(in_processes(2), source) == lists(here, source)


def test_a_cluster_gives_the_same_to_the_last_digit(source: IndexSource, cluster: str) -> None:
    assert lists(on_dask(cluster), source) == lists(here, source)


def test_a_run_on_a_cluster_can_be_stopped_and_the_cluster_stays(source: IndexSource, cluster: str) -> None:
    partitions = on_dask(cluster)(source, PARTS, KINDS)
    first = next(partitions)
    partitions.close()
    assert first
    assert lists(on_dask(cluster), source).keys() == {need.id for need in NEEDS}


@pytest.mark.parametrize("where", ["processes", "cluster"])
def test_what_is_wrong_with_the_index_is_said_wherever_it_is_met(
    where: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    runner = in_processes(1) if where == "processes" else on_dask(request.getfixturevalue("cluster"))
    with pytest.raises(MissingIndexError):
        lists(runner, source_of(tmp_path / "nowhere"))


def test_a_cluster_that_is_not_there_is_named(source: IndexSource, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        pytest.raises(ClusterUnreachableError, match=re.escape("tcp://127.0.0.1:9")),
    ):
        lists(on_dask("tcp://127.0.0.1:9"), source)
    monkeypatch.setattr(runners, "find_spec", lambda _: None)
    with pytest.raises(ClusterMissingError, match=re.escape("yunlang[cluster]")):
        on_dask("tcp://127.0.0.1:9")


# Asked for from a shell


@pytest.mark.django_db
class TestShell:
    @pytest.fixture(autouse=True)
    def _corridor(self, few: dict[str, Any]) -> None: ...

    def run(self, *arguments: str) -> Any:
        return CliRunner().invoke(cli.app, ["matching", "batch", *arguments])

    def test_a_run_says_what_it_did(self) -> None:
        result = self.run()
        assert result.exit_code == 0, result.output
        assert result.stdout == "已匹配 1 条需求：重排 1，更新 0，不变 0；移除已关闭的 0 条。\n"
        assert "匹配全部需求" in result.stderr
        assert StoredMatch.objects.count() == 3

    def test_a_run_as_json(self) -> None:
        self.run()
        values = json.loads(self.run("--json").stdout)
        assert (values["needs"], values["anew"], values["same"]) == (1, 0, 1)
        assert values["finished_at"] >= values["started_at"]
        assert json.loads(self.run("--full", "--json").stdout)["anew"] == 1

    def test_processes_and_a_cluster_store_the_same(self, cluster: str) -> None:
        found = []
        for options in ((), ("--workers", "2"), ("--dask", cluster)):
            result = self.run("--full", "--json", *options)
            assert json.loads(result.stdout)["anew"] == 1, result.output
            found.append(list(StoredMatch.objects.order_by("rank").values("document_id", "score", "reasons", "grades")))
        assert found[0] == found[1] == found[2]

    def test_two_places_at_once_are_refused(self) -> None:
        result = self.run("--dask", "tcp://127.0.0.1:9", "--workers", "2")
        assert result.exit_code == 2


# Asked for by programs


@pytest.mark.django_db
class TestApi:
    def get(self, client: Client, need: Need, secret: str | None = None, query: str = "") -> Any:
        return Api(client, secret).get(f"/needs/{need.pk}/matches{query}")

    def test_stored_matches_are_read_with_reasons(self, client: Client, few: dict[str, Any]) -> None:
        assert self.get(client, few["need"]).json() == {"items": [], "ranked_at": None, "encoder": None}
        batch_run()
        answer = self.get(client, few["need"]).json()
        assert [item["rank"] for item in answer["items"]] == [1, 2, 3]
        assert {item["title"] for item in answer["items"]} == {"高电压电解液添加剂", "电解液回收工艺", "电解液分析仪"}
        assert answer["items"][0]["reasons"]["conditions"]
        assert answer["encoder"] == "hashing"
        assert len(self.get(client, few["need"], query="?limit=1").json()["items"]) == 1

    def test_what_was_withdrawn_since_is_left_out(self, client: Client, few: dict[str, Any]) -> None:
        batch_run()
        Resource.objects.filter(pk=few["additive"].pk).update(status="closed")
        items = self.get(client, few["need"]).json()["items"]
        assert {item["id"] for item in items} == {str(few["outside"].pk), str(few["instrument"].pk)}

    def test_a_need_not_public_is_for_those_concerned(self, client: Client, few: dict[str, Any]) -> None:
        draft, member = make_need(few["need"].organisation), make_user()
        make_member(member, few["need"].organisation)
        assert self.get(client, draft).status_code == 404
        assert self.get(client, draft, token_for(make_user())).status_code == 404
        assert self.get(client, draft, token_for(member)).status_code == 200

    def test_queries_do_not_grow_with_the_matches(
        self, client: Client, few: dict[str, Any], django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        from tests.factories import make_resource

        for number in range(20):
            publish(make_resource(title=f"电解液配方 {number}"))
        index_update()
        batch_run()
        with django_assert_max_num_queries(5):  # the limit's count, the need, its ranking, matches, resources
            assert len(self.get(client, few["need"]).json()["items"]) > 10
