"""Brings the English catalogue in step with the sources: adds what is new, drops what is gone, compiles.

Sources are Chinese; a message without its English fails `tests/test_translations.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django
import polib
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
CATALOGUE = ROOT / "src" / "yunlang" / "locale" / "en" / "LC_MESSAGES" / "django.po"


def main() -> int:
    """Rewrite the catalogue; return 1 while messages lack their English."""
    settings.configure(USE_I18N=True)
    django.setup()
    from tests.source import messages

    old = polib.pofile(str(CATALOGUE))
    known = {(entry.msgctxt or "", entry.msgid): entry for entry in old}
    new = polib.POFile(wrapwidth=110)
    new.metadata = old.metadata
    for message in {(one.context, one.text): one for one in messages()}.values():
        entry = known.get((message.context, message.text)) or polib.POEntry(
            msgid=message.text, msgid_plural=message.plural, msgctxt=message.context or None
        )
        entry.occurrences = []
        new.append(entry)
    new.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
    new.save(str(CATALOGUE))
    new.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    missing = [entry for entry in new if not entry.translated()]
    for entry in missing:
        print(f"no English yet: {entry.msgid}")
    print(f"{len(new)} messages, {len(missing)} without English")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
