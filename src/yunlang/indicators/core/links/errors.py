"""What can be wrong with links between units; each says what to put right."""

from __future__ import annotations

from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual


class LinkError(DomainError):
    """Links that cannot be taken as they are given."""

    code = "links_wrong"
    status = 422


class MatrixShapeError(LinkError):
    """The matrix does not fit its units and periods."""

    code = "links_shape_wrong"
    message = Bilingual(
        "联系矩阵的形状应为 {expected}，而不是 {found}。",
        "The matrix of links must have the shape {expected}, not {found}.",
    )


class UnitCodesError(LinkError):
    """Codes of units, or periods, that are missing or repeated."""

    code = "links_codes_wrong"
    message = Bilingual(
        "{what}应各不相同且不为空，有误的是：{codes}。", "Each of the {what} must be there once. Wrong: {codes}."
    )


class NegativeLinkError(LinkError):
    """A link below zero, or an infinite one."""

    code = "links_negative"
    message = Bilingual(
        "{origin} 到 {destination} 的联系为 {value}，应为不小于零的数。",
        "The link from {origin} to {destination} is {value}; it must be a number of at least zero.",
    )


class AsymmetricLinksError(LinkError):
    """Links without direction that differ by direction."""

    code = "links_asymmetric"
    message = Bilingual(
        "无向联系须两个方向相等，{origin} 与 {destination} 之间不等；可先对称化，或声明为有向。",
        "Links without direction must be equal both ways; those between {origin} and {destination} are not. Symmetrise "
        "them, or call them directed.",
    )


class UnknownUnitError(LinkError):
    """A record names a unit or a period that the matrix does not have."""

    code = "links_unit_unknown"
    message = Bilingual("不在给定的单元或时期之中：{code}。", "Not among the units or periods given: {code}.")


class RepeatedLinkError(LinkError):
    """Two records of one link."""

    code = "links_repeated"
    message = Bilingual(
        "{origin} 到 {destination} 的联系出现了不止一次（时期：{period}）。",
        "The link from {origin} to {destination} is given more than once (period: {period}).",
    )


class LinkMaximumError(LinkError):
    """A link above what was said to be the most."""

    code = "links_above_maximum"
    message = Bilingual(
        "上限应为正数，且不小于任何一条联系；给出的是 {maximum}，最大的联系是 {found}。",
        "The maximum must be positive and no less than any link; it is {maximum}, and the largest link {found}.",
    )


class InequalityError(LinkError):
    """Values whose inequality has no meaning."""

    code = "inequality_values_wrong"
    message = Bilingual(
        "不均衡程度只能对不小于零的数计算。", "Inequality is measured of numbers of at least zero only."
    )


class GravityDataError(LinkError):
    """Masses or distances that a gravity model cannot take."""

    code = "gravity_data_wrong"
    message = Bilingual(
        "引力模型的{what}应为正数，形状应为 {expected}。",
        "The {what} of a gravity model must be positive and have the shape {expected}.",
    )


class GravityNotFittedError(LinkError):
    """Too few links, or links that leave the model undetermined."""

    code = "gravity_not_fitted"
    message = Bilingual("无法估计引力模型：{reason}。", "The gravity model cannot be fitted: {reason}.")


class SubsystemError(LinkError):
    """Scores or weights of subsystems outside what coupling coordination is defined for."""

    code = "coupling_values_wrong"
    message = Bilingual(
        "耦合协调度要求至少两个子系统，得分在 0 与 1 之间，权重与子系统一一对应、不为负且不全为零。",
        "Coupling coordination needs at least two subsystems with scores between 0 and 1, and one weight for each, "
        "none negative and not all zero.",
    )
