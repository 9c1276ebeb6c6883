"""A deposit (保证金) from the demand to its end: what may happen to it next, and the reference it is paid under."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from yunlang.kit.errors import ConflictError
from yunlang.kit.language import Bilingual


class DepositStatus(StrEnum):
    """How far a deposit is."""

    DUE = "due"
    HELD = "held"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"
    FORFEITED = "forfeited"
    COUNTED = "counted"
    LAPSED = "lapsed"


DEPOSIT_STATUSES: dict[DepositStatus, Bilingual] = {
    DepositStatus.DUE: Bilingual("待缴", "awaited"),
    DepositStatus.HELD: Bilingual("已收", "held"),
    DepositStatus.REFUND_DUE: Bilingual("待退", "to be refunded"),
    DepositStatus.REFUNDED: Bilingual("已退", "refunded"),
    DepositStatus.FORFEITED: Bilingual("不予退还", "forfeited"),
    DepositStatus.COUNTED: Bilingual("已抵作价款", "counted towards the price"),
    DepositStatus.LAPSED: Bilingual("不再需要", "no longer asked for"),
}


class Step(StrEnum):
    """What happens to a deposit."""

    DEMAND = "demand"
    RECEIVE = "receive"
    RELEASE = "release"
    REFUND = "refund"
    FORFEIT = "forfeit"
    COUNT = "count"
    LAPSE = "lapse"


STEPS: dict[Step, Bilingual] = {
    Step.DEMAND: Bilingual("通知缴纳", "asked for"),
    Step.RECEIVE: Bilingual("收款", "received"),
    Step.RELEASE: Bilingual("准予退还", "released"),
    Step.REFUND: Bilingual("退款", "refunded"),
    Step.FORFEIT: Bilingual("不予退还", "forfeited"),
    Step.COUNT: Bilingual("抵作价款", "counted towards the price"),
    Step.LAPSE: Bilingual("不再需要", "no longer asked for"),
}
# Money that arrives when it is no longer asked for goes back.
_NEXT: dict[tuple[DepositStatus | None, Step], DepositStatus] = {
    (None, Step.DEMAND): DepositStatus.DUE,
    (DepositStatus.DUE, Step.RECEIVE): DepositStatus.HELD,
    (DepositStatus.DUE, Step.LAPSE): DepositStatus.LAPSED,
    (DepositStatus.LAPSED, Step.RECEIVE): DepositStatus.REFUND_DUE,
    (DepositStatus.HELD, Step.RELEASE): DepositStatus.REFUND_DUE,
    (DepositStatus.HELD, Step.FORFEIT): DepositStatus.FORFEITED,
    (DepositStatus.HELD, Step.COUNT): DepositStatus.COUNTED,
    (DepositStatus.REFUND_DUE, Step.REFUND): DepositStatus.REFUNDED,
}
ENDED = (DepositStatus.REFUNDED, DepositStatus.FORFEITED, DepositStatus.LAPSED, DepositStatus.COUNTED)
_WITH_US = (DepositStatus.HELD, DepositStatus.REFUND_DUE)


class DepositStepError(ConflictError):
    """A deposit that stands so cannot go that way."""

    code = "deposit_step_refused"
    message = Bilingual(
        "保证金目前为“{status}”，不能办理“{step}”。", "The deposit is {status}; it cannot be {step} now."
    )


def status_after(status: DepositStatus | None, step: Step) -> DepositStatus:
    """Return how a deposit stands after a step; `status` is None before it was asked for.

    Raises
    ------
    DepositStepError
        When that step cannot follow.
    """
    found = _NEXT.get((status, step))
    if found is None:
        said = DEPOSIT_STATUSES[status] if status is not None else Bilingual("未通知", "not asked for")
        raise DepositStepError(status=said, step=STEPS[step])
    return found


def may_follow(status: DepositStatus, step: Step) -> bool:
    """Tell whether a step can follow."""
    return (status, step) in _NEXT


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the money of deposits is, in CNY; `received` is always the sum of the other four.

    Attributes
    ----------
    held
        What is still with the office, to be refunded or not.
    """

    received: Decimal = Decimal("0.00")
    held: Decimal = Decimal("0.00")
    refunded: Decimal = Decimal("0.00")
    forfeited: Decimal = Decimal("0.00")
    counted: Decimal = Decimal("0.00")


def balance_of(movements: Iterable[tuple[Step, Decimal]]) -> Balance:
    """Return where the money is after movements, each a step with the deposit's amount."""
    sums = dict.fromkeys((Step.RECEIVE, Step.REFUND, Step.FORFEIT, Step.COUNT), Decimal("0.00"))
    for step, amount in movements:
        if step in sums:
            sums[step] += amount
    received, *gone = sums.values()
    return Balance(received, received - sum(gone), *gone)


def held_of(deposits: Iterable[tuple[DepositStatus, Decimal]]) -> Decimal:
    """Return how much of deposits that stand so is with the office."""
    return sum((amount for status, amount in deposits if status in _WITH_US), Decimal("0.00"))


def reference_of(number: int) -> str:
    """Return the payment reference of a deposit's number: two letters, eight digits, two check digits.

    The check digits are those of ISO/IEC 7064 MOD 97-10: they find every wrong digit and every swap of neighbours.

    Raises
    ------
    ValueError
        When the number does not fit eight digits.
    """
    if not 0 < number < 10**8:
        raise ValueError("a deposit's number has eight digits at most")
    return f"BZ{number:08d}{98 - number * 100 % 97:02d}"


def is_reference(text: str) -> bool:
    """Tell whether a text is a payment reference with the right check digits."""
    digits = text[2:]
    sound = text[:2] == "BZ" and len(digits) == 10 and digits.isascii() and digits.isdigit()
    return sound and 2 <= int(digits[8:]) <= 98 and int(digits) % 97 == 1
