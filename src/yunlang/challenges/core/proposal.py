"""A proposal for a challenge: where it stands, and the receipt that binds its proposer to every byte of it.

The receipt is SHA-256 (FIPS 180-4) over the canonical JSON of challenge, proposer, digests of all parts and a nonce.
Challenge and proposer are in it so that nobody can hand in another's receipt as the own, nor one challenge's for
another. The nonce must be random (32 hexadecimal digits here), for a digest of a short text alone could be tried out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest

from yunlang.deals.core.ledger.canonical import digest, plain_digest
from yunlang.kit.language import Bilingual

NONCE_BYTES = 16
_NONCE = re.compile(r"[0-9a-f]{32}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ProposalStatus(StrEnum):
    """Where a proposal stands; what cannot be read at the opening says so and is never dropped."""

    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    OPENED = "opened"
    UNREADABLE = "unreadable"


PROPOSAL_STATUSES: dict[str, Bilingual] = {
    ProposalStatus.SUBMITTED: Bilingual("已密封提交", "sealed"),
    ProposalStatus.WITHDRAWN: Bilingual("已撤回", "withdrawn"),
    ProposalStatus.OPENED: Bilingual("已开启", "opened"),
    ProposalStatus.UNREADABLE: Bilingual("无法读出", "cannot be read"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a proposal: its text under the name ``text``, a file under its own name.

    Attributes
    ----------
    digest
        SHA-256 as 64 hexadecimal digits.
    """

    name: str
    digest: str


def text_part(values: Mapping[str, object]) -> Part:
    """Return the part that the answers of the form make: the digest of their canonical JSON."""
    return Part("text", digest(dict(values)))


def file_part(name: str, content: bytes) -> Part:
    """Return the part that a file makes: the digest of its bytes."""
    return Part(name, sha256(content).hexdigest())


def is_nonce(text: str) -> bool:
    """Tell whether a text is a nonce: 32 lower-case hexadecimal digits."""
    return _NONCE.fullmatch(text) is not None


def receipt_of(*, challenge: str, proposer: str, parts: Sequence[Part], nonce: str) -> str:
    """Return the receipt as 64 hexadecimal digits.

    Raises
    ------
    ValueError
        When there are no parts, a digest is none, or the nonce is none.

    Notes
    -----
    The bytes are ``{"challenge":"…","nonce":"…","parts":[{"digest":"…","name":"text"},…],"proposer":"…"}`` in UTF-8,
    the parts in the order in which they were handed in: any language can make them.
    """
    if not parts or not is_nonce(nonce) or not all(_DIGEST.fullmatch(part.digest) for part in parts):
        raise ValueError("a receipt needs a nonce, and the digest of every part")
    told = [{"digest": part.digest, "name": part.name} for part in parts]
    return plain_digest({"challenge": challenge, "nonce": nonce, "parts": told, "proposer": proposer})


def is_received(receipt: str, *, challenge: str, proposer: str, parts: Sequence[Part], nonce: str) -> bool:
    """Tell whether a receipt was made for exactly this."""
    return compare_digest(receipt, receipt_of(challenge=challenge, proposer=proposer, parts=parts, nonce=nonce))
