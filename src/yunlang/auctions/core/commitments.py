"""Sealed amounts: a hash that binds a bidder to an amount and tells nobody which.

The commitment is SHA-256 (FIPS 180-4) over the canonical JSON of bidder, lot, amount and nonce. The bidder and the lot
are in it so that nobody can hand in another's commitment as the own bid, nor one lot's on another. The nonce must be
random (16 characters at least), for amounts alone are few enough to be tried.
"""

from __future__ import annotations

import re
from decimal import Decimal
from hmac import compare_digest

from yunlang.auctions.core.amounts import amount_checked
from yunlang.deals.core.ledger.canonical import plain_digest

SHORTEST_NONCE, LONGEST_NONCE = 16, 100
_COMMITMENT = re.compile(r"[0-9a-f]{64}")


def commitment_of(*, lot: str, bidder: str, amount: Decimal, nonce: str) -> str:
    """Return the commitment as 64 hexadecimal digits.

    Raises
    ------
    AmountError
        When `amount` is none.

    Notes
    -----
    The bytes are ``{"amount":"12.30","bidder":"…","lot":"…","nonce":"…"}`` in UTF-8, keys in this order, no spaces:
    any language can make them.
    """
    values = {"amount": f"{amount_checked(amount):f}", "bidder": bidder, "lot": lot, "nonce": nonce}
    return plain_digest(values)


def is_committed(commitment: str, *, lot: str, bidder: str, amount: Decimal, nonce: str) -> bool:
    """Tell whether a commitment was made for exactly this."""
    return compare_digest(commitment, commitment_of(lot=lot, bidder=bidder, amount=amount, nonce=nonce))


def is_commitment(text: str) -> bool:
    """Tell whether a text has the form of a commitment."""
    return _COMMITMENT.fullmatch(text) is not None


def is_nonce(text: str) -> bool:
    """Tell whether a text is long enough to hide an amount."""
    return SHORTEST_NONCE <= len(text) <= LONGEST_NONCE and text.isprintable()
