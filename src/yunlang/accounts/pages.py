"""Signing up, in and out; the account; its API tokens."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yunlang.accounts.browser import account_key, client_address, language_known, language_remember, next_address
from yunlang.accounts.forms import PasswordForm, ProfileForm, SignInForm, SignUpForm, TokenForm
from yunlang.accounts.models import ApiToken, User
from yunlang.accounts.services import (
    EmailTakenError,
    token_create,
    token_revoke,
    user_password_change,
    user_profile_change,
    user_register,
)
from yunlang.kit.errors import DomainError, InvalidError
from yunlang.kit.rate_limit import RateLimit, TooManyRequestsError, rate_check

SIGN_INS_BY_ADDRESS = RateLimit("sign_in_address", 100, timedelta(minutes=15))
SIGN_INS_BY_ACCOUNT = RateLimit("sign_in_account", 20, timedelta(minutes=15))
SIGN_UPS_BY_ADDRESS = RateLimit("sign_up_address", 20, timedelta(hours=1))
PASSWORD_CHANGES = RateLimit("password_change", 10, timedelta(minutes=15))

form_page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@sensitive_post_parameters("password")
@form_page
def sign_in(request: HttpRequest) -> HttpResponse:
    """Let a person in; what is wrong with address or password is not told apart."""
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user = _authenticated(request, form.cleaned_data["email"], form.cleaned_data["password"])
            except TooManyRequestsError as error:
                return _refused(request, "accounts/sign_in.html", form, error)
            if user is not None:
                return _signed_in(request, user, next_address(request, "portal:home"))
            form.add_error(None, _("邮箱或密码不正确。请核对后再试。"))
    return render(request, "accounts/sign_in.html", {"form": form, "next": _next(request)}, status=status)


def _authenticated(request: HttpRequest, email: str, password: str) -> User | None:
    now = timezone.now()
    rate_check(SIGN_INS_BY_ADDRESS, caller=client_address(request), at=now)
    rate_check(SIGN_INS_BY_ACCOUNT, caller=account_key(email), at=now)
    user = authenticate(request, username=email.strip(), password=password)
    return user if isinstance(user, User) else None


def _signed_in(request: HttpRequest, user: User, address: str) -> HttpResponse:
    login(request, user)
    response = redirect(address)
    if language_known(user.language):
        language_remember(response, user.language)
    return response


def _next(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next") or ""


def _refused(request: HttpRequest, template: str, form: SignInForm | SignUpForm, error: DomainError) -> HttpResponse:
    form.add_error(None, error.text.text(request.LANGUAGE_CODE))
    return render(request, template, {"form": form, "next": _next(request)}, status=error.status)


@never_cache
@sensitive_post_parameters("password")
@form_page
def sign_up(request: HttpRequest) -> HttpResponse:
    """Open an account, sign in, and lead on to the organisation."""
    form = SignUpForm(request.POST or None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            rate_check(SIGN_UPS_BY_ADDRESS, caller=client_address(request), at=timezone.now())
            user = user_register(**form.cleaned_data)
        except InvalidError as error:
            form.refuse(error)
        except (EmailTakenError, TooManyRequestsError) as error:
            return _refused(request, "accounts/sign_up.html", form, error)
        else:
            login(request, user, backend="yunlang.accounts.authentication.EmailBackend")
            return redirect("accounts:welcome")
    return render(request, "accounts/sign_up.html", {"form": form, "next": _next(request)}, status=status)


@login_required
@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """Say what comes after signing up: register an organisation, or join one."""
    return render(request, "accounts/welcome.html")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    messages.success(request, _("已退出登录。"))
    return redirect("portal:home")


@never_cache
@login_required
@form_page
def profile(request: HttpRequest) -> HttpResponse:
    """Show the account, and change name and phone."""
    user = _reader(request)
    form = ProfileForm(request.POST or None, initial={"name": user.name, "phone": user.phone})
    if request.method == "POST" and form.is_valid():
        try:
            user_profile_change(actor=user, **form.cleaned_data)
        except InvalidError as error:
            form.refuse(error)
        else:
            messages.success(request, _("账户信息已保存。"))
            return redirect("accounts:profile")
    context = {"form": form, "password_form": PasswordForm()}
    return render(request, "accounts/profile.html", context, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("old_password", "new_password")
@login_required
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; this session stays, every other one ends."""
    user = _reader(request)
    form = PasswordForm(request.POST)
    if form.is_valid():
        try:
            rate_check(PASSWORD_CHANGES, caller=str(user.pk), at=timezone.now())
            user_password_change(actor=user, **form.cleaned_data)
        except InvalidError as error:
            form.refuse(error)
        else:
            update_session_auth_hash(request, user)
            messages.success(request, _("密码已更改，其他设备上的登录已失效。"))
            return redirect("accounts:profile")
    context = {"form": ProfileForm(initial={"name": user.name, "phone": user.phone}), "password_form": form}
    return render(request, "accounts/profile.html", context, status=422)


@never_cache
@login_required
@form_page
def tokens(request: HttpRequest) -> HttpResponse:
    """List the reader's tokens and make one; its secret stands in that one answer and nowhere else."""
    user = _reader(request)
    form = TokenForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        try:
            made = token_create(actor=user, at=timezone.now(), **form.cleaned_data)
        except InvalidError as error:
            form.refuse(error)
        else:
            form = TokenForm()
    context = {
        "form": form,
        "made": made,
        "tokens": ApiToken.objects.filter(user=user).order_by("-created_at", "-id"),
        "now": timezone.now(),
    }
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def token_stop(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Revoke a token."""
    token_revoke(actor=_reader(request), token_id=token_id, at=timezone.now())
    messages.success(request, _("令牌已停用。"))
    return redirect("accounts:tokens")


def _reader(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - `login_required` let it in
    return user
