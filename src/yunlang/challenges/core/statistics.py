"""What became of a published list: counts, money and success, in all and by area or city. Amounts are CNY."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from yunlang.challenges.core.vocabulary import ChallengeStatus

_AWARDED = (ChallengeStatus.AWARDED, ChallengeStatus.PERFORMING, ChallengeStatus.CONCLUDED)
_DECIDED = (*_AWARDED, ChallengeStatus.UNAWARDED)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list.

    Attributes
    ----------
    proposals
        How many were opened; None while they are sealed.
    winners
        How many were awarded it.
    """

    area: str
    city: str
    status: str
    budget: Decimal
    proposals: int | None
    winners: int
    awarded: Decimal
    paid: Decimal


@dataclass(frozen=True, slots=True)
class Tally:
    """Items counted and added up.

    Attributes
    ----------
    decided
        Those that were awarded, or for which nobody was found; a withdrawn one is neither.
    """

    published: int = 0
    with_proposals: int = 0
    proposals: int = 0
    decided: int = 0
    awarded: int = 0
    parallel: int = 0
    concluded: int = 0
    unawarded: int = 0
    withdrawn: int = 0
    budget: Decimal = Decimal(0)
    awarded_sum: Decimal = Decimal(0)
    paid_sum: Decimal = Decimal(0)

    @property
    def award_rate(self) -> float | None:
        """Awarded out of decided; None where nothing is decided."""
        return self.awarded / self.decided if self.decided else None

    @property
    def conclusion_rate(self) -> float | None:
        """Concluded out of awarded; None where nothing is awarded."""
        return self.concluded / self.awarded if self.awarded else None

    @property
    def ended(self) -> int:
        """Items that nothing more happens to."""
        return self.concluded + self.unawarded + self.withdrawn


def tally(items: Iterable[Item]) -> Tally:
    """Count items."""
    rows = list(items)
    return Tally(
        published=len(rows),
        with_proposals=sum(1 for one in rows if one.proposals),
        proposals=sum(one.proposals or 0 for one in rows),
        decided=sum(1 for one in rows if one.status in _DECIDED),
        awarded=sum(1 for one in rows if one.status in _AWARDED),
        parallel=sum(1 for one in rows if one.status in _AWARDED and one.winners > 1),
        concluded=sum(1 for one in rows if one.status == ChallengeStatus.CONCLUDED),
        unawarded=sum(1 for one in rows if one.status == ChallengeStatus.UNAWARDED),
        withdrawn=sum(1 for one in rows if one.status == ChallengeStatus.WITHDRAWN),
        budget=sum((one.budget for one in rows), Decimal(0)),
        awarded_sum=sum((one.awarded for one in rows), Decimal(0)),
        paid_sum=sum((one.paid for one in rows), Decimal(0)),
    )


def tallies_by(items: Iterable[Item], key: Callable[[Item], str]) -> dict[str, Tally]:
    """Count items apart by a key, in the order in which the keys come."""
    groups: dict[str, list[Item]] = {}
    for one in items:
        groups.setdefault(key(one), []).append(one)
    return {name: tally(rows) for name, rows in groups.items()}


def list_coverage(published: int, listed: Decimal | None) -> float | None:
    """Return how much of a list that was announced is published here; None where no list was announced.

    Parameters
    ----------
    published
        Items published on the platform.
    listed
        Items of the list as announced, a published figure; never fixed in code.
    """
    return None if not listed else published / float(listed)
