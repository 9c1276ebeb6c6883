"""What can be wrong with terms and with journals; refusals of commands are no errors (see `refusals`)."""

from __future__ import annotations

from yunlang.kit.errors import DomainError, InvalidError
from yunlang.kit.language import Bilingual


class TermsError(InvalidError):
    """Terms that no sale can be held on; `fields` has the reasons by field."""

    code = "auction_terms_invalid"
    message = Bilingual("拍卖条件有 {count} 处问题。", "The terms of sale have {count} problem(s).")


class CommandError(InvalidError):
    """A command that is malformed, whatever the state; `fields` has the reasons by field."""

    code = "auction_command_invalid"
    message = Bilingual("请求有 {count} 处问题。", "The command has {count} problem(s).")


class JournalError(DomainError):
    """Events that no engine of this version wrote, or not in this order."""

    code = "auction_journal_invalid"
    message = Bilingual(
        "第 {sequence} 条拍卖记录有误：{reason}。", "Event {sequence} of the journal is wrong: {reason}."
    )
    status = 422
