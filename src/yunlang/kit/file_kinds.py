"""What a file is by its bytes: how plain kinds begin, and which part marks a package of Office."""

from __future__ import annotations

import zipfile
from io import BytesIO

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = f"{_OFFICE}.wordprocessingml.document"
XLSX = f"{_OFFICE}.spreadsheetml.sheet"
PPTX = f"{_OFFICE}.presentationml.presentation"
SIGNATURES: dict[str, bytes] = {PDF: b"%PDF-", PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff"}
MAIN_PARTS: dict[str, str] = {DOCX: "word/document.xml", XLSX: "xl/workbook.xml", PPTX: "ppt/presentation.xml"}


def package_parts(content: bytes) -> frozenset[str]:
    """Return the names in a zip archive, which a package of Office is; none where the bytes are no archive."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            return frozenset(package.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return frozenset()
