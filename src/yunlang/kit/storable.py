"""Text that the database cannot keep: refused at the door, whichever door it comes by.

PostgreSQL takes neither NUL nor half a surrogate pair, and no person types them. Fields drop control characters
(`kit.text.store_form`); what reaches a query without passing a field (a search word, an address, an e-mail at
sign-in) is refused here, by `StorableTextMiddleware` for pages and by the API's guard and parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_FORM = "application/x-www-form-urlencoded"


def is_storable(text: str) -> bool:
    """Tell whether PostgreSQL can keep `text`."""
    return _UNSTORABLE.search(text) is None


def unstorable_names(query: QueryDict) -> list[str]:
    """Return the names of the parameters of which the name or a value cannot be kept."""
    return [name for name, values in query.lists() if not all(is_storable(text) for text in (name, *map(str, values)))]


def unstorable_paths(document: Any) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every text of a JSON document, keys too, that cannot be kept."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            if not is_storable(value):
                yield path
        elif isinstance(value, list):
            waiting.extend(((*path, index), item) for index, item in enumerate(value))
        elif isinstance(value, dict):
            for key, item in value.items():
                if is_storable(key):
                    waiting.append(((*path, key), item))
                else:
                    yield path


class StorableTextMiddleware:
    """Answers 400 to a page request whose address or form holds text the database cannot keep.

    It runs when the view is known, after the CSRF check has read the form; a view marked ``checks_text`` (the API's)
    answers in its own way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        """Refuse the request, or let the view run."""
        if getattr(view, "checks_text", False):
            return
        forms = [request.GET, *([request.POST] if request.content_type == _FORM else [])]
        if not is_storable(request.path_info) or any(unstorable_names(form) for form in forms):
            message = "The request holds characters that no text has."
            raise BadRequest(message)
