"""What a file really is, told from its bytes; its name only decides where the bytes leave it open."""

from __future__ import annotations

import codecs
import json
from typing import BinaryIO

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.archive import Archive
from yunlang.kit.tables.compound import MAGIC, CompoundFile
from yunlang.kit.tables.errors import (
    BinaryContentError,
    DisguisedFileError,
    EmptyFileError,
    EncryptedFileError,
    FileTooLargeError,
    UnsupportedFormatError,
)
from yunlang.kit.tables.model import MEGABYTE, TableLimits

_HEAD = 64 * 1024
XLS_BYTES = 64 * MEGABYTE  # read whole; 65,536 rows need no more
_MAGIC: tuple[tuple[bytes, Bilingual], ...] = (
    (b"%PDF", Bilingual("PDF 文件", "a PDF")),
    (b"\x89PNG", Bilingual("图片", "an image")),
    (b"\xff\xd8\xff", Bilingual("图片", "an image")),
    (b"GIF8", Bilingual("图片", "an image")),
    (b"\x1f\x8b", Bilingual("压缩文件", "a compressed file")),
    (b"7z\xbc\xaf", Bilingual("压缩文件", "a compressed file")),
    (b"Rar!", Bilingual("压缩文件", "a compressed file")),
    (b"BZh", Bilingual("压缩文件", "a compressed file")),
    (b"\xfd7zXZ", Bilingual("压缩文件", "a compressed file")),
    (b"\x7fELF", Bilingual("可执行程序", "a program")),
    (b"MZ\x90", Bilingual("可执行程序", "a program")),
    (b"SQLite format 3", Bilingual("数据库文件", "a database file")),
    (b"PAR1", Bilingual("Parquet 文件", "a Parquet file")),
    (b"\x09\x08", Bilingual("Excel 95 以前的旧版工作簿", "a workbook of a version before Excel 95")),
    (b"\x09\x04", Bilingual("Excel 95 以前的旧版工作簿", "a workbook of a version before Excel 95")),
    (b"\x09\x02", Bilingual("Excel 95 以前的旧版工作簿", "a workbook of a version before Excel 95")),
    (b"\x09\x00", Bilingual("Excel 95 以前的旧版工作簿", "a workbook of a version before Excel 95")),
)
_HTML = Bilingual("网页（HTML）", "a web page (HTML)")
_XML = Bilingual("XML 文本", "XML text")
_JSON_ARRAY = Bilingual("JSON 数组", "a JSON array")
_ARCHIVE = Bilingual("压缩文件", "a compressed archive")
_DOCUMENT = Bilingual("Office 文档，而非工作簿", "an Office document, not a workbook")
_BINARY_BOOK = Bilingual("二进制工作簿（.xlsb）", "a binary workbook (.xlsb)")
_OPEN_DOCUMENT = Bilingual("OpenDocument 文件（.ods 等）", "an OpenDocument file (.ods or the like)")


def format_of(stream: BinaryIO, filename: str, limits: TableLimits) -> str:
    """Return xlsx, xls, csv, tsv or jsonl; leave the stream at its start.

    Raises
    ------
    TableError
        The subclass that says why it is none of these.
    """
    size = stream.seek(0, 2)
    stream.seek(0)
    if size > limits.file_bytes:
        raise FileTooLargeError(limit=limits.file_bytes // MEGABYTE)
    head = stream.read(_HEAD)
    stream.seek(0)
    if not head.strip():
        raise EmptyFileError
    if head.startswith(b"PK\x03\x04"):
        return _archive_format(stream, limits)
    if head.startswith(MAGIC):
        return _compound_format(stream, size)
    for magic, name in _MAGIC:
        if head.startswith(magic):
            raise UnsupportedFormatError(found=name)
    return _text_format(head, filename.lower())


def _archive_format(stream: BinaryIO, limits: TableLimits) -> str:
    with Archive(stream, limits) as archive:
        names = archive.names()
    stream.seek(0)
    if "xl/workbook.bin" in names:
        raise UnsupportedFormatError(found=_BINARY_BOOK)
    if "[content_types].xml" in names:
        if any(name.startswith(("word/", "ppt/")) for name in names):
            raise UnsupportedFormatError(found=_DOCUMENT)
        return "xlsx"
    if {"mimetype", "content.xml"} <= names:
        raise UnsupportedFormatError(found=_OPEN_DOCUMENT)
    if "xl/workbook.xml" in names:
        return "xlsx"
    raise UnsupportedFormatError(found=_ARCHIVE)


def _compound_format(stream: BinaryIO, size: int) -> str:
    if size > XLS_BYTES:
        raise FileTooLargeError(limit=XLS_BYTES // MEGABYTE)
    compound = CompoundFile(stream.read())
    stream.seek(0)
    if "EncryptedPackage" in compound:
        raise EncryptedFileError
    if "Workbook" in compound or "Book" in compound:
        return "xls"
    raise UnsupportedFormatError(found=_DOCUMENT)


def _text_format(head: bytes, filename: str) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = head.decode("utf-16", "ignore")
    else:
        if b"\0" in head:
            raise BinaryContentError
        text = head.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    start = text.lstrip()
    _refuse_markup(start[:2_000].lower())
    if filename.endswith((".jsonl", ".ndjson", ".json")) or _is_json_line(start):
        if start.startswith("["):
            raise UnsupportedFormatError(found=_JSON_ARRAY)
        return "jsonl"
    return "tsv" if filename.endswith((".tsv", ".tab")) else "csv"


def _refuse_markup(start: str) -> None:
    if start.startswith(("<!doctype html", "<html", "<table", "<head", "<meta", "<body", "<style")):
        raise DisguisedFileError(found=_HTML)
    if start.startswith(("<?xml", "<workbook", "<!--", "<!doctype")):
        raise DisguisedFileError(found=_HTML if "<html" in start else _XML)


def _is_json_line(start: str) -> bool:
    if not start.startswith("{"):
        return False
    try:
        return isinstance(json.loads(start.splitlines()[0]), dict)
    except (ValueError, RecursionError):
        return False
