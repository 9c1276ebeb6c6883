"""Organisations, from tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from yunlang.kit.ids import new_id
from yunlang.kit.language import Bilingual
from yunlang.kit.text import name_key
from yunlang.registry.core.credit_code import is_credit_code, normalise_credit_code
from yunlang.registry.core.fields import ORGANISATION_FIELDS
from yunlang.registry.core.kinds import Placement
from yunlang.registry.importing.base import Importer, column_value
from yunlang.registry.importing.lookups import any_of
from yunlang.registry.importing.references import SEVERAL_OF_THIS_NAME, place_city
from yunlang.registry.importing.rows import ImportRow
from yunlang.registry.models import MergeCandidate, Organisation
from yunlang.registry.services.organisations import CONTACT_FIELDS, CREDIT_CODE_WRONG

_BLANKS: dict[str, Any] = {"city": None, "products": [], "tags": []}
_PLACING = {"city", "seat", "placement"}
_NAME_KEY_LIMIT: int = Organisation._meta.get_field("name_key").max_length or 0
_SIMILAR = Bilingual(
    "名称与已有机构“{name}”相近，已登记并提请合并", "much like the registered “{name}”; kept, and offered for merging"
)
_RENAMED = Bilingual(
    "该信用代码已登记为“{name}”，名称按本行更新", "this credit code was registered as “{name}”; renamed as in this row"
)
_MERGED = Bilingual(
    "该机构已并入“{name}”，本行未导入", "this organisation is now part of “{name}”; the row changes nothing"
)
_NAMELESS = Bilingual("名称应含文字", "the name must hold letters")
_BAD_EMAIL = Bilingual("应为有效的邮箱地址", "must be a valid e-mail address")
_CITY_WINS = Bilingual("已填九城市之一，按走廊内登记", "a city of the corridor is given; registered as inside it")
_NO_CITY = Bilingual("走廊内的机构须填写九城市之一，已按未核实登记", "inside which city? registered as not verified")


@dataclass(slots=True, eq=False)
class _Entry:
    """An organisation that the rows of a batch may meet: registered, or about to be by an earlier row."""

    id: UUID
    name: str
    code: str | None
    columns: dict[str, Any] | None = None


class _Register:
    """The entries of a batch, by code and by name; `former` are the names of those that became part of another."""

    def __init__(self, entries: Iterable[_Entry], former: dict[str, _Entry]) -> None:
        self.by_code: dict[str, _Entry] = {}
        self.by_name: dict[str, list[_Entry]] = defaultdict(list)
        self.former = former
        for entry in entries:
            self.add(entry)

    def add(self, entry: _Entry) -> None:
        self.by_name[entry.name].append(entry)
        if entry.code:
            self.by_code[entry.code] = entry

    def update(self, entry: _Entry, name: str, code: str | None) -> None:
        if name != entry.name:
            self.by_name[entry.name].remove(entry)
            entry.name = name
            self.by_name[name].append(entry)
        if code:
            entry.code = code
            self.by_code[code] = entry

    def match(self, name: str, code: str | None) -> _Entry | None:
        """Return the organisation meant: by code, else by exact name.

        Raises
        ------
        LookupError
            When several have the name and each its own code.
        """
        same = self.by_name.get(name, [])
        without_code = next((entry for entry in same if entry.code is None), None)
        if code:
            return self.by_code.get(code) or without_code
        if len(same) > 1 and without_code is None:
            raise LookupError(name)
        return without_code or next(iter(same), None)

    def kept(self, name: str, code: str | None, match: _Entry | None) -> _Entry | None:
        """Return what the organisation of a former name is part of now, where the row means that one."""
        kept = self.former.get(name)
        if kept is None or self.by_name.get(name):
            return None
        is_meant = match is kept or (match is None and (not code or kept.code in (None, code)))
        return kept if is_meant else None


class OrganisationImporter(Importer):
    """Finds an organisation by credit code, else by exact name; a merely similar name is offered for merging."""

    model = Organisation
    object_kind = "organisation"
    fields = ORGANISATION_FIELDS + CONTACT_FIELDS

    def resolve(self, rows: Sequence[ImportRow]) -> None:
        """Check names, codes and addresses, place cities, and make columns."""
        place_city(rows, self.tally, self.cities)
        for row in rows:
            code = normalise_credit_code(row.values.get("credit_code") or "")
            if code and not is_credit_code(code):
                self.tally.refuse(row, "credit_code", CREDIT_CODE_WRONG)
            if row.values.get("contact_email") and not _is_email(row.values["contact_email"]):
                self.tally.refuse(row, "contact_email", _BAD_EMAIL)
            key = name_key(row.values["name"])[:_NAME_KEY_LIMIT]
            if not key:
                self.tally.refuse(row, "name", _NAMELESS)
            if not row.refused:
                row.columns = _columns(row, key, code)

    def find(self, rows: Sequence[ImportRow]) -> None:
        """Match by code, then by exact name."""
        register = self._registered(rows)
        for row in rows:
            name, code = row.columns["name"], row.columns.get("credit_code")
            try:
                entry = register.match(name, code)
            except LookupError:
                self.tally.refuse(row, "name", SEVERAL_OF_THIS_NAME)
                continue
            if kept := register.kept(name, code, entry):
                self.tally.warn(row, "name", _MERGED.format(name=kept.name))
                row.id, row.record = kept.id, row.columns
                continue
            column = "credit_code" if code else "name"
            if entry is None:
                row.id = new_id()
                register.add(_Entry(row.id, name, code))
                self.claim(row, row.id, column)
            elif self.claim(row, entry.id, column):
                row.id, row.record = entry.id, entry.columns
                if name != entry.name:
                    self.tally.warn(row, "name", _RENAMED.format(name=entry.name))
                register.update(entry, name, code)
            if not row.refused:
                self._place(row)

    def _registered(self, rows: Sequence[ImportRow]) -> _Register:
        codes = {row.columns.get("credit_code") for row in rows} - {None}
        keys = {row.columns["name_key"] for row in rows}
        written = {name for row in rows for name in row.columns}
        names = {"id", "name", "name_key", "credit_code", "city_id", "seat", "placement", "merged_into_id"} | written
        query = Organisation.objects.filter(any_of(credit_code=codes) | any_of(name_key=keys)).values(*names)
        records: list[Any] = list(query)
        entries = {
            record["id"]: _Entry(record["id"], record["name"], record["credit_code"], record)
            for record in records
            if record["merged_into_id"] is None
        }
        merged = {record["name"]: record["merged_into_id"] for record in records if record["merged_into_id"]}
        elsewhere = Organisation.objects.filter(any_of(id=set(merged.values()) - entries.keys())) if merged else ()
        kept = entries | {one.id: _Entry(one.id, one.name, one.credit_code) for one in elsewhere}
        return _Register(entries.values(), {name: kept[kept_id] for name, kept_id in merged.items()})

    def _place(self, row: ImportRow) -> None:
        """Settle the placement, which follows from city and seat as they will be, in the file or not."""
        if not _PLACING & row.values.keys():
            return
        record, stated = row.record or {}, row.values.get("placement")
        if row.columns.get("city_id", record.get("city_id")) is not None:
            placement = Placement.CORRIDOR
            if stated not in (None, Placement.CORRIDOR):
                self.tally.warn(row, "placement", _CITY_WINS)
        elif stated in (Placement.OUTSIDE, Placement.UNKNOWN):
            placement = Placement(stated)
        else:
            placement = Placement.OUTSIDE if row.columns.get("seat", record.get("seat")) else Placement.UNKNOWN
            if stated == Placement.CORRIDOR:
                self.tally.warn(row, "placement", _NO_CITY)
        row.columns["placement"] = str(placement)

    def new_columns(self, row: ImportRow) -> dict[str, Any]:
        """Return the new organisation."""
        return {"id": row.id, "status": self.status, **row.columns}

    def after(self, rows: Sequence[ImportRow]) -> None:
        """Offer what is new, or has a new name, for merging with one of much the same name."""
        named = {row.id: row for row in rows if (row.record or {}).get("name") != row.columns["name"]}
        keys = {row.columns["name_key"] for row in named.values()}
        query = Organisation.objects.filter(any_of(name_key=keys), merged_into=None).order_by("pk")
        alike: dict[str, list[tuple[UUID, str, str | None]]] = defaultdict(list)
        for key, other_id, name, code in query.values_list("name_key", "id", "name", "credit_code"):
            alike[key].append((other_id, name, code))
        pairs: dict[UUID, UUID] = {}
        for row_id, row in named.items():
            own_code = row.columns.get("credit_code") or (row.record or {}).get("credit_code")
            for other_id, name, code in alike[row.columns["name_key"]]:
                is_later = other_id in named and named[other_id].number >= row.number
                # Two credit codes are two legal persons.
                if row_id is not None and not is_later and other_id != row_id and not (own_code and code):
                    pairs[row_id] = other_id
                    self.tally.warn(row, "name", _SIMILAR.format(name=name))
                    # One is enough: the office comes from pair to pair, where all pairs of many would swamp it.
                    break
        MergeCandidate.objects.bulk_create((_candidate(*pair) for pair in pairs.items()), ignore_conflicts=True)


def _candidate(one: UUID, other: UUID) -> MergeCandidate:
    first, second = sorted((one, other))
    return MergeCandidate(first_id=first, second_id=second, reason_zh="名称相近", reason_en="much the same name")


def _columns(row: ImportRow, key: str, code: str) -> dict[str, Any]:
    columns = {name: column_value(value, _BLANKS.get(name, "")) for name, value in row.values.items()}
    if "city" in columns:
        columns["city_id"] = columns.pop("city")
    columns["name_key"] = key
    # The code is what an organisation is known by: a blank cell leaves it alone.
    columns.pop("credit_code", None)
    if code:
        columns["credit_code"] = code
    return columns


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
