"""What the auctioneer may do to a lot as it stands, and the forms of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from yunlang.auctions import conducting
from yunlang.auctions.core.commands import LONGEST_REASON
from yunlang.auctions.core.formats.known import FORMS
from yunlang.auctions.core.state import Phase
from yunlang.auctions.core.terms import ReverseTerms, SealedTerms, SingleQuoteTerms
from yunlang.auctions.decisions import Answer
from yunlang.auctions.lot_states import Lot as State
from yunlang.kit.errors import InvalidError
from yunlang.kit.fields import Field, FieldType, parse_record
from yunlang.kit.language import Bilingual

_REASON = Field(
    "reason", Bilingual("原因", "reason"), required=True, max_length=LONGEST_REASON,
    help=Bilingual("记入账本，所有人可见。", "It goes into the journal; everybody sees it."),
)  # fmt: skip
_MINUTES = Field(
    "minutes", Bilingual("延长（分钟）", "by (minutes)"), FieldType.INTEGER, required=True, minimum=Decimal(1)
)
_SCORE = (
    Field("paddle", Bilingual("号牌", "paddle"), required=True, max_length=4),
    Field("criterion", Bilingual("评分项", "criterion"), required=True, max_length=100),
    Field(
        "points", Bilingual("得分（0 至 100）", "points (0 to 100)"), FieldType.DECIMAL, required=True,
        minimum=Decimal(0), maximum=Decimal(100),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """Something that the auctioneer may do.

    Attributes
    ----------
    values
        Makes the service's arguments of the fields' values.
    """

    label: Bilingual
    service: Callable[..., Answer]
    done: Bilingual
    fields: tuple[Field, ...] = ()
    values: Callable[[dict[str, Any]], dict[str, Any]] = dict
    is_grave: bool = False


STEPS: dict[str, Step] = {
    "open": Step(
        Bilingual("开始竞价", "Open the bidding"), conducting.lot_open, Bilingual("竞价已开始。", "Bidding is open.")
    ),
    "hammer": Step(Bilingual("落槌", "Hammer"), conducting.lot_close, Bilingual("已落槌。", "The hammer has fallen.")),
    "confirm": Step(
        Bilingual("确认报价成交", "Confirm the quote"),
        conducting.quote_confirm,
        Bilingual("已确认成交。", "The quote is confirmed."),
    ),
    "pause": Step(
        Bilingual("暂停", "Pause"),
        conducting.lot_pause,
        Bilingual("已暂停，计时停止。", "Paused; the clock stands."),
        (_REASON,),
    ),
    "resume": Step(
        Bilingual("恢复", "Resume"),
        conducting.lot_resume,
        Bilingual("已恢复，计时继续。", "Resumed; the clock runs on."),
    ),
    "extend": Step(
        Bilingual("延时", "Extend"),
        conducting.lot_extend,
        Bilingual("已延时。", "Extended."),
        (_MINUTES, _REASON),
        lambda typed: {"reason": typed["reason"], "by": timedelta(minutes=int(typed["minutes"]))},
    ),
    "score": Step(
        Bilingual("记录评分", "Record a score"),
        conducting.bidder_score,
        Bilingual("评分已记录。", "The score is recorded."),
        _SCORE,
        lambda typed: typed | {"points": Decimal(typed["points"]).quantize(Decimal("0.01"))},
    ),
    "annul": Step(
        Bilingual("撤销本拍品", "Annul the lot"),
        conducting.lot_annul,
        Bilingual("已撤销。", "Annulled."),
        (_REASON,),
        is_grave=True,
    ),
}


def steps_of(state: State) -> list[tuple[str, Step]]:
    """Return what may be done with a lot as it stands."""
    return [
        (name, STEPS[name]) for name in (*_OF_PHASE[state.phase](state), "annul") if state.phase is not Phase.ANNULLED
    ]


def _scheduled(state: State) -> tuple[str, ...]:
    scored = ("score",) if isinstance(state.terms, ReverseTerms) and state.terms.criteria else ()
    return (*(() if state.terms.schedule.opens else ("open",)), *scored)


def _open(state: State) -> tuple[str, ...]:
    if state.closes is None:
        return ("hammer", "pause")
    return ("pause", "extend") if FORMS[state.terms.format].is_extendable else ("pause",)


def _awaiting(state: State) -> tuple[str, ...]:
    if isinstance(state.terms, SingleQuoteTerms):
        return ("confirm",)
    sealed = isinstance(state.terms, SealedTerms) and state.terms.cover == "commit"
    complete = FORMS[state.terms.format].is_complete(state)
    return ("hammer",) if sealed and (complete or state.closes is None) else ()


_OF_PHASE: Mapping[Phase, Callable[[State], tuple[str, ...]]] = {
    Phase.SCHEDULED: _scheduled,
    Phase.OPEN: _open,
    Phase.PAUSED: lambda state: ("resume",),
    Phase.AWAITING: _awaiting,
    Phase.SOLD: lambda state: (),
    Phase.UNSOLD: lambda state: (),
    Phase.ANNULLED: lambda state: (),
}


def step_take(actor: Any, lot_id: UUID, name: str, raw: Mapping[str, object]) -> Answer:
    """Have the service behind a step do it.

    Raises
    ------
    InvalidError, RefusedError
    """
    step = STEPS[name]
    values, reasons = parse_record(step.fields, raw)
    if reasons:
        raise InvalidError({field: [reason] for field, reason in reasons.items()})
    return step.service(actor=actor, lot_id=lot_id, **step.values(values))
