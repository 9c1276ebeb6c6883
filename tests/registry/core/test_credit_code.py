"""The unified social credit code and its check character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.registry.core.credit_code import ALPHABET, check_character, is_credit_code, normalise_credit_code

letters = st.sampled_from(ALPHABET)
bodies = st.builds(
    lambda head, area, tail: "".join([*head, *area, *tail]),
    st.lists(letters, min_size=2, max_size=2),
    st.lists(st.sampled_from("0123456789"), min_size=6, max_size=6),
    st.lists(letters, min_size=9, max_size=9),
)


@pytest.mark.parametrize(
    "code",
    [
        "91110000802100433B",  # Baidu Online Network Technology (Beijing)
        "91440300708461136T",  # Tencent Computer Systems (Shenzhen)
        "914403001922038216",  # Huawei Technologies
    ],
)
def test_codes_in_force(code: str) -> None:
    assert is_credit_code(code)


@given(bodies)
def test_one_check_character_in_thirty_one_is_right(body: str) -> None:
    right = [character for character in ALPHABET if is_credit_code(body + character)]
    assert right == [check_character(body)]


@given(bodies, st.integers(0, 16), letters)
def test_every_single_mistake_is_found(body: str, place: int, other: str) -> None:
    code = body + check_character(body)
    wrong = code[:place] + other + code[place + 1 :]
    assert is_credit_code(wrong) == (wrong == code)


@given(bodies, st.integers(0, 15))
def test_every_swap_of_neighbours_is_found(body: str, place: int) -> None:
    code = body + check_character(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert is_credit_code(swapped) == (swapped == code)


@given(bodies)
def test_what_people_type_is_normalised(body: str) -> None:
    code = body + check_character(body)
    typed = f" {code[:2].lower()}-{code[2:8]} {code[8:].lower()}\n"
    assert normalise_credit_code(typed) == code
    assert normalise_credit_code(normalise_credit_code(typed)) == code
    assert not is_credit_code(typed)


@given(st.text(max_size=20))
def test_any_text_is_told_without_an_error(text: str) -> None:
    assert is_credit_code(text) is False or len(text) == 18


@pytest.mark.parametrize(
    "code", ["", "914403001922038216\n", "91440300192203821６", "９14403001922038216", "91440300192203821I"]
)
def test_near_misses(code: str) -> None:
    assert not is_credit_code(code)


def test_the_letters_that_the_standard_leaves_out() -> None:
    assert set("IOZSV").isdisjoint(ALPHABET)
    assert len(ALPHABET) == 31
