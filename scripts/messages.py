"""Brings the English catalogue in step with the sources: adds what is new, drops what is gone, compiles.

Sources are Chinese; a message without its English fails `tests/test_translations.py`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import polib
from django.conf import settings

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "yunlang"
CATALOGUE = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"
GETTEXT = {"gettext", "gettext_lazy", "_"}
PLURALS = {"ngettext", "ngettext_lazy"}


def messages() -> Iterator[tuple[str, str | None]]:
    """Yield every message of the sources with its plural, in order of file and line."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield from _python_messages(path.read_text())
    for path in sorted(PACKAGE.rglob("*.html")):
        yield from _template_messages(path.read_text())


def _template_messages(source: str) -> Iterator[tuple[str, str | None]]:
    from django.utils.translation.template import templatize

    code = templatize(source)
    for call in re.finditer(r"\b(n?gettext)\((u?)(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\"\"\".*?\"\"\")", code, re.S):
        yield from _python_messages(_call_from(code, call.start()))


def _call_from(code: str, start: int) -> str:
    depth = 0
    quote = ""
    for place in range(start, len(code)):
        character = code[place]
        if quote:
            if character == quote and code[place - 1] != "\\":
                quote = ""
        elif character in "\"'":
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return code[start : place + 1]
    return ""


def _python_messages(source: str) -> Iterator[tuple[str, str | None]]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if name in GETTEXT and texts:
            yield texts[0], None
        elif name in PLURALS and len(texts) > 1:
            yield texts[0], texts[1]


def main() -> int:
    """Rewrite the catalogue; return 1 while messages lack their English."""
    settings.configure(USE_I18N=True)
    django.setup()
    old = polib.pofile(str(CATALOGUE))
    known = {entry.msgid: entry for entry in old}
    new = polib.POFile(wrapwidth=110)
    new.metadata = old.metadata
    for message, plural in dict(messages()).items():
        entry = known.get(message) or polib.POEntry(msgid=message, msgid_plural=plural or "", msgstr="")
        entry.occurrences = []
        new.append(entry)
    new.sort(key=lambda entry: entry.msgid)
    new.save(str(CATALOGUE))
    new.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    missing = new.untranslated_entries()
    for entry in missing:
        print(f"no English yet: {entry.msgid}")
    print(f"{len(new)} messages, {len(missing)} without English")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
