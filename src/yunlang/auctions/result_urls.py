"""Addresses of results, settlement, tallies and the calendar."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from yunlang.auctions import calendar_pages, result_pages, tally_pages


class ResultActionConverter:
    """Something that the office does with a result."""

    regex = "|".join(result_pages.ACTIONS)

    def to_python(self, value: str) -> str:
        """Return the action's name."""
        return value

    def to_url(self, value: str) -> str:
        """Return the action's name."""
        return value


register_converter(ResultActionConverter, "result_action")

_LOT = "lots/<uuid:lot_id>/"
_RESULT = "auctions/results/<uuid:result_id>/"
_HAND_OVER = "auctions/hand-overs/<uuid:hand_over_id>/"
urlpatterns: list[URLPattern] = [
    path(f"{_LOT}result/", result_pages.lot_result, name="lot_result"),
    path(f"{_LOT}result/publish/", result_pages.result_publish, name="result_publish"),
    path(f"{_LOT}journal.jsonl", result_pages.lot_journal_file, name="lot_journal"),
    path(f"{_LOT}confirmation.pdf", result_pages.confirmation_file, name="confirmation"),
    path("auctions/<uuid:sale_id>/record.pdf", result_pages.record_file, name="sale_record"),
    path(f"{_LOT}objections/new/", result_pages.objection_new, name="objection_new"),
    path("auctions/objections/<uuid:objection_id>/", result_pages.objection_decide, name="objection_decide"),
    path(f"{_RESULT}hand-overs/new/", result_pages.hand_over_new, name="hand_over_new"),
    path(f"{_RESULT}<result_action:action>/", result_pages.result_action, name="result_action"),
    path(f"{_HAND_OVER}accept/", result_pages.hand_over_accept, name="hand_over_accept"),
    path(f"{_HAND_OVER}file/", result_pages.hand_over_download, name="hand_over_file"),
    path("auctions/tallies/", tally_pages.tally_page, name="tallies"),
    path("auctions/tallies/tallies.csv", tally_pages.tally_table, name="tally_table"),
    path("auctions/calendar/", calendar_pages.calendar_page, name="calendar"),
    path("auctions/calendar/auctions.ics", calendar_pages.calendar_feed, name="calendar_feed"),
    path("auctions/<uuid:sale_id>/sale.ics", calendar_pages.sale_feed, name="sale_feed"),
]
