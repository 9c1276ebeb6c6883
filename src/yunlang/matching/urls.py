"""Addresses of matching."""

from __future__ import annotations

from django.urls import path

from yunlang.matching import pages

app_name = "matching"
urlpatterns = [
    path("match/", pages.match_page, name="match"),
    path("match/evidence/<uuid:document_id>/", pages.evidence_page, name="evidence"),
    path("needs/<uuid:need_id>/match/", pages.need_match_page, name="need_match"),
]
