"""Which files are taken as documents of a hand-over: told by their content, never by their name."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from yunlang.kit.errors import InvalidError
from yunlang.kit.file_kinds import DOCX, JPEG, MAIN_PARTS, PDF, PNG, SIGNATURES, XLSX, package_parts
from yunlang.kit.language import Bilingual
from yunlang.kit.text import line_form

MEGABYTE = 1024 * 1024
LARGEST_BYTES = 20 * MEGABYTE
_LONGEST_NAME = 200
ENDINGS: dict[str, str] = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg", DOCX: ".docx", XLSX: ".xlsx"}
_NO_FILE = Bilingual("请选择文件", "Choose a file")
_TOO_LARGE = Bilingual(
    f"文件不能超过 {LARGEST_BYTES // MEGABYTE} MB", f"a file has at most {LARGEST_BYTES // MEGABYTE} MB"
)
_OTHER_KIND = Bilingual(
    "只接受 PDF、PNG、JPEG、Word（docx）和 Excel（xlsx）文件", "only PDF, PNG, JPEG, Word (docx) and Excel (xlsx) files"
)


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept.

    Attributes
    ----------
    name
        On one line, ending as its kind does, whatever it was called.
    """

    name: str
    content_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The hash of its bytes, 64 hexadecimal digits."""
        return sha256(self.content).hexdigest()


def file_checked(name: str, content: bytes) -> CheckedFile:
    """Return a file that may be kept.

    Raises
    ------
    InvalidError
        When there is none, it is too large, or it is of another kind.
    """
    if not content:
        raise InvalidError({"file": [_NO_FILE]})
    if len(content) > LARGEST_BYTES:
        raise InvalidError({"file": [_TOO_LARGE]})
    kind = _kind_of(content)
    if kind is None:
        raise InvalidError({"file": [_OTHER_KIND]})
    stem = line_form(name.replace("/", " ").replace("\\", " ")).rpartition(".")[0] or "document"
    ending = ENDINGS[kind]
    return CheckedFile(f"{stem[: _LONGEST_NAME - len(ending)]}{ending}", kind, content)


def _kind_of(content: bytes) -> str | None:
    found = next((kind for kind, start in SIGNATURES.items() if content.startswith(start)), None)
    return found or _office_kind(package_parts(content))


def _office_kind(parts: frozenset[str]) -> str | None:
    if "[Content_Types].xml" not in parts:
        return None
    return next((kind for kind, part in MAIN_PARTS.items() if kind in ENDINGS and part in parts), None)
