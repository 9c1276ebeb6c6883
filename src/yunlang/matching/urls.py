"""Addresses of matching."""

from __future__ import annotations

from django.urls import path

from yunlang.matching import comparison, feedback, pages

app_name = "matching"
urlpatterns = [
    path("match/", pages.match_page, name="match"),
    path("match/compare/", comparison.compare_page, name="compare"),
    path("match/feedback/<uuid:document_id>/", feedback.feedback_page, name="feedback"),
    path("match/evidence/<uuid:document_id>/", pages.evidence_page, name="evidence"),
    path("needs/<uuid:need_id>/match/", pages.need_match_page, name="need_match"),
]
