"""Where an organisation sits: from its name, a table of known seats or a source's own column; never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from yunlang.kit.text import name_key
from yunlang.registry.core.kinds import Placement

# A place counts at the start of a name, in brackets, or after the body whose branch the rest of the name is.
_ANCHOR = r"(?:^|(?<=大学)|(?<=学院)|(?<=公司)|(?<=集团)|(?<=科学院)|(?<=研究院)|(?<=附属)|(?<=国网)|(?<=中国)|(?<=（))"
_SUFFIX = r"(?P<suffix>省|市|县|区|特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区)?"
_PROVINCE_OF_ADCODE = {"31": "上海", "32": "江苏", "33": "浙江", "34": "安徽"}
_FOREIGN = re.compile(r"株式会社|两合公司|私人公司|·.*公司")


class Basis(StrEnum):
    """What a placement rests on."""

    NAME = "name"
    ADDRESS = "address"
    KNOWN_SEAT = "known_seat"
    SOURCE_COLUMN = "source_column"
    NONE = "none"


@dataclass(frozen=True)
class Seat:
    """A placement: the city's adcode when inside the corridor, else the seat as far as it is known."""

    placement: Placement
    city: str | None
    seat: str | None
    basis: Basis

    @classmethod
    def known(cls, row: Mapping[str, str]) -> Seat:
        """Return the seat that a row of a hand-written table gives: an adcode of the nine, or a place outside.

        A row with neither says that the seat is not known, whatever the name suggests.
        """
        if row["adcode"]:
            return cls(Placement.CORRIDOR, row["adcode"], None, Basis.KNOWN_SEAT)
        return cls(Placement.OUTSIDE, None, row["seat"], Basis.KNOWN_SEAT) if row["seat"] else UNKNOWN


UNKNOWN = Seat(Placement.UNKNOWN, None, None, Basis.NONE)


@dataclass(frozen=True)
class _Place:
    adcode: str
    seat: str
    match: str

    @property
    def province(self) -> str:
        if self.adcode:
            return _PROVINCE_OF_ADCODE[self.adcode[:2]]
        return self.seat[:3] if self.seat.startswith(("黑龙江", "内蒙古")) else self.seat[:2]


class Gazetteer:
    """Placement by name, known seat and province.

    Parameters
    ----------
    places
        Rows of name, adcode, seat and match. `start` counts on its own; `qualified` only with 县/市/区 behind it or a
        province or city before it; `province` says that the organisation is in one of the four provinces, no more.
    traps
        Rows of phrase: words in which a place's name means something else.
    known
        Rows of name, match (exact or prefix), adcode and seat.
    """

    def __init__(
        self,
        places: Iterable[Mapping[str, str]],
        traps: Iterable[Mapping[str, str]],
        known: Iterable[Mapping[str, str]],
    ) -> None:
        self._places = {row["name"]: _Place(row["adcode"], row["seat"], row["match"]) for row in places}
        names = "|".join(sorted(self._places, key=lambda name: (-len(name), name)))
        self._pattern = re.compile(f"{_ANCHOR}(?P<name>{names}){_SUFFIX}")
        self._following = re.compile(f"(?P<name>{names}){_SUFFIX}")
        self._traps = re.compile("|".join(re.escape(row["phrase"]) for row in traps) or r"(?!)")
        rows = list(known)
        self._exact = {name_key(row["name"]): Seat.known(row) for row in rows if row["match"] == "exact"}
        prefixes = [(row["name"], Seat.known(row)) for row in rows if row["match"] == "prefix"]
        self._prefixes = sorted(prefixes, key=lambda pair: (-len(pair[0]), pair[0]))

    def seat(self, name: str, province: str | None) -> Seat:
        """Return the seat of the organisation called `name`, given the province a source's column states, if any.

        Where name and column contradict each other, neither is believed.
        """
        known = self._exact.get(name_key(name))
        if known:
            return _seat_by_province(province) if province and known is UNKNOWN else known
        places = self._places_in(name)
        last = places[-1] if places else None
        if last and last.match != "province":
            if province and province != last.province:
                return Seat(Placement.UNKNOWN, None, province, Basis.NONE)
            return _seat_of(last)
        prefixed = next((seat for prefix, seat in self._prefixes if name.startswith(prefix)), None)
        # «天津大学浙江研究院»: a province named behind another place moves the seat away from the parent's.
        if prefixed and len(places) <= 1:
            return prefixed
        if last or province:
            return _seat_by_province(last.seat if last else str(province))
        return Seat(Placement.OUTSIDE, None, "境外", Basis.NAME) if _FOREIGN.search(name) else UNKNOWN

    def _places_in(self, name: str) -> list[_Place]:
        trapped = [found.span() for found in self._traps.finditer(name)]
        places: list[_Place] = []
        for anchor in self._pattern.finditer(name):
            found: re.Match[str] | None = anchor
            outer: _Place | None = None
            while found and not any(start <= found.start("name") < end for start, end in trapped):
                place = self._places[found["name"]]
                # A smaller place follows only the province or city it belongs to: «深圳市长兴达» is not in Changxing.
                if outer and outer.province != place.province:
                    break
                if place.match != "qualified" or outer or found["suffix"]:
                    places.append(place)
                outer = place
                found = self._following.match(name, found.end())
        return places


def _seat_of(place: _Place) -> Seat:
    if place.adcode:
        return Seat(Placement.CORRIDOR, place.adcode, None, Basis.NAME)
    return Seat(Placement.OUTSIDE, None, place.seat, Basis.NAME)


def _seat_by_province(province: str) -> Seat:
    if province in _PROVINCE_OF_ADCODE.values():
        return Seat(Placement.UNKNOWN, None, province, Basis.NONE)
    return Seat(Placement.OUTSIDE, None, province, Basis.SOURCE_COLUMN)
