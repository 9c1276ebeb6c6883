"""What a party is told when it asked something of a lot: the same by whichever way it asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q

from yunlang.auctions.core.engine import Accepted
from yunlang.auctions.core.public import public_state
from yunlang.auctions.core.refusals import REASONS, Code, Reason
from yunlang.auctions.decisions import Answer
from yunlang.auctions.lot_states import LOT
from yunlang.deals.core.ledger.canonical import moment_text
from yunlang.deals.ledger_models import JournalEntry
from yunlang.kit.errors import DomainError

Times = Mapping[tuple[str, int], datetime]


class BidRefusedError(DomainError):
    """The engine refused what a party asked; every code of the engine has its own kind."""

    code = "bid_refused"
    status = 409
    kinds: ClassVar[dict[Code, type[BidRefusedError]]] = {}


for _code, _sentence in REASONS.items():
    BidRefusedError.kinds[_code] = type(
        f"{_code.title().replace('_', '')}Error", (BidRefusedError,), {"code": str(_code), "message": _sentence}
    )


def refused_error(reason: Reason) -> BidRefusedError:
    """Return the engine's reason as an error."""
    return BidRefusedError.kinds[reason.code](**reason.details)


def accepted_plain(answer: Answer, times: Times) -> dict[str, Any]:
    """Return what is told of a command that was taken, as plain values.

    ``sequence`` and ``at`` name the entry of the lot's journal and stay the same when the command is sent again; `lot`
    is where the lot stood right after the answer.

    Parameters
    ----------
    times
        Of the entries of commands that were answered before, from `times_of`.

    Raises
    ------
    BidRefusedError
        When it was not taken.
    """
    decision, state = answer.decision, answer.state
    if not isinstance(decision, Accepted):
        raise refused_error(decision.reason)
    sequence = decision.sequence or state.sequence
    at = decision.events[0].at if decision.events else times[state.lot, sequence]
    return {
        "status": "accepted",
        "sequence": sequence,
        "at": moment_text(at),
        "is_repeated": decision.is_repeated,
        "lot": public_state(state, state.at),
    }


def times_of(answers: Sequence[Answer]) -> Times:
    """Return when each command was taken that had been answered before, in one statement."""
    repeated = {
        (one.state.lot, one.decision.sequence)
        for one in answers
        if isinstance(one.decision, Accepted) and one.decision.is_repeated
    }
    if not repeated:
        return {}
    wanted = Q()
    for lot, sequence in repeated:
        wanted |= Q(subject_id=UUID(lot), sequence=sequence)
    rows = JournalEntry.objects.filter(wanted, subject_kind=LOT).values_list("subject_id", "sequence", "at")
    return {(str(lot), sequence): at for lot, sequence, at in rows}
