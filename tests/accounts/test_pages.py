"""Signing up, in and out, the account and its tokens, as a browser sees them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.factories import PASSWORD, make_user
from yunlang.accounts.browser import client_address
from yunlang.accounts.models import ApiToken, User
from yunlang.accounts.pages import SIGN_INS_BY_ACCOUNT
from yunlang.accounts.services import token_authenticate, token_create

pytestmark = pytest.mark.django_db
SIGN_IN, SIGN_UP, ME, TOKENS = "/accounts/sign-in/", "/accounts/sign-up/", "/accounts/me/", "/accounts/tokens/"
NEW = {"name": "王丽", "email": "wang.li@example.org", "phone": "", "password": PASSWORD}


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_right_password_leads_on(client: Client) -> None:
    user = make_user(email="wang.li@example.org")
    response = client.post(
        SIGN_IN, {"email": " Wang.Li@example.org ", "password": PASSWORD, "next": "/needs/new/?kind=talent"}
    )
    assert (response.status_code, response.headers["Location"]) == (302, "/needs/new/?kind=talent")
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(client: Client, away: str) -> None:
    make_user(email="wang.li@example.org")
    response = client.post(
        f"{SIGN_IN}?next={away}", {"email": "wang.li@example.org", "password": PASSWORD, "next": away}
    )
    assert response.headers["Location"] == "/"


def test_what_is_wrong_is_not_told_apart(client: Client) -> None:
    make_user(email="known@example.org")
    closed = make_user(email="closed@example.org")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    pages = set()
    for email, password in (
        ("known@example.org", "wrong-horse-9"),
        ("nobody@example.org", PASSWORD),
        ("closed@example.org", PASSWORD),
    ):
        response = client.post(SIGN_IN, {"email": email, "password": password})
        assert response.status_code == 422
        pages.add(re.sub(r'value="[^"]*"|x-csrftoken": "\w+', "", response.content.decode()))
    assert len(pages) == 1
    assert not signed_in(client)


def test_what_was_typed_stays_but_never_the_password(client: Client) -> None:
    html = client.post(SIGN_IN, {"email": "typed@example.org", "password": "wrong-horse-9"}).content.decode()
    assert 'value="typed@example.org"' in html
    assert "wrong-horse-9" not in html
    assert 'role="alert"' in html


def test_an_account_is_guessed_at_only_so_often(client: Client) -> None:
    make_user(email="wang.li@example.org")
    for _ in range(SIGN_INS_BY_ACCOUNT.count):
        client.post(SIGN_IN, {"email": "wang.li@example.org", "password": "wrong-horse-9"})
    response = client.post(SIGN_IN, {"email": "WANG.LI@example.org", "password": PASSWORD})
    assert response.status_code == 429
    assert "操作过于频繁" in response.content.decode()
    assert not signed_in(client)
    make_user(email="other@example.org")
    assert client.post(SIGN_IN, {"email": "other@example.org", "password": PASSWORD}).status_code == 302


def test_an_address_guesses_only_so_often(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from yunlang.accounts import pages
    from yunlang.kit.rate_limit import RateLimit

    monkeypatch.setattr(pages, "SIGN_INS_BY_ADDRESS", RateLimit("few", 2, timedelta(days=1)))
    statuses = [client.post(SIGN_IN, {"email": f"a{n}@example.org", "password": "x"}).status_code for n in range(3)]
    assert statuses == [422, 422, 429]


def test_the_address_behind_a_proxy_is_the_one_the_proxy_saw(rf: object, settings: object) -> None:
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7"}, REMOTE_ADDR="10.0.0.1")  # type: ignore[attr-defined]
    settings.BEHIND_TLS = False  # type: ignore[attr-defined]
    assert client_address(request) == "10.0.0.1"
    settings.BEHIND_TLS = True  # type: ignore[attr-defined]
    assert client_address(request) == "203.0.113.7"


def test_a_persons_language_becomes_the_browsers(client: Client) -> None:
    user = make_user(email="wang.li@example.org")
    User.objects.filter(pk=user.pk).update(language="en")
    response = client.post(SIGN_IN, {"email": "wang.li@example.org", "password": PASSWORD})
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_whoever_never_chose_a_language_keeps_the_browsers(client: Client) -> None:
    make_user(email="wang.li@example.org")
    response = client.post(SIGN_IN, {"email": "wang.li@example.org", "password": PASSWORD})
    assert settings.LANGUAGE_COOKIE_NAME not in response.cookies


def test_signing_up_signs_in_and_leads_to_the_organisation(client: Client) -> None:
    response = client.post(SIGN_UP, NEW, follow=True)
    assert response.redirect_chain == [("/accounts/welcome/", 302)]
    assert signed_in(client)
    html = response.content.decode()
    assert 'href="/organisations/new/"' in html
    assert 'href="/organisations/"' in html
    assert User.objects.get().role == "member"


def test_signing_up_gives_no_other_role(client: Client) -> None:
    client.post(SIGN_UP, NEW | {"role": "office"})
    assert User.objects.get().role == "member"


def test_a_refused_sign_up_keeps_what_was_typed(client: Client) -> None:
    response = client.post(SIGN_UP, NEW | {"email": "none", "password": "1234567890"})
    html = response.content.decode()
    assert response.status_code == 422
    assert '<a href="#field-email">邮箱：请填写有效的邮箱地址</a>' in html
    assert '<a href="#field-password">' in html
    assert 'value="王丽"' in html
    assert not User.objects.exists()


def test_a_refused_sign_up_speaks_english_too(client: Client) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    html = client.post(SIGN_UP, NEW | {"email": "none", "name": ""}).content.decode()
    assert "Enter a valid e-mail address" in html or "This field is required" in html
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r'<button[^>]*lang="zh-Hans">中文</button>', "", html))


def test_an_address_has_one_account(client: Client) -> None:
    make_user(email="wang.li@example.org")
    response = client.post(SIGN_UP, NEW)
    assert response.status_code == 409
    assert "这个邮箱已经注册" in response.content.decode()


def test_signing_out_takes_a_post(client: Client) -> None:
    client.force_login(make_user())
    assert client.get("/accounts/sign-out/").status_code == 405
    assert signed_in(client)
    assert client.post("/accounts/sign-out/").headers["Location"] == "/"
    assert not signed_in(client)


@pytest.mark.parametrize("address", [ME, TOKENS, "/accounts/welcome/"])
def test_an_accounts_pages_ask_for_signing_in(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.headers["Location"] == f"{SIGN_IN}?next={address}"


def test_name_and_phone_are_changed(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    response = client.post(ME, {"name": "王 丽", "phone": "0572 2030000"}, follow=True)
    assert "账户信息已保存" in response.content.decode()
    user.refresh_from_db()
    assert (user.name, user.phone) == ("王丽", "0572 2030000")
    assert client.post(ME, {"name": " "}).status_code == 422


def test_a_changed_password_ends_the_other_sessions_only(client: Client) -> None:
    user, elsewhere = make_user(), Client()
    client.force_login(user)
    elsewhere.force_login(user)
    new = "another-horse-77"
    assert client.post("/accounts/me/password/", {"old_password": PASSWORD, "new_password": new}).status_code == 302
    assert client.get(ME).status_code == 200
    assert elsewhere.get(ME).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)


def test_the_old_password_is_asked_for(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    response = client.post(
        "/accounts/me/password/", {"old_password": "wrong-horse-9", "new_password": "another-horse-77"}
    )
    assert response.status_code == 422
    assert "现在的密码不正确" in response.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_tokens_secret_is_shown_once_and_works(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    response = client.post(TOKENS, {"name": "夜间同步", "scope": "read", "days": "30"})
    found = re.search(r'id="token-secret">(yl_[\w-]+)<', response.content.decode())
    assert found
    assert "no-store" in response.headers["Cache-Control"]
    token = token_authenticate(secret=found[1], at=timezone.now())
    assert token is not None
    assert (token.user, token.name, token.scope) == (user, "夜间同步", "read")
    assert found[1] not in client.get(TOKENS).content.decode()


def test_a_token_that_breaks_the_rules_is_not_made(client: Client) -> None:
    client.force_login(make_user())
    response = client.post(TOKENS, {"name": "", "scope": "all", "days": "4000"})
    assert response.status_code == 422
    assert response.content.decode().count('<p class="field-error">') == 3
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_owner_alone(client: Client) -> None:
    owner = make_user()
    made = token_create(actor=owner, name="同步", scope="read", days=30, at=timezone.now())
    address = f"/accounts/tokens/{made.token.pk}/revoke/"
    client.force_login(make_user())
    assert client.post(address).status_code == 403
    client.force_login(owner)
    assert client.get(address).status_code == 405
    assert "已停用" in client.post(address, follow=True).content.decode()
    assert token_authenticate(secret=made.secret, at=timezone.now()) is None


def test_the_list_of_tokens_is_ones_own(client: Client) -> None:
    token_create(actor=make_user(), name="别人的", scope="read", days=30, at=timezone.now())
    client.force_login(make_user())
    assert "别人的" not in client.get(TOKENS).content.decode()
