"""What can be wrong with a framework, its data or a recipe; each error names every problem at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from yunlang.kit.errors import DomainError, InvalidError
from yunlang.kit.language import Bilingual


class FrameworkError(InvalidError):
    """The framework's nodes break its rules; `fields` has the reasons by the node's code."""

    code = "framework_invalid"
    message = Bilingual("指标框架有 {count} 处问题。", "The framework has {count} problem(s).")


class DatasetError(InvalidError):
    """The data do not fit; `fields` has the reasons by place: a column, or a row and a column."""

    code = "dataset_invalid"
    message = Bilingual("数据有 {count} 处问题。", "The data have {count} problem(s).")


class RecipeError(InvalidError):
    """The recipe's settings are unknown or out of range; `fields` has the reasons by ``stage.option``."""

    code = "recipe_invalid"
    message = Bilingual("计算方案有 {count} 处问题。", "The recipe has {count} problem(s).")


class StageError(DomainError):
    """A stage cannot be computed on these values.

    Attributes
    ----------
    draws
        Where many sets of weights are tried at once: which of them fail, shape (draws,); None for all.
    """

    code = "stage_failed"
    message = Bilingual("{stage}：{reason}。", "{stage}: {reason}.")
    status = 422

    def __init__(self, *, stage: Bilingual, reason: Bilingual, draws: npt.NDArray[np.bool_] | None = None) -> None:
        self.draws = draws
        super().__init__(stage=stage, reason=reason)
