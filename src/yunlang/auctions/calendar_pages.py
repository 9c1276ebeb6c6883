"""The calendar of sales: a month at a time, and feeds to subscribe to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import groupby
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from yunlang.auctions.calendar_feeds import MEDIA_TYPE, calendar_file
from yunlang.auctions.calendar_selectors import CalendarEntry, Month, calendar_entries, entries_of_sale, sales_shown
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual

_WEEKDAYS = (
    Bilingual("周一", "Mon"), Bilingual("周二", "Tue"), Bilingual("周三", "Wed"), Bilingual("周四", "Thu"),
    Bilingual("周五", "Fri"), Bilingual("周六", "Sat"), Bilingual("周日", "Sun"),
)  # fmt: skip
# A feed says what is coming, and what has been for half a year.
_FEED_MONTHS = (-6, 18)
_YEARS = (2000, 2100)


@require_safe
def calendar_page(request: HttpRequest) -> HttpResponse:
    """Show a month: every day on which anything happens."""
    today = timezone.localdate()
    month = Month.read(request.GET.get("month", ""))
    if month is None or not _YEARS[0] <= month.year < _YEARS[1]:
        month = Month.of(today)
    entries = calendar_entries(_begin(month.first), _begin(month.moved(1).first))
    context = {
        "month": month,
        "before": month.moved(-1),
        "after": month.moved(1),
        "is_now": month == Month.of(today),
        "days": [
            (day, _WEEKDAYS[day.weekday()], day == today, [(one, entry_url(one)) for one in those])
            for day, those in groupby(entries, key=lambda one: timezone.localdate(one.at))
        ],
        "feed": request.build_absolute_uri(reverse("auctions:calendar_feed")),
    }
    return render(request, "auctions/calendar.html", context)


@require_safe
def calendar_feed(request: HttpRequest) -> HttpResponse:
    """Hand out what is coming, for people's own calendars."""
    month = Month.of(timezone.localdate())
    start, end = (_begin(month.moved(months).first) for months in _FEED_MONTHS)
    return _feed(request, calendar_entries(start, end), "auctions.ics")


@require_safe
def sale_feed(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """Hand out what happens in one sale."""
    sale = sales_shown().filter(pk=sale_id).first()
    if sale is None:
        raise NotFoundError(what=Bilingual("该拍卖会", "this sale"))
    return _feed(request, entries_of_sale(sale), f"sale-{sale.pk}.ics")


def entry_url(entry: CalendarEntry) -> str:
    """Return the address of the page that an entry is about."""
    if entry.lot_id is not None:
        return reverse("auctions:lot_result", args=[entry.lot_id])
    return reverse("auctions:sale", args=[entry.sale.pk])


def _feed(request: HttpRequest, entries: Iterable[CalendarEntry], name: str) -> HttpResponse:
    addressed = [(one, request.build_absolute_uri(entry_url(one))) for one in entries]
    content = calendar_file(addressed, host=request.get_host(), at=timezone.now(), language=get_language() or "zh-hans")
    response = HttpResponse(content, content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
