"""Both languages are complete: every Chinese message has its English, and none stands outside the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest
from django.template.base import Lexer, TokenType

from tests.source import PACKAGE, Message, messages, python_calls, templates

CATALOGUE = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
CHINESE_MARKS = re.compile(r"[\u3001-\u3011\uff01-\uff5e]")
PERCENT = re.compile(r"%\((\w+)\)[sd]")
BRACES = re.compile(r"{(\w*)[^{}]*}")
# Chinese words that English pages show as they are: the name of the product and of the other language, and units of
# money, which an English reader must type as they stand.
SHOWN_AS_THEY_ARE = re.compile("云廊|中文|（[万亿]?元）|[万亿]?元")
# What marks a text of a template as translated: the tags themselves, and _("…") inside any tag.
_TRANSLATED = re.compile(r"""^(?:trans|translate)\s+(?:"[^"]*"|'[^']*')|_\((?:"[^"]*"|'[^']*')\)""")


def catalogue() -> dict[tuple[str, str], polib.POEntry]:
    return {(entry.msgctxt or "", entry.msgid): entry for entry in polib.pofile(str(CATALOGUE)) if not entry.obsolete}


@pytest.fixture(scope="module")
def said() -> list[Message]:
    """Return every message of the sources."""
    return list(messages())


def english(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def is_chinese(text: str) -> bool:
    rest = SHOWN_AS_THEY_ARE.sub("", text)
    return bool(CHINESE.search(rest) or CHINESE_MARKS.search(rest))


def test_every_message_has_its_english(said: list[Message]) -> None:
    known = catalogue()
    missing = [
        f"{message.where}: {message.text}"
        for message in said
        if (entry := known.get((message.context, message.text))) is None
        or entry.fuzzy
        or len(english(entry)) < (2 if entry.msgid_plural else 1)
        or not all(text.strip() for text in english(entry))
        or bool(entry.msgid_plural) < bool(message.plural)
    ]
    assert said
    assert missing == []


def test_a_message_is_a_plain_text_that_the_catalogue_can_name(said: list[Message]) -> None:
    assert [message.where for message in said if not message.text] == []


def test_the_catalogue_holds_nothing_that_nobody_says(said: list[Message]) -> None:
    assert set(catalogue()) - {(message.context, message.text) for message in said} == set()


def test_the_compiled_catalogue_is_in_step_with_its_source() -> None:
    compiled = {(entry.msgctxt or "", entry.msgid): entry for entry in polib.mofile(str(CATALOGUE.with_suffix(".mo")))}
    assert {key: english(entry) for key, entry in compiled.items()} == {
        key: english(entry) for key, entry in catalogue().items()
    }


def test_no_english_text_is_chinese() -> None:
    assert [text for entry in catalogue().values() for text in english(entry) if is_chinese(text)] == []


def test_both_languages_fill_in_the_same_values() -> None:
    for entry in catalogue().values():
        for text in english(entry):
            for pattern in (PERCENT, BRACES):
                wanted = set(pattern.findall(entry.msgid_plural or entry.msgid))
                # The singular may leave out its «one».
                assert set(pattern.findall(text)) <= wanted, entry.msgid
                assert wanted <= {value for other in english(entry) for value in pattern.findall(other)}, entry.msgid


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_template_says_nothing_chinese_outside_a_translation(path: Path) -> None:
    assert [text for text in _untranslated(path.read_text(encoding="utf-8")) if is_chinese(text)] == []


def _untranslated(source: str) -> list[str]:
    found, ends = [], ""
    for token in Lexer(source).tokenize():
        name = token.contents.split(maxsplit=1)[0] if token.token_type is TokenType.BLOCK and token.contents else ""
        if ends:
            ends = "" if name == ends else ends
        elif name in ("blocktranslate", "blocktrans", "comment"):
            ends = "end" + name
        elif token.token_type is TokenType.TEXT:
            found.append(token.contents)
        elif token.token_type is not TokenType.COMMENT:
            found.append(_TRANSLATED.sub("", token.contents))
    return found


def test_domain_phrases_are_chinese_first_english_second_and_fill_in_the_same_values() -> None:
    phrases = [call for call in python_calls(PACKAGE, {"Bilingual"}) if None not in call.texts and len(call.texts) == 2]
    assert len(phrases) > 100
    for call in phrases:
        zh, en = (text or "" for text in call.texts)
        where = f"{call.path.relative_to(PACKAGE)}:{call.line}"
        assert not is_chinese(en), where
        assert bool(zh.strip()) == bool(en.strip()), where
        assert set(BRACES.findall(zh)) == set(BRACES.findall(en)), where
