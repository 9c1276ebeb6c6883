"""Documents as PDF: real text, the same bytes for the same input, and nothing that disappears."""

from __future__ import annotations

import json
import sys
import unicodedata
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from tests.pdf_reading import bare, pages_of, text_of
from yunlang.kit.language import Language
from yunlang.kit.pdf import characters, typesetting
from yunlang.kit.pdf.blocks import (
    Block,
    Clauses,
    Code,
    Column,
    Definitions,
    Document,
    Heading,
    Paragraph,
    Signatures,
    Table,
)
from yunlang.kit.pdf.characters import shown
from yunlang.kit.pdf.typesetting import CONTENT_NAME, TypesettingError, typeset

ISSUED = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
BLOCKS: tuple[Block, ...] = (
    Heading("一、标的"),
    Paragraph("买受人与拍卖人签署本文件。"),
    Paragraph("时间为北京时间。", is_note=True),
    Definitions((("成交价", "12,300,000.00 元"), ("哈希", "0123456789abcdef" * 4))),
    Clauses(("十个工作日内付款。", "付清后交割。")),
    Code("yunlang ledger verify lot-7.jsonl"),
    Table((Column("序号", 14, "right"), Column("事项")), tuple((f"{n}", f"第{n}次出价") for n in range(1, 61))),
    Signatures((("拍卖师（签字）", "沈知远"), ("记录人（签字）", "")), "日期：2026 年"),
)


def document(*blocks: Block, language: Language = "zh-hans", **changes: Any) -> Document:
    texts = {"title": "拍卖笔录", "number": "YL-2026-1", "issuer": "云廊拍卖有限公司", "issued_at": ISSUED}
    return Document(language=language, blocks=blocks or BLOCKS, **texts | changes)


def texts_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for name, one in value.items() if name not in ("kind", "align") for text in texts_in(one)]
    return (
        [text for one in value for text in texts_in(one)]
        if isinstance(value, list)
        else [str(value)] * isinstance(value, str)
    )


def test_every_text_of_every_kind_of_block_can_be_copied_out_of_the_file() -> None:
    made = typeset(document())
    read = text_of(made.pdf)
    texts = texts_in({**json.loads(made.content), "language": ""})
    assert len(texts) > 130
    assert [text for text in texts if bare(text) not in read] == []


@pytest.mark.parametrize(("language", "foot"), [("zh-hans", "第{}页，共{}页"), ("en", "Page{}of{}")])
def test_each_page_says_which_it_is_and_what_the_content_hashes_to(language: Language, foot: str) -> None:
    made = typeset(document(language=language))
    pages = pages_of(made.pdf)
    assert len(pages) > 1
    for place, page in enumerate(pages, 1):
        assert foot.format(place, len(pages)) in bare(page)
        assert made.content_sha256 in bare(page)
        assert "YL-2026-1" in page


def test_the_head_of_a_table_stands_on_every_page() -> None:
    assert sum("序号" in page for page in pages_of(typeset(document()).pdf)) == 2


def test_the_content_is_attached_and_hashes_to_what_the_pages_say() -> None:
    made = typeset(document())
    (attached,) = PdfReader(BytesIO(made.pdf)).attachments[CONTENT_NAME]
    assert attached == made.content
    assert sha256(attached).hexdigest() == made.content_sha256


def test_fonts_are_embedded_and_the_file_is_for_the_archive() -> None:
    reader = PdfReader(BytesIO(typeset(document()).pdf))
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    descriptors = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert descriptors
    assert all("/FontFile3" in one or "/FontFile2" in one for one in descriptors)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    archive = reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in archive
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in archive


def test_equal_documents_are_equal_files_whatever_the_machines_clock_and_language(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = typeset(document())
    monkeypatch.setenv("TZ", "America/New_York")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    monkeypatch.chdir(tmp_path)
    assert typeset(document()).pdf_sha256 == first.pdf_sha256
    assert typeset(document(number="YL-2026-2")).pdf_sha256 != first.pdf_sha256


HOSTILE = [
    "#import \"/etc/passwd\" *粗* _斜_ $x^2$ `code` = 标题 // 注释 <label> @ref [x] #panic()",
    "<b>不是标记</b> &amp; \\n \\u{41} {bidder} %s",
    "\"引号\" ‘单’ “双” 'x' … — · ¥ ￥",
    "e\u0301 Łódź Việt Nam Київ ß ǅ",
    "😀 价\u202e001 \ufeff",
    "- 列表 + 编号 / 术语: 1. 2)",
]  # fmt: skip


def everywhere(text: str) -> tuple[Block, ...]:
    return (
        Heading(text), Paragraph(text), Definitions(((text, text),)), Clauses((text,)), Code(text),
        Table((Column(text, 30), Column("x")), ((text, text),)), Signatures(((text, text),), text),
    )  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_text_is_taken_for_markup_and_none_disappears(language: Language) -> None:
    read = text_of(typeset(document(*(place for text in HOSTILE for place in everywhere(text)), language=language)).pdf)
    assert {text: read.count(bare(shown(text))) for text in HOSTILE} == dict.fromkeys(HOSTILE, 12)


LONG = {"a": "a" * 500, "标": "标" * 500, "。": "。" * 500, "Я": "Я" * 500, "b": "b\u00a0" * 250, "c": "c-/" * 170}


def test_long_texts_stay_within_the_page() -> None:
    texts = tuple(LONG.values())
    places = (Heading(texts[0]), Definitions((*(("长", text) for text in texts), (texts[0], "长"))))
    pages = pages_of(typeset(document(*places)).pdf)
    read = "".join(pages)
    assert all(read.count(sign) >= text.count(sign) for sign, text in LONG.items())
    assert max(len(line) for page in pages for line in page.splitlines()) < 150


def test_what_cannot_be_seen_or_set_is_written_out_by_its_number() -> None:
    assert shown("价\u202e001\u202c😀\u0000\ud800 ע\ufffd") == (
        "价〔U+202E〕001〔U+202C〕〔U+1F600〕〔U+0000〕〔U+D800〕 〔U+05E2〕〔U+FFFD〕"
    )
    assert shown(" 一\r\n二\t三\u2028四\u3000五\u00a0") == " 一 二 三 四\u3000五 "


@given(st.text())
def test_no_character_disappears(text: str) -> None:
    line = shown(text)
    assert shown(line) == line
    assert line.isprintable() or "\u3000" in line
    for sign in unicodedata.normalize("NFC", text):
        form = characters._forms().get(sign, f"〔U+{ord(sign):04X}〕")
        assert sign.isspace() or sign in line or form in line


def test_the_fonts_have_what_is_taken_for_shown() -> None:
    forms = sorted(set(characters._forms().values()))
    assert len(forms) > 30_000
    letters = "".join(sorted(characters._LETTERS & set(forms)))
    tried = unicodedata.normalize("NFC", "".join(forms[::60]))
    text = text_of(typeset(document(Paragraph(tried), Heading(tried + letters), Code(letters))).pdf)
    assert {sign for sign in tried + letters if not sign.isspace()} <= set(text)
    assert all(text.count(letter) >= 2 for letter in letters)


def test_what_the_font_draws_alike_is_one_character() -> None:
    assert shown("⼄⽲～〜a\u2011b⋯") == "乙禾～～a-b…"


def test_rows_must_fit_their_columns_and_times_have_a_zone() -> None:
    with pytest.raises(ValueError, match="one text for each column"):
        typeset(document(Table((Column("a"), Column("b")), (("1",),))))
    with pytest.raises(ValueError, match="zone"):
        typeset(document(issued_at=datetime(2026, 5, 18)))


def test_a_failing_typesetter_is_an_error_that_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "_CHILD", [sys.executable, "-c", "raise SystemExit('out of ink')"])
    with pytest.raises(TypesettingError, match="out of ink"):
        typeset(document())
