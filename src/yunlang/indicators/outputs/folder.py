"""A folder of results that is there whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from yunlang.indicators.file_errors import FileUnusableError
from yunlang.kit.language import Bilingual

RUN_CONTENTS = "run.json"
_NOT_A_FOLDER = Bilingual("这不是目录", "this is no folder")


@contextmanager
def folder_written(out: Path, contents: str = RUN_CONTENTS) -> Iterator[Path]:
    """Give a new folder to write in, and have its files take their place in `out` once all of them are there.

    A folder that is not there yet, or is empty, appears in one step. In one that holds an earlier result, that
    result's list of contents goes first and the new one comes last, so that a folder with such a list is always whole;
    files that the list does not name are left alone.

    Parameters
    ----------
    contents
        The name of the list, one for each kind of result, so that two kinds can share a folder.

    Raises
    ------
    FileUnusableError
        Where nothing can be written there; before anything is computed.
    """
    try:
        target = out.resolve()
        if target.exists() and not target.is_dir():
            raise FileUnusableError(path=out, reason=_NOT_A_FOLDER)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not os.access(target, os.W_OK | os.X_OK):
            raise FileUnusableError(path=out, reason=Bilingual("没有写入权限", "it may not be written to"))
        part = _place_to_write(target)
    except OSError as error:
        raise FileUnusableError.of(out, error) from error
    try:
        yield part
        _take_place(part, target, contents)
    except OSError as error:
        raise FileUnusableError.of(out, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _place_to_write(target: Path) -> Path:
    """Return a new folder beside the target, or in it where only the target itself may be written to."""
    names = {"prefix": f".{target.name}.", "suffix": ".partial"}
    try:
        return Path(tempfile.mkdtemp(dir=target.parent, **names))
    except PermissionError:
        if not target.exists():
            raise
        return Path(tempfile.mkdtemp(dir=target, **names))


def contents_write(folder: Path, facts: dict[str, Any], contents: str = RUN_CONTENTS) -> None:
    """Write what the folder holds, each file with its SHA-256, beside other facts."""
    files = {path.name: _digest(path) for path in sorted(folder.iterdir())}
    text = json.dumps(facts | {"files": files}, ensure_ascii=False, indent=2)
    (folder / contents).write_text(f"{text}\n", encoding="utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _take_place(part: Path, target: Path, contents: str) -> None:
    # What mkdtemp makes is its owner's alone; a result is as open as anything else the user writes.
    mask = os.umask(0)
    os.umask(mask)
    part.chmod(0o777 & ~mask)
    if not target.exists() or not any(target.iterdir()):
        os.replace(part, target)
        return
    earlier = _named_files(target / contents)
    (target / contents).unlink(missing_ok=True)
    names = {path.name for path in part.iterdir()}
    for name in earlier - names:
        (target / name).unlink(missing_ok=True)
    for name in sorted(names, key=lambda name: name == contents):
        os.replace(part / name, target / name)


def _named_files(path: Path) -> set[str]:
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {name for name in files if Path(name).name == name} if isinstance(files, dict) else set()
