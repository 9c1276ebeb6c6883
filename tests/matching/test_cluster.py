"""The platform over a search server: what is published is found there, and a server that is gone is said to be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from typer.testing import CliRunner

from tests.factories import make_organisation, make_resource, make_user, publish
from tests.matching.conftest import RecordingEncoder, forget_engine
from tests.matching.milvus import MilvusServer, free_port
from yunlang import cli
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.roles import Role
from yunlang.kit.changes import current_watermark
from yunlang.kit.readiness import NotReadyError
from yunlang.matching import engine, jobs
from yunlang.matching.batches import batch_run
from yunlang.matching.core.errors import LocalIndexError, UnreachableServerError
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.milvus_store import MilvusStore
from yunlang.matching.core.query import Query
from yunlang.matching.core.store import SearchIndexStore
from yunlang.matching.selectors import evidence, match
from yunlang.matching.services import (
    index_check,
    index_is_usable,
    index_rebuild,
    index_update,
    vectors_fill,
    vectors_missing,
)
from yunlang.registry.models import Resource
from yunlang.registry.services.listings import listing_close

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("milvus")]


@pytest.fixture
def cluster(encoder: RecordingEncoder, settings: Any, milvus: MilvusServer, corridor: object) -> Iterator[None]:
    """Have the platform search a database of its own on a server."""
    settings.SEARCH_URL = milvus.database(f"d{uuid4().hex}")
    forget_engine()
    yield
    forget_engine()


@pytest.fixture
def nobody(encoder: RecordingEncoder, settings: Any, corridor: object) -> Iterator[int]:
    """Have the platform search a server that is not there; return its port."""
    port = free_port()
    settings.SEARCH_URL = f"http://127.0.0.1:{port}"
    forget_engine()
    yield port
    forget_engine()


def best(words: str, *kinds: str) -> str | None:
    hits = match(Query(title=words), Filters(kinds=kinds)).hits
    return hits[0].document.title if hits else None


@pytest.mark.django_db(transaction=True)
def test_what_is_published_is_found_and_what_is_closed_is_gone(cluster: None, encoder: RecordingEncoder) -> None:
    assert isinstance(engine.store(), MilvusStore)
    with pytest.raises(NotReadyError, match="search_index_missing"):
        index_check()
    organisation = make_organisation(name="湖州材料", city="湖州", industry="new_materials")
    first = publish(make_resource(organisation, title="高电压电解液添加剂", summary="用于动力电池。"))
    index_rebuild(at=timezone.now())
    index_check()
    assert (index_is_usable(), best("动力电池电解液", "achievement")) == (True, "高电压电解液添加剂")
    assert vectors_missing() == vectors_fill() == 2
    publish(make_resource(organisation, title="碳化硅外延炉", kind="instrument"))
    assert index_update() >= 1
    assert best("碳化硅外延") == "碳化硅外延炉"
    assert (vectors_missing(), vectors_fill(), vectors_missing()) == (1, 1, 0)
    found = evidence(Query(title="电解液"), str(first.pk))
    assert found is not None
    assert (found[0].title, found[1].similarity is not None) == ("高电压电解液添加剂", True)
    listing_close(actor=SYSTEM, model=Resource, listing_id=first.pk, at=timezone.now())
    index_update()
    assert best("动力电池电解液", "achievement") is None
    # Others' transactions hold the mark back; the same changes then come again and change nothing.
    index_update()
    assert best("动力电池电解液", "achievement") is None
    assert engine.store().open().watermark <= current_watermark()


def test_all_pairs_say_that_they_need_the_local_index(cluster: None, client: Client) -> None:
    with pytest.raises(LocalIndexError) as caught:
        batch_run()
    assert "YUNLANG_SEARCH_URL" in caught.value.text.zh
    assert "YUNLANG_SEARCH_URL" in caught.value.text.en


def test_without_an_address_the_index_is_local(encoder: RecordingEncoder) -> None:
    assert isinstance(engine.store(), SearchIndexStore)
    assert engine.local_store() is engine.store()


def test_a_server_that_is_gone_is_said_to_be(nobody: int, client: Client) -> None:
    with pytest.raises(UnreachableServerError):
        match(Query(title="电解液"))
    assert not index_is_usable()
    response = client.get("/match/?q=电解液")
    assert response.status_code == 503
    assert "暂时无法匹配" in response.content.decode()
    assert str(nobody) not in response.content.decode()
    client.force_login(make_user(Role.OFFICE))
    assert f"127.0.0.1:{nobody}" in client.get("/match/?q=电解液").content.decode()
    problem = client.get("/api/v1/match?q=电解液").json()
    assert problem["code"] == "search_server_unreachable"
    with pytest.raises(NotReadyError, match="search_server_unreachable"):
        index_check()


def test_a_job_waits_for_the_server_and_builds_nothing(nobody: int, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[object] = []
    monkeypatch.setattr(jobs, "index_rebuild", lambda **options: built.append(options))
    jobs.update_index.func()
    assert built == []


def test_the_command_line_says_what_is_wrong(nobody: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "begin", lambda: None)
    monkeypatch.setenv("YUNLANG_LANGUAGE", "en")
    for arguments in (["match", "电解液"], ["matching", "reindex"]):
        result = CliRunner().invoke(cli.app, arguments)
        assert result.exit_code != 0
        assert isinstance(result.exception, UnreachableServerError)


def test_all_pairs_on_the_command_line_say_the_same(cluster: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "begin", lambda: None)
    result = CliRunner().invoke(cli.app, ["matching", "batch"])
    assert result.exit_code != 0
    assert isinstance(result.exception, LocalIndexError)
