"""Addresses of live rooms, the auctioneer's console and the hall's screen."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
