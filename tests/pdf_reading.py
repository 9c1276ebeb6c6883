"""Reads back the PDFs that tests make."""

from __future__ import annotations

import re
import unicodedata
from io import BytesIO

from pypdf import PdfReader


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of each page as a reader would copy it, line by line."""
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def text_of(pdf: bytes) -> str:
    """Return all text, without white space: lines break anywhere."""
    return bare("".join(pages_of(pdf)))


def bare(text: str) -> str:
    """Return a text without its white space, in normal form C: a font may draw a letter and its accent as two."""
    return re.sub(r"\s", "", unicodedata.normalize("NFC", text))
