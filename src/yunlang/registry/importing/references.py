"""What rows refer to by name: cities, organisations, experts. Looked up once a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from yunlang.kit.language import Bilingual
from yunlang.kit.text import compare_form, name_key
from yunlang.registry.core.credit_code import is_credit_code, normalise_credit_code
from yunlang.registry.importing.lookups import any_of
from yunlang.registry.importing.rows import ImportRow, Tally
from yunlang.registry.models import Expert, Organisation
from yunlang.registry.selectors.corridor import cities, city_names
from yunlang.registry.services.organisations import CREDIT_CODE_WRONG

_NOT_A_CITY = Bilingual("“{name}”不是九城市之一", "“{name}” is none of the nine cities")
SEVERAL_OF_THIS_NAME = Bilingual(
    "有多家同名机构，请填写统一社会信用代码", "several organisations have this name; give the credit code"
)
_NOT_REGISTERED = Bilingual("机构尚未登记，请先导入机构", "the organisation is not registered; import it first")
_OTHER_CODE = Bilingual(
    "“{name}”登记的信用代码是 {code}，与填写的不同", "“{name}” is registered with another credit code, {code}"
)


class CityIndex:
    """Cities by whatever name a file gives them."""

    def __init__(self) -> None:
        self._asked: dict[str, str | None] = {}

    @cached_property
    def _codes(self) -> dict[str, str]:
        return {name: city.adcode for city in cities() for name in city_names(city)}

    def code(self, name: str) -> str | None:
        """Return the city's code, or None where it is none of the nine."""
        if name not in self._asked:
            self._asked[name] = self._codes.get(compare_form(name))
        return self._asked[name]


def place_city(rows: Iterable[ImportRow], tally: Tally, index: CityIndex) -> None:
    """Turn each row's city name into the city's code; refuse names that are none of the nine."""
    for row in rows:
        name = row.values.get("city")
        if name is not None:
            row.values["city"] = index.code(name)
            if row.values["city"] is None:
                tally.refuse(row, "city", _NOT_A_CITY.format(name=name))


@dataclass(frozen=True, slots=True)
class KnownOrganisation:
    """What rows need to know of the organisation they name."""

    id: UUID
    name: str
    name_key: str
    credit_code: str | None
    city_id: str | None
    status: str


_COLUMNS = ("id", "name", "name_key", "credit_code", "city_id", "status")


class _Register:
    """The organisations that a batch's rows may mean, by code, by exact name and by its normal form."""

    def __init__(self, rows: Sequence[ImportRow]) -> None:
        self.by_code: dict[str, KnownOrganisation] = {}
        self._exact: dict[str, list[KnownOrganisation]] = defaultdict(list)
        self._similar: dict[str, list[KnownOrganisation]] = defaultdict(list)
        codes = {normalise_credit_code(row.values.get("organisation_code") or "") for row in rows}
        keys = {name_key(row.values["organisation"]) for row in rows}
        query = Organisation.objects.filter(any_of(credit_code=codes) | any_of(name_key=keys))
        merged: list[tuple[KnownOrganisation, UUID]] = []
        for *columns, merged_into in query.values_list(*_COLUMNS, "merged_into_id"):
            organisation = KnownOrganisation(*columns)
            if merged_into is not None:
                merged.append((organisation, merged_into))
                continue
            if organisation.credit_code:
                self.by_code[organisation.credit_code] = organisation
            self._exact[organisation.name].append(organisation)
            self._similar[organisation.name_key].append(organisation)
        self._add_merged(merged)

    def _add_merged(self, merged: Sequence[tuple[KnownOrganisation, UUID]]) -> None:
        """Have former names mean the organisation that was kept, where no other one bears them."""
        if not merged:
            return
        query = Organisation.objects.filter(any_of(id={kept_id for _, kept_id in merged})).values_list(*_COLUMNS)
        kept = {columns[0]: KnownOrganisation(*columns) for columns in query}
        for former, kept_id in merged:
            self._exact.setdefault(former.name, [kept[kept_id]])
            self._similar.setdefault(former.name_key, [kept[kept_id]])

    def named(self, name: str) -> list[KnownOrganisation]:
        """Return those of exactly this name, else those of much the same."""
        return self._exact.get(name) or self._similar.get(name_key(name)) or []


def find_organisations(rows: Sequence[ImportRow], tally: Tally) -> dict[int, KnownOrganisation]:
    """Return each row's organisation by row number: by credit code, else by exact name, else by its normal form.

    One that has become part of another stands for that one. Of several of the same name, a row without a code means
    the one that has none.
    """
    register = _Register(rows)
    found: dict[int, KnownOrganisation] = {}
    for row in rows:
        code = normalise_credit_code(row.values.get("organisation_code") or "")
        if code and not is_credit_code(code):
            tally.refuse(row, "organisation_code", CREDIT_CODE_WRONG)
        elif code in register.by_code:
            found[row.number] = register.by_code[code]
        else:
            match = _the_one(register.named(row.values["organisation"]), code)
            if isinstance(match, KnownOrganisation):
                found[row.number] = match
            else:
                tally.refuse(row, "organisation", match)
    return found


def _the_one(same: Sequence[KnownOrganisation], code: str) -> KnownOrganisation | Bilingual:
    """Return which of those of the same name is meant, or the reason why none is."""
    without_code = [one for one in same if one.credit_code is None]
    if code and same and not without_code:
        # A code that nobody has may belong to an organisation without one, never to one that has another.
        return _OTHER_CODE.format(name=same[0].name, code=same[0].credit_code)
    if not code and len(same) == 1:
        return same[0]
    if len(without_code) == 1:
        return without_code[0]
    return SEVERAL_OF_THIS_NAME if same else _NOT_REGISTERED


def find_experts(rows: Iterable[tuple[ImportRow, KnownOrganisation]]) -> dict[tuple[UUID, str], UUID]:
    """Return the ids of the experts that rows name, by organisation and name."""
    pairs = {(organisation.id, row.values["expert"]) for row, organisation in rows if row.values.get("expert")}
    if not pairs:
        return {}
    wanted = any_of(organisation={organisation for organisation, _ in pairs}, name={name for _, name in pairs})
    query: Any = Expert.objects.filter(wanted).values_list("organisation_id", "name", "id")
    return {(organisation, name): expert for organisation, name, expert in query}
