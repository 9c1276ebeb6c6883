"""What happens around every request: language, measures, and domain errors turned into pages."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from prometheus_client import Counter, Histogram

from yunlang.kit.errors import DomainError
from yunlang.kit.ids import new_id

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
GetResponse = Callable[[HttpRequest], HttpResponse]

REQUESTS = Counter("yunlang_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "yunlang_request_seconds", "Time to answer.", ["method", "route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10),
)  # fmt: skip


class RequestMetricsMiddleware:
    """Counts and times every answer by route, and gives its log lines a request id."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request and measure it."""
        request_id = str(new_id())
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        match = request.resolver_match
        route = (match.route if match else "") or "/"
        # A caller may invent methods; a label may not.
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, response.status_code).inc()
        SECONDS.labels(method, route).observe(time.perf_counter() - started)
        response["X-Request-Id"] = request_id
        return response


class ChineseFirstLocaleMiddleware:
    """Uses the language the reader chose, kept in a cookie; whoever has not chosen reads Chinese."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.known = {code for code, _ in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the chosen language."""
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in self.known else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ["Cookie"])
            return response


class DomainErrorMiddleware:
    """Turns a refusal that a view let through into a page that says what to do next."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a domain error; leave every other exception to Django."""
        if not isinstance(exception, DomainError):
            return None
        context = {"error": exception, "signed_in": request.user.is_authenticated}
        return render(request, "portal/error.html", context, status=exception.status)
