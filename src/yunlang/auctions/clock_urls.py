"""The address of the office's page about the clock."""

from __future__ import annotations

from django.urls import path

from yunlang.auctions import clock_pages

urlpatterns = [path("auctions/clock/", clock_pages.clock, name="clock")]
