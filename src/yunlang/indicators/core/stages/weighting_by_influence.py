"""Weights and influence: what a weight comes to in the index, how much a node moves it, and weights that even that out.

Paruolo, Saisana & Saltelli, "Ratings and rankings: voodoo or science?", Journal of the Royal Statistical Society A 176
(2013); Becker, Saisana, Paruolo & Vandecasteele, "Weights and importance in composite indicators: closing the gap",
Ecological Indicators 80 (2017).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from yunlang.indicators.core.correlation import correlations
from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.framework import Floats, Group, Integers
from yunlang.indicators.core.stages.weighting import STAGE
from yunlang.kit.language import Bilingual

# How far a share of influence may lie from its target and still count as having reached it.
CLOSE = 1e-3


@dataclass(frozen=True, slots=True)
class Optimised:
    """Weights that give the nodes of one level the influence asked for, as far as any do.

    Attributes
    ----------
    weights
        Of all nodes, shape (nodes,): those of the level sum to 1, the others are as they were.
    correlations
        Of each of the level's nodes with the index, shape (members,).
    shares
        The same as shares of their sum: the influence obtained.
    targets
        The influence asked for; sums to 1.
    reached
        Whether each share lies within `CLOSE` of its target.
    """

    weights: Floats
    correlations: Floats
    shares: Floats
    targets: Floats
    reached: bool


def effective(groups: Sequence[Group], weights: Floats) -> Floats:
    """Return what each node's weight comes to in the index: its share among its siblings times its parent's.

    Parameters
    ----------
    groups
        Bottom-up, the index last.
    weights
        Shape (…, nodes), relative to siblings.

    Returns
    -------
    Of the same shape; 1 for the index, and the indicators of a tree sum to 1.
    """
    found = np.ones_like(weights, dtype=np.float64)
    for group in reversed(groups):
        own = weights[..., group.members]
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = np.nan_to_num(own / own.sum(axis=-1, keepdims=True))
        found[..., group.members] = shares * found[..., group.position, None]
    return found


def influence(scores: Floats, *, index: int) -> Floats:
    """Return how much of the index's variance each node explains on its own: the linear correlation ratio R².

    Parameters
    ----------
    scores
        Shape (…, units, nodes), missing values left out pair by pair.
    index
        The index's position among the nodes.

    Returns
    -------
    Shape (…, nodes); NaN where a node does not vary.
    """
    found: Floats = correlations(scores)[..., index] ** 2
    return found


def optimised(
    scores_of: Callable[[Floats], Floats],
    weights: Floats,
    *,
    members: Integers,
    index: int,
    targets: Sequence[float] | Floats | None = None,
) -> Optimised:
    """Find weights with which the nodes of one level correlate with the index equally, or in given proportions.

    What COINr's `get_opt_weights` does, by least squares within bounds instead of a simplex search. The same input
    always gives the same weights.

    Parameters
    ----------
    scores_of
        Takes weights of shape (nodes,) and returns scores of shape (units, nodes).
    weights
        Those in force, shape (nodes,), in which only the members' are changed.
    members
        The positions of the level's nodes.
    index
        The position of the index.
    targets
        The influence wanted for each member, relative to the others; None for the same.

    Raises
    ------
    StageError
        Where targets are not above 0 or not as many as members, or a node's scores do not vary.
    """
    wanted = np.ones(len(members)) if targets is None else np.asarray(targets, dtype=np.float64)
    if len(wanted) != len(members) or not (wanted > 0).all():
        raise _error("每个节点需要一个大于 0 的目标影响力", "each node needs a target influence above 0")
    wanted = wanted / wanted.sum()

    def changed(part: Floats) -> Floats:
        found = np.array(weights, dtype=np.float64)
        found[members] = part / part.sum()
        return found

    def correlated(part: Floats) -> Floats:
        scores = scores_of(changed(part))
        found = np.array([correlations(scores[:, [member, index]])[0, 1] for member in members])
        if np.isnan(found).any():
            raise _error("有节点的得分没有变化，无法计算相关系数", "a node's scores do not vary, so nothing correlates")
        return found

    def missed(part: Floats) -> Floats:
        # Each relative to its target, without dividing by a sum that may pass through 0.
        found = correlated(part)
        differences: Floats = found - wanted * found.sum()
        return differences

    best = least_squares(missed, wanted, bounds=(1e-9, np.inf), x_scale=wanted, xtol=1e-12, ftol=1e-12, gtol=1e-12)
    final = correlated(best.x)
    shares = final / final.sum()
    return Optimised(changed(best.x), final, shares, wanted, bool((np.abs(shares - wanted) <= CLOSE).all()))


def _error(zh: str, en: str) -> StageError:
    return StageError(stage=STAGE, reason=Bilingual(zh, en))
