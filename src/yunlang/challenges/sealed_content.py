"""What stands under a proposal's seal: the answers of the form, the list of files, and the nonce of the receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from yunlang.challenges.core.proposal import Part, file_part, text_part
from yunlang.challenges.core.uploads import CheckedFile
from yunlang.deals.core.ledger.canonical import canonical, parsed, plain


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file as the list names it."""

    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A proposal without the bytes of its files; `values` are plain: amounts are text."""

    values: dict[str, Any]
    files: tuple[FileFacts, ...]
    nonce: str

    @classmethod
    def of(cls, values: Mapping[str, Any], files: Sequence[CheckedFile], nonce: str) -> Manifest:
        """Return the manifest of a checked form and its files."""
        facts = tuple(
            FileFacts(one.name, one.media_type, len(one.content), file_part(one.name, one.content).digest)
            for one in files
        )
        return cls(plain(dict(values)), facts, nonce)

    @property
    def parts(self) -> list[Part]:
        """What the receipt covers, in order."""
        return [text_part(self.values), *(Part(one.name, one.sha256) for one in self.files)]

    @property
    def asked(self) -> Decimal:
        """The sum asked for, in CNY."""
        return Decimal(self.values["asked"])


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return a manifest as canonical JSON."""
    return canonical(asdict(manifest))


def manifest_of(data: bytes) -> Manifest:
    """Return the manifest that the bytes hold.

    Raises
    ------
    ValueError, LookupError
        When they hold none.
    """
    told = parsed(data)
    return Manifest(told["values"], tuple(FileFacts(**one) for one in told["files"]), told["nonce"])
