"""The demo corridor: facts shipped with the package, loaded through the same import as anybody's files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.resources.abc import Traversable

from django.db import transaction
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import User
from yunlang.kit.bulk import bulk_insert, bulk_update
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing.demo_edition import (
    FACT_KINDS,
    LISTING_KINDS,
    DemoRow,
    Edition,
    demo_digest,
    demo_folder,
    edition_read,
)
from yunlang.registry.importing.demo_people import PeoplesRecords
from yunlang.registry.importing.demo_reload import Reload
from yunlang.registry.importing.kinds import import_kind
from yunlang.registry.importing.lookups import any_of
from yunlang.registry.importing.run import table_import
from yunlang.registry.models import City, Figure, Membership, Need, Organisation, Source
from yunlang.registry.models.city import AREAS

_TITLE = Bilingual("装入示例走廊", "Loading the demo corridor")
_LEFT_OUT = Bilingual(
    "示例走廊有 {count} 条与已登记的数据不合，未装入；第一条：{first}",
    "{count} records of the demo corridor disagree with what is registered and were left out; the first: {first}",
)


class DemoDataError(RuntimeError):
    """The shipped data do not load: the package is damaged."""


def demo_load(*, console: Console, language: str, folder: Traversable | None = None) -> int:
    """Load the demo corridor unless this very edition is loaded; return how many records were read.

    A newer edition brings what an older one left up to date: what it no longer names is closed, what people have made
    or changed meanwhile stays as they left it. One transaction: a killed run leaves nothing behind and the next start
    loads it all.

    Parameters
    ----------
    folder
        Where the edition lies; the package's own by default.

    Raises
    ------
    DemoDataError
        When a record is refused though nobody else's data stand in its way.
    """
    folder = folder or demo_folder()
    if Source.objects.filter(edition=demo_digest(folder)).exists():
        return 0
    edition = edition_read(folder)
    title = _TITLE.text(language)
    with (
        Progress(TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console) as bar,
        transaction.atomic(),
    ):
        task = bar.add_task(title, total=sum(map(len, edition.by_kind.values())))
        problems = _load(edition, lambda rows: bar.advance(task, rows))
    if problems:
        line = _LEFT_OUT.format(count=len(problems), first=problems[0])
        console.print(line.text(language), style="yellow", highlight=False)
    return edition.record_count


def _load(edition: Edition, advance: Callable[[int], None]) -> list[Bilingual]:
    """Load everything; return why records were left out, which only a registry with other people's data is asked."""
    began = timezone.now()
    is_first = not Organisation.objects.exists()
    _save_sources(edition)
    _save_cities(edition)
    _replace_figures(edition)
    people = PeoplesRecords()
    earlier = None if is_first else Reload(edition, people)
    problems = []
    for kind in ("organisation", *FACT_KINDS, "expert", *LISTING_KINDS):
        rows = people.rows_left(kind, edition.by_kind.get(kind, ()))
        if earlier:
            earlier.before(kind, rows)
        problems += _import(kind, rows, is_first=is_first)
        advance(len(edition.by_kind.get(kind, ())))
    if problems and is_first:
        raise DemoDataError(f"{len(problems)}: {problems[0].en}")
    _mark_illustrative(edition, people)
    _spread_needs_in_time(began)
    if earlier:
        earlier.finish()
    return problems


def _import(kind_name: str, rows: list[DemoRow], *, is_first: bool) -> list[Bilingual]:
    if not rows:
        return []
    kind = import_kind(kind_name)
    used = {name for row in rows for name in row.values}
    # A field that this edition gives to none may have been given by an older one, and must be blanked.
    columns = {spec.name: spec for spec in kind.fields if spec.name in used or not is_first}
    report = table_import(
        actor=SYSTEM, kind=kind, rows=rows, columns=columns,
        filename=f"demo/{kind.name}", source=Source.objects.get(code=rows[0].source_code),
    )  # fmt: skip
    return [
        Bilingual(f"{kind.title.zh}：{one.value}：{one.reason.zh}", f"{kind.title.en}: {one.value}: {one.reason.en}")
        for one in report.problems
    ]


def _save_sources(edition: Edition) -> None:
    texts = ("title_zh", "title_en", "publisher", "publisher_en", "url", "licence", "licence_en", "note", "note_en")
    Source.objects.bulk_create(
        [
            Source(
                code=row["code"],
                dated=row.get("date") or "",
                edition=edition.digest,
                **{name: row.get(name) or "" for name in texts},
            )
            for row in edition.sources
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[*texts, "dated", "edition"],
    )


def _save_cities(edition: Edition) -> None:
    fields = ("name_zh", "name_en", "full_name_zh", "province_zh", "province_en", "order", "boundary")
    rows = [
        City(
            adcode=row["adcode"], longitude=row["centroid"][0], latitude=row["centroid"][1],
            **{name: row[name] for name in fields},
        )
        for row in edition.cities
    ]  # fmt: skip
    City.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["adcode"], update_fields=[*fields, "longitude", "latitude"]
    )


def _replace_figures(edition: Edition) -> None:
    texts = ("name_zh", "name_en", "unit_en", "note_en", "qualifier")
    rows = [
        {
            "area": row["subject"] if row["subject"] in AREAS else "city",
            "city_id": None if row["subject"] in AREAS else row["subject"],
            "code": row["code"], "period": str(row["period"]), "value": row["value"], "source_id": row["source"],
            "unit_zh": row.get("unit") or "", "note_zh": row.get("note") or "",
            **{name: row.get(name) or "" for name in texts},
        }
        for row in edition.figures
    ]  # fmt: skip
    # The unique constraint counts nulls as equal, which an upsert cannot name: replace the edition as a whole.
    Figure.objects.exclude(source__edition="").delete()
    bulk_insert(Figure, rows)


def _mark_illustrative(edition: Edition, people: PeoplesRecords) -> None:
    """Mark what is made up, which is no field that a file could set, and give its needs their English titles."""
    rows = people.rows_left("need", edition.by_kind.get("need", ()))
    values = {row.values["number"]: row.values for row in rows}
    needs = Need.objects.filter(number__in=values).exclude(pk__in=people.ids["need"])
    bulk_update(
        Need,
        [
            {
                "id": id_,
                "illustrative": bool(values[number].get("illustrative")),
                "title_en": values[number].get("title_en") or "",
            }
            for id_, number in needs.values_list("id", "number")
        ],
    )
    rows = people.rows_left("organisation", edition.by_kind.get("organisation", ()))
    for illustrative in (True, False):
        names = [row.values["name"] for row in rows if bool(row.values.get("illustrative")) is illustrative]
        other = Organisation.objects.exclude(illustrative=illustrative)
        other.filter(any_of(name=names)).update(illustrative=illustrative)


def _spread_needs_in_time(began: datetime) -> None:
    """Give the needs just listed distinct times of publication, in the order of the list."""
    needs = list(Need.objects.filter(illustrative=True, published_at__gte=began).order_by("number"))
    for place, need in enumerate(needs):
        need.published_at = began - timedelta(minutes=len(needs) - place)
    Need.objects.bulk_update(needs, ["published_at"])


def demo_membership(user: User) -> None:
    """Make the demo's enterprise user the administrator of the first illustrative organisation."""
    illustrative = Organisation.objects.filter(illustrative=True, status=Status.PUBLISHED)
    organisation = illustrative.order_by("name").first()
    if organisation is not None:
        Membership.objects.get_or_create(
            user=user,
            organisation=organisation,
            defaults={"role": Membership.Role.OWNER, "state": Membership.State.ACTIVE},
        )
