"""What happens when: notice periods, last days for applications, openings, ends of objection periods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from yunlang.auctions.models import Result, Sale
from yunlang.auctions.vocabulary import SaleStatus
from yunlang.kit.language import Bilingual

_SHOWN = (SaleStatus.ANNOUNCED, SaleStatus.CLOSED)


class EntryKind(StrEnum):
    """What a day of the calendar may hold."""

    ANNOUNCED = "announced"
    APPLICATIONS_CLOSE = "applications_close"
    OPENS = "opens"
    OBJECTIONS_END = "objections_end"


ENTRY_KINDS: dict[EntryKind, Bilingual] = {
    EntryKind.ANNOUNCED: Bilingual("公告", "announced"),
    EntryKind.APPLICATIONS_CLOSE: Bilingual("报名截止", "applications close"),
    EntryKind.OPENS: Bilingual("开拍", "bidding opens"),
    EntryKind.OBJECTIONS_END: Bilingual("异议期满", "objections end"),
}


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One thing that happens at a moment.

    Attributes
    ----------
    lot_id
        For the end of an objection period; None where it concerns the sale as a whole.
    until
        The end of the notice period, for an announcement.
    """

    at: datetime
    kind: EntryKind
    sale: Sale
    title: str
    lot_id: UUID | None = None
    until: datetime | None = None

    @property
    def label(self) -> Bilingual:
        """What happens, in words."""
        return ENTRY_KINDS[self.kind]

    @property
    def key(self) -> str:
        """Tells it from every other entry, for good."""
        return f"{self.kind}-{self.lot_id or self.sale.pk}"


def sales_shown() -> QuerySet[Sale]:
    """Return the sales that everybody may know of, as long as they have not been withdrawn."""
    return Sale.objects.filter(status__in=_SHOWN).select_related("city")


def calendar_entries(start: datetime, end: datetime, *, sales: QuerySet[Sale] | None = None) -> list[CalendarEntry]:
    """Return what happens from `start` on and before `end`, in the order of time.

    Parameters
    ----------
    sales
        Only these; all that are shown where none are given.
    """
    found = sales_shown() if sales is None else sales
    inside = (
        Q(announced_at__gte=start, announced_at__lt=end)
        | Q(applications_close_at__gte=start, applications_close_at__lt=end)
        | Q(opens_at__gte=start, opens_at__lt=end)
    )
    entries = [one for sale in found.filter(inside) for one in _of_sale(sale)]
    entries += _objections(Result.objects.filter(lot__sale__in=found, objections_until__gte=start), end)
    return sorted((one for one in entries if start <= one.at < end), key=lambda one: (one.at, one.key))


def _of_sale(sale: Sale) -> Iterable[CalendarEntry]:
    if sale.announced_at is not None:
        until = sale.announced_at + timedelta(days=sale.notice_days)
        yield CalendarEntry(sale.announced_at, EntryKind.ANNOUNCED, sale, sale.title, until=until)
    yield CalendarEntry(sale.applications_close_at, EntryKind.APPLICATIONS_CLOSE, sale, sale.title)
    yield CalendarEntry(sale.opens_at, EntryKind.OPENS, sale, sale.title)


def _objections(rows: QuerySet[Result], end: datetime) -> list[CalendarEntry]:
    by_lot = rows.filter(objections_until__lt=end).order_by().values("lot", "lot__title", "lot__sale")
    ends = by_lot.annotate(at=Max("objections_until"))
    sales = Sale.objects.select_related("city").in_bulk({row["lot__sale"] for row in ends})
    return [
        CalendarEntry(
            row["at"], EntryKind.OBJECTIONS_END, sales[row["lot__sale"]], row["lot__title"], lot_id=row["lot"]
        )
        for row in ends
    ]


def entries_of_sale(sale: Sale) -> list[CalendarEntry]:
    """Return all that happens in one sale, in the order of time."""
    first = min(one for one in (sale.announced_at, sale.applications_close_at, sale.opens_at) if one is not None)
    return calendar_entries(first, first + timedelta(days=10_000), sales=sales_shown().filter(pk=sale.pk))


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Month:
        """Return the month of a day."""
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> Month | None:
        """Return the month that an address says, as 2026-05; None where it says none."""
        try:
            return cls.of(datetime.strptime(text, "%Y-%m").date())
        except ValueError:
            return None

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    def moved(self, months: int) -> Month:
        """Return the month so many later, or earlier where negative."""
        place = self.year * 12 + self.month - 1 + months
        return Month(place // 12, place % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
