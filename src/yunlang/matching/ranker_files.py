"""A trained ranker as a folder: a model card, its arrays, its trees. Nothing in it is executed when it is read."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import lightgbm
import numpy as np
from scipy import sparse

from yunlang.kit.language import Bilingual
from yunlang.matching.core.errors import RankerFileError
from yunlang.matching.core.learning.features import FeatureMaker, GroupSpans
from yunlang.matching.core.learning.kernel import GaussianProcess, PairView
from yunlang.matching.core.learning.ranker import Ranker

FORMAT = 1
CARD = "model_card.json"
_ARRAYS, _TREES = "arrays.npz", "trees.json"
_MATRICES = ("need_terms", "achievement_terms", "whole_terms")


def ranker_save(ranker: Ranker, folder: Path, card: Mapping[str, Any]) -> None:
    """Write the ranker with its card; the folder has the old one or the new one whole, whatever happens.

    Parameters
    ----------
    card
        What people should know of it; names of features, sizes and digests are added.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        np.savez(draft / _ARRAYS, **_arrays(ranker))
        trees = [booster.model_to_string() for booster in (*ranker.classes, *ranker.ranks)]
        (draft / _TREES).write_text(json.dumps(trees), encoding="utf-8")
        digests = {name: _digest(draft / name) for name in (_ARRAYS, _TREES)}
        whole = {**card, "format": FORMAT, "features": ranker.maker.names, "files": digests}
        (draft / CARD).write_text(json.dumps(whole, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        draft.chmod(0o755)
        _put(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def ranker_load(folder: Path, *, encoder: str, with_bodies: bool | None = None) -> tuple[Ranker, dict[str, Any]]:
    """Return a ranker and its card.

    Parameters
    ----------
    encoder
        Name of the encoder whose vectors it will be given.
    with_bodies
        Whether there will be vectors of achievements' bodies; None takes either.

    Raises
    ------
    RankerFileError
        Saying what is missing, damaged, or of another version, encoder or set of features.
    """
    card = _card(folder)
    if card.get("format") != FORMAT:
        raise _refused("格式版本 {0}，应为 {1}", "its format is {0}, not {1}", card.get("format"), FORMAT)
    if card.get("encoder") != encoder:
        raise _refused("编码器为 {0}，应为 {1}", "its encoder is {0}, not {1}", card.get("encoder"), encoder)
    for name, digest in card["files"].items():
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            raise _refused("文件 {0} 缺失或损坏", "the file {0} is missing or damaged", name)
    try:
        with np.load(folder / _ARRAYS, allow_pickle=False) as packed:
            arrays = {name: packed[name] for name in packed.files}
        trees = [lightgbm.Booster(model_str=text) for text in json.loads((folder / _TREES).read_text("utf-8"))]
        ranker = _ranker(arrays, trees)
    except (KeyError, ValueError, OSError, BadZipFile, lightgbm.basic.LightGBMError) as error:
        raise _refused("{0}", "{0}", error) from error
    if ranker.maker.names != card.get("features"):
        raise _refused("特征与本版本不同", "its features are not those of this version")
    if with_bodies is not None and ranker.maker.with_bodies != with_bodies:
        raise _refused("以成果全文训练，检索时只有题名", "it was trained on full texts, and a search has titles alone")
    return ranker, card


def _card(folder: Path) -> dict[str, Any]:
    try:
        card: Any = json.loads((folder / CARD).read_text("utf-8"))
    except FileNotFoundError:
        raise _refused("缺少 {0}", "there is no {0}", CARD) from None
    except ValueError:
        raise _refused("文件 {0} 缺失或损坏", "the file {0} is missing or damaged", CARD) from None
    if not isinstance(card, dict) or not isinstance(card.get("files"), dict) or set(card["files"]) != {_ARRAYS, _TREES}:
        raise _refused("文件 {0} 缺失或损坏", "the file {0} is missing or damaged", CARD)
    return dict(card)


def _refused(zh: str, en: str, *values: object) -> RankerFileError:
    return RankerFileError(reason=Bilingual(zh.format(*values), en.format(*values)))


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _put(draft: Path, folder: Path) -> None:
    if not folder.exists():
        os.rename(draft, folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    os.rename(folder, old / "ranker")
    os.rename(draft, folder)
    shutil.rmtree(old)


def _arrays(ranker: Ranker) -> dict[str, Any]:
    maker, known = ranker.maker, ranker.known
    matrices = zip(_MATRICES, (known.need_terms, known.achievement_terms, ranker.known_whole_terms), strict=True)
    found = {
        "worths": maker.worths,
        "mean_achievement": maker.mean_achievement,
        "mean_sentence": maker.mean_sentence,
        "mean": maker.mean,
        "spread": maker.spread,
        "with_bodies": np.array(maker.with_bodies),
        "features": known.features,
        "needs": known.needs,
        "achievements": known.achievements,
        "need_of": known.need_of,
        "achievement_of": known.achievement_of,
        "twins": known.twins,
        "grades": ranker.known_grades,
        "span_mean": ranker.spans.mean,
        "span_spread": ranker.spans.spread,
        "kernel_worth": ranker.kernel_worth,
        "weights_known": ranker.processes[0].weights,
        "mean_known": ranker.processes[0].mean,
        "weights_new": ranker.processes[1].weights,
        "mean_new": ranker.processes[1].mean,
    }
    for name, matrix in matrices:
        found |= {f"{name}_data": matrix.data, f"{name}_indices": matrix.indices, f"{name}_indptr": matrix.indptr,
                  f"{name}_shape": np.array(matrix.shape)}  # fmt: skip
    return found


def _ranker(arrays: Mapping[str, Any], trees: list[lightgbm.Booster]) -> Ranker:
    need_terms, achievement_terms, whole_terms = (
        sparse.csr_matrix(
            (arrays[f"{name}_data"], arrays[f"{name}_indices"], arrays[f"{name}_indptr"]),
            shape=tuple(arrays[f"{name}_shape"]),
        )
        for name in _MATRICES
    )
    maker = FeatureMaker(
        arrays["worths"], arrays["mean_achievement"], arrays["mean_sentence"], arrays["mean"], arrays["spread"],
        bool(arrays["with_bodies"]),
    )  # fmt: skip
    known = PairView(
        arrays["features"], arrays["needs"], arrays["achievements"], need_terms, achievement_terms, arrays["need_of"],
        arrays["achievement_of"], arrays["twins"],
    )  # fmt: skip
    processes = (
        GaussianProcess(arrays["weights_known"], arrays["mean_known"]),
        GaussianProcess(arrays["weights_new"], arrays["mean_new"]),
    )
    spans = GroupSpans(arrays["span_mean"], arrays["span_spread"])
    return Ranker(
        maker, known, arrays["grades"], spans, whole_terms, arrays["kernel_worth"], processes, (trees[0], trees[1]),
        tuple(trees[2:]),
    )  # fmt: skip
