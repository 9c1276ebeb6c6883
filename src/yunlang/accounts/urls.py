from __future__ import annotations

from django.urls import path

from yunlang.accounts import notice_pages, pages

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
    path("digest/", notice_pages.digest_choice, name="digest"),
    path("digest/end/<str:token>/", notice_pages.digest_end, name="digest_end"),
    path("tokens/", pages.tokens, name="tokens"),
    path("tokens/<uuid:token_id>/revoke/", pages.token_stop, name="token_revoke"),
]
