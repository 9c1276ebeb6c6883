"""Problem details (RFC 9457): one shape for every refusal, in the reader's language with both at hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation.trans_real import parse_accept_lang_header
from pydantic import BaseModel, ConfigDict, Field

from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual, Language

MEDIA_TYPE = "application/problem+json"

TITLES: dict[int, Bilingual] = {
    400: Bilingual("请求有误", "Bad request"),
    401: Bilingual("需要登录", "Sign-in required"),
    403: Bilingual("没有权限", "Not allowed"),
    404: Bilingual("没有找到", "Not found"),
    405: Bilingual("不支持该方法", "Method not allowed"),
    409: Bilingual("与现状冲突", "Conflict"),
    413: Bilingual("请求过大", "Request too large"),
    422: Bilingual("填写有误", "Values need correcting"),
    429: Bilingual("操作过于频繁", "Too many requests"),
    500: Bilingual("服务出错", "Server error"),
    503: Bilingual("服务暂不可用", "Service unavailable"),
}


class MalformedRequestError(DomainError):
    """The request cannot be read at all."""

    code = "malformed_request"
    message = Bilingual("无法读取请求：{reason}。", "The request cannot be read: {reason}.")
    status = 400


class RequestTooLargeError(DomainError):
    """The body is larger than the API takes."""

    code = "request_too_large"
    message = Bilingual("请求内容过大，请减小后重试。", "The request's body is too large. Send less.")
    status = 413


class MethodNotAllowedError(DomainError):
    """The address exists; the method does not."""

    code = "method_not_allowed"
    message = Bilingual("此地址只接受：{allowed}。", "This address takes only: {allowed}.")
    status = 405


class ServerError(DomainError):
    """Our fault; the log has the rest."""

    code = "server_error"
    message = Bilingual("服务出错，已记录，请稍后重试。", "Something failed here. It is logged; try again later.")
    status = 500


class DatabaseUnavailableError(DomainError):
    """The database cannot be reached, or cannot write."""

    code = "database_unavailable"
    message = Bilingual(
        "数据库暂时不可用，请稍后重试；带编号的请求请用同一编号重发。",
        "The database is not available just now. Try again shortly; send what has a key again under the same key.",
    )
    status = 503
    seconds: ClassVar[int] = 1


# What the database raises when it is at fault, and not what it was asked.
DATABASE_FAILURES = (OperationalError, InterfaceError, InternalError)


class InputError(DomainError):
    """Values of a request that cannot be taken, each with its place in the request."""

    code = "invalid"
    message = Bilingual("有 {count} 处填写有误，请按提示修改。", "{count} value(s) need correcting.")
    status = 422

    def __init__(self, errors: Sequence[ValueProblem]) -> None:
        self.errors = tuple(errors)
        super().__init__(count=len(self.errors))


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """One value that cannot be taken.

    Attributes
    ----------
    place
        ``body``, ``query``, ``path``, ``header``.
    path
        Keys and indices that lead to the value inside the body; the parameter's name elsewhere.
    """

    place: str
    path: tuple[str | int, ...]
    code: str
    message: Bilingual


@dataclass(frozen=True, slots=True)
class Refusal:
    """All that a problem document says, before a language is chosen."""

    status: int
    code: str
    message: Bilingual
    errors: Sequence[ValueProblem] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class BilingualText(BaseModel):
    """One phrase in Chinese and in English."""

    zh: str = Field(examples=["没有找到：该记录。"])
    en: str = Field(examples=["Not found: this record."])


class ProblemError(BaseModel):
    """One value that cannot be taken."""

    model_config = ConfigDict(populate_by_name=True)
    place: Literal["body", "query", "path", "header"] = Field(alias="in")
    pointer: str | None = Field(None, description="JSON Pointer (RFC 6901) into the body.", examples=["#/budget"])
    name: str | None = Field(None, description="The parameter, where it is not in the body.", examples=["limit"])
    code: str = Field(examples=["invalid"])
    detail: str = Field(examples=["“很多”不是金额，可写 1200000 或 120 万元"])
    message: BilingualText


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(description="What kind of problem, explained there.", examples=["/api/v1/docs#problem-not_found"])
    title: str = Field(examples=["没有找到"])
    status: int = Field(examples=[404])
    detail: str = Field(
        description="What happened and what to do, in the reader's language.", examples=["没有找到：该记录。"]
    )
    code: str = Field(description="Stable and machine readable.", examples=["not_found"])
    message: BilingualText = Field(description="`detail` in both languages.")
    errors: list[ProblemError] | None = Field(None, description="Value by value, where values are the problem.")


def language_of(request: HttpRequest) -> Language:
    """Return the language of an API answer: ``?lang=``, else Accept-Language, else Chinese."""
    try:
        chosen = request.GET.get("lang", "")
    except SuspiciousOperation:
        chosen = ""
    return language_wanted(chosen, request.headers.get("Accept-Language", ""))


def language_wanted(chosen: str, accepted: str) -> Language:
    """Return the language of an answer to who chose one, if anything, or else accepts some, as browsers say it."""
    for code in [chosen] if chosen else [code for code, _ in parse_accept_lang_header(accepted)]:
        if code.lower().startswith("en"):
            return "en"
        if code.lower().startswith("zh"):
            return "zh-hans"
    return "zh-hans"


def refusal_of(error: DomainError) -> Refusal:
    """Return what the API says to a domain error. One that carries `headers` has them sent along."""
    errors: list[ValueProblem] = list(getattr(error, "errors", ()))
    for name, reasons in getattr(error, "fields", {}).items():
        errors += [ValueProblem("body", (name,), "invalid", reason) for reason in reasons]
    headers = dict(getattr(error, "headers", {}))
    seconds = getattr(error, "seconds", None)
    if seconds is not None:
        headers["Retry-After"] = str(seconds)
    return Refusal(error.status, error.code, error.text, errors, headers)


def problem_response(request: HttpRequest, refusal: Refusal, *, reference: str) -> HttpResponse:
    """Return the problem document, its type pointing into the page at `reference`."""
    response = HttpResponse(
        problem_body(refusal, language=language_of(request), reference=reference),
        status=refusal.status,
        content_type=MEDIA_TYPE,
    )
    for name, value in refusal.headers.items():
        response[name] = value
    return response


def problem_body(refusal: Refusal, *, language: Language, reference: str) -> bytes:
    """Return the problem document as it is sent."""
    title = TITLES.get(refusal.status, TITLES[400 if refusal.status < 500 else 500])
    document: dict[str, Any] = {
        "type": f"{reference}#problem-{refusal.code}",
        "title": title.text(language),
        "status": refusal.status,
        "detail": refusal.message.text(language),
        "code": refusal.code,
        "message": _both(refusal.message),
    }
    if refusal.errors:
        document["errors"] = [_value_document(error, language) for error in refusal.errors]
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def _value_document(error: ValueProblem, language: Language) -> dict[str, Any]:
    where = {"pointer": json_pointer(error.path)} if error.place == "body" else {"name": _name(error.path)}
    return {
        "in": error.place,
        **where,
        "code": error.code,
        "detail": error.message.text(language),
        "message": _both(error.message),
    }


def json_pointer(path: Sequence[str | int]) -> str:
    """Return the URI fragment form of a JSON Pointer (RFC 6901, 6)."""
    return "#" + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _name(path: Sequence[str | int]) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _both(message: Bilingual) -> dict[str, str]:
    return {"zh": message.zh, "en": message.en}
