"""Text to words: what the word index stores and what a query asks for, in Chinese and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from hashlib import blake2b
from importlib.resources import files
from itertools import chain, filterfalse

ANALYSER_VERSION = 1
LONGEST_ANALYSED = 20_000  # characters of one text
LONGEST_WORD = 64  # characters; a longer run of Latin characters is cut there
SHORTEST_COMPOUND = 4  # characters
WORDS_REMEMBERED = 100_000  # with what they stand for
SECONDARY_WEIGHT = 0.3  # of a word that stands in a need's text only; chosen on the graded pairs

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_HAN_RUN = re.compile(f"[{_HAN}]+")
_STANDARD = r"(?:gb|gjb|hg|jb|yy|sj|db\d{2}|iso|iec|ieee|astm|din|en)(?:/[a-z]{1,3})?[ -]?\d+(?:[.\-]\d+)*(?![a-z0-9])"
_LATIN = re.compile(rf"{_STANDARD}|[^\W_{_HAN}]+(?:[.\-+/_'&@][^\W_{_HAN}]+)*[+#]*")
_LATIN_CHARACTER = re.compile(rf"[^\W_{_HAN}]")
_PARTS = re.compile(r"[\-+/_'&@# ]+")
_PLURAL = re.compile(r"^[a-z]{3,}(?<![suia])s$")
_SPACE = re.compile(r"\s")
# What NFKC would do too, thirty times as slowly: Chinese titles are full of these and seldom of others.
_WIDE = tuple((wide, unicodedata.normalize("NFKC", wide)) for wide in "（）：，；！？")
_IGNORED = {"Cc", "Cf", "Cs", "Co", "Cn"}


class Analyser:
    """Cuts text into words the same way for documents and queries; deterministic and safe to share between threads.

    Chinese is cut by jieba in search mode with the domain dictionary; runs of Latin letters and digits stay whole
    (``LiNi0.8Co0.1Mn0.1O2``, ``5G-V2X``, ``GB/T 32100``) and their parts are added (``5g``, ``v2x``). Everything is
    NFKC and case folded; English plurals lose their s.

    Parameters
    ----------
    extra_words
        Terms to keep whole beside the package's dictionary.
    """

    def __init__(self, extra_words: Iterable[str] = ()) -> None:
        # It reads its dictionary when imported; commands and pages that cut nothing do not wait for that.
        import rjieba

        self.extra_words = tuple(extra_words)
        self._cutter = rjieba.Jieba()
        words = sorted({normalise(word).strip() for word in (*_dictionary(), *self.extra_words)} - {""})
        for word in words:
            self._cutter.add_word(word, None, None)
        self._stop, self._generic = _stop_words()
        self.dictionary = tuple(words)
        self._parts = lru_cache(maxsize=WORDS_REMEMBERED)(self._parts_of)
        signature = "\n".join((*words, *sorted(self._stop), unicodedata.unidata_version))
        self.fingerprint = f"{ANALYSER_VERSION}-{blake2b(signature.encode(), digest_size=8).hexdigest()}"

    def words(self, text: str) -> list[str]:
        """Return the words of `text`, stop words left out, sub-words and repetitions kept; 20,000 characters count."""
        text = normalise(text[:LONGEST_ANALYSED])
        return self._chinese_words(text) + self._latin(text)

    def characters(self, text: str) -> list[str]:
        """Return the single Chinese characters and the whole Latin words of `text`, function characters left out."""
        text = normalise(text[:LONGEST_ANALYSED])
        return self._chinese_characters(text) + self._latin(text)

    def words_and_characters(self, short: str, rest: str) -> tuple[list[str], list[str]]:
        """Return the words of both texts together and the characters of the short one, as the two methods above do."""
        short, rest = normalise(short[:LONGEST_ANALYSED]), rest[: max(LONGEST_ANALYSED - len(short), 0)]
        latin = self._latin(short)
        words = self._chinese_words(short) + latin
        if rest:
            rest = normalise(rest)
            words += self._chinese_words(rest) + self._latin(rest)
        return words, self._chinese_characters(short) + latin

    def _chinese_words(self, text: str) -> list[str]:
        return list(chain.from_iterable(map(self._parts, self._cutter.cut_for_search(text))))

    def _chinese_characters(self, text: str) -> list[str]:
        return list(filterfalse(self._stop.__contains__, "".join(_HAN_RUN.findall(text))))

    def _latin(self, text: str) -> list[str]:
        return [word for word in _latin_words(text) if word not in self._stop]

    def is_whole(self, word: str) -> bool:
        """Return whether jieba in exact mode leaves a word as it is; of 高性, a part of 高性能, it makes 高 and 性."""
        return len(self._cutter.cut(word)) == 1

    def query_weights(self, primary: str, secondary: str = "") -> dict[str, float]:
        """Return the words that a query asks for with their weights, in the order of first appearance.

        Words of `primary` (a need's title, or what was typed) weigh 1; words that only `secondary` (its text) has,
        0.3. Words that any need has (系统, 研发, system …) are left out unless there is nothing else.
        """
        return self._weights(self.words(primary), self.words(secondary))

    def character_weights(self, primary: str, secondary: str = "") -> dict[str, float]:
        """Return the same as `query_weights` for `characters`."""
        return self._weights(self.characters(primary), self.characters(secondary))

    def _weights(self, primary: list[str], secondary: list[str]) -> dict[str, float]:
        weights = dict.fromkeys(primary, 1.0)
        for word in secondary:
            weights.setdefault(word, SECONDARY_WEIGHT)
        telling = {word: weight for word, weight in weights.items() if word not in self._generic}
        return telling or weights

    def _parts_of(self, word: str) -> tuple[str, ...]:
        """Return what a word from the cutter stands for: the words inside it and itself, stop words left out."""
        if not ("\u4e00" <= word[0] <= "\u9fff" or _HAN_RUN.search(word)):
            return ()
        inner = self._inner_words(word) if len(word) > SHORTEST_COMPOUND else []
        return tuple(part for part in (*inner, word) if part not in self._stop)

    def _inner_words(self, word: str) -> list[str]:
        # Search mode gives the two- and three-character words inside a long one; 燃料电池 in 氢燃料电池 is neither.
        spans = ((start, end) for start in range(len(word)) for end in range(start + SHORTEST_COMPOUND, len(word) + 1))
        inner = (word[start:end] for start, end in spans if end - start < len(word))
        return [part for part in inner if self._cutter.has_word(part)]


def normalise(text: str) -> str:
    r"""Return `text` in NFKC, case folded, with control characters and the literal ``\n`` of exports as spaces."""
    if "\\" in text:
        text = text.replace("\\r", " ").replace("\\n", " ")
    if not text.isprintable():  # which a space is and no other white space
        text = _SPACE.sub(" ", text)
        text = "".join(" " if unicodedata.category(character) in _IGNORED else character for character in text)
    for wide, narrow in _WIDE:
        text = text.replace(wide, narrow)
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)


def is_chinese(text: str) -> bool:
    """Return whether the text has any Chinese character."""
    return _HAN_RUN.search(text) is not None


def _latin_words(text: str) -> list[str]:
    found: list[str] = []
    if not _LATIN_CHARACTER.search(text):
        return found
    for match in _LATIN.finditer(text):
        whole = match[0][:LONGEST_WORD].replace(" ", "")
        found.append(whole[:-1] if _PLURAL.match(whole) else whole)
        parts = [part for part in _PARTS.split(match[0]) if part]
        if len(parts) > 1:
            found.extend(part[:LONGEST_WORD] for part in parts if len(part) > 1)
    return found


def _package_lines(name: str) -> list[str]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _dictionary() -> tuple[str, ...]:
    return tuple(word for line in _package_lines("dictionary.txt") for word in line.split())


@cache
def _stop_words() -> tuple[frozenset[str], frozenset[str]]:
    lines = _package_lines("stopwords.txt")
    border = lines.index("generic")
    stop, generic = (
        frozenset(word for line in part for word in line.split()) for part in (lines[:border], lines[border:])
    )
    return stop, generic


@cache
def default_analyser() -> Analyser:
    """Return the process's analyser with the package's dictionary alone (loading it takes a tenth of a second)."""
    return Analyser()
