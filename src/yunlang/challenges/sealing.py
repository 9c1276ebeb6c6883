"""Sealed content: encrypted at rest with Fernet, under a key of each challenge's own (decision on sealed proposals).

The key is derived from Django's secret key by HKDF (RFC 5869). Whoever has a copy of the database alone reads nothing;
whoever has the secret key as well, or runs code on the server, does.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

_SALT = b"yunlang.challenges.sealing.1"
_KEY_BYTES = 32


class SealBrokenError(Exception):
    """Bytes that no key of this challenge has sealed, or that were changed since."""


def _key(secret: bytes, challenge_id: UUID) -> Fernet:
    derived = HKDF(SHA256(), _KEY_BYTES, salt=_SALT, info=challenge_id.bytes).derive(secret)
    return Fernet(urlsafe_b64encode(derived))


def _keys(challenge_id: UUID) -> MultiFernet:
    # What was sealed under a secret key that has been changed since is read with the former ones.
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([_key(force_bytes(secret), challenge_id) for secret in secrets])


def seal(challenge_id: UUID, content: bytes) -> bytes:
    """Return content that only this challenge's key opens."""
    return urlsafe_b64decode(_keys(challenge_id).encrypt(content))


def unseal(challenge_id: UUID, sealed: bytes) -> bytes:
    """Return what was sealed.

    Raises
    ------
    SealBrokenError
        When it was sealed under another key, or was changed.
    """
    try:
        return _keys(challenge_id).decrypt(urlsafe_b64encode(bytes(sealed)))
    except InvalidToken as error:
        raise SealBrokenError from error
