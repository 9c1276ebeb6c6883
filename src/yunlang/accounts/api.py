"""Who calls the API: a token, a signed-in browser, or anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from ninja.utils import check_csrf

from yunlang.accounts.models import ApiToken, User
from yunlang.accounts.services import token_authenticate
from yunlang.kit.api.limiting import RequestLimiter, client_network
from yunlang.kit.api.reference import SAFE_METHODS
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual
from yunlang.kit.rate_limit import RateLimit

_REALM = 'Bearer realm="yunlang"'
_ANONYMOUS = AnonymousUser()

SECURITY_SCHEMES: dict[str, dict[str, Any]] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token made on the page /accounts/tokens/. Scope `read` reads; scope `write` also changes.",
        "x-zh": "在 /accounts/tokens/ 页面生成的令牌。read 只能读取，write 也能修改。",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "The cookie of a signed-in browser; changes also need the X-CSRFToken header.",
        "x-zh": "已登录浏览器的 Cookie；修改时还需 X-CSRFToken 请求头。",
    },
}


class SignInRequiredError(DomainError):
    """The operation is for those who have signed in."""

    code = "sign_in_required"
    message = Bilingual(
        "请先登录：在请求头中提供 API 令牌（Authorization: Bearer yl_…）。",
        "Sign in first: send an API token (Authorization: Bearer yl_…).",
    )
    status = 401
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": _REALM}


class TokenRefusedError(DomainError):
    """The token is unknown, revoked or past its time."""

    code = "token_refused"
    message = Bilingual(
        "令牌无效、已停用或已过期，请在“API 令牌”页面重新生成。",
        "The token is unknown, revoked or expired. Make a new one on the page of API tokens.",
    )
    status = 401
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": f'{_REALM}, error="invalid_token"'}


class ScopeTooNarrowError(DomainError):
    """The token may read only."""

    code = "scope_too_narrow"
    message = Bilingual("该令牌只能读取，请换用可写的令牌。", "This token may only read. Use one with scope write.")
    status = 403
    headers: ClassVar[Mapping[str, str]] = {
        "WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{ApiToken.Scope.WRITE}"'
    }


class CsrfFailedError(DomainError):
    """A browser's change without the proof that the page itself asked for it."""

    code = "csrf_failed"
    message = Bilingual(
        "缺少 X-CSRFToken 请求头或其值不符。请从页面的 Cookie 中取得后重试，或改用 API 令牌。",
        "The X-CSRFToken header is missing or wrong. Send the cookie's value, or use an API token.",
    )
    status = 403


@dataclass(frozen=True, slots=True)
class CallLimits:
    """How often an address may call without signing in, and a person with."""

    anonymous: RateLimit
    person: RateLimit

    @classmethod
    def per_minute(cls, *, anonymous: int, person: int) -> CallLimits:
        """Return limits of so many calls a minute."""
        minute = timedelta(minutes=1)
        return cls(RateLimit("anonymous", anonymous, minute), RateLimit("token", person, minute))


class Caller:
    """Finds out who calls, and counts the call.

    The Authorization header decides where there is one; else the session's cookie, with CSRF proof for changes; else
    the caller is anonymous, who may only read. What each may do is for `require` to say.
    """

    def __init__(self, limiter: RequestLimiter, limits: CallLimits) -> None:
        self.limiter = limiter
        self.limits = limits

    def __call__(self, request: HttpRequest) -> User | AnonymousUser:
        """Return who calls; Ninja keeps it as ``request.auth``.

        Raises
        ------
        SignInRequiredError, TokenRefusedError, ScopeTooNarrowError, CsrfFailedError, TooManyRequestsError
        """
        unsafe = request.method not in SAFE_METHODS
        header = request.headers.get("Authorization")
        if header is not None:
            return self._by_token(request, header, unsafe=unsafe)
        if request.user.is_authenticated:
            return self._by_session(request, unsafe=unsafe)
        self._count_anonymous(request)
        if unsafe:
            raise SignInRequiredError
        return _ANONYMOUS

    def _by_token(self, request: HttpRequest, header: str, *, unsafe: bool) -> User:
        scheme, _, secret = header.strip().partition(" ")
        token = None
        if scheme.lower() == "bearer":
            token = token_authenticate(secret=secret.strip(), at=self.limiter.clock())
        if token is None:
            self._count_anonymous(request)
            raise TokenRefusedError
        self._count(request, token.user)
        if unsafe and token.scope != ApiToken.Scope.WRITE:
            raise ScopeTooNarrowError
        request.api_token = token  # type: ignore[attr-defined]
        return token.user

    def _by_session(self, request: HttpRequest, *, unsafe: bool) -> User:
        user: Any = request.user
        self._count(request, user)
        if unsafe and check_csrf(request) is not None:
            raise CsrfFailedError
        return user  # type: ignore[no-any-return]

    def _count(self, request: HttpRequest, user: User) -> None:
        self.limiter.count(request, self.limits.person, caller=str(user.id))

    def _count_anonymous(self, request: HttpRequest) -> None:
        self.limiter.count(request, self.limits.anonymous, caller=client_network(request))


def actor_of(request: HttpRequest) -> Any:
    """Return who calls, as services and selectors take it."""
    return request.auth  # type: ignore[attr-defined]


def signed_in_actor(request: HttpRequest) -> Any:
    """Return who calls, for operations that also to read are only for those who have signed in.

    Raises
    ------
    SignInRequiredError
        When nobody has.
    """
    actor = actor_of(request)
    if not actor.is_authenticated:
        raise SignInRequiredError
    return actor


def token_of(request: HttpRequest) -> ApiToken | None:
    """Return the token the caller used, None for a browser."""
    return getattr(request, "api_token", None)
