"""What a document is made of. Texts are plain: nothing in them is markup, whatever it looks like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from yunlang.kit.language import Language

Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a part; the document's own title is no heading."""

    text: str
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `is_note` sets it small, as a remark on what stands before it."""

    text: str
    is_note: bool = False
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Clauses:
    """Numbered clauses."""

    texts: tuple[str, ...]
    kind: Literal["clauses"] = "clauses"


@dataclass(frozen=True, slots=True)
class Code:
    """What is compared or typed character by character: a hash, a command."""

    text: str
    kind: Literal["code"] = "code"


@dataclass(frozen=True, slots=True)
class Definitions:
    """Terms and what they are, as a form has them: one framed row each."""

    items: tuple[tuple[str, str], ...]
    kind: Literal["definitions"] = "definitions"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    width
        In millimetres; None where it shares what is left.
    """

    head: str
    width: float | None = None
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head that is repeated on every page; each row has a text for each column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, two beside each other, each with who signs and a line for the date; never torn apart.

    Attributes
    ----------
    signers
        What a signer is, and the signer's name where it is known: ``("拍卖师", "")``.
    date
        What stands on the line for the date.
    """

    signers: tuple[tuple[str, str], ...]
    date: str
    kind: Literal["signatures"] = "signatures"


Block = Heading | Paragraph | Clauses | Code | Definitions | Table | Signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole document.

    Attributes
    ----------
    number
        What it is filed under; stands beside the title and in the foot of every page.
    issuer
        Who issues it; stands above the title.
    issued_at
        Goes into the file as its date.
    """

    language: Language
    title: str
    number: str
    issuer: str
    issued_at: datetime
    blocks: tuple[Block, ...]
