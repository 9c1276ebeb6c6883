"""Letters about what cannot wait: one for each notice, sent by a job as soon as what it tells is committed.

Sent at most once, as the daily letter is and for the same reasons: a notice is marked as mailed, and that is committed,
before its letter leaves. Who wants no such letters finds the notice in the daily one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from uuid import UUID

import structlog
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.utils.text import Truncator

from yunlang.accounts.letters import LetterKind, absolute, letter_language, letter_message
from yunlang.accounts.models import Notice, User
from yunlang.accounts.notices import notice_text
from yunlang.kit.language import Bilingual
from yunlang.kit.text import line_form

log = structlog.get_logger("yunlang.accounts")

SUBJECT = Bilingual("云廊：{text}", "Yunlang: {text}")
SUBJECT_LENGTH = 120


@dataclass(frozen=True, slots=True)
class UrgentLetter:
    """What goes to one person about one thing."""

    recipient: User
    notice: Notice

    def message(self) -> EmailMultiAlternatives:
        """Return the letter in its reader's language."""
        language = letter_language(self.recipient)
        text = notice_text(self.notice).text(language)
        # A header is one line, whatever people typed.
        subject = SUBJECT.text(language).format(text=Truncator(line_form(text)).chars(SUBJECT_LENGTH))
        context = {"text": text, "address": absolute(self.notice.address)}
        return letter_message(self.recipient, LetterKind.URGENT, subject, "accounts/urgent_letter", context)


@transaction.atomic
def urgent_letter_take(*, notice_id: UUID, at: datetime) -> UrgentLetter | None:
    """Mark a notice as mailed and return it as a letter.

    None where another took it first, its recipient has read it meanwhile, or wants no such letters.
    """
    wanting = User.objects.filter(notices=notice_id, is_active=True, urgent_letters=True)
    # The daily letter is taken under the same lock.
    user = wanting.select_for_update(of=("self",)).first()
    if user is None:
        return None
    waiting = Notice.objects.filter(pk=notice_id, read_at=None, mailed_at=None)
    if not waiting.update(mailed_at=at):
        return None
    return UrgentLetter(user, Notice.objects.get(pk=notice_id))


def urgent_letters_send(
    *, notice_ids: Sequence[UUID], at: datetime, keep_going: Callable[[], bool] = lambda: True
) -> int:
    """Send the letters of notices; return how many left.

    Raises
    ------
    OSError
        When the mail server cannot be reached; then nothing is marked. When it goes away on the way, nothing more is.
    """
    sent = 0
    with get_connection() as connection:
        for notice_id in notice_ids:
            if not keep_going():
                break
            letter = urgent_letter_take(notice_id=notice_id, at=at)
            if letter is None:
                continue
            message = letter.message()
            message.connection = connection
            try:
                sent += message.send()
            except (SMTPRecipientsRefused, SMTPResponseException) as error:
                log.warning("urgent_letter_refused", recipient=str(letter.recipient.pk), reason=str(error))
    return sent
