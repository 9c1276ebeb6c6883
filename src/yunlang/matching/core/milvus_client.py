"""Milvus's client: made at the first call, every call bounded in time, failures said in the platform's own words."""

from __future__ import annotations

import logging
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from yunlang.matching.core.errors import (
    MissingClientError,
    MovedIndexError,
    SearchAddressError,
    SearchServerError,
    UnreachableServerError,
)

SECONDS = 10.0
CONNECT_SECONDS = 3.0
PATIENCE = 30.0  # times as long for a call that writes
_GONE = {100, 101, 1600}  # collection not found, collection not loaded, alias not found
_UNREACHABLE = {2}  # pymilvus's own: no connection
_SILENT = {"UNAVAILABLE", "DEADLINE_EXCEEDED"}
# A subchannel of its own: gRPC lets no other try again while one waits, up to two minutes, to do so. And no pings
# between calls, every one of which is bounded in time: a server may take them for an attack and hang up.
CHANNEL = {"grpc.use_local_subchannel_pool": 1, "grpc.keepalive_permit_without_calls": 0}
MOST_REASON = 200  # characters shown of what the server says


class MilvusConnection:
    """One server; safe to share between threads.

    Parameters
    ----------
    address
        ``http://host:19530``, with ``https`` for TLS; a path names the server's database.
    token
        ``user:password`` or an API key; empty where the server asks for none.
    seconds
        That a call may take; a call that writes thirty times as long.
    """

    def __init__(self, address: str, token: str = "", *, seconds: float = SECONDS) -> None:
        self._address = address
        self._token = token
        self._seconds = seconds
        self._lock = Lock()
        self._client: Any = None

    def read(self, method: str, /, *arguments: Any, **options: Any) -> Any:
        """Call a method of `pymilvus.MilvusClient`.

        Raises
        ------
        SearchServerError
            When the server cannot be asked or refuses.
        MovedIndexError
            When the collection is not there.
        """
        return self._call(method, self._seconds, arguments, options)

    def write(self, method: str, /, *arguments: Any, **options: Any) -> Any:
        """Call a method that may take longer, as `read` does."""
        return self._call(method, PATIENCE * self._seconds, arguments, options)

    def _call(self, method: str, seconds: float, arguments: Any, options: Any) -> Any:
        client = self._connected()
        from grpc import RpcError
        from pymilvus.exceptions import MilvusException

        try:
            return getattr(client, method)(*arguments, timeout=seconds, **options)
        except (MilvusException, RpcError) as error:
            translated = self._translated(error)
            if isinstance(translated, UnreachableServerError):
                self._forget(client)
            raise translated from error

    def _connected(self) -> Any:
        client = self._client
        if client is None:
            # Outside the lock: while a server is silent, nobody waits for the others' attempts.
            client = self._connect()
            with self._lock:
                if self._client is None:
                    self._client = client
                elif self._client is not client:
                    client.close()
                    client = self._client
        return client

    def _connect(self) -> Any:
        self._check_address()
        try:
            from grpc import RpcError
            from pymilvus import MilvusClient
            from pymilvus.exceptions import MilvusException
        except ImportError as error:
            raise MissingClientError from error
        # It logs a traceback for every error that it raises, also for those that are answers.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        try:
            return MilvusClient(
                uri=self._address, token=self._token, timeout=CONNECT_SECONDS, dedicated=True,
                grpc_options=CHANNEL,
            )  # fmt: skip
        except (MilvusException, RpcError) as error:
            raise self._translated(error) from error

    def _forget(self, client: Any) -> None:
        with self._lock:
            if self._client is client:
                self._client = None
                client.close()

    def _check_address(self) -> None:
        shown = self._address.rpartition("@")[2]
        try:
            parts = urlsplit(self._address)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise SearchAddressError(address=shown)

    def _translated(self, error: Any) -> Exception:
        # pymilvus has numbers, gRPC a method that returns a word, and pymilvus now and then gRPC's word.
        code = error.code() if callable(error.code) else error.code
        if code in _GONE:
            return MovedIndexError()
        if code in _UNREACHABLE or getattr(code, "name", "") in _SILENT:
            return UnreachableServerError(address=urlsplit(self._address).netloc.rpartition("@")[2])
        reason = str(getattr(error, "message", error))
        return SearchServerError(reason=reason.partition("\n")[0][:MOST_REASON])
