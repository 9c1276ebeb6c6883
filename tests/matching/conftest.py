"""An engine of each test's own: a quick encoder, an empty folder for the index, nothing remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import make_need, make_organisation, make_resource, publish
from tests.matching.core.support import HashingEncoder
from tests.matching.milvus import MilvusServer
from yunlang.matching import engine
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.services import index_rebuild, vectors_fill
from yunlang.registry.models import Expert, OrganisationLabel


class RecordingEncoder(HashingEncoder):
    """The quick encoder, which remembers the documents it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return HashingEncoder.encode_documents(self, texts)

    def encode_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked += texts
        return super().encode_documents(texts)


def forget_engine() -> None:
    """Have store and matcher made anew, for another folder or encoder."""
    engine.store.cache_clear()
    engine.query_vectors.cache_clear()
    engine.reranker.cache_clear()
    engine.matcher.cache_clear()


@pytest.fixture
def index_home(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Return the folder of this test's own index, which is not there yet."""
    settings.SEARCH_INDEX = tmp_path / "index"
    forget_engine()
    yield settings.SEARCH_INDEX
    forget_engine()


@pytest.fixture
def encoder(index_home: Path, monkeypatch: pytest.MonkeyPatch) -> RecordingEncoder:
    """Put the quick encoder in place of the installation's."""
    quick = RecordingEncoder()
    monkeypatch.setattr(engine, "encoder", lambda: quick)
    return quick


@pytest.fixture
def build(encoder: RecordingEncoder) -> Callable[..., SearchIndex]:
    """Return a function that indexes what is published, with vectors unless told otherwise."""

    def made(*, vectors: bool = True) -> SearchIndex:
        index_rebuild(at=timezone.now())
        if vectors:
            vectors_fill()
        return engine.store().open()

    return made


@pytest.fixture
def few(corridor: object, build: Callable[..., SearchIndex]) -> dict[str, Any]:
    """Index three resources, one of each sort, an expert, a need and the two organisations behind them."""
    huzhou = make_organisation(name="湖州材料", city="湖州", industry="new_materials")
    OrganisationLabel.objects.create(organisation=huzhou, label="high_tech")
    jinan = make_organisation(name="济南大学", city="", seat="山东济南")
    Expert.objects.create(organisation=huzhou, name="电解液专家", fields=["电解液"])
    made = {
        "additive": publish(
            make_resource(
                huzhou, title="高电压电解液添加剂", summary="用于动力电池。循环寿命长。", trl="6", price="150 万元",
                industry="new_materials", expert="电解液专家",
            )
        ),
        "outside": publish(make_resource(jinan, title="电解液回收工艺", trl="", price="")),
        "instrument": publish(make_resource(huzhou, kind="instrument", title="电解液分析仪", price="800 万元")),
        "need": publish(make_need(huzhou, title="高镍三元动力电解液", budget="200 万元", trl_minimum="5", city="杭州")),
    }  # fmt: skip
    build()
    return made


@pytest.fixture
def no_jobs(transactional_db: None) -> Iterator[None]:
    """Begin and end without jobs, whose tables outlive a test's other rows."""
    _forget_jobs()
    yield
    _forget_jobs()


def _forget_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    """Return a server that runs for as long as the tests."""
    server = MilvusServer(tmp_path_factory.mktemp("milvus"))
    server.start()
    yield server
    server.kill()
