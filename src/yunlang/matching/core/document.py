"""What the engine searches: one document per published resource or need, as plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import orjson

from yunlang.kit.text import line_form

LONGEST_ID = 200  # bytes in UTF-8
LONGEST_TEXT = 20_000  # characters kept for searching and showing; the registry keeps the whole
LONGEST_EMBEDDED = 96  # characters; the encoder's time grows faster than its text
HIGHEST_PRICE = Decimal("9999999999999999.99")


@dataclass(frozen=True, slots=True)
class Document:
    """A resource or a need as the engine sees it.

    Attributes
    ----------
    id
        Stable key, 1 to 200 bytes in UTF-8; an upsert with the same id replaces the document.
    kind
        Facet and filter, e.g. ``achievement``.
    title, text, tags
        What is searched, with `organisation`. Of `text` the first 20,000 characters count.
    city
        Administrative code of the member city, or ``""`` for outside the corridor or not known.
    place
        Where it is, in words, when outside the corridor.
    industry
        Key of one of the corridor's industries, or ``""``.
    trl
        Technology readiness level, 1 to 9, or None where it has none.
    price
        Asking price or amount in CNY, two places, or None where not stated.
    labels
        Keys of labels, at most 64 different ones in an index.
    valid_until
        Last day on which the offer stands, or None.
    gist
        What the encoder reads where the title does not tell, such as a company's products.
    extra
        Anything else that a hit should carry; JSON values.

    Raises
    ------
    ValueError
        When a value breaks the bounds above.
    """

    id: str
    kind: str
    title: str
    text: str = ""
    tags: tuple[str, ...] = ()
    city: str = ""
    place: str = ""
    organisation: str = ""
    industry: str = ""
    trl: int | None = None
    price: Decimal | None = None
    labels: tuple[str, ...] = ()
    valid_until: date | None = None
    gist: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        size = len(self.id.encode("utf-8", "replace"))
        if not 1 <= size <= LONGEST_ID or "\x00" in self.id:
            raise ValueError(f"a document's id has 1 to {LONGEST_ID} bytes and no NUL, got {size}")
        if self.trl is not None and not 1 <= self.trl <= 9:
            raise ValueError(f"a technology readiness level lies between 1 and 9, got {self.trl}")
        if self.price is not None and not (self.price.is_finite() and 0 <= self.price <= HIGHEST_PRICE):
            raise ValueError(f"a price lies between 0 and {HIGHEST_PRICE} CNY, got {self.price}")


def document_to_json(document: Document) -> bytes:
    """Return the document as one line of JSON that `document_from_json` reads back; text beyond the bound is cut."""
    if len(document.text) > LONGEST_TEXT:
        document = replace(document, text=document.text[:LONGEST_TEXT])
    try:
        return orjson.dumps(document, default=_plain)
    except orjson.JSONEncodeError:  # half of a character, as broken programs write it
        return json.dumps(asdict(document), ensure_ascii=False, default=str).encode("utf-8", "replace")


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)


def document_from_json(line: bytes) -> Document:
    """Return the document that `document_to_json` wrote."""
    values = orjson.loads(line)
    values["tags"], values["labels"] = tuple(values["tags"]), tuple(values["labels"])
    if values["price"] is not None:
        values["price"] = Decimal(values["price"])
    if values["valid_until"] is not None:
        values["valid_until"] = date.fromisoformat(values["valid_until"])
    return Document(**values)


def embedding_text(document: Document) -> str:
    """Return what the encoder reads of a document: its gist, else its title, else the start of its text.

    The title alone ranks better than title and text on the graded pairs, and an encoder's time grows with its text.
    """
    parts = (document.gist, document.title, document.text[: 4 * LONGEST_EMBEDDED])
    lines = (line_form(part.replace("\\n", " ")) for part in parts if part)
    return next((line for line in lines if line), "")[:LONGEST_EMBEDDED]


def content_hash(text: str) -> str:
    """Return 32 hexadecimal digits (BLAKE2b, 128 bits) under which a vector of `text` may be cached."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def key_of(text: str) -> int:
    """Return the first 64 bits of BLAKE2b of `text`; whoever compares keys compares the texts too."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")
