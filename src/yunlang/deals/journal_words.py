"""A deal's journal in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from yunlang.deals.core.ledger.deal import CORRECTABLE
from yunlang.deals.core.ledger.events import EVENTS, Amended
from yunlang.deals.core.ledger.vocabulary import KINDS, SOURCES
from yunlang.deals.ledger_fields import FIELD_NAMES
from yunlang.deals.ledger_models import JournalEntry
from yunlang.kit.language import Bilingual
from yunlang.kit.money import money_label

PART_NAMES: dict[str, Bilingual] = {
    "milestone": Bilingual("里程碑", "milestone"),
    "payment": Bilingual("付款", "payment"),
}
_CORRECTED = Bilingual("已由第 {numbers} 条更正", "corrected by entry {numbers}")
_LABELS: dict[str, Bilingual] = {
    **PART_NAMES,
    "corrects": Bilingual("更正第几条", "entry corrected"),
    "field": Bilingual("更正哪一项", "what is corrected"),
    "value": Bilingual("改为", "new value"),
    **FIELD_NAMES,
    "need_side": Bilingual("需求方", "the need's side"),
    "offer_side": Bilingual("供给方", "the offering side"),
    "source": Bilingual("来源", "source"),
}
_NAMED: dict[str, Mapping[str, Bilingual]] = {"deal_kind": KINDS, "source": SOURCES, "field": FIELD_NAMES}


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as the history shows it."""

    entry: JournalEntry
    what: Bilingual
    particulars: list[tuple[Bilingual, Bilingual]]
    is_published: bool
    is_correctable: bool
    corrected: Bilingual | None = None


def journal_told(entries: Sequence[JournalEntry], published: int) -> list[Told]:
    """Return a deal's journal in words, each entry with those that correct it; `published` as in `told`."""
    by: defaultdict[int, list[str]] = defaultdict(list)
    for entry in entries:
        if entry.kind == Amended.kind:
            by[entry.payload["corrects"]].insert(0, str(entry.sequence))
    return [
        replace(told(entry, published), corrected=_CORRECTED.format(numbers=", ".join(by[entry.sequence])))
        if entry.sequence in by else told(entry, published)
        for entry in entries
    ]  # fmt: skip


def told(entry: JournalEntry, published: int) -> Told:
    """Return an entry in words; `published` is the last sequence that a published head covers."""
    event = EVENTS.get(entry.kind)
    what = event.label if event else Bilingual(entry.kind, entry.kind)
    particulars = [
        (label, _words(name, entry.payload[name]))
        for name, label in _LABELS.items()
        if entry.payload.get(name) is not None
    ]
    return Told(entry, what, particulars, entry.sequence <= published, entry.kind in CORRECTABLE)


def _words(name: str, value: Any) -> Bilingual:
    if name in _NAMED:
        return _NAMED[name].get(value, Bilingual(value, value))
    if name in ("need_side", "offer_side"):
        text = " · ".join(filter(None, (value["name"], value["city_name"])))
        return Bilingual(text, text)
    if name == "amount":
        return Bilingual(*(money_label(Decimal(value), language) for language in ("zh", "en")))
    return Bilingual(str(value), str(value))
