"""Addresses of indices and their editions."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from yunlang.indicators import audit_pages, download_pages, draft_pages, live_pages, pages, what_if_pages
from yunlang.indicators.edition_models import RESERVED


class IndexConverter(StringConverter):
    """An index's code: anything but the words that are pages of their own."""

    regex = rf"(?!(?:{'|'.join(RESERVED)})(?:/|$))[a-z0-9][a-z0-9-]*"


register_converter(IndexConverter, "index")
_EDITION = "index/<index:index>/<str:label>/"

urlpatterns = [
    path("index/", pages.index_list, name="indices"),
    path("index/now/", live_pages.live, name="live"),
    path("index/now/draft/", live_pages.live_draft, name="live_draft"),
    path("index/editions/", draft_pages.editions, name="editions"),
    path("index/editions/<uuid:edition_id>/", draft_pages.draft, name="draft"),
    path("index/editions/<uuid:edition_id>/publish/", draft_pages.draft_publish, name="draft_publish"),
    path("index/editions/<uuid:edition_id>/discard/", draft_pages.draft_discard, name="draft_discard"),
    path("index/<index:index>/", pages.index_latest, name="index"),
    path(_EDITION, pages.overview, name="edition"),
    path(f"{_EDITION}units/<path:unit>/", pages.unit, name="unit"),
    path(f"{_EDITION}series/", pages.series, name="series"),
    path(f"{_EDITION}what-if/", what_if_pages.what_if, name="what_if"),
    path(f"{_EDITION}audit/", audit_pages.audit, name="audit"),
    path(f"{_EDITION}downloads/", download_pages.downloads, name="downloads"),
    path(f"{_EDITION}downloads/<str:name>", download_pages.download, name="download"),
]
