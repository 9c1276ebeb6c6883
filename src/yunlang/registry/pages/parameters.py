"""What a list's address says: filters, sort, page. What means nothing there is left out, never an error."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from yunlang.kit.language import Bilingual
from yunlang.kit.text import line_form
from yunlang.registry.models import City
from yunlang.registry.selectors.corridor import cities
from yunlang.registry.selectors.facets import NO_CITY

PER_PAGE = 20
_LONGEST = 100
ELSEWHERE = Bilingual("走廊外或未核实", "elsewhere or unverified")


@dataclass(frozen=True, slots=True)
class Chip:
    """One chosen filter and the address without it."""

    label: str | Bilingual
    href: str


def chosen(query: QueryDict, name: str, known: Container[str]) -> tuple[str, ...]:
    """Return the values of a facet that the address chooses, known ones only, each once."""
    return tuple(dict.fromkeys(value for value in query.getlist(name) if value in known))


def free_text(query: QueryDict, name: str) -> str:
    """Return what was typed, on one line and of bearable length."""
    return line_form(query.get(name, "")[:_LONGEST])


def chosen_id(query: QueryDict, name: str) -> UUID | None:
    """Return the public id that the address names, if it is one."""
    try:
        return UUID(query.get(name, ""))
    except ValueError:
        return None


def chosen_ids(query: QueryDict, name: str) -> list[UUID]:
    """Return the public ids that the address names, each once; what is none is left out."""
    found = []
    for value in query.getlist(name):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


class _ByKeys:
    """Rows of which a page is found by its keys first.

    Far down a long list the database then passes over the entries of an index, not over whole rows with their joins.
    """

    def __init__(self, rows: QuerySet[Any]) -> None:
        self._rows = rows

    def count(self) -> int:
        """Return how many rows there are."""
        return self._rows.count()

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[Any]:
        keys = list(self._rows.values_list("pk", flat=True)[part])
        found = self._rows.in_bulk(keys)
        # What went between the two questions is left out.
        return [found[key] for key in keys if key in found]


def page_of(rows: QuerySet[Any], query: QueryDict, *, count: int | None = None) -> Page[Any]:
    """Return the page that the address asks for; the nearest there is where it asks for none that is.

    `count` is how many rows there are, where the caller has counted them already.
    """
    try:
        number = max(1, int(query.get("page", "1")))
    except ValueError:
        number = 1
    paginator: Paginator[Any] = Paginator(_ByKeys(rows), PER_PAGE)
    if count is not None:
        paginator.count = count
    return paginator.get_page(number)


def address_without(request: HttpRequest, name: str, value: str | None = None) -> str:
    """Return the page's address without one value of a parameter, or without the parameter."""
    query = request.GET.copy()
    kept = [one for one in query.getlist(name) if value is not None and one != value]
    query.pop(name, None)
    query.pop("page", None)
    if kept:
        query.setlist(name, kept)
    return f"?{query.urlencode()}" if query else request.path


def chips(request: HttpRequest, name: str, values: Iterable[str], labels: Mapping[str, Bilingual]) -> list[Chip]:
    """Return a removable chip per chosen value of a facet."""
    return [Chip(_begun(labels[value]), address_without(request, name, value)) for value in values]


def _begun(label: Bilingual) -> Bilingual:
    return Bilingual(label.zh, label.en[:1].upper() + label.en[1:])


def carried(request: HttpRequest, *left_out: str) -> list[tuple[str, str]]:
    """Return the parameters that a small form on the page carries along, without its own and the page number."""
    own = {*left_out, "page"}
    return [(name, value) for name in request.GET for value in request.GET.getlist(name) if name not in own]


def facet(
    title: Bilingual,
    name: str,
    labels: Mapping[str, Bilingual],
    counts: Mapping[str, int],
    picked: Container[str],
    *,
    whole: bool = False,
) -> dict[str, Any]:
    """Return what `portal/_facet.html` shows; values without a row are left out unless chosen or `whole`."""
    values = [
        {"value": value, "label": label, "count": counts.get(value, 0), "chosen": value in picked}
        for value, label in labels.items()
        if whole or counts.get(value) or value in picked
    ]
    return {"title": title, "name": name, "values": values}


def city_labels(rows: Iterable[City] | None = None) -> dict[str, Bilingual]:
    """Return the nine cities in the corridor's order, then whatever sits in none of them."""
    found = cities() if rows is None else rows
    return {**{city.adcode: city.label for city in found}, NO_CITY: ELSEWHERE}


def sort_options(sorts: Mapping[str, Bilingual], picked: str) -> list[dict[str, Any]]:
    """Return the ways to sort, the chosen one marked."""
    current = picked if picked in sorts else next(iter(sorts))
    return [{"value": value, "label": label, "chosen": value == current} for value, label in sorts.items()]
