"""Figures, checks and what came of them, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from yunlang.indicators.core.figures.estimates import Estimate, published_estimate
from yunlang.kit.language import Bilingual

NOTHING = Bilingual("", "")


class Verdict(StrEnum):
    """What a check found."""

    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    UNCHECKED = "unchecked"


VERDICTS: dict[Verdict, Bilingual] = {
    Verdict.AGREES: Bilingual("相符", "agrees"),
    Verdict.CONTRADICTS: Bilingual("不符", "contradicts"),
    Verdict.UNCHECKED: Bilingual("无法核对", "cannot be checked"),
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """One figure with where it comes from.

    Attributes
    ----------
    area
        "corridor", "yangtze_delta", "elsewhere", a city's adcode, or an area of the references such as "china".
    code, period
        Which figure, and of when.
    estimate
        What the published number can mean.
    qualifier
        How exact its source calls it.
    source
        Key of the source; `source_label` and `url` say it to a reader.
    caveats
        What must be known of it, such as that it is of another year than was asked for.
    working, inputs
        Of one that nobody published: how it follows, and from which.
    """

    area: str
    code: str
    period: str
    estimate: Estimate
    label: Bilingual
    unit: Bilingual
    source: str
    source_label: Bilingual
    url: str = ""
    qualifier: str = ""
    written: str = ""
    is_derived: bool = False
    stands_in: bool = False
    caveats: tuple[Bilingual, ...] = ()
    working: tuple[Bilingual, ...] = ()
    inputs: tuple[Quantity, ...] = ()

    def leaves(self) -> tuple[Quantity, ...]:
        """Return the published figures behind it: itself, or those that it follows from."""
        return tuple(leaf for one in self.inputs for leaf in one.leaves()) if self.is_derived else (self,)

    def read_as(self, wanted: Input) -> Quantity:
        """Return the figure with what it means where it was written as a fraction, or its last digit is known."""
        estimate = self.estimate
        if wanted.written or wanted.step is not None:
            value = estimate.value
            estimate = published_estimate(value, self.qualifier, written=wanted.written, step=wanted.step)
        if wanted.scale is not None:
            estimate = estimate.scaled(wanted.scale)
        return replace(self, estimate=estimate, written=wanted.written)


@dataclass(frozen=True, slots=True)
class Input:
    """Names figures: where, which, of when.

    Attributes
    ----------
    area
        As `Quantity.area`; "cities" stands for each of the nine, "countries" for every country of the world table.
    period
        Empty for the period of the figure that is checked.
    fallback
        The period to take instead where there is no figure of `period`; the result is then provisional.
    source
        Empty for whichever source has it.
    written, step
        How the number was written, as `published_estimate` has it.
    scale
        What to multiply by, where the units differ.
    """

    area: str
    code: str
    period: str = ""
    fallback: str = ""
    source: str = ""
    written: str = ""
    step: Decimal | None = None
    scale: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """A figure that nobody published and that follows from others, of the period asked for."""

    area: str
    code: str
    kind: str
    label: Bilingual
    unit: Bilingual
    inputs: Mapping[str, tuple[Input, ...]]


@dataclass(frozen=True, slots=True)
class Check:
    """One question about published figures: whether `claim` follows from `inputs` by the rule `kind`."""

    code: str
    kind: str
    question: Bilingual
    claim: Input
    inputs: Mapping[str, tuple[Input, ...]]
    note: Bilingual = NOTHING


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found.

    Attributes
    ----------
    published
        The figure that was checked; None where it is not there itself.
    claimed
        What it can mean.
    computed
        What follows from the inputs; None where one is missing.
    tolerance
        Where the interval around the published number comes from.
    working
        The calculation, line by line.
    inputs
        The figures used, each with its source.
    missing
        What would be needed and is not there.
    provisional
        Whether a figure of another period stood in for a missing one.
    """

    check: Check
    verdict: Verdict
    published: Quantity | None
    claimed: Estimate | None
    computed: Estimate | None
    unit: Bilingual
    tolerance: Bilingual
    working: tuple[Bilingual, ...] = ()
    inputs: tuple[Quantity, ...] = ()
    missing: tuple[Bilingual, ...] = ()
    provisional: bool = False
    remarks: tuple[Bilingual, ...] = ()
