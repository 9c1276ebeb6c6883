"""Addresses of calls, the published list and reviews."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from yunlang.challenges import proposal_urls

app_name = "challenges"
_stub = RedirectView.as_view(url="/")
urlpatterns = [
    path("reviews/", _stub, name="reviews"),
    path("nominations/<uuid:nomination_id>/", _stub, name="nomination"),
    path("challenges/calls/<uuid:call_id>/", _stub, name="call"),
    *proposal_urls.urlpatterns,
]
