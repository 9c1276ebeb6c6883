"""Addresses of calls, the published list and reviews."""

from __future__ import annotations

from yunlang.challenges import proposal_urls

app_name = "challenges"
urlpatterns: list[object] = [*proposal_urls.urlpatterns]
