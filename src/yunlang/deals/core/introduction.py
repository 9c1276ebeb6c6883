"""The life of an introduction: proposed → accepted → meeting → signed, or declined on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from yunlang.kit.errors import ConflictError
from yunlang.kit.language import Bilingual


class Status(StrEnum):
    """Where an introduction stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    MEETING = "meeting"
    SIGNED = "signed"
    DECLINED = "declined"


STATUSES: dict[str, Bilingual] = {
    Status.PROPOSED: Bilingual("待双方同意", "proposed"),
    Status.ACCEPTED: Bilingual("双方已同意", "accepted"),
    Status.MEETING: Bilingual("会面洽谈", "meeting"),
    Status.SIGNED: Bilingual("已签约", "signed"),
    Status.DECLINED: Bilingual("未成", "declined"),
}
OPEN: tuple[Status, ...] = (Status.PROPOSED, Status.ACCEPTED, Status.MEETING)


class Side(StrEnum):
    """One of the two who are introduced to each other."""

    NEED = "need"
    OFFER = "offer"


SIDES: dict[str, Bilingual] = {
    Side.NEED: Bilingual("需求方", "the need's side"),
    Side.OFFER: Bilingual("供给方", "the offering side"),
}


class Step(StrEnum):
    """A business action that moves an introduction."""

    ACCEPT = "accept"
    MEET = "meet"
    SIGN = "sign"
    DECLINE = "decline"


_SOURCES: dict[Step, tuple[Status, ...]] = {
    Step.ACCEPT: (Status.PROPOSED,),
    Step.MEET: (Status.ACCEPTED,),
    Step.SIGN: (Status.MEETING,),
    Step.DECLINE: OPEN,
}
_TARGETS: dict[Step, Status] = {Step.MEET: Status.MEETING, Step.SIGN: Status.SIGNED, Step.DECLINE: Status.DECLINED}


class TaskCode(StrEnum):
    """A task that follows from where an introduction stands; others are written by people."""

    ASK_NEED = "ask_need"
    ASK_OFFER = "ask_offer"
    ARRANGE_MEETING = "arrange_meeting"
    REPORT_RESULT = "report_result"


TASKS: dict[str, Bilingual] = {
    TaskCode.ASK_NEED: Bilingual("征询需求方意见", "ask the need's owner"),
    TaskCode.ASK_OFFER: Bilingual("征询供给方意见", "ask the owner of what is offered"),
    TaskCode.ARRANGE_MEETING: Bilingual("安排双方会面", "arrange a meeting"),
    TaskCode.REPORT_RESULT: Bilingual("报告洽谈结果", "report the result"),
}
_ASKING: dict[Side, TaskCode] = {Side.NEED: TaskCode.ASK_NEED, Side.OFFER: TaskCode.ASK_OFFER}

# Days until the next step is due unless somebody names a day: a week to ask, two to bring people together, a month
# to come to an agreement.
USUAL_DAYS: dict[Status, int] = {Status.PROPOSED: 7, Status.ACCEPTED: 14, Status.MEETING: 30}


class StepImpossibleError(ConflictError):
    """The step does not start from the present status."""

    code = "introduction_step_impossible"
    message = Bilingual(
        "这项对接现在是“{status}”，不能执行这一步。请刷新页面，看最新进展。",
        "This introduction is {status} now; the step is not possible from there. Reload to see where it stands.",
    )


class AlreadyAgreedError(ConflictError):
    """That side has agreed before."""

    code = "introduction_already_agreed"
    message = Bilingual("{side}此前已同意，无需重复。", "Agreement of {side} was recorded before.")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an introduction has come.

    Attributes
    ----------
    status
        Both sides have agreed in every status from accepted to signed.
    agreed
        The sides that have said yes.
    """

    status: Status = Status.PROPOSED
    agreed: frozenset[Side] = frozenset()

    @property
    def is_open(self) -> bool:
        """Whether anything is still to come."""
        return self.status in OPEN

    @property
    def asked(self) -> tuple[Side, ...]:
        """The sides whose answer is awaited."""
        return tuple(side for side in Side if side not in self.agreed) if self.status is Status.PROPOSED else ()


def proposed(agreed: frozenset[Side] = frozenset()) -> Progress:
    """Return how an introduction begins; whoever proposes it for a side has agreed for that side."""
    return _settled(Progress(Status.PROPOSED, agreed))


def advanced(progress: Progress, step: Step, side: Side | None = None) -> Progress:
    """Return what `step` makes of `progress`.

    Parameters
    ----------
    side
        Whose agreement it is; `Step.ACCEPT` alone takes one and needs one.

    Raises
    ------
    StepImpossibleError
        When the step does not start from the present status.
    AlreadyAgreedError
        When the side agreed before.
    ValueError
        When `side` is missing, or given for another step.
    """
    if (side is not None) is not (step is Step.ACCEPT):
        raise ValueError("an agreement, and nothing else, is of one side")
    if progress.status not in _SOURCES[step]:
        raise StepImpossibleError(status=STATUSES[progress.status])
    if side is None:
        return replace(progress, status=_TARGETS[step])
    if side in progress.agreed:
        raise AlreadyAgreedError(side=SIDES[side])
    return _settled(replace(progress, agreed=progress.agreed | {side}))


def _settled(progress: Progress) -> Progress:
    return replace(progress, status=Status.ACCEPTED) if not progress.asked else progress


def possible_steps(progress: Progress) -> tuple[Step, ...]:
    """Return the steps that may start now, in the order of a life."""
    return tuple(step for step, sources in _SOURCES.items() if progress.status in sources)


def tasks_of(progress: Progress) -> tuple[TaskCode, ...]:
    """Return what there is to do while an introduction stands so; every other task of its course is done with."""
    waiting: dict[Status, tuple[TaskCode, ...]] = {
        Status.PROPOSED: tuple(_ASKING[side] for side in progress.asked),
        Status.ACCEPTED: (TaskCode.ARRANGE_MEETING,),
        Status.MEETING: (TaskCode.REPORT_RESULT,),
    }
    return waiting.get(progress.status, ())


def usual_due(status: Status, today: date) -> date | None:
    """Return the day by which the next step is usually due, or None where none follows."""
    days = USUAL_DAYS.get(status)
    return None if days is None else today + timedelta(days=days)
