"""What rows refer to by name: cities, organisations, experts. Looked up once a batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from yunlang.kit.language import Bilingual
from yunlang.kit.text import compare_form, name_key
from yunlang.registry.core.credit_code import normalise_credit_code
from yunlang.registry.importing.rows import ImportRow, Tally
from yunlang.registry.models import City, Expert, Organisation
from yunlang.registry.selectors.corridor import city_named


class CityIndex:
    """Cities by whatever name a file gives them."""

    def __init__(self) -> None:
        self._found: dict[str, City | None] = {}

    def named(self, name: str) -> City | None:
        """Return the city, or None where it is none of the nine."""
        key = compare_form(name)
        if key not in self._found:
            self._found[key] = city_named(name)
        return self._found[key]


def place_city(rows: Iterable[ImportRow], tally: Tally, cities: CityIndex) -> None:
    """Turn each row's city name into the city; refuse names that are none of the nine."""
    for row in rows:
        name = row.values.get("city")
        if name is None:
            continue
        city = cities.named(name)
        if city is None:
            tally.refuse(row, "city", Bilingual("“{name}”不是九城市之一", "“{name}” is none of the nine cities").format(name=name))
        row.values["city"] = city


def find_organisations(rows: Sequence[ImportRow], tally: Tally) -> dict[int, Organisation]:
    """Return each row's organisation by row number: by credit code, else by exact name, else by its normal form."""
    codes = {_code(row) for row in rows} - {""}
    names = {row.values["organisation"] for row in rows}
    keys = {name_key(name) for name in names}
    wanted = Q(credit_code__in=codes) | Q(name__in=names) | Q(name_key__in=keys)
    by_code: dict[str, Organisation] = {}
    by_name: dict[str, list[Organisation]] = {}
    by_key: dict[str, list[Organisation]] = {}
    for organisation in Organisation.objects.filter(wanted, merged_into=None).select_related("city"):
        if organisation.credit_code:
            by_code[organisation.credit_code] = organisation
        by_name.setdefault(organisation.name, []).append(organisation)
        by_key.setdefault(organisation.name_key, []).append(organisation)
    found: dict[int, Organisation] = {}
    for row in rows:
        name = row.values["organisation"]
        code = _code(row)
        matches = [by_code[code]] if code in by_code else by_name.get(name) or by_key.get(name_key(name)) or []
        if len(matches) == 1:
            found[row.number] = matches[0]
        elif matches:
            tally.refuse(row, "organisation", Bilingual("有多家同名机构，请填写统一社会信用代码", "several organisations have this name; give the credit code"))
        else:
            tally.refuse(row, "organisation", Bilingual("机构尚未登记，请先导入机构", "the organisation is not registered; import it first"))
    return found


def _code(row: ImportRow) -> str:
    return normalise_credit_code(row.values.get("organisation_code") or "")


def find_experts(rows: Iterable[tuple[ImportRow, Organisation]]) -> dict[tuple[UUID, str], Expert]:
    """Return the experts that rows name, by organisation and name."""
    pairs = [(organisation.id, row.values["expert"]) for row, organisation in rows if row.values.get("expert")]
    if not pairs:
        return {}
    query: Any = Expert.objects.filter(
        organisation__in={organisation for organisation, _ in pairs}, name__in={name for _, name in pairs}
    )
    return {(expert.organisation_id, expert.name): expert for expert in query}
