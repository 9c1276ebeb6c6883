"""The few things of HTTP that streams and bids need without Django: headers, addresses, problem documents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from yunlang.kit.api.limiting import address_of, network_of
from yunlang.kit.api.problems import MEDIA_TYPE, language_wanted, problem_body, refusal_of
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Language

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]
REFERENCE = "/api/v1/docs"
NOT_STORED = (b"cache-control", b"no-store")
AS_TOLD = (b"x-content-type-options", b"nosniff")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, before its body."""

    scope: Scope

    @property
    def method(self) -> str:
        """Its method."""
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        """Its path, decoded."""
        return str(self.scope["path"])

    def header(self, name: bytes) -> str:
        """Return a header by its name in lower case; its last value, or nothing."""
        found = b""
        for key, value in self.scope["headers"]:
            if key == name:
                found = value
        return found.decode("latin-1")

    def query(self, name: str) -> str:
        """Return a parameter of the query; its last value, or nothing."""
        if not self.scope["query_string"]:
            return ""
        pairs = parse_qsl(self.scope["query_string"].decode("latin-1"), max_num_fields=None)
        return next((value for key, value in reversed(pairs) if key == name), "")

    @property
    def network(self) -> str:
        """What one caller without a name is counted by."""
        client = self.scope.get("client") or ("",)
        return network_of(address_of(str(client[0]), self.header(b"x-forwarded-for")))

    @property
    def language(self) -> Language:
        """The language of the answer."""
        return language_wanted(self.query("lang"), self.header(b"accept-language"))

    def problem(self, error: DomainError) -> tuple[int, Headers, bytes]:
        """Return status, headers and body that answer with an error."""
        refusal = refusal_of(error)
        language = self.language
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-language", language.encode()),
            NOT_STORED,
            AS_TOLD,
        ]
        headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in refusal.headers.items()]
        return refusal.status, headers, problem_body(refusal, language=language, reference=REFERENCE)


async def answer(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send a whole answer."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
