"""Normal forms of text: one for storing, one for comparing."""

from __future__ import annotations

import re
import unicodedata

# Control characters, zero-width marks, direction overrides, lone surrogates and code points that are no characters:
# none is seen, some cannot be stored, and all make equal names differ.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff"
    r"\ud800-\udfff\ufffe\uffff]"
)
_SPACE = re.compile(r"\s+")
_CJK_SPACE = re.compile(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])")
_PUNCTUATION = re.compile(r"[\W_]+")
_NAME_SUFFIX = re.compile(r"(股份有限责任公司|有限责任公司|股份有限公司|有限公司|公司)$")


def store_form(value: str) -> str:
    r"""Return `value` as the database keeps it: NFC, nothing invisible, outer space trimmed, line breaks ``\n``."""
    if not value.isprintable():  # printable text has nothing of what follows
        value = _INVISIBLE.sub("", value).replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", value).strip()


def line_form(value: str) -> str:
    """Return `value` in store form on one line, runs of white space as one space, none between Chinese characters."""
    text = store_form(value)
    if "  " in text or not text.isprintable():
        text = _SPACE.sub(" ", text)
    return _CJK_SPACE.sub("", text) if " " in text else text


def compare_form(value: str) -> str:
    """Return `value` for comparison: NFKC (full width folded), lower case, neither space nor punctuation."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())
    return _PUNCTUATION.sub("", folded)


def name_key(name: str) -> str:
    """Return the comparison key of an organisation's name.

    Full- and half-width forms, brackets, spaces, case and the legal-form suffix (有限公司, 股份有限公司 …) do not
    tell organisations apart; everything else does.

    >>> name_key("杭州（云廊）科技股份有限公司") == name_key("杭州(云廊)科技有限公司")
    True
    """
    key = compare_form(name)
    return _NAME_SUFFIX.sub("", key) or key
