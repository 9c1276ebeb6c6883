"""Normal forms of text: one for storing, one for comparing."""

from __future__ import annotations

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACE = re.compile(r"\s+")
_CJK_SPACE = re.compile(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])")
_PUNCTUATION = re.compile(r"[\W_]+")
_NAME_SUFFIX = re.compile(r"(股份有限责任公司|有限责任公司|股份有限公司|有限公司|集团公司|公司)$")


def store_form(value: str) -> str:
    """Return `value` as the database keeps it: NFC, no control characters, outer space trimmed, line breaks ``\\n``."""
    text = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text).strip()


def line_form(value: str) -> str:
    """Return `value` in store form on one line, runs of white space as one space, none between Chinese characters."""
    return _CJK_SPACE.sub("", _SPACE.sub(" ", store_form(value)))


def compare_form(value: str) -> str:
    """Return `value` for comparison: NFKC (full width folded), lower case, neither space nor punctuation."""
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", value).casefold())


def name_key(name: str) -> str:
    """Return the comparison key of an organisation's name.

    Full- and half-width forms, brackets, spaces, case and the legal-form suffix (有限公司, 股份有限公司 …) do not
    tell organisations apart; everything else does.

    >>> name_key("杭州（云廊）科技股份有限公司") == name_key("杭州(云廊)科技有限公司")
    True
    """
    key = compare_form(name)
    return _NAME_SUFFIX.sub("", key) or key
