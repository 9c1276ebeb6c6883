"""The unified social credit code of GB 32100-2015: eighteen characters, the last a check character modulo 31."""

from __future__ import annotations

import re

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_SHAPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def check_character(body: str) -> str:
    """Return the eighteenth character for the first seventeen (GB 32100-2015, 5.2)."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def is_credit_code(code: str) -> bool:
    """Tell whether `code` has the standard's shape and its check character is right."""
    return bool(_SHAPE.fullmatch(code)) and check_character(code[:17]) == code[17]


def normalise_credit_code(raw: str) -> str:
    """Return `raw` in upper case without the spaces and hyphens people type."""
    return re.sub(r"[\s-]", "", raw).upper()
