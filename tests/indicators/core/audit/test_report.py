"""The whole audit: everything in it, for one period, and as JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from tests.indicators.examples import UNITS, small_dataset, small_framework
from yunlang.indicators.core.audit.plain import plain
from yunlang.indicators.core.audit.report import Audit, AuditLimits, audit
from yunlang.indicators.core.errors import DatasetError
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine
from yunlang.kit.language import Bilingual


def small_audit(**limits: int) -> Audit:
    return audit(
        Engine(small_framework(), small_dataset(periods=3, missing=0.05)), Recipe(), limits=AuditLimits(**limits)
    )


def test_every_part_is_there() -> None:
    found = small_audit()
    framework = small_framework()
    assert found.period == "2020"
    assert found.units == UNITS
    assert [one.code for one in found.statistics] == [node.code for node in framework.indicators]
    assert [one.unit for one in found.availability] == list(UNITS)
    assert found.correlations.codes == framework.codes
    # “output” has one pillar alone, which cannot agree with itself.
    assert [one.code for one in found.reliability] == ["people", "money", "results", "input", "index"]
    assert [one.code for one in found.components] == [one.code for one in found.reliability]
    assert [one.code for one in found.influences] == [one.code for one in found.removals] == list(framework.codes[:-1])
    assert len(found.weight_changes) > len(framework.codes)
    assert [one.unit for one in found.unit_removals] == [one.unit for one in found.trends] == list(UNITS)
    assert found.notes == ()


def test_it_is_json_without_what_json_has_no_word_for() -> None:
    found = small_audit().plain()
    text = json.dumps(found, allow_nan=False)
    assert json.loads(text) == found
    assert found["weight_changes"][-1]["factor"] is None
    assert found["statistics"][0]["code"] == "staff"
    assert len(found["correlations"]["coefficients"]) == len(small_framework().codes)


def test_the_same_audit_twice_is_the_same() -> None:
    assert small_audit().plain() == small_audit().plain()


def test_with_many_units_none_is_removed_and_that_is_said() -> None:
    found = small_audit(units_removed=11)
    assert found.unit_removals == ()
    assert "12" in found.notes[0].en
    assert "12" in found.notes[0].zh


def test_one_period_has_no_trends() -> None:
    found = audit(Engine(small_framework(), small_dataset()), Recipe())
    assert found.trends == ()
    with pytest.raises(DatasetError):
        audit(Engine(small_framework(), small_dataset()), Recipe(), period="1999")


def test_plain_values() -> None:
    values = {1: np.array([1.0, math.inf]), "b": (np.int64(3), Bilingual("一", "one"), None, math.nan, True)}
    assert plain(values) == {"1": [1.0, None], "b": [3, {"zh": "一", "en": "one"}, None, None, True]}
