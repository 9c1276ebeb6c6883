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
    path("challenges/", _stub, name="challenges"),
    path("challenges/<uuid:challenge_id>/", _stub, name="challenge"),
    path("challenges/rounds/<uuid:round_id>/", _stub, name="round"),
    *proposal_urls.urlpatterns,
]
