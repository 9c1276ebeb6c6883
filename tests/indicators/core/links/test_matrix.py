"""Origin–destination matrices: what is refused, and what records make of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from tests.indicators.core.links.strategies import link_matrices, of
from yunlang.indicators.core.links.errors import (
    AsymmetricLinksError,
    MatrixShapeError,
    NegativeLinkError,
    RepeatedLinkError,
    UnitCodesError,
    UnknownUnitError,
)
from yunlang.indicators.core.links.matrix import LinkMatrix
from yunlang.indicators.core.links.records import LinkRecord, matrix_from_records

NAN = np.nan


@pytest.mark.parametrize(
    ("codes", "values", "periods"),
    [
        (("a", "b"), [[1, 2, 3], [4, 5, 6]], ()),
        (("a", "b"), [1, 2], ()),
        (("a", "b"), [[1, 2], [3, 4]], ("2024",)),
        (("a", "b"), [[[1, 2], [3, 4]]], ()),
        (("a",), [[[1]], [[2]]], ("2024",)),
    ],
)
def test_a_matrix_fits_its_units_and_periods(codes: tuple[str, ...], values: object, periods: tuple[str, ...]) -> None:
    with pytest.raises(MatrixShapeError):
        LinkMatrix(codes, np.array(values, dtype=float), periods=periods)


@pytest.mark.parametrize("codes", [(), ("a", "a"), ("a", "")])
def test_every_unit_is_named_once(codes: tuple[str, ...]) -> None:
    with pytest.raises(UnitCodesError):
        LinkMatrix(codes, np.zeros((len(codes), len(codes))))


def test_every_period_is_named_once() -> None:
    with pytest.raises(UnitCodesError, match="时期"):
        LinkMatrix(("a",), np.zeros((2, 1, 1)), periods=("2024", "2024"))


@pytest.mark.parametrize("wrong", [-1.0, np.inf])
def test_a_link_below_zero_or_without_end_is_refused_by_name(wrong: float) -> None:
    with pytest.raises(NegativeLinkError) as refused:
        of([[0, wrong], [0, 0]])
    assert "from a to b" in refused.value.text.en


@pytest.mark.parametrize("back", [2.0, NAN])
def test_links_without_direction_are_the_same_both_ways(back: float) -> None:
    with pytest.raises(AsymmetricLinksError) as refused:
        of([[0, 1], [back, 0]], directed=False)
    assert "a 与 b" in refused.value.text.zh


def test_a_matrix_cannot_be_changed_afterwards() -> None:
    given_values = np.zeros((2, 2))
    links = LinkMatrix(("a", "b"), given_values)
    given_values[0, 1] = 5
    assert links.values[0, 1] == 0
    with pytest.raises(ValueError, match="read-only"):
        links.values[0, 1] = 1


def test_symmetrised_adds_both_ways_and_keeps_what_stays_inside() -> None:
    links = of([[7, 1, NAN], [2, 8, 0], [4, 0, 9]]).symmetrised()
    assert not links.directed
    np.testing.assert_array_equal(links.values, [[7, 3, NAN], [3, 8, 0], [NAN, 0, 9]])


@given(link_matrices(unknown=True))
def test_symmetrising_twice_is_symmetrising_once(links: LinkMatrix) -> None:
    once = links.symmetrised()
    np.testing.assert_array_equal(once.symmetrised().values, once.values)


def test_each_pair_is_listed_once() -> None:
    values = [[0, 1, 2], [3, 0, 4], [5, 6, 0]]
    assert of(values).pair_values().tolist() == [1, 2, 3, 4, 5, 6]
    assert of([[0, 1, 2], [1, 0, 4], [2, 4, 0]], directed=False).pair_values().tolist() == [1, 2, 4]


def test_records_make_a_matrix_by_period() -> None:
    records = [LinkRecord("b", "a", 3, "2024"), LinkRecord("a", "a", 1, "2025")]
    links = matrix_from_records(records, ("a", "b"), periods=("2024", "2025"), absent=0)
    assert links.at("2024").values.tolist() == [[0, 0], [3, 0]]
    assert links.at("2025").values.tolist() == [[1, 0], [0, 0]]


def test_what_no_record_names_is_not_known_unless_said_otherwise() -> None:
    links = matrix_from_records([LinkRecord("b", "a", 3)], ("a", "b"), directed=False)
    np.testing.assert_array_equal(links.values, [[NAN, 3], [3, NAN]])


@pytest.mark.parametrize(
    ("second", "directed", "refused"),
    [
        (LinkRecord("a", "b", 1), True, RepeatedLinkError),
        (LinkRecord("b", "a", 1), False, RepeatedLinkError),
        (LinkRecord("a", "z", 1), True, UnknownUnitError),
        (LinkRecord("b", "a", 1, "2024"), True, UnknownUnitError),
    ],
)
def test_a_repeated_or_unknown_record_is_refused(second: LinkRecord, directed: bool, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        matrix_from_records([LinkRecord("a", "b", 1), second], ("a", "b"), directed=directed)


def test_reordering_takes_rows_and_columns_along() -> None:
    links = of([[1, 2, 3], [4, 5, 6], [7, 8, 9]]).reordered(["c", "a"])
    assert links.codes == ("c", "a")
    assert links.values.tolist() == [[9, 7], [3, 1]]
