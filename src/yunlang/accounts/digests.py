"""The daily letter: what a person was told and has not read, once each.

Sent at most once: notices are marked as mailed, and that is committed, before the letter leaves. A worker killed
between the two loses one letter, whose notices still stand unread on the site; were it the other way round, a worker
that dies again and again would send the same letter each time. The connection to the mail server is opened before
anything is marked, so that a server that cannot be reached loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from uuid import UUID

import structlog
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction

from yunlang.accounts.letters import LetterKind, absolute, letter_language, letter_message
from yunlang.accounts.models import Notice, User
from yunlang.accounts.notices import notice_text
from yunlang.kit.language import Bilingual

log = structlog.get_logger("yunlang.accounts")

MOST_SHOWN = 20
SUBJECT = Bilingual("云廊：{count} 条新消息", "Yunlang: {count} new messages")


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes to one person."""

    recipient: User
    notices: tuple[Notice, ...]

    def message(self) -> EmailMultiAlternatives:
        """Return the letter in its reader's language."""
        language = letter_language(self.recipient)
        context = {
            "items": [(notice_text(one).text(language), absolute(one.address)) for one in self.notices[:MOST_SHOWN]],
            "more": max(0, len(self.notices) - MOST_SHOWN),
        }
        subject = SUBJECT.text(language).format(count=len(self.notices))
        return letter_message(self.recipient, LetterKind.DAILY, subject, "accounts/digest", context)


def recipients_waiting() -> list[UUID]:
    """Return who has something unread that no letter has told yet, and wants letters."""
    waiting = Notice.objects.filter(read_at=None, mailed_at=None)
    wanted = User.objects.filter(is_active=True, digest=True, pk__in=waiting.values("recipient"))
    return list(wanted.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def letter_take(*, recipient_id: UUID, at: datetime) -> Letter | None:
    """Mark a person's waiting notices as mailed and return them as a letter; None where another took them first."""
    user = User.objects.select_for_update().filter(pk=recipient_id, is_active=True, digest=True).first()
    if user is None:
        return None
    waiting = Notice.objects.filter(recipient=user, read_at=None, mailed_at=None)
    notices = tuple(waiting.order_by("-created_at", "-id"))
    Notice.objects.filter(pk__in=[one.pk for one in notices]).update(mailed_at=at)
    return Letter(user, notices) if notices else None


def digests_send(*, at: datetime, keep_going: Callable[[], bool] = lambda: True) -> int:
    """Send everybody's letter of the day; return how many left.

    Raises
    ------
    OSError
        When the mail server cannot be reached; then nothing is marked. When it goes away on the way, nothing more is.
    """
    waiting = recipients_waiting()
    if not waiting:
        return 0
    sent = 0
    with get_connection() as connection:
        for recipient_id in waiting:
            if not keep_going():
                break
            letter = letter_take(recipient_id=recipient_id, at=at)
            if letter is None:
                continue
            message = letter.message()
            message.connection = connection
            try:
                sent += message.send()
            except (SMTPRecipientsRefused, SMTPResponseException) as error:
                # One letter that is refused must not keep the others waiting; its notices stand on the site.
                log.warning("digest_refused", recipient=str(recipient_id), reason=str(error))
    return sent
