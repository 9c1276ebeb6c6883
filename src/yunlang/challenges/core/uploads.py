"""What an uploaded file really is, told from its bytes; its name has to agree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from yunlang.kit.errors import DomainError
from yunlang.kit.file_kinds import DOCX, JPEG, MAIN_PARTS, PDF, PNG, PPTX, SIGNATURES, XLSX, package_parts
from yunlang.kit.language import Bilingual
from yunlang.kit.text import line_form

MEGABYTE = 1024 * 1024
FILE_BYTES = 10 * MEGABYTE
FILES_AT_MOST = 5
LONGEST_NAME = 150
# The media type by the ending of the name.
_PLAIN = {".pdf": PDF, ".png": PNG, ".jpg": JPEG, ".jpeg": JPEG}
_PACKAGES = {".docx": DOCX, ".xlsx": XLSX, ".pptx": PPTX}
ACCEPTED = (*_PLAIN, *_PACKAGES)
_MACROS = "vbaProject.bin"


class FileRefusedError(DomainError):
    """A file that is not taken, and why."""

    code = "file_refused"
    message = Bilingual("文件“{name}”：{why}。", "The file “{name}”: {why}.")
    status = 422

    def __init__(self, name: str, why: Bilingual) -> None:
        super().__init__(name=name, why=why)


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept."""

    name: str
    media_type: str
    content: bytes


def file_checked(name: str, content: bytes) -> CheckedFile:
    """Return a file whose size, name and bytes agree.

    Parameters
    ----------
    name
        As the sender calls it; folders in it are cut off.
    content
        All of its bytes.

    Raises
    ------
    FileRefusedError
        When it is empty, too large, of another type, or not what its name says.
    """
    name = line_form(PurePosixPath(name.replace("\\", "/")).name)
    if not content:
        raise FileRefusedError(name, Bilingual("是空文件", "it is empty"))
    if len(content) > FILE_BYTES:
        limit = FILE_BYTES // MEGABYTE
        raise FileRefusedError(name, Bilingual(f"超过 {limit} MB", f"it is larger than {limit} MB"))
    ending = PurePosixPath(name).suffix.lower()
    if ending not in ACCEPTED or len(name) > LONGEST_NAME:
        kinds = " ".join(ACCEPTED)
        raise FileRefusedError(
            name, Bilingual(f"只收 {kinds}，文件名不超过 {LONGEST_NAME} 字", f"send {kinds}, with a shorter name")
        )
    if ending in _PLAIN:
        media_type = _PLAIN[ending]
        agrees = content.startswith(SIGNATURES[media_type])
    else:
        media_type = _PACKAGES[ending]
        agrees = _has_part(content, MAIN_PARTS[media_type])
    if not agrees:
        raise FileRefusedError(name, Bilingual("内容与扩展名不符", "its content is not what its name says"))
    return CheckedFile(name, media_type, content)


def _has_part(content: bytes, part: str) -> bool:
    """Tell whether the bytes are an Office package with this part, and without programs of its own."""
    names = package_parts(content)
    return part in names and not any(PurePosixPath(name).name == _MACROS for name in names)
