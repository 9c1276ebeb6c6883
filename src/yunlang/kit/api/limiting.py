"""How often one caller may ask: counted in the database, told in the answer's headers."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from yunlang.kit.rate_limit import RateLimit, RateState, TooManyRequestsError, rate_check

_STATE = "yunlang.rate_state"


def client_address(request: HttpRequest) -> str:
    """Return the address a request came from."""
    return address_of(str(request.META.get("REMOTE_ADDR", "")), request.headers.get("X-Forwarded-For", ""))


def address_of(peer: str, forwarded: str) -> str:
    """Return the address a request came from whose connection `peer` opened.

    Behind a TLS proxy (``BEHIND_TLS``) it is the last of X-Forwarded-For, the one our own proxy wrote; what stands
    before it anybody may have sent. Without one the header means nothing and is not read.
    """
    if not settings.BEHIND_TLS:
        return peer
    last = forwarded.rsplit(",", 1)[-1].strip()
    return last if _parsed(last) else peer


def client_network(request: HttpRequest) -> str:
    """Return what one anonymous caller is counted by: the address, of IPv6 the /64 that one household holds."""
    return network_of(client_address(request))


def network_of(text: str) -> str:
    """Return what one anonymous caller at an address is counted by."""
    address = _parsed(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return text


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@dataclass
class RequestLimiter:
    """Counts requests against a limit and remembers on the request how much is left."""

    clock: Callable[[], datetime] = timezone.now

    def count(self, request: HttpRequest, limit: RateLimit, *, caller: str) -> None:
        """Count this request.

        Raises
        ------
        TooManyRequestsError
            When the limit is passed.
        """
        try:
            state = rate_check(limit, caller=caller, at=self.clock())
        except TooManyRequestsError as error:
            request.META[_STATE] = RateState(limit=limit, remaining=0, seconds=error.seconds)
            raise
        request.META[_STATE] = state


def limit_headers(request: HttpRequest) -> Mapping[str, str]:
    """Return the RateLimit headers (draft-ietf-httpapi-ratelimit-headers-10) for a request that was counted."""
    state: RateState | None = request.META.get(_STATE)
    return {} if state is None else state_headers(state)


def state_headers(state: RateState) -> Mapping[str, str]:
    """Return the headers that tell what a caller has left."""
    name, limit = state.limit.name, state.limit
    return {
        "RateLimit-Policy": f'"{name}";q={limit.count};w={int(limit.window.total_seconds())}',
        "RateLimit": f'"{name}";r={state.remaining};t={state.seconds}',
    }
