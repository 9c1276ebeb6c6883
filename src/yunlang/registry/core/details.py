"""What only one kind of resource has: between typed values and the JSON document that keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from yunlang.kit.fields import FieldType
from yunlang.registry.core.fields import DETAIL_FIELDS, PROMOTED_DETAILS


def details_document(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON document of `values`: own fields of `kind` only, blanks left out, decimals as text."""
    document: dict[str, Any] = {}
    for spec in DETAIL_FIELDS[kind]:
        value = values.get(spec.name)
        if spec.name in PROMOTED_DETAILS or value is None or value == ():
            continue
        document[spec.name] = _plain(value)
    return document


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def details_values(kind: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the typed values that `details_document` kept, None where blank."""
    decimals = {FieldType.DECIMAL, FieldType.MONEY}
    values: dict[str, Any] = {}
    for spec in DETAIL_FIELDS[kind]:
        if spec.name in PROMOTED_DETAILS:
            continue
        raw = document.get(spec.name)
        if raw is not None and spec.type in decimals:
            values[spec.name] = Decimal(raw)
        else:
            values[spec.name] = tuple(raw) if isinstance(raw, list) else raw
    return values
