"""The API object: Django Ninja, with problem details for everything that goes wrong, whoever found it wrong."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any, NoReturn

import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.docs import DocsBase
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic_core import to_json

from yunlang.kit.api.limiting import limit_headers
from yunlang.kit.api.problems import (
    DATABASE_FAILURES,
    DatabaseUnavailableError,
    InputError,
    MalformedRequestError,
    MethodNotAllowedError,
    Refusal,
    RequestTooLargeError,
    ServerError,
    ValueProblem,
    language_of,
    problem_response,
    refusal_of,
)
from yunlang.kit.api.reference import ReferenceSchema
from yunlang.kit.api.validation import UNSTORABLE, value_problems
from yunlang.kit.errors import DomainError, NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.storable import is_storable, unstorable_names, unstorable_paths

_log = structlog.get_logger(__name__)

_NOT_JSON = Bilingual("正文不是合法的 JSON（RFC 8259）", "the body is not JSON (RFC 8259)")
_NOT_FORMED = Bilingual("地址或正文不合规范", "its address or body is not well formed")
_ADDRESS = Bilingual("该地址", "this address")
_REFERENCE_PAGE = "openapi-view"


class JsonParser(Parser):
    """Reads bodies as RFC 8259 has them: no NaN, nothing the database could not keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body's document.

        Raises
        ------
        ValueError
            When it is not JSON.
        InputError
            When it holds text that cannot be stored.
        """
        document = json.loads(request.body, parse_constant=_refuse_constant)
        problems = [ValueProblem("body", path, "unstorable_text", UNSTORABLE) for path in unstorable_paths(document)]
        if problems:
            raise InputError(problems)
        return document


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


class JsonRenderer(BaseRenderer):
    """Writes UTF-8 JSON: times in ISO 8601 with all their microseconds, decimals as strings."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """Return the answer's body."""
        return to_json(data)


class RestAPI(NinjaAPI):
    """A Ninja API of which every address answers in problem details, HEAD as GET, in the language asked for."""

    def __init__(
        self, *, title: Bilingual, description: Bilingual, docs: DocsBase, version: str, **options: Any
    ) -> None:
        super().__init__(
            title=title.en,
            description=description.en,
            version=version,
            docs=docs,
            docs_decorator=require_safe,
            parser=JsonParser(),
            renderer=JsonRenderer(),
            **options,
        )
        self._documents: dict[tuple[str, str], OpenAPISchema] = {}
        self.openapi_extra.setdefault("info", {})["x-zh"] = {"title": title.zh, "description": description.zh}
        for kind, handler in (
            (DomainError, self._on_domain_error),
            (ValidationError, self._on_validation_error),
            (HttpError, self._on_http_error),
            (Http404, self._on_not_found),
            (RequestDataTooBig, self._on_too_large),
            (SuspiciousOperation, self._on_not_formed),
            (UnreadablePostError, self._on_not_formed),
            *((kind, self._on_database_failure) for kind in DATABASE_FAILURES),
            (Exception, self._on_exception),
        ):
            self.add_exception_handler(kind, handler)

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """Every address of the API, guarded."""
        patterns, application, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern) and pattern.name != _REFERENCE_PAGE:
                pattern.callback = self.guarded(pattern.callback)
        return patterns, application, namespace

    def guarded(self, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        """Return `view` with what every answer of the API has in common."""

        @functools.wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            is_head, language = request.method == "HEAD", language_of(request)
            if is_head:
                request.method = "GET"
            with translation.override(language):
                response = self._answered(request, view, args, kwargs)
            for name, value in limit_headers(request).items():
                response[name] = value
            response["Content-Language"] = language
            response.headers.setdefault("Cache-Control", "no-store")
            patch_vary_headers(response, ["Authorization", "Cookie", "Accept-Language"])
            return _without_body(response) if is_head else response

        answer.csrf_exempt = True  # type: ignore[attr-defined]  # the credentials decide: accounts.api
        answer.checks_text = True  # type: ignore[attr-defined]
        return answer

    def not_found(self, request: HttpRequest) -> HttpResponseBase:
        """Answer for an address that the API does not have."""
        raise NotFoundError(what=_ADDRESS)

    def problem(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """Return the problem document for `refusal`."""
        return problem_response(request, refusal, reference=reverse(f"{self.urls_namespace}:{_REFERENCE_PAGE}"))

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the view's name, which is unique."""
        return operation.view_func.__name__

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the OpenAPI document in the language of the request, made once for each."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        key = (prefix, translation.get_language() or "")
        if key not in self._documents:
            self._documents[key] = ReferenceSchema(self, prefix)
        return self._documents[key]

    def _answered(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase:
        try:
            _check_address(request)
            response = view(request, *args, **kwargs)
        except Exception as error:
            return self.on_exception(request, error)
        if isinstance(response, HttpResponseNotAllowed):
            # A set of methods has no order of its own; the header and the sentence should.
            allowed = ", ".join(sorted(response["Allow"].split(", ")))
            refusal = refusal_of(MethodNotAllowedError(allowed=allowed))
            refused = self.problem(request, refusal)
            refused["Allow"] = allowed
            return refused
        return response

    def _on_domain_error(self, request: HttpRequest, error: Any) -> HttpResponse:
        return self.problem(request, refusal_of(error))

    def _on_validation_error(self, request: HttpRequest, error: Any) -> HttpResponse:
        return self.problem(request, refusal_of(InputError(value_problems(error.errors))))

    def _on_http_error(self, request: HttpRequest, error: Any) -> HttpResponse:
        # Ninja turns whatever the parser raised into this one error; what the parser meant stands behind it.
        if isinstance(error.__cause__, DomainError):
            return self.problem(request, refusal_of(error.__cause__))
        return self.problem(request, refusal_of(MalformedRequestError(reason=_NOT_JSON)))

    def _on_not_found(self, request: HttpRequest, error: Any) -> HttpResponse:
        return self.problem(request, refusal_of(NotFoundError(what=_ADDRESS)))

    def _on_too_large(self, request: HttpRequest, error: Any) -> HttpResponse:
        return self.problem(request, refusal_of(RequestTooLargeError()))

    def _on_not_formed(self, request: HttpRequest, error: Any) -> HttpResponse:
        return self.problem(request, refusal_of(MalformedRequestError(reason=_NOT_FORMED)))

    def _on_database_failure(self, request: HttpRequest, error: Any) -> HttpResponse:
        _log.error("api_without_database", method=request.method, path=request.path, exc_info=error)
        return self.problem(request, refusal_of(DatabaseUnavailableError()))

    def _on_exception(self, request: HttpRequest, error: Any) -> HttpResponse:
        _log.error("api_failed", method=request.method, path=request.path, exc_info=error)
        return self.problem(request, refusal_of(ServerError()))


def _check_address(request: HttpRequest) -> None:
    problems = [ValueProblem("query", (name,), "unstorable_text", UNSTORABLE) for name in unstorable_names(request.GET)]
    if not is_storable(request.path_info):
        problems.append(ValueProblem("path", (), "unstorable_text", UNSTORABLE))
    if problems:
        raise InputError(problems)


def _without_body(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, HttpResponse):
        response["Content-Length"] = str(len(response.content))
        response.content = b""
    return response
