"""The life of what is published: draft → in review → published → closed or expired."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from yunlang.kit.errors import ConflictError
from yunlang.kit.language import Bilingual


class Status(StrEnum):
    """Where a need or a resource stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    CLOSED = "closed"
    EXPIRED = "expired"


STATUSES: dict[str, Bilingual] = {
    Status.DRAFT: Bilingual("草稿", "draft"),
    Status.IN_REVIEW: Bilingual("审核中", "in review"),
    Status.PUBLISHED: Bilingual("已发布", "published"),
    Status.CLOSED: Bilingual("已关闭", "closed"),
    Status.EXPIRED: Bilingual("已到期", "expired"),
}


class Step(StrEnum):
    """A business action that moves a status."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    PUBLISH = "publish"
    RETURN = "return"
    CLOSE = "close"
    EXPIRE = "expire"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Transition:
    """One step: the statuses it may start from and where it leads."""

    sources: frozenset[Status]
    target: Status


TRANSITIONS: dict[Step, Transition] = {
    Step.SUBMIT: Transition(frozenset({Status.DRAFT}), Status.IN_REVIEW),
    Step.WITHDRAW: Transition(frozenset({Status.IN_REVIEW}), Status.DRAFT),
    Step.PUBLISH: Transition(frozenset({Status.IN_REVIEW}), Status.PUBLISHED),
    Step.RETURN: Transition(frozenset({Status.IN_REVIEW}), Status.DRAFT),
    Step.CLOSE: Transition(frozenset({Status.PUBLISHED}), Status.CLOSED),
    Step.EXPIRE: Transition(frozenset({Status.PUBLISHED}), Status.EXPIRED),
    Step.REOPEN: Transition(frozenset({Status.CLOSED, Status.EXPIRED}), Status.DRAFT),
}


class StepNotPossibleError(ConflictError):
    """The step does not start from the present status."""

    code = "step_not_possible"
    message = Bilingual(
        "当前状态为“{status}”，不能执行这一步。", "This is {status}; the step is not possible from there."
    )


def next_status(status: Status, step: Step) -> Status:
    """Return the status that `step` leads to.

    Raises
    ------
    StepNotPossibleError
        When the step does not start from `status`.
    """
    transition = TRANSITIONS[step]
    if status not in transition.sources:
        raise StepNotPossibleError(status=STATUSES[status])
    return transition.target


def possible_steps(status: Status) -> tuple[Step, ...]:
    """Return the steps that may start from `status`, in the order of a life."""
    return tuple(step for step, transition in TRANSITIONS.items() if status in transition.sources)
