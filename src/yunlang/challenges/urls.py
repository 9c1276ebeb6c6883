"""Addresses of calls, the published list and reviews."""

from __future__ import annotations

app_name = "challenges"
urlpatterns: list[object] = []
