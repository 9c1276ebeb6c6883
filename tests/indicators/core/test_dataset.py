"""Data of an index: shapes, what a framework needs of them, and their digest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.indicators.examples import small_dataset, small_framework
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.errors import DatasetError


def test_values_of_another_shape_are_refused() -> None:
    with pytest.raises(DatasetError):
        Dataset(("a", "b"), ("x",), np.zeros((1, 3, 1)))


def test_codes_given_twice_are_refused() -> None:
    with pytest.raises(DatasetError) as refused:
        Dataset(("a", "a"), ("x", "x"), np.zeros((1, 2, 2)))
    assert set(refused.value.fields) == {"units", "indicators"}


def test_each_column_lies_together_in_memory_whatever_came_in() -> None:
    data = Dataset(("a", "b", "c"), ("x", "y"), np.arange(6.0).reshape(1, 3, 2))
    assert data.values.strides[1] == data.values.itemsize
    assert data.values[0, 2, 1] == 5


def test_a_framework_names_every_column_that_is_missing_or_empty() -> None:
    data = small_dataset()
    values = data.values.copy()
    values[:, :, data.indicators.index("papers")] = np.nan
    poor = replace(data, values=values, denominators={}).choose_units(range(12))
    less = replace(poor, indicators=poor.indicators[1:], values=poor.values[:, :, 1:])
    with pytest.raises(DatasetError) as refused:
        less.for_framework(small_framework())
    assert set(refused.value.fields) == {"staff", "papers", "patents"}
    assert len(refused.value.fields["staff"]) == 2


def test_columns_come_in_the_frameworks_order() -> None:
    data = small_dataset()
    turned = replace(data, indicators=data.indicators[::-1], values=data.values[:, :, ::-1])
    assert turned.for_framework(small_framework()).digest() == data.digest()


def test_constant_columns_are_all_named() -> None:
    data = small_dataset(missing=0.1)
    values = data.values.copy()
    for code in ("share", "waste"):
        place = data.indicators.index(code)
        values[:, :, place] = np.where(np.isnan(values[:, :, place]), np.nan, 7.0)
    with pytest.raises(DatasetError) as refused:
        replace(data, values=values).refuse_constants()
    assert set(refused.value.fields) == {"share", "waste"}


def test_the_digest_changes_with_anything_a_result_depends_on() -> None:
    data = small_dataset()
    other_value = data.values.copy()
    other_value[0, 3, 2] = np.nextafter(other_value[0, 3, 2], 1e9)
    digests = {
        data.digest(),
        replace(data, values=other_value).digest(),
        replace(data, units=("v0", *data.units[1:])).digest(),
        replace(data, groupings={}).digest(),
        replace(data, denominators={}).digest(),
    }
    assert len(digests) == 5
    assert small_dataset().digest() == data.digest()
