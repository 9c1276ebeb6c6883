from __future__ import annotations

from django.urls import path

from yunlang.indicators import figure_pages

app_name = "indicators"
urlpatterns = [path("figures/checks/", figure_pages.figure_checks, name="figure_checks")]
