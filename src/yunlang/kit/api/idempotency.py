"""Changes that a program may ask for twice and that happen once: the header ``Idempotency-Key``.

As in draft-ietf-httpapi-idempotency-key-header: the first answer under a key is kept, in the transaction of the change
itself, and given again to whoever asks the same with the same key. A refusal changes nothing and is not kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, Any

from django.db import connection, transaction
from django.http import HttpRequest
from ninja import Header
from ninja import Status as Answer
from pydantic import BaseModel

from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual
from yunlang.kit.models import GivenAnswer

IdempotencyKey = Annotated[
    str | None,
    Header(
        None, alias="Idempotency-Key", pattern="^[!-~]{1,200}$", example="0198c0de-6a52-7000-8000-3f1b5a2c9d12",
        description="A key of the caller's own making, such as a UUID. The same call sent again with the same key "
        "happens once and gets the same answer; kept for a day.",
        **{"x-zh": "由调用方自定的键，例如 UUID。以同一键重发同一请求，只执行一次，并得到同样的回答；保留一天。"},
    ),
]  # fmt: skip


class KeyReusedError(DomainError):
    """The key stands for another call."""

    code = "idempotency_key_reused"
    message = Bilingual(
        "这个 Idempotency-Key 已用于另一请求，请换一个。",
        "This Idempotency-Key stands for another call. Use a new one.",
    )
    status = 422


def answered_once(
    request: HttpRequest, key: str | None, *, caller: str, act: Callable[[], tuple[int, BaseModel]]
) -> Answer[Any]:
    """Return the answer to a change that happens once for each caller and key; without a key it just happens.

    Parameters
    ----------
    caller
        Whose key it is: two callers may use the same.
    act
        Makes the change and returns status and body. It runs inside the transaction that keeps the answer; who asks
        the same at the same time waits for its end.

    Raises
    ------
    KeyReusedError
        When the key came with another call before.
    """
    if key is None:
        return Answer(*act())
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{caller} {key}"])
        asked = _digest(request)
        given = GivenAnswer.objects.filter(caller=caller, key=key).first()
        if given is not None:
            if given.request != asked:
                raise KeyReusedError
            return Answer(given.status, given.body)
        status, body = act()
        values = body.model_dump(mode="json", by_alias=True)
        GivenAnswer.objects.create(caller=caller, key=key, request=asked, status=status, body=values)
    return Answer(status, body)


def _digest(request: HttpRequest) -> str:
    called = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(called + request.body).hexdigest()
