from __future__ import annotations

from django.urls import path

from yunlang.accounts import pages

app_name = "accounts"
urlpatterns = [
    path("sign-in/", pages.sign_in, name="sign_in"),
    path("sign-up/", pages.sign_up, name="sign_up"),
    path("sign-out/", pages.sign_out, name="sign_out"),
    path("welcome/", pages.welcome, name="welcome"),
    path("me/", pages.profile, name="profile"),
    path("me/password/", pages.password, name="password"),
    path("tokens/", pages.tokens, name="tokens"),
    path("tokens/<uuid:token_id>/revoke/", pages.token_stop, name="token_revoke"),
]
