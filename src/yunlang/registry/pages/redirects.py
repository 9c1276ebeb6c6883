"""What to say to the reader after an action, and where to lead."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from yunlang.kit.errors import InvalidError
from yunlang.kit.language import Bilingual


def back_to(request: HttpRequest, otherwise: str) -> str:
    """Return where the reader came from, if the form says so and it is an address of this site."""
    address = request.POST.get("next", "")
    if address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return address
    return otherwise


def reasons_of(error: InvalidError) -> Bilingual:
    """Return all reasons of a refusal in one message, for an action whose form is not shown again."""
    reasons = [reason for reasons in error.fields.values() for reason in reasons]
    return Bilingual(" ".join(reason.zh for reason in reasons), " ".join(reason.en for reason in reasons))
