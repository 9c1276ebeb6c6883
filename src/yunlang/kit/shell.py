"""What every command of the command line shares."""

from __future__ import annotations

import os

import typer

from yunlang.kit.language import Bilingual


def language() -> str:
    """Return the language to speak: YUNLANG_LANGUAGE, else Chinese unless the locale says English."""
    chosen = os.environ.get("YUNLANG_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if chosen.lower().startswith("en") else "zh-hans"


def say(zh: str, en: str) -> None:
    """Print one line in the reader's language."""
    typer.echo(Bilingual(zh, en).text(language()))
