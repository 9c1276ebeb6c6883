"""The API of indices: editions as published, every stage, drafts for those who may."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from django.test import Client

from tests.api.conftest import Api, token_for
from tests.factories import make_user
from tests.indicators.editions import UNITS, dataset, make_draft, make_edition
from yunlang.accounts.roles import Role
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.edition_selectors import edition_open

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(corridor: object) -> Edition:
    return make_edition(data=dataset(periods=2))


def get(path: str, who: Api | None = None) -> tuple[int, Any]:
    response = (who or Api(Client())).get(path)
    return response.status_code, json.loads(response.content)


def test_the_list_has_every_index_with_its_editions_the_latest_first(edition: Edition) -> None:
    later = make_draft(label="2025")
    from yunlang.accounts.actors import SYSTEM
    from yunlang.indicators.services import edition_publish

    edition_publish(actor=SYSTEM, edition_id=later.pk, at=edition.created_at.replace(year=2030))
    make_draft(index="other")
    status, found = get("/indices")
    assert status == 200
    assert [(one["code"], [row["label"] for row in one["editions"]]) for one in found["items"]] == [
        ("small", ["2025", "2024"])
    ]
    assert found["items"][0]["editions"][1]["inputs"] == edition.inputs


def test_an_edition_has_scores_ranks_and_intervals(edition: Edition) -> None:
    status, found = get("/indices/small/2024")
    assert status == 200
    opened = edition_open(edition)
    assert found["root"] == "INDEX"
    assert [row["unit"] for row in found["results"]] == [*UNITS, *UNITS]
    last = found["results"][len(UNITS) :]
    assert [row["rank"] for row in last] == opened.ranks[-1].astype(int).tolist()
    assert [row["scores"]["INDEX"] for row in last] == opened.score_of("INDEX").tolist()
    assert all(row["interval"]["low"] <= row["interval"]["high"] for row in last)
    assert all(row["interval"] is None for row in found["results"][: len(UNITS)])
    weights = {node["code"]: node["weight"] for node in found["nodes"]}
    assert weights["STAFF"] == 2.0


def test_a_stage_has_every_value_and_says_what_is_missing(edition: Edition) -> None:
    _, raw = get("/indices/small/2024/stages/raw")
    assert raw["rows"][0]["values"]["STAFF"] is None
    status, normalised = get("/indices/small/2024/stages/normalise")
    assert status == 200
    run = edition_open(edition).run()
    first = [row["values"]["SPEND"] for row in normalised["rows"][: len(UNITS)]]
    assert np.array_equal(np.array(first), run.stages["normalise"].data.values[0, :, 0])


@pytest.mark.parametrize("path", ["/indices/none/2024", "/indices/small/1066", "/indices/none/1/stages/raw"])
def test_what_is_not_there_is_not_found(edition: Edition, path: str) -> None:
    assert get(path)[0] == 404


def test_a_draft_is_there_for_the_office_alone(corridor: object) -> None:
    make_draft()
    for role, status in ((Role.MEMBER, 404), (Role.OFFICE, 200), (Role.AUDITOR, 200)):
        assert get("/indices/small/2024", Api(Client(), token_for(make_user(role))))[0] == status
    assert get("/indices/small/2024")[0] == 404
