"""Text that exists in both languages of the product, Chinese first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh-hans", "en"]


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One phrase in Chinese and in English.

    Domain names (kinds, fields, errors) live in pure code that knows nothing of Django's
    translations; pages, the API and the command line pick the language when they show them.
    """

    zh: str
    en: str

    def text(self, language: str) -> str:
        """Return the phrase in `language`; anything but English reads as Chinese."""
        return self.en if language.lower().startswith("en") else self.zh

    def format(self, **values: object) -> Bilingual:
        """Fill both phrases' ``{placeholders}``; a value that is itself bilingual fills each side in its own tongue."""
        zh = {key: value.zh if isinstance(value, Bilingual) else value for key, value in values.items()}
        en = {key: value.en if isinstance(value, Bilingual) else value for key, value in values.items()}
        return Bilingual(self.zh.format(**zh), self.en.format(**en))

    def __str__(self) -> str:
        return self.zh
