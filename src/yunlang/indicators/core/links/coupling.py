"""Coupling coordination degree 耦合协调度: whether subsystems are developed, and evenly so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yunlang.indicators.core.links.errors import SubsystemError
from yunlang.indicators.core.links.matrix import Floats, single
from yunlang.kit.language import Bilingual

# Liao Chongbin (1999): ten levels, each a tenth wide; the lower bound belongs to the level.
LEVELS: tuple[Bilingual, ...] = (
    Bilingual("极度失调", "extremely uncoordinated"),
    Bilingual("严重失调", "severely uncoordinated"),
    Bilingual("中度失调", "moderately uncoordinated"),
    Bilingual("轻度失调", "slightly uncoordinated"),
    Bilingual("濒临失调", "on the verge of being uncoordinated"),
    Bilingual("勉强协调", "barely coordinated"),
    Bilingual("初级协调", "coordinated at a first level"),
    Bilingual("中级协调", "coordinated at a middle level"),
    Bilingual("良好协调", "well coordinated"),
    Bilingual("优质协调", "excellently coordinated"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Coupling:
    """How far subsystems are coupled, developed, and both; arrays of the same shape, without unit.

    Attributes
    ----------
    coupling
        C between 0 and 1: 1 where all subsystems have the same score; NaN where all scores are zero.
    development
        T between 0 and 1: the weighted mean of the scores.
    coordination
        D between 0 and 1: the root of C · T; 0 where all scores are zero, whatever C were.
    """

    coupling: Floats
    development: Floats
    coordination: Floats


def coupling_coordination(scores: ArrayLike, weights: ArrayLike | None = None) -> Coupling:
    """Return coupling C, development T and coordination D of k subsystems.

    C = k · (Π U)^(1/k) / Σ U, T = Σ w U, D = √(C · T).

    Parameters
    ----------
    scores
        U, shape (…, k), between 0 and 1, k at least 2; NaN where not known, which makes all three NaN.
    weights
        w, shape (k,), at least 0, made to sum to one; equal where not given.

    Raises
    ------
    SubsystemError
        When scores or weights are outside that.

    References
    ----------
    廖重斌 (1999). 环境与经济协调发展的定量评判及其分类体系. 热带地理, 19(2), 171–177.
    王淑佳, 孔伟, 任亮, 治丹丹, 戴彬婷 (2021). 国内耦合协调度模型的误区及修正. 自然资源学报, 36(3), 793–810.
    """
    values = single(scores)
    shares = _shares(values, weights)
    size = values.shape[-1]
    total = values.sum(axis=-1)
    with np.errstate(divide="ignore"):
        geometric = np.exp(np.log(values).mean(axis=-1))
    coupling = np.minimum(size * geometric / np.where(total == 0, np.nan, total), 1.0)
    development = (values * shares).sum(axis=-1)
    coordination = np.where(total == 0, 0.0, np.sqrt(coupling * development))
    return Coupling(np.asarray(coupling), np.asarray(development), np.asarray(coordination))


def coordination_level(degree: float) -> Bilingual | None:
    """Return what a coordination degree between 0 and 1 is called, None where it is not known.

    References
    ----------
    廖重斌 (1999), table of levels.
    """
    if np.isnan(degree):
        return None
    # A degree of 0.3, which floats hold as a little less than three tenths, is of the fourth level.
    return LEVELS[min(int(round(degree * 10, 9)), len(LEVELS) - 1)]


def _shares(values: Floats, weights: ArrayLike | None) -> Floats:
    size = values.shape[-1] if values.ndim else 0
    given = np.ones(size) if weights is None else single(weights)
    inside = np.isnan(values) | ((values >= 0) & (values <= 1))
    fits = size >= 2 and given.shape == (size,) and bool(inside.all())
    if not fits or not bool((given >= 0).all()) or not 0 < given.sum() < np.inf:
        raise SubsystemError
    return np.asarray(given / given.sum())
