"""Why a file or a folder cannot be used."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Self

from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

_REASONS = {
    errno.ENOENT: Bilingual("没有这个文件或目录", "there is no such file or folder"),
    errno.EACCES: Bilingual("没有权限", "permission is denied"),
    errno.EPERM: Bilingual("没有权限", "permission is denied"),
    errno.EROFS: Bilingual("所在磁盘只读", "its disk is read-only"),
    errno.ENOSPC: Bilingual("磁盘已满", "the disk is full"),
    errno.EISDIR: Bilingual("这是目录，不是文件", "this is a folder, not a file"),
    errno.ENOTDIR: Bilingual("路径中有一段不是目录", "a part of its path is no folder"),
    errno.EEXIST: Bilingual("路径中有一段不是目录", "a part of its path is no folder"),
    errno.ENAMETOOLONG: Bilingual("文件名过长", "its name is too long"),
}


class FileUnusableError(DomainError):
    """A file that cannot be read, or a folder that cannot be written."""

    code = "file_unusable"
    message = Bilingual("{path}：{reason}。", "{path}: {reason}.")
    status = 422

    def __init__(self, *, path: Path, reason: Bilingual) -> None:
        super().__init__(path=path, reason=reason)

    @classmethod
    def of(cls, path: Path, error: OSError) -> Self:
        """Return the system's refusal in plain words."""
        known = _REASONS.get(error.errno or 0)
        return cls(path=path, reason=known or Bilingual(f"无法使用（{error.strerror}）", f"{error.strerror}"))

    @classmethod
    def because(cls, path: Path, reason: Bilingual) -> Self:
        """Return a refusal for a reason that is a sentence of its own."""
        return cls(path=path, reason=Bilingual(reason.zh.rstrip("。"), reason.en.rstrip(".")))
