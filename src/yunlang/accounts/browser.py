"""What is known of a reader's browser: its language, its address, and where it wanted to go."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def language_known(language: str) -> bool:
    """Tell whether pages exist in `language`."""
    return language in dict(settings.LANGUAGES)


def language_remember(response: HttpResponse, language: str) -> None:
    """Have the browser ask for `language` from now on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
    )


def next_address(request: HttpRequest, default: str) -> str:
    """Return the address in the parameter ``next`` where it leads to this site, else `default` (a URL's name)."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(default)


def client_address(request: HttpRequest) -> str:
    """Return the caller's network address; behind a proxy the one that the proxy itself has seen."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_TLS else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def account_key(email: str) -> str:
    """Return what rate limits count an account's attempts under: no address stands in their table."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]
