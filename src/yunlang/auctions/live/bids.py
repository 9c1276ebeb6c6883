"""The short way for a plain bid over HTTP. What is not plain goes the long way, through Django, to the same answer."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from yunlang.auctions.live.batches import BidAsk
from yunlang.auctions.live.wire import Asked, Receive
from yunlang.kit.money import CENT

LARGEST_BODY = 2_000
_HYPHENED = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
ADDRESS = re.compile(f"/api/v1/lots/({_HYPHENED})/bids")
_SECRET = re.compile(r"Bearer (yl_[!-~]{1,200})")
_KEY = re.compile(r"[!-~]{1,100}")
_AMOUNT = re.compile(r"[0-9]{1,16}(\.[0-9]{1,2})?")
_PADDLE = re.compile(r"[0-9]{0,4}")
_JSON = ("application/json", "application/json; charset=utf-8")
_ONCE = (b"host", b"authorization", b"content-type", b"content-length", b"idempotency-key", b"accept-language")
_FIELDS = {"amount", "proxy", "quantity", "paddle"}
_MOST = 10**9


class TooLateToReadError(Exception):
    """The client left before its bid was read."""


def is_plain(asked: Asked) -> bool:
    """Tell whether a request may be a plain bid, as far as can be told before its body."""
    if asked.method != "POST" or asked.scope["query_string"] or not ADDRESS.fullmatch(asked.path):
        return False
    names = [name for name, _ in asked.scope["headers"]]
    length = asked.header(b"content-length")
    return bool(
        all(names.count(name) < 2 for name in _ONCE)
        and b"transfer-encoding" not in names
        and length.isascii() and length.isdigit() and len(length) < 6 and int(length) <= LARGEST_BODY
        and asked.header(b"content-type").lower() in _JSON
        and _KEY.fullmatch(asked.header(b"idempotency-key")) is not None
        and _SECRET.fullmatch(asked.header(b"authorization")) is not None
        and _is_own_host(asked.header(b"host"))
    )  # fmt: skip


@lru_cache(maxsize=100)
def _is_own_host(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


async def body_read(receive: Receive) -> bytes:
    """Return a request's body, which `is_plain` found to be short.

    Raises
    ------
    TooLateToReadError
        When the client left.
    """
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise TooLateToReadError
        body += bytes(message.get("body", b""))
        if not message.get("more_body", False):
            return body


def read_again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body which was read already, and goes on with the other."""
    parts: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> MutableMapping[str, Any]:
        return parts.pop() if parts else await receive()

    return again


def bid_of(asked: Asked, body: bytes) -> BidAsk | None:
    """Return the bid that a request makes; None where it is not as plain as that."""
    try:
        values = orjson.loads(body)
    except ValueError:
        return None
    address, secret = ADDRESS.fullmatch(asked.path), _SECRET.fullmatch(asked.header(b"authorization"))
    if address is None or secret is None or not _is_bid(values):
        return None
    return BidAsk(
        asked, secret[1], UUID(address[1]), asked.header(b"idempotency-key"),
        Decimal(values["amount"]).quantize(CENT), values.get("proxy", False), values.get("quantity", 1),
        values.get("paddle", ""),
    )  # fmt: skip


def _is_bid(values: Any) -> bool:
    if not isinstance(values, dict) or not values.keys() <= _FIELDS:
        return False
    amount, quantity, paddle = values.get("amount"), values.get("quantity", 1), values.get("paddle", "")
    return (
        isinstance(amount, str) and _AMOUNT.fullmatch(amount) is not None
        and type(values.get("proxy", False)) is bool
        and type(quantity) is int and 1 <= quantity <= _MOST
        and isinstance(paddle, str) and _PADDLE.fullmatch(paddle) is not None
    )  # fmt: skip
