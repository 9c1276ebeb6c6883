"""Template filters that every page may use, without loading anything."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.utils import timezone
from django.utils.translation import get_language

from yunlang.accounts.roles import ROLES
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.kit.money import money_label
from yunlang.registry.core.kinds import (
    INDUSTRIES,
    LABELS,
    NEED_KINDS,
    ORGANISATION_TYPES,
    PLACEMENTS,
    RESOURCE_KINDS,
)
from yunlang.registry.core.lifecycle import STATUSES

register = template.Library()

_VOCABULARIES: dict[str, Mapping[str, Bilingual]] = {
    "need_kind": NEED_KINDS,
    "resource_kind": RESOURCE_KINDS,
    "organisation_type": ORGANISATION_TYPES,
    "industry": INDUSTRIES,
    "label": LABELS,
    "placement": PLACEMENTS,
    "status": STATUSES,
    "role": ROLES,
}


def _language() -> str:
    return get_language() or "zh-hans"


@register.filter
def say(value: Bilingual | str | None) -> str:
    """Show a bilingual phrase in the page's language."""
    return value.text(_language()) if isinstance(value, Bilingual) else str(value or "")


@register.filter
def named(key: str, vocabulary: str) -> str:
    """Show the name of a key: ``{{ need.kind|named:"need_kind" }}``."""
    label = _VOCABULARIES[vocabulary].get(key)
    return label.text(_language()) if label else str(key or "")


@register.filter
def money(amount: Decimal | None) -> str:
    """Show an amount as people write it: 120 万元, CNY 1.2 million."""
    return money_label(amount, _language())


@register.filter
def day(value: date | datetime | None) -> str:
    """Show a date as 2026-11-22, in the corridor's time zone."""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return value.strftime("%Y-%m-%d") if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """Show a time to the minute, in the corridor's time zone."""
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else ""


@register.filter
def count(number: int | None) -> str:
    """Show a count with thousands separated."""
    return "" if number is None else f"{number:,}"


@register.filter
def percent(share: float | None) -> str:
    """Show a share between 0 and 1 as a whole per cent."""
    return "" if share is None else f"{share:.0%}"


@register.filter
def figure(value: Decimal | None) -> str:
    """Show a published figure with thousands separated and no idle zeros."""
    if value is None:
        return ""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def signed(value: float) -> str:
    """Show a difference with its sign and two decimals: +1.20, −0.35, 0.00."""
    text = f"{abs(value):,.2f}"
    return text if float(text.replace(",", "")) == 0 else f"{'+' if value > 0 else '−'}{text}"


@register.filter
def share(value: float) -> str:
    """Show a share between 0 and 1 as a per cent with one decimal."""
    return f"{value:.1%}"


@register.filter
def short(value: float) -> str:
    """Show a number of any size with three digits that matter; a dash for none."""
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


@register.filter
def figure_at(value: Decimal | float, places: int) -> str:
    """Show a figure with a fixed number of decimal places, for columns that line up."""
    return f"{value:,.{places}f}"


@register.filter
def period(value: str) -> str:
    """Show a figure's period: 2024 as it is, 2021-01/2021-09 with the word between."""
    return value.replace("/", " 至 " if _language().startswith("zh") else " to ")


@register.filter
def shown(value: Any, spec: Field) -> str:
    """Show a field's value as people read it."""
    if isinstance(value, Decimal) and spec.type == "money":
        return money_label(value, _language())
    if isinstance(value, Decimal):
        return figure(value)
    return spec.display(value, _language())


@register.filter
def compact_json(value: Any) -> str:
    """Show a small document readably."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


@register.filter
def typed(value: Any) -> str:
    """Show a value as an input holds it: what was typed as it was, a parsed value in the form that parses back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, (list, tuple)):
        return "；".join(str(word) for word in value)
    return str(value)


@register.filter
def holds(value: Any, key: str) -> bool:
    """Tell whether a choice, or one of several, is `key`."""
    return key in value if isinstance(value, (list, tuple)) else str(value or "") == key


@register.filter
def field_label(fields: Iterable[Field], name: str) -> str:
    """Show the label of the field with this name; nothing where no field has it."""
    return next((say(spec.label) for spec in fields or () if spec.name == name), "")


@register.filter
def page_numbers(page: Page[Any]) -> list[int | None]:
    """Return the page numbers that a pager shows, None where some are left out."""
    shown_numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return [number if isinstance(number, int) else None for number in shown_numbers]


@register.simple_tag(takes_context=True)
def address_with(context: template.Context, **changes: Any) -> str:
    """Return this page's query string with some parameters set, or removed where None."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def address_toggling(context: template.Context, name: str, value: str) -> str:
    """Return this page's query string with one value of a facet switched on or off, back on the first page."""
    query = context["request"].GET.copy()
    chosen = query.getlist(name)
    chosen = [one for one in chosen if one != value] if value in chosen else [*chosen, value]
    query.setlist(name, chosen)
    query.pop("page", None)
    return f"?{query.urlencode()}" if query else "?"
