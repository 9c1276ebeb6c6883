"""What each kind of subject says of its own journals: registered by the room that keeps them.

The chain of hashes is checked for every journal alike; whether the entries can have happened, and whether the room's
rows say what they lead to, only the room knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yunlang.deals.core.ledger.entries import Entry
from yunlang.kit.language import Bilingual


@dataclass(frozen=True, slots=True)
class SubjectCheck:
    """How journals of one kind of subject are checked.

    Attributes
    ----------
    wrong
        Given a subject's id and its whole journal, what is wrong with them; None where nothing is.
    unwritten
        The id of a subject that has rows and no journal; None where there is none.
    """

    wrong: Callable[[str, list[Entry]], Bilingual | None]
    unwritten: Callable[[], str | None]


_checks: dict[str, SubjectCheck] = {}


def subject_check_register(kind: str, check: SubjectCheck) -> None:
    """Declare how journals of a kind are checked. Called when apps are ready.

    Raises
    ------
    ValueError
        When another check stands under that kind.
    """
    if _checks.setdefault(kind, check) != check:
        raise ValueError(f"two checks of journals are registered for {kind}")


def subject_checks() -> dict[str, SubjectCheck]:
    """Return every check by the kind of subject."""
    return dict(_checks)
