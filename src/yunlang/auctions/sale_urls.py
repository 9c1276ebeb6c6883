"""Addresses of sales, lots and applications."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
