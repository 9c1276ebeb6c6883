"""Cursor paging: a page starts where the last one ended, however much was added in between.

A cursor holds the sort key and the id of the last row, signed, and good only for the order it was made for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.signing import BadSignature, Signer
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from pydantic import BaseModel, ConfigDict, Field

from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

LIMIT_DEFAULT = 50
LIMIT_MAXIMUM = 200

Row = TypeVar("Row")


class CursorError(DomainError):
    """A cursor that this list did not give out."""

    code = "invalid_cursor"
    message = Bilingual(
        "翻页标记无效，请从第一页重新开始。", "The cursor is not one that this list gave out. Start again without it."
    )
    status = 400


class Paging(BaseModel):
    """How much to answer, and from where on."""

    limit: int = Field(
        LIMIT_DEFAULT,
        ge=1,
        le=LIMIT_MAXIMUM,
        description="Rows in one answer.",
        json_schema_extra={"x-zh": "一次返回的条数。"},
    )
    cursor: str | None = Field(
        None, max_length=400, description="Where to go on: from the `next` of the answer before.",
        json_schema_extra={"x-zh": "从哪里继续：取自上一次返回的 `next`。"},
    )  # fmt: skip


class Page(BaseModel, Generic[Row]):
    """One page of a list."""

    model_config = ConfigDict(json_schema_extra={"x-zh": "列表的一页。"})
    items: list[Row]
    next: str | None = Field(
        description="The address of the next page; null on the last.",
        json_schema_extra={"x-zh": "下一页的地址；最后一页为 null。"},
        examples=["https://example.org/api/v1/needs?limit=50&cursor=WyIyMDI2…"],
    )


@dataclass(frozen=True, slots=True)
class Order:
    """An order in which pages follow each other.

    Attributes
    ----------
    name
        Bound into the cursors, so that one order's cursor is refused by another.
    latest_by
        Column sorted from late to early before the id; it must not be null in the rows paged through.
    tie
        The column that tells all rows apart; ``-`` before it for downward.
    """

    name: str
    latest_by: str | None = None
    tie: str = "id"

    @property
    def columns(self) -> tuple[str, ...]:
        """What the rows are ordered by, in Django's notation."""
        return (f"-{self.latest_by}", self.tie) if self.latest_by else (self.tie,)


def page_of(
    request: HttpRequest, query: QuerySet[Any], order: Order, paging: Paging, row: Callable[[Any], Row]
) -> dict[str, Any]:
    """Return the page of `query` that `paging` asks for, each record turned by `row`, in one statement.

    Raises
    ------
    CursorError
        When the cursor is not one of this order.
    """
    if paging.cursor is not None:
        query = query.filter(_after(query.model, order, paging.cursor))
    found = list(query.order_by(*order.columns)[: paging.limit + 1])
    records, more = found[: paging.limit], len(found) > paging.limit
    return {
        "items": [row(record) for record in records],
        "next": _address(request, _cursor(order, records[-1])) if more else None,
    }


def _signer(order: Order) -> Signer:
    return Signer(salt=f"yunlang.cursor.{order.name}")


def _cursor(order: Order, record: Any) -> str:
    key = getattr(record, order.latest_by) if order.latest_by else None
    tie = getattr(record, order.tie.lstrip("-"))
    return _signer(order).sign_object([key.isoformat() if isinstance(key, datetime) else key, str(tie)])


def _after(model: type[Model], order: Order, cursor: str) -> Q:
    try:
        key, tie = _signer(order).unsign_object(cursor)
    except (BadSignature, ValueError) as error:
        raise CursorError from error
    name = order.tie.lstrip("-")
    tied = Q(**{f"{name}__{'lt' if order.tie.startswith('-') else 'gt'}": tie})
    if order.latest_by is None:
        return tied
    at = model._meta.get_field(order.latest_by).to_python(key)  # type: ignore[union-attr]
    # Said twice so that an index on the column bounds the search; the second part alone would not.
    return Q(**{f"{order.latest_by}__lte": at}) & (Q(**{f"{order.latest_by}__lt": at}) | tied)


def _address(request: HttpRequest, cursor: str) -> str:
    query = request.GET.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
