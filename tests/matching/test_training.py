"""Training and evaluating from a shell, and a model's folder that is damaged."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import yunlang.cli
from tests.matching.core.learning.graded import graded_pairs
from tests.matching.core.support import HashingEncoder
from yunlang.matching import ranker_files
from yunlang.matching.core.errors import RankerFileError
from yunlang.matching.core.learning.features import encode_pairs
from yunlang.matching.core.learning.ranker import train
from yunlang.matching.ranker_files import ranker_load, ranker_save

runner = CliRunner()


@pytest.fixture(autouse=True)
def small_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yunlang.matching.core.encoder.E5Encoder", HashingEncoder)


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path]:
    pairs = graded_pairs()
    needs, graded = tmp_path / "needs.csv", tmp_path / "pairs.csv"
    with needs.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("need_id", "title", "content"))
        writer.writerows((place, text.title, text.body) for place, text in enumerate(pairs.needs))
    with graded.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("guid", "need_id", "achievement_id", "level", "achievement_tokens"))
        writer.writerows(
            (row, need, place, grade, pairs.achievements[place].title)
            for row, (need, place, grade) in enumerate(
                zip(pairs.need_of, pairs.achievement_of, pairs.grades, strict=True)
            )
        )
    return needs, graded


def run(*arguments: object) -> Any:
    return runner.invoke(yunlang.cli.app, ["matching", *map(str, arguments)])


def test_a_ranker_is_trained_and_evaluated(tables: tuple[Path, Path], tmp_path: Path) -> None:
    needs, pairs = tables
    trained = run("train", "--needs", needs, "--pairs", pairs, "--out", tmp_path / "model", "--folds", 2)
    assert trained.exit_code == 0, trained.output
    card = json.loads((tmp_path / "model" / "model_card.json").read_text("utf-8"))
    assert card["data"]["pairs"] == len(graded_pairs())
    assert {"known_needs", "new_needs"} <= card["cross_validation"].keys()
    found = run("evaluate", "--model", tmp_path / "model", "--needs", needs, "--pairs", pairs, "--json")
    figures = json.loads(found.stdout)
    assert figures["score"] == pytest.approx(1 / (1 + figures["mae"]))
    assert figures["score"] > card["cross_validation"]["new_needs"]["score"]
    assert (figures["needs"], figures["pairs"]) == (12, len(graded_pairs()))


def test_the_pipeline_is_evaluated_without_a_ranker(tables: tuple[Path, Path]) -> None:
    needs, pairs = tables
    figures = json.loads(run("evaluate", "--unsupervised", "--needs", needs, "--pairs", pairs, "--json").stdout)
    assert figures["ndcg@10"] > 0.9
    assert {"score", "mae", "spearman", "needs", "pairs"} <= figures.keys()


def test_a_model_or_unsupervised_but_not_both(tables: tuple[Path, Path], tmp_path: Path) -> None:
    needs, pairs = tables
    for choice in ((), ("--unsupervised", "--model", tmp_path)):
        assert run("evaluate", *choice, "--needs", needs, "--pairs", pairs).exit_code == 2


def test_too_few_pairs_are_refused_and_leave_nothing(tables: tuple[Path, Path], tmp_path: Path) -> None:
    needs, pairs = tables
    pairs.write_text("\n".join(pairs.read_text("utf-8").splitlines()[:20]), encoding="utf-8")
    assert run("train", "--needs", needs, "--pairs", pairs, "--out", tmp_path / "model").exit_code == 1
    assert not (tmp_path / "model").exists()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pairs = graded_pairs(needs=6)
    ranker = train(pairs, encode_pairs(pairs, HashingEncoder(), with_bodies=False), seed=0, with_bodies=False)
    folder = tmp_path_factory.mktemp("ranker") / "model"
    ranker_save(ranker, folder, {"encoder": "hashing"})
    ranker_save(ranker, folder, {"encoder": "hashing", "seed": 1})
    return folder


def copy(saved: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    for path in saved.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_a_saved_ranker_says_what_the_trained_one_said(saved: Path) -> None:
    pairs = graded_pairs(needs=6)
    encoded = encode_pairs(pairs, HashingEncoder(), with_bodies=False)
    fresh = train(pairs, encoded, seed=0, with_bodies=False).predict(pairs, encoded)
    loaded, card = ranker_load(saved, encoder="hashing")
    assert np.allclose(loaded.predict(pairs, encoded).chances, fresh.chances, atol=1e-9)
    assert card["seed"] == 1
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_a_ranker_of_another_encoder_is_refused(saved: Path) -> None:
    with pytest.raises(RankerFileError, match="hashing"):
        ranker_load(saved, encoder="e5-small-q4")


@pytest.mark.parametrize(
    "change", [{"format": 99}, {"features": ["one"]}, {"files": {"arrays.npz": "0"}}, {"files": []}]
)
def test_a_card_that_does_not_fit_the_code_is_refused(saved: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    folder = copy(saved, tmp_path)
    card = json.loads((folder / ranker_files.CARD).read_text("utf-8"))
    (folder / ranker_files.CARD).write_text(json.dumps(card | change), encoding="utf-8")
    with pytest.raises(RankerFileError):
        ranker_load(folder, encoder="hashing")


@pytest.mark.parametrize("name", ["arrays.npz", "trees.json", "model_card.json"])
def test_a_damaged_or_missing_file_is_refused_by_its_name(saved: Path, tmp_path: Path, name: str) -> None:
    folder = copy(saved, tmp_path)
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RankerFileError, match=name):
        ranker_load(folder, encoder="hashing")
    (folder / name).unlink()
    with pytest.raises(RankerFileError, match=name):
        ranker_load(folder, encoder="hashing")
