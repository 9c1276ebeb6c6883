"""The static encoder: what it knows, what it takes, and which files it refuses."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.matching.core.errors import ModelFileError
from yunlang.matching.core.fusion import fusion_for
from yunlang.matching.core.grams import LONGEST_READ, text_grams
from yunlang.matching.core.static_encoder import (
    SHIPPED,
    TABLE_FORMAT,
    StaticEncoder,
    StaticTable,
    shipped_table,
    table_read,
    table_write,
)

PAIRS = (
    ("锂电池电解液", "锂离子电池用电解质", "合同纠纷"),
    ("碳化硅功率器件", "SiC 半导体器件外延", "高血压患者护理"),
    ("污水处理膜", "废水净化用超滤膜", "汽车轮胎"),
)
texts = st.text(st.characters(), max_size=60) | st.text(st.sampled_from("锂电池的abC12 ，\n\ud800㎡Ａ"), max_size=60)


@pytest.fixture(scope="module")
def encoder() -> StaticEncoder:
    return StaticEncoder(shipped_table())


@pytest.fixture
def table() -> StaticTable:
    random = np.random.default_rng(0)
    keys = np.unique(text_grams(["锂离子电池用电解质", "lifepo4 battery 2025"]).keys)
    codes = random.integers(-127, 128, (len(keys), 8)).astype(np.int8)
    return StaticTable(keys, codes, random.random(len(keys)).astype(np.float32), "teacher")


def written(table: StaticTable, **changes: object) -> io.BytesIO:
    file = io.BytesIO()
    table_write(table, file)
    if changes:
        with np.load(io.BytesIO(file.getvalue())) as packed:
            members = dict(packed)
        about = json.loads(str(members["about"])) | changes.pop("about", {})
        file = io.BytesIO()
        np.savez(file, **(members | {"about": np.array(json.dumps(about))} | changes))
    file.seek(0)
    return file


@given(st.lists(texts, max_size=8))
def test_any_text_gives_a_finite_unit_or_zero_vector(encoder: StaticEncoder, batch: list[str]) -> None:
    vectors = encoder.encode_documents(batch)
    assert vectors.shape == (len(batch), encoder.dimension)
    assert vectors.dtype == np.float32
    lengths = np.linalg.norm(vectors, axis=1)
    assert (np.isclose(lengths, 1, atol=1e-4) | (lengths == 0)).all()


@given(st.lists(texts, max_size=8))
def test_a_text_has_the_same_vector_alone_and_among_others(encoder: StaticEncoder, batch: list[str]) -> None:
    together = encoder.encode_documents(batch)
    for text, vector in zip(batch, together, strict=True):
        np.testing.assert_array_equal(encoder.encode_documents([text])[0], vector)
        np.testing.assert_array_equal(encoder.encode_queries([text])[0], vector)


@given(st.lists(texts, max_size=8))
def test_pieces_of_a_text_do_not_depend_on_its_neighbours(batch: list[str]) -> None:
    together = text_grams(batch)
    assert together.ends[0] == 0
    assert together.ends[-1] == len(together.keys)
    for number, text in enumerate(batch):
        own = together.keys[together.ends[number] : together.ends[number + 1]]
        np.testing.assert_array_equal(text_grams([text]).keys, own)


def test_long_texts_and_many_texts_are_read(encoder: StaticEncoder) -> None:
    long = "锂电池电解液" * 20_000
    vectors = encoder.encode_documents([long, long[:LONGEST_READ], *["锂电池"] * 1_500])
    np.testing.assert_array_equal(vectors[0], vectors[1])
    np.testing.assert_array_equal(vectors[2], vectors[-1])
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-4)


def test_a_text_without_known_pieces_is_near_nothing(encoder: StaticEncoder) -> None:
    assert not encoder.encode_documents(["", "，。！", "\ud800"]).any()


@pytest.mark.parametrize(("query", "near", "far"), PAIRS)
def test_it_knows_what_is_near(encoder: StaticEncoder, query: str, near: str, far: str) -> None:
    vector = encoder.encode_queries([query])[0]
    one, other = encoder.encode_documents([near, far])
    assert vector @ one > vector @ other + 0.1


@pytest.mark.parametrize(("one", "other"), [("LiFePO4", "lifepo4"), ("５Ｇ", "5g"), ("锂 电池", "锂\n电池")])
def test_forms_of_the_same_letters_are_one(encoder: StaticEncoder, one: str, other: str) -> None:
    first, second = encoder.encode_documents([one, other])
    np.testing.assert_array_equal(first, second)


def test_threads_share_it(encoder: StaticEncoder) -> None:
    batch = [text for pair in PAIRS for text in pair] * 200
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(encoder.encode_documents, [batch, batch])
    np.testing.assert_array_equal(first, second)


def test_pieces_are_characters_in_a_row_and_whole_runs() -> None:
    def count(text: str) -> int:
        return len(text_grams([text]).keys)

    assert count("锂") == 1
    assert count("锂电") == 3
    assert count("锂电池液") == 10
    assert count("锂，电") == 2
    assert count("5g") == 1
    assert count("lifepo4") == 6  # itself and five of three characters
    assert len(set(text_grams(["ab ba abc cba"]).keys.tolist())) == 6


def test_a_table_comes_back_as_written(table: StaticTable) -> None:
    back = table_read(written(table))
    for before, after in ((table.keys, back.keys), (table.codes, back.codes), (table.scales, back.scales)):
        np.testing.assert_array_equal(before, after)
    assert StaticEncoder(back).name == StaticEncoder(table).name == f"static-{TABLE_FORMAT}-{table.fingerprint}"


def test_other_numbers_are_another_encoder(table: StaticTable) -> None:
    codes = table.codes.copy()
    codes[0, 0] ^= 1
    other = StaticTable(table.keys, codes, table.scales, table.teacher)
    assert StaticEncoder(other).name != StaticEncoder(table).name


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"about": {"format": 99}}, "format 99"),
        ({"about": {"grams": 99}}, "grams 99"),
        ({"about": {"fingerprint": "0"}}, "fingerprint"),
        ({"scales": np.zeros(3, np.float32)}, "shape"),
        ({"keys": np.zeros(3, np.int32)}, "type"),
        ({"keys": np.zeros(0, np.uint64)}, "shape"),
        ({"about": {"format": "one"}}, "format one"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_reason(
    table: StaticTable, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(ModelFileError, match=reason) as caught:
        table_read(written(table, **changes))
    assert reason in caught.value.text.zh
    assert reason in caught.value.text.en


@given(st.data())
def test_a_damaged_file_is_refused_or_reads_the_same(data: st.DataObject) -> None:
    keys = text_grams(["锂电池"]).keys
    table = StaticTable(np.unique(keys), np.ones((6, 4), np.int8), np.ones(6, np.float32), "teacher")
    file = io.BytesIO()
    table_write(table, file)
    content = bytearray(file.getvalue())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content = content[:place]
    else:
        content[place] ^= data.draw(st.integers(1, 255))
    try:
        back = table_read(io.BytesIO(bytes(content)))
    except ModelFileError:
        return
    assert back.fingerprint == table.fingerprint


def test_the_shipped_file_is_small_and_holds_keys_and_numbers_only() -> None:
    resource = files("yunlang.matching.core").joinpath(SHIPPED)
    with resource.open("rb") as file:
        assert file.seek(0, io.SEEK_END) < 30_000_000
    with resource.open("rb") as file, np.load(file) as packed:
        kinds = {name: packed[name].dtype.kind for name in packed.files}
        about = json.loads(str(packed["about"]))
    assert kinds == {"keys": "u", "codes": "i", "scales": "f", "about": "U"}
    assert set(about) == {"format", "grams", "teacher", "fingerprint"}


def test_the_grade_models_are_those_of_the_shipped_table(encoder: StaticEncoder) -> None:
    assert fusion_for(encoder.name) is not fusion_for("nobody fitted this")
