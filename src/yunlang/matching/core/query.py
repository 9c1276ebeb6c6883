"""What somebody looks for: a few words, or a need with its conditions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yunlang.kit.text import line_form

LONGEST_QUERY = 4_000  # characters of a text that are read
LONGEST_ENCODED = 80  # characters


@dataclass(frozen=True, slots=True)
class Query:
    """Words typed into a box (`title` alone) or a need. What it wants it prefers; only `Filters` exclude.

    Attributes
    ----------
    title
        The words, or the need's title: counts in full, and alone makes the vector.
    text
        The need's description: its words count 0.3. Of both texts the first 4,000 characters are read.
    city
        Administrative code of the need's city: the same city is preferred a little.
    kinds
        Kinds wanted.
    trl
        Lowest technology readiness level wanted, 1 to 9.
    budget
        Most that may be spent, CNY.
    labels
        Keys of labels wanted, any of them.
    deadline
        Day by which the need must be met: an offer should stand until then.

    Raises
    ------
    ValueError
        When the level or the budget is out of its bounds.
    """

    title: str
    text: str = ""
    city: str = ""
    kinds: tuple[str, ...] = ()
    trl: int | None = None
    budget: Decimal | None = None
    labels: tuple[str, ...] = ()
    deadline: date | None = None

    def __post_init__(self) -> None:
        if self.trl is not None and not 1 <= self.trl <= 9:
            raise ValueError(f"a technology readiness level lies between 1 and 9, got {self.trl}")
        if self.budget is not None and not (self.budget.is_finite() and self.budget >= 0):
            raise ValueError(f"a budget is a number and not negative, got {self.budget}")
        object.__setattr__(self, "title", self.title[:LONGEST_QUERY])
        object.__setattr__(self, "text", self.text[:LONGEST_QUERY])

    @property
    def encoded(self) -> str:
        """What the encoder reads: the first 80 characters of the title, or of the text where there is no title."""
        title = line_form(self.title.replace("\\n", " "))
        return (title or line_form(self.text.replace("\\n", " ")))[:LONGEST_ENCODED]
