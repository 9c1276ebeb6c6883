"""Receipts: one for one content, of one proposer, for one challenge."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.challenges.core.proposal import file_part, is_nonce, is_received, receipt_of, text_part

NONCE = "00112233445566778899aabbccddeeff"
names = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable())
answers = st.dictionaries(names, names, min_size=1, max_size=4)
files = st.lists(st.tuples(names, st.binary(min_size=1, max_size=40)), max_size=4)


def content(text: dict[str, str], attached: list[tuple[str, bytes]]) -> dict[str, Any]:
    parts = [text_part(text), *(file_part(name, data) for name, data in attached)]
    return {"challenge": "challenge-1", "proposer": "organisation-1", "parts": parts, "nonce": NONCE}


@given(answers, files)
def test_a_receipt_fits_its_own_content_and_no_other(text: dict[str, str], attached: list[tuple[str, bytes]]) -> None:
    whole = content(text, attached)
    receipt = receipt_of(**whole)
    assert is_received(receipt, **whole)
    others = [
        whole | {"challenge": "challenge-2"},
        whole | {"proposer": "organisation-2"},
        whole | {"nonce": NONCE[::-1]},
        content(text | {next(iter(text)): "别的"}, attached)
        if text[next(iter(text))] != "别的"
        else {**whole, "nonce": "f" * 32},
        content(text, [*attached, ("多.pdf", b"x")]),
        *[content(text, [*attached[:-1], (name, data + b"x")]) for name, data in attached[-1:]],
        *[content(text, [*attached[:-1], (name + "x", data)]) for name, data in attached[-1:]],
    ]
    assert not any(is_received(receipt, **other) for other in others)


def test_anybody_can_make_a_receipt_from_what_its_documentation_says() -> None:
    parts = [text_part({"title": "方案"}), file_part("报告.pdf", b"%PDF-1.7")]
    told = {
        "challenge": "c", "nonce": NONCE,
        "parts": [
            {"digest": sha256('{"title":"方案"}'.encode()).hexdigest(), "name": "text"},
            {"digest": sha256(b"%PDF-1.7").hexdigest(), "name": "报告.pdf"},
        ],
        "proposer": "p",
    }  # fmt: skip
    by_hand = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    assert receipt_of(challenge="c", proposer="p", parts=parts, nonce=NONCE) == sha256(by_hand).hexdigest()


@pytest.mark.parametrize("nonce", ["", "0" * 31, "G" * 32, "AA" * 16])
def test_a_receipt_needs_a_nonce_that_hides_what_it_covers(nonce: str) -> None:
    assert not is_nonce(nonce)
    with pytest.raises(ValueError, match="nonce"):
        receipt_of(challenge="c", proposer="p", parts=[text_part({"title": "方案"})], nonce=nonce)


def test_nothing_has_no_receipt() -> None:
    with pytest.raises(ValueError, match="every part"):
        receipt_of(challenge="c", proposer="p", parts=[], nonce=NONCE)
