"""What follows a hammer: notice of the result, objections, contract and settlement, hand-over; or default, annulment.

`advanced` says what a step makes of a result, and refuses the step where it cannot follow. Contract and instalments
are the ledger's: they are told to a step, and not kept here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from yunlang.kit.errors import ConflictError
from yunlang.kit.language import Bilingual


class ResultStatus(StrEnum):
    """How far a result is."""

    HAMMERED = "hammered"
    PUBLISHED = "published"
    CONFIRMED = "confirmed"
    SETTLED = "settled"
    COMPLETED = "completed"
    ANNULLED = "annulled"
    DEFAULTED = "defaulted"


RESULT_STATUSES: dict[ResultStatus, Bilingual] = {
    ResultStatus.HAMMERED: Bilingual("已落槌，待公示", "hammered, notice to come"),
    ResultStatus.PUBLISHED: Bilingual("结果公示中", "result published"),
    ResultStatus.CONFIRMED: Bilingual("已确认，签约结算", "confirmed, to be contracted and paid"),
    ResultStatus.SETTLED: Bilingual("已结清，待交割", "paid, to be handed over"),
    ResultStatus.COMPLETED: Bilingual("已交割", "handed over"),
    ResultStatus.ANNULLED: Bilingual("成交已撤销", "annulled"),
    ResultStatus.DEFAULTED: Bilingual("买受人违约", "buyer in default"),
}
# The way of a result on which nothing goes wrong, for showing how far it is.
COURSE: tuple[ResultStatus, ...] = tuple(ResultStatus)[:5]
FAILED: frozenset[ResultStatus] = frozenset({ResultStatus.ANNULLED, ResultStatus.DEFAULTED})
COUNTED: frozenset[ResultStatus] = frozenset(ResultStatus) - FAILED


class ResultStep(StrEnum):
    """Something that moves a result."""

    PUBLISH = "publish"
    CONFIRM = "confirm"
    SETTLE = "settle"
    COMPLETE = "complete"
    ANNUL = "annul"
    DEFAULT = "default"


_STEPS: dict[ResultStep, tuple[frozenset[ResultStatus], ResultStatus]] = {
    ResultStep.PUBLISH: (frozenset({ResultStatus.HAMMERED}), ResultStatus.PUBLISHED),
    ResultStep.CONFIRM: (frozenset({ResultStatus.PUBLISHED}), ResultStatus.CONFIRMED),
    ResultStep.SETTLE: (frozenset({ResultStatus.CONFIRMED}), ResultStatus.SETTLED),
    ResultStep.COMPLETE: (frozenset({ResultStatus.SETTLED}), ResultStatus.COMPLETED),
    ResultStep.ANNUL: (frozenset(COURSE), ResultStatus.ANNULLED),
    ResultStep.DEFAULT: (frozenset({ResultStatus.PUBLISHED, ResultStatus.CONFIRMED}), ResultStatus.DEFAULTED),
}


class ResultStepError(ConflictError):
    """The step does not follow from where the result stands."""

    code = "result_step_impossible"
    message = Bilingual(
        "现在是“{status}”，不能执行这一步。请刷新页面，看最新进展。",
        "The result now stands at “{status}”; this step does not follow. Reload to see where it stands.",
    )


class ResultNotReadyError(ConflictError):
    """The step follows, but something has to come first."""

    code = "result_not_ready"
    message = Bilingual("还不能执行这一步：{reason}。", "This cannot be done yet: {reason}.")


@dataclass(frozen=True, slots=True)
class Course:
    """Where a result stands.

    Attributes
    ----------
    objections_until
        The end of the objection period, excluded; None before the notice.
    """

    status: ResultStatus = ResultStatus.HAMMERED
    objections_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything is still to come."""
        return self.status in COUNTED and self.status is not ResultStatus.COMPLETED

    def takes_objections(self, at: datetime) -> bool:
        """Tell whether an objection may be raised."""
        return (
            self.status is ResultStatus.PUBLISHED and self.objections_until is not None and at < self.objections_until
        )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a step has to know beside where the result stands.

    Attributes
    ----------
    open_objections
        How many wait for a decision.
    is_paid
        Whether the contract is signed and its whole amount paid.
    handed_over, awaiting
        How many documents of the hand-over there are, and how many of them are not accepted yet.
    """

    open_objections: int = 0
    is_paid: bool = False
    handed_over: int = 0
    awaiting: int = 0


def objections_end(published: datetime, days: int, zone: tzinfo) -> datetime:
    """Return the end of the objection period: so many whole days after the day of the notice, in a zone's days.

    Parameters
    ----------
    published
        With a zone.
    days
        At least 0; with 0 the period ends with the day of the notice.
    """
    day = published.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=days + 1)


def advanced(
    course: Course, step: ResultStep, at: datetime, *, facts: Circumstances | None = None,
    objections_until: datetime | None = None,
) -> Course:  # fmt: skip
    """Return what `step` makes of `course`.

    Parameters
    ----------
    objections_until
        For the notice, and for nothing else.

    Raises
    ------
    ResultStepError
        When the step does not follow.
    ResultNotReadyError
        When something has to come first.
    """
    sources, target = _STEPS[step]
    if course.status not in sources:
        raise ResultStepError(status=RESULT_STATUSES[course.status])
    if reason := _missing(course, step, at, facts or Circumstances()):
        raise ResultNotReadyError(reason=reason)
    return replace(course, status=target, objections_until=objections_until or course.objections_until)


def may_advance(course: Course, step: ResultStep, at: datetime, facts: Circumstances) -> bool:
    """Tell whether `advanced` would take the step."""
    return course.status in _STEPS[step][0] and _missing(course, step, at, facts) is None


def _missing(course: Course, step: ResultStep, at: datetime, facts: Circumstances) -> Bilingual | None:
    match step:
        case ResultStep.CONFIRM if course.takes_objections(at):
            return Bilingual("异议期未满", "the objection period is not over")
        case ResultStep.CONFIRM if facts.open_objections:
            return Bilingual("还有异议未处理", "an objection waits for a decision")
        case ResultStep.SETTLE if not facts.is_paid:
            return Bilingual("合同价款尚未付清", "the contract is not paid in full")
        case ResultStep.COMPLETE if not facts.handed_over:
            return Bilingual("还没有交割文件", "there is no document of the hand-over")
        case ResultStep.COMPLETE if facts.awaiting:
            return Bilingual("还有交割文件未签收", "a document of the hand-over is not accepted")
    return None
