"""Addresses of indicators."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from yunlang.indicators import edition_urls, figure_pages, link_pages


class LinkTableConverter(StringConverter):
    """A table of links that may be taken away."""

    regex = "links|cities"


register_converter(LinkTableConverter, "link_table")

app_name = "indicators"
urlpatterns = [
    path("figures/checks/", figure_pages.figure_checks, name="figure_checks"),
    path("index/links/", link_pages.links_page, name="links"),
    path("index/links/<link_table:table>.csv", link_pages.links_table, name="links_table"),
    *edition_urls.urlpatterns,
]
