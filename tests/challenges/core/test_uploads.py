"""Files: taken for what they are, not for what they are called."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.challenges.core.uploads import ACCEPTED, FILE_BYTES, FileRefusedError, file_checked


def package(*parts: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for part in parts:
            archive.writestr(part, "<xml/>")
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("方案.pdf", b"%PDF-1.7 ...", "application/pdf"),
        ("图.PNG", b"\x89PNG\r\n\x1a\n...", "image/png"),
        ("C:\\资料\\照片.jpg", b"\xff\xd8\xff...", "image/jpeg"),
        ("../../报告.docx", package("word/document.xml"),
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)  # fmt: skip
def test_a_file_that_is_what_its_name_says_is_taken(name: str, content: bytes, media_type: str) -> None:
    taken = file_checked(name, content)
    assert (taken.media_type, taken.content) == (media_type, content)
    assert "/" not in taken.name
    assert "\\" not in taken.name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("空.pdf", b""),
        ("程序.exe", b"MZ\x90"),
        ("网页.html", b"<script>"),
        ("伪装.pdf", b"<script>alert(1)</script>"),
        ("表格.xlsx", package("word/document.xml")),
        ("宏.docx", package("word/document.xml", "word/vbaProject.bin")),
        ("断.docx", package("word/document.xml")[:-30]),
        ("大.pdf", b"%PDF-" + bytes(FILE_BYTES)),
        ("无名", b"%PDF-1.7"),
        ("长" * 150 + ".pdf", b"%PDF-1.7"),
    ],
    ids=lambda value: value[:8] if isinstance(value, str) else "",
)
def test_what_is_something_else_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(FileRefusedError):
        file_checked(name, content)


@given(st.binary(min_size=1, max_size=300), st.sampled_from(ACCEPTED))
def test_bytes_of_any_kind_are_taken_or_refused_and_never_break_it(content: bytes, ending: str) -> None:
    try:
        taken = file_checked(f"文件{ending}", content)
    except FileRefusedError:
        return
    assert taken.content == content
