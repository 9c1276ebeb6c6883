"""The shipped demo corridor is loaded whole and only once."""

from __future__ import annotations

import pytest

from tests.demo.conftest import Loading
from tests.registry.importing.editions import MODELS, load, public_state
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import MergeCandidate, Need, Provenance, Resource

pytestmark = pytest.mark.django_db


def test_it_loads_whole_and_only_once(demo: Loading) -> None:
    assert demo.read == Provenance.objects.values("object_id").distinct().count()
    assert demo.read == sum(model.objects.filter(status=Status.PUBLISHED).count() for model in MODELS.values())
    assert demo.said.count("\n") == 1, "nothing was left out"
    assert Resource.objects.filter(organisation__name="浙江大学", expert__isnull=False, city="330100").exists()
    listed = list(Need.objects.filter(illustrative=True).order_by("published_at").values_list("number", flat=True))
    assert len(listed) == 40
    assert listed == sorted(listed)
    assert not Need.objects.filter(title_en="").exists()
    assert not MergeCandidate.objects.exists()
    before = public_state()
    assert load() == (0, "")
    assert public_state() == before
