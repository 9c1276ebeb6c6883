"""Letters: how one looks, and the link in it with which its reader ends such letters, without signing in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from yunlang.accounts.models import User
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual


class LetterKind(StrEnum):
    """The letters that people may want or not, by the field of the account that says so."""

    DAILY = "digest"
    URGENT = "urgent_letters"


_SALTS = {LetterKind.DAILY: "yunlang.accounts.digest", LetterKind.URGENT: "yunlang.accounts.urgent"}


def letter_language(recipient: User) -> str:
    """Return the language that a person reads letters in."""
    return recipient.language or settings.LANGUAGE_CODE


def letter_message(
    recipient: User, kind: LetterKind, subject: str, template: str, context: Mapping[str, Any]
) -> EmailMultiAlternatives:
    """Return a letter in its reader's language, with one link that ends such letters (RFC 8058)."""
    language = letter_language(recipient)
    end = absolute(reverse("accounts:letters_end", args=[end_token(recipient, kind)]))
    with translation.override(language):
        values = {
            "name": recipient.name, "all": absolute(reverse("accounts:notices")), "end": end, "language": language,
        } | dict(context)  # fmt: skip
        message = EmailMultiAlternatives(
            subject=subject,
            body=render_to_string(f"{template}.txt", values),
            to=[recipient.email],
            headers={
                "List-Unsubscribe": f"<{end}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
            },
        )
        message.attach_alternative(render_to_string(f"{template}.html", values), "text/html")
    return message


def absolute(path: str) -> str:
    """Return the address of a page for readers who are not on the site."""
    return settings.PUBLIC_ADDRESS + path


def end_token(user: User, kind: LetterKind) -> str:
    """Return what in a link proves that its bearer may end this person's letters of a kind; it does nothing else."""
    return signing.dumps(str(user.pk), salt=_SALTS[kind])


def letters_of_token(token: str) -> tuple[User, LetterKind]:
    """Return whose letters of which kind a token ends.

    Raises
    ------
    NotFoundError
        When it was not made here, or the account is gone.
    """
    for kind, salt in _SALTS.items():
        try:
            user = User.objects.filter(pk=UUID(signing.loads(token, salt=salt))).first()
        except (signing.BadSignature, ValueError, TypeError, AttributeError):
            continue
        if user is not None:
            return user, kind
    raise NotFoundError(what=Bilingual("该退订链接", "this link"))
