from __future__ import annotations

from django.urls import path, register_converter

from yunlang.accounts import notice_pages, pages
from yunlang.accounts.letters import LetterKind


class LetterKindConverter:
    """A kind of letters."""

    regex = "|".join(LetterKind)

    def to_python(self, value: str) -> LetterKind:
        """Return the kind."""
        return LetterKind(value)

    def to_url(self, value: str) -> str:
        """Return the kind's name."""
        return value


register_converter(LetterKindConverter, "letter_kind")

app_name = "accounts"
urlpatterns = [
    path("sign-in/", pages.sign_in, name="sign_in"),
    path("sign-up/", pages.sign_up, name="sign_up"),
    path("sign-out/", pages.sign_out, name="sign_out"),
    path("welcome/", pages.welcome, name="welcome"),
    path("me/", pages.profile, name="profile"),
    path("me/password/", pages.password, name="password"),
    path("notices/", notice_pages.notices, name="notices"),
    path("notices/read/", notice_pages.notices_done, name="notices_read"),
    path("notices/<uuid:notice_id>/", notice_pages.notice_open, name="notice"),
    path("letters/<letter_kind:kind>/", notice_pages.letters_choice, name="letters"),
    # The address has stood in letters since before there were several kinds.
    path("digest/end/<str:token>/", notice_pages.letters_end, name="letters_end"),
    path("tokens/", pages.tokens, name="tokens"),
    path("tokens/<uuid:token_id>/revoke/", pages.token_stop, name="token_revoke"),
]
