"""What comes next after a hammer, in a sentence for whoever reads."""

from __future__ import annotations

from yunlang.auctions.core.aftersale import ResultStatus
from yunlang.auctions.result_selectors import SeenResult
from yunlang.kit.language import Bilingual

_NEXT: dict[ResultStatus, Bilingual] = {
    ResultStatus.HAMMERED: Bilingual(
        "走廊办公室核对后公示成交结果。", "The corridor office checks the result and then publishes it."
    ),
    ResultStatus.PUBLISHED: Bilingual(
        "公示期内，有资格的竞买人和委托人可提出异议；期满无未决异议的，由走廊办公室确认成交。",
        "Until the period ends, qualified bidders and the seller may object. With no objection left open, the corridor "
        "office then confirms the sale.",
    ),
    ResultStatus.SETTLED: Bilingual(
        "双方交接文件并互相签收，全部签收后由走廊办公室记录交割完成。",
        "Both sides hand over their documents and accept each other's; then the corridor office records the hand-over.",
    ),
    ResultStatus.COMPLETED: Bilingual("全部办结。", "Everything is done."),
    ResultStatus.ANNULLED: Bilingual("本次成交已撤销，不产生效力。", "The sale is annulled and has no effect."),
    ResultStatus.DEFAULTED: Bilingual(
        "买受人未履约，成交失效；拍品可另行上拍。",
        "The buyer did not perform, so the sale failed; the lot may be put up again.",
    ),
}
_TO_CONTRACT = Bilingual(
    "成交已确认，双方签订合同，由走廊办公室记入账本。",
    "The sale is confirmed. Both sides sign the contract, and the corridor office enters it in the ledger.",
)
_TO_PAY = Bilingual(
    "合同已签，按约定分期付款；付清后由走廊办公室记录结清。",
    "The contract is signed; instalments are paid as agreed. Once all is paid, the corridor office records it.",
)
_CONFIRMED = Bilingual("成交已确认，正在签约结算。", "The sale is confirmed and is being contracted and paid.")


def next_words(seen: SeenResult) -> Bilingual:
    """Return what comes next for a result; strangers are not told of the contract."""
    status = ResultStatus(seen.result.status)
    if status is not ResultStatus.CONFIRMED:
        return _NEXT[status]
    if not seen.is_own:
        return _CONFIRMED
    return _TO_PAY if seen.contract else _TO_CONTRACT
