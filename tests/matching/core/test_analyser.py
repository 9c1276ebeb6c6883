"""Words of documents and queries."""

from __future__ import annotations

import unicodedata
from importlib.resources import files

import pytest
import rjieba
from hypothesis import given
from hypothesis import strategies as st

from yunlang.matching.core.analyser import LONGEST_WORD, Analyser, default_analyser, is_chinese, normalise

ANALYSER = default_analyser()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LiNi0.8Co0.1Mn0.1O2正极材料", {"lini0.8co0.1mn0.1o2", "正极", "材料", "正极材料"}),
        ("5G-V2X 车路协同", {"5g-v2x", "5g", "v2x", "车路协同"}),
        ("6061-T6 铝合金", {"6061-t6", "6061", "t6", "铝合金", "合金"}),
        ("GB/T 32100-2015", {"gb/t32100-2015", "gb", "32100", "2015"}),
        ("ＣＯ₂捕集", {"co2", "捕集"}),
        ("氢燃料电池", {"燃料", "电池", "燃料电池", "氢燃料电池"}),
        ("\\n防爆\\n", {"防爆"}),
        ("Polymers for LEDs, glass and analysis", {"polymer", "led", "glass", "analysis"}),
        ("C++ 与 C#", {"c++", "c#"}),
    ],
)
def test_words_keep_what_belongs_together(text: str, expected: set[str]) -> None:
    assert expected <= set(ANALYSER.words(text))


def test_dictionary_holds_only_terms_that_the_general_one_cuts_apart() -> None:
    lines = files("yunlang.matching.core").joinpath("dictionary.txt").read_text(encoding="utf-8").splitlines()
    terms = [term for line in lines if not line.startswith("#") for term in line.split()]
    general = rjieba.Jieba()
    assert len(terms) == len(set(terms)) > 500
    assert [term for term in terms if general.cut(term) == [term]] == []
    assert [term for term in terms if term not in ANALYSER.words(term)] == []


def test_caller_adds_words_and_the_fingerprint_tells() -> None:
    extended = Analyser(extra_words=["云廊指数"])
    assert "云廊指数" in extended.words("云廊指数发布")
    assert "云廊指数" not in ANALYSER.words("云廊指数发布")
    assert extended.fingerprint != ANALYSER.fingerprint == Analyser().fingerprint


def test_query_weighs_the_title_and_leaves_out_what_every_need_says() -> None:
    weights = ANALYSER.query_weights("石墨烯研发", "导热膜的研发项目，石墨烯")
    assert weights["石墨烯"] == 1.0
    assert weights["导热"] == pytest.approx(0.3)
    assert "研发" not in weights
    assert set(ANALYSER.query_weights("研发项目")) == {"研发", "项目"}


def test_characters_are_single_and_latin_words_whole() -> None:
    assert ANALYSER.characters("高镍的 NCM811") == ["高", "镍", "ncm811"]


@given(st.text())
def test_words_are_deterministic_clean_and_bounded(text: str) -> None:
    words = ANALYSER.words(text)
    assert words == ANALYSER.words(text)
    for word in words:
        assert 0 < len(word) <= LONGEST_WORD
        assert not any(character.isspace() for character in word)
        assert word.encode("utf-8")


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=50))
def test_width_and_case_do_not_matter(text: str) -> None:
    assert ANALYSER.words(text) == ANALYSER.words(unicodedata.normalize("NFKC", text))


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="\\")))
def test_case_of_latin_does_not_matter(text: str) -> None:
    assert ANALYSER.words(text.upper()) == ANALYSER.words(text.lower())


@given(st.text())
def test_normalised_text_has_no_control_characters(text: str) -> None:
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in normalise(text))


mixed = st.text(alphabet="（5G）相控阵天线雷达，ＡＢＣ的gb/t 32100氢燃料电池\n+-.", max_size=40)


@given(mixed, mixed)
def test_words_and_characters_at_once_are_those_of_each_text(short: str, rest: str) -> None:
    analyser = default_analyser()
    words, characters = analyser.words_and_characters(short, rest)
    assert sorted(words) == sorted(analyser.words(short) + analyser.words(rest))
    assert characters == analyser.characters(short)


def test_both_texts_together_count_as_long_as_one() -> None:
    words, characters = default_analyser().words_and_characters("天线" * 9_999, "雷达" * 9_999)
    assert (words.count("雷达"), len(characters)) == (1, 19_998)


def test_only_the_first_characters_of_a_huge_text_count() -> None:
    assert len(ANALYSER.words("锂" * 200_000)) <= 20_000
    assert ANALYSER.words("a" * 100_000) == ["a" * LONGEST_WORD]


@pytest.mark.parametrize(("text", "expected"), [("battery 电池", True), ("battery", False), ("", False), ("カ", False)])
def test_is_chinese(text: str, expected: bool) -> None:
    assert is_chinese(text) is expected


def test_whole_words_are_those_that_exact_mode_leaves() -> None:
    words = default_analyser().words("高性能动力电池电解液")
    assert [word for word in words if not default_analyser().is_whole(word)] == ["高性"]
    assert default_analyser().is_whole("5g-v2x")
