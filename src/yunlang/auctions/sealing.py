"""Encrypted sealed bids: the office's key pair, what bidders encrypt to it, and the opening.

The public key stands in the lot's terms, so in its journal; the private key never comes to the platform before the
opening, and is not kept then. RSA-OAEP with SHA-256 (RFC 8017), because every browser has it without a library.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64Error
from decimal import Decimal, InvalidOperation
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from yunlang.auctions.core.commands import Opening
from yunlang.auctions.core.formats.sealed import SealedBook
from yunlang.auctions.core.state import State
from yunlang.auctions.core.terms import SealedTerms
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

KEY_BITS = 3072
LARGEST_KEY_FILE = 16 * 1024
_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
_DER, _PUBLIC = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo


class WrongKeyError(DomainError):
    """Not the private key that belongs to the lot's public key."""

    code = "opening_key_wrong"
    message = Bilingual(
        "这不是与本拍品公钥配对的私钥文件，请核对后重新选择。",
        "This is not the private key that belongs to the lot's public key. Choose the right file.",
    )
    status = 422


def opening_key_make() -> tuple[bytes, str]:
    """Return a new private key as PEM, and its public key as the terms hold it (base64 of DER)."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem, _public_text(private)


def opening_key_is_sound(text: str) -> bool:
    """Tell whether a text is the public key of `opening_key_make`, or one as good."""
    try:
        key = serialization.load_der_public_key(b64decode(text, validate=True))
    except (ValueError, NotBase64Error, UnsupportedAlgorithm):
        return False
    return isinstance(key, rsa.RSAPublicKey) and key.key_size >= KEY_BITS


def bid_encrypt(public: str, *, amount: Decimal, nonce: str) -> str:
    """Return an amount and its nonce encrypted to a public key, as a bidder's program hands it in."""
    key = serialization.load_der_public_key(b64decode(public))
    if not isinstance(key, rsa.RSAPublicKey):
        raise WrongKeyError
    content = json.dumps({"amount": f"{amount:f}", "nonce": nonce}, separators=(",", ":"))
    return b64encode(key.encrypt(content.encode(), _OAEP)).decode()


def openings_of(state: State[SealedTerms, SealedBook], pem: bytes) -> tuple[Opening, ...]:
    """Return what a lot's ciphertexts hold, one for each sealed bid; without an amount where one cannot be read.

    Raises
    ------
    WrongKeyError
        When it is not the private key of the lot's public key: nothing is voided by a wrong file.
    """
    key = _private(pem)
    if _public_text(key) != state.terms.opening_key:
        raise WrongKeyError
    return tuple(_opened(bidder, seal.ciphertext, key) for bidder, seal in state.book.seals.items())


def _private(pem: bytes) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise WrongKeyError from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise WrongKeyError
    return key


def _public_text(key: rsa.RSAPrivateKey) -> str:
    return b64encode(key.public_key().public_bytes(_DER, _PUBLIC)).decode()


def _opened(bidder: str, ciphertext: str, key: rsa.RSAPrivateKey) -> Opening:
    try:
        content: Any = json.loads(key.decrypt(b64decode(ciphertext, validate=True), _OAEP))
        return Opening(bidder, Decimal(content["amount"]), str(content["nonce"]))
    except (ValueError, NotBase64Error, InvalidOperation, KeyError, TypeError):
        return Opening(bidder)
