"""Why a document was returned, as data: words with their share, the nearest sentences, conditions met and missed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yunlang.kit.language import Bilingual
from yunlang.kit.money import money_label
from yunlang.matching.core.document import Document
from yunlang.matching.core.encoder import Vectors
from yunlang.matching.core.query import Query

MOST_WORDS = 8
SATURATION = 1.2  # BM25's k1
UNKNOWN_PLACE = Bilingual("所在地未核实", "seat not verified")


@dataclass(frozen=True, slots=True)
class WordShare:
    """A word that query and document share, and its part of the word score; the parts of a document sum to 1."""

    word: str
    share: float


@dataclass(frozen=True, slots=True)
class SentencePair:
    """The two sentences nearest to each other.

    Attributes
    ----------
    query, document
        The sentences.
    similarity
        0 to 1: cosine of their vectors, or the share of telling words that they have in common.
    by
        ``vectors`` or ``words``.
    """

    query: str
    document: str
    similarity: float
    by: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Something the query wants.

    Attributes
    ----------
    code
        ``city``, ``kind``, ``trl``, ``price``, ``label`` or ``deadline``.
    met
        Whether the document meets it; None where it does not say.
    phrase
        The finding in words.
    """

    code: str
    met: bool | None
    phrase: Bilingual


@dataclass(frozen=True, slots=True)
class Reasons:
    """Everything that speaks for or against a hit.

    Attributes
    ----------
    words
        Largest share first.
    similarity
        Cosine of query and document, or None where the document has no vector yet.
    sentences
        Nearest pair, or None where nothing is shared.
    conditions
        What the query wants, found or not.
    grades
        Probabilities of 1 unrelated, 2 weak, 3 fairly strong, 4 strong.
    """

    words: tuple[WordShare, ...]
    similarity: float | None
    sentences: SentencePair | None
    conditions: tuple[Condition, ...]
    grades: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; phrases carry both languages."""
        pair = self.sentences
        return {
            "words": [{"word": item.word, "share": round(item.share, 4)} for item in self.words],
            "similarity": None if self.similarity is None else round(self.similarity, 4),
            "sentences": None
            if pair is None
            else {
                "query": pair.query, "document": pair.document,
                "similarity": round(pair.similarity, 4), "by": pair.by,
            },
            "conditions": [
                {"code": item.code, "met": item.met, "zh": item.phrase.zh, "en": item.phrase.en}
                for item in self.conditions
            ],
            "grades": [round(chance, 4) for chance in self.grades],
        }  # fmt: skip


def word_shares(worth: Mapping[str, float], counts: Mapping[str, int]) -> tuple[WordShare, ...]:
    """Return the parts that words bring to a document's word score, the largest first, at most eight.

    The parts follow BM25's saturation; its length normalisation is the same for all words of a document and is left
    out. A word inside a longer one that matched too (电解 in 电解液) is counted with that one, and what is not among
    the eight largest is left out, so that the shares sum to 1.

    Parameters
    ----------
    worth
        Weight of each of the query's words times its inverse document frequency.
    counts
        How often the document has each of its words.
    """
    merged: dict[str, float] = {}
    for word in sorted(worth.keys() & counts.keys(), key=lambda word: (-len(word), word)):
        host = next((longer for longer in merged if word in longer), word)
        merged[host] = merged.get(host, 0.0) + worth[word] * counts[word] / (counts[word] + SATURATION)
    largest = sorted(merged.items(), key=lambda item: (-item[1], item[0]))[:MOST_WORDS]
    total = sum(score for _, score in largest)
    return tuple(WordShare(word, score / total) for word, score in largest) if total > 0 else ()


def nearest_by_words(
    query: Sequence[tuple[str, Collection[str]]],
    document: Sequence[tuple[str, Collection[str]]],
    worth: Mapping[str, float],
) -> SentencePair | None:
    """Return the pair of sentences that share the most telling words, or None where no pair shares any.

    Parameters
    ----------
    query, document
        Sentences with their words.
    worth
        Weight of each word that counts, e.g. its inverse document frequency.
    """
    offered = [(sentence, telling) for sentence, words in document if (telling := worth.keys() & set(words))]
    best: SentencePair | None = None
    for asked, asked_words in query if offered else ():
        wanted = worth.keys() & set(asked_words)
        total = sum(map(worth.__getitem__, wanted))
        for sentence, telling in offered:
            shared = sum(map(worth.__getitem__, wanted & telling))
            if shared > 0 and (best is None or shared / total > best.similarity):
                best = SentencePair(asked, sentence, min(shared / total, 1.0), "words")
    return best


def nearest_by_vectors(
    query: Sequence[str], document: Sequence[str], query_vectors: Vectors, document_vectors: Vectors
) -> SentencePair | None:
    """Return the pair of sentences whose unit vectors, shape (sentences, dimension), have the largest cosine."""
    if not query or not document:
        return None
    cosines = query_vectors @ document_vectors.T
    row, column = divmod(int(cosines.argmax()), len(document))
    return SentencePair(query[row], document[column], min(max(float(cosines[row, column]), 0.0), 1.0), "vectors")


def conditions(query: Query, document: Document, cities: Mapping[str, Bilingual]) -> tuple[Condition, ...]:
    """Return how the document stands to what the query wants; its place is always told.

    Parameters
    ----------
    cities
        Names of the corridor's cities by administrative code.
    """
    found = [_city(query, document, cities)]
    if query.kinds:
        fits = document.kind in query.kinds
        phrase = Bilingual("类别符合要求", "kind as wanted") if fits else Bilingual("类别不同", "another kind")
        found.append(Condition("kind", fits, phrase))
    if query.trl is not None:
        found.append(_trl(query.trl, document))
    if query.budget is not None:
        found.append(_price(query, document))
    if query.labels:
        fits = bool(set(query.labels) & set(document.labels))
        phrase = (
            Bilingual("具备所需资质", "has a label wanted")
            if fits
            else Bilingual("无所需资质", "lacks the labels wanted")
        )
        found.append(Condition("label", fits, phrase))
    if query.deadline is not None:
        found.append(_deadline(query, document))
    return tuple(found)


def _city(query: Query, document: Document, cities: Mapping[str, Bilingual]) -> Condition:
    name = cities.get(document.city)
    if name is None:
        if not document.place:
            return Condition("city", None, UNKNOWN_PLACE)
        where = Bilingual("走廊外：{place}", "outside the corridor: {place}")
        return Condition("city", False, where.format(place=document.place))
    if query.city and query.city == document.city:
        return Condition("city", True, Bilingual("同在{city}", "also in {city}").format(city=name))
    return Condition("city", True, Bilingual("走廊内：{city}", "in the corridor: {city}").format(city=name))


def _trl(wanted: int, document: Document) -> Condition:
    if document.trl is None:
        return Condition("trl", None, Bilingual("未注明技术成熟度", "readiness level not stated"))
    phrase = Bilingual(
        "技术成熟度 {level} 级，要求不低于 {wanted} 级", "readiness level {level}, at least {wanted} wanted"
    )
    return Condition("trl", document.trl >= wanted, phrase.format(level=document.trl, wanted=wanted))


def _price(query: Query, document: Document) -> Condition:
    if document.price is None or query.budget is None:
        return Condition("price", None, Bilingual("未标价", "price not stated"))
    phrase = Bilingual("价格 {price}，预算 {budget}", "price {price}, budget {budget}")
    amounts = {
        name: Bilingual(money_label(amount, "zh-hans"), money_label(amount, "en"))
        for name, amount in (("price", document.price), ("budget", query.budget))
    }
    return Condition("price", document.price <= query.budget, phrase.format(**amounts))


def _deadline(query: Query, document: Document) -> Condition:
    if document.valid_until is None or query.deadline is None:
        return Condition("deadline", None, Bilingual("未注明有效期", "validity not stated"))
    phrase = Bilingual("有效期至 {until}，需求截止 {deadline}", "valid until {until}, needed by {deadline}")
    met = document.valid_until >= query.deadline
    return Condition("deadline", met, phrase.format(until=document.valid_until, deadline=query.deadline))
