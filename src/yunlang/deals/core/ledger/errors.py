"""Why something may not happen to a deal."""

from __future__ import annotations

from yunlang.kit.errors import ConflictError
from yunlang.kit.language import Bilingual


class DealStepImpossibleError(ConflictError):
    """The step does not start from where the deal stands."""

    code = "deal_step_impossible"
    message = Bilingual(
        "当前状态为“{status}”，不能执行这一步。请刷新页面，看最新进展。",
        "The status is {status}; the step is not possible from there. Reload to see where it stands.",
    )


class UnknownPartError(ConflictError):
    """A milestone, payment or entry that is not there."""

    code = "deal_part_unknown"
    message = Bilingual(
        "没有这一里程碑、付款或条目。请刷新页面，看最新进展。",
        "There is no such milestone, payment or entry. Reload to see where it stands.",
    )


class AmountExceededError(ConflictError):
    """Payments would exceed the contract."""

    code = "deal_amount_exceeded"
    message = Bilingual(
        "各笔付款合计 {committed} 元，超过合同金额 {limit} 元。如已另行约定，请先变更合同金额。",
        "Payments would come to CNY {committed}, more than the contract's CNY {limit}. Amend the contract first.",
    )


class NotCorrectableError(ConflictError):
    """A correction of what must stay, or to what is no value."""

    code = "deal_not_correctable"
    message = Bilingual("不能这样记录：{what}。", "This cannot be recorded: {what}.")


class UnfinishedError(ConflictError):
    """Something is still due."""

    code = "deal_unfinished"
    message = Bilingual(
        "还有里程碑未通过验收，或有付款未付。",
        "A milestone is not accepted yet, or a payment not made.",
    )
