"""Addresses of auctions: sales and their lots, the live rooms, results."""

from __future__ import annotations

from yunlang.auctions import clock_urls, result_urls, room_urls, sale_urls

app_name = "auctions"
urlpatterns = [*clock_urls.urlpatterns, *result_urls.urlpatterns, *room_urls.urlpatterns, *sale_urls.urlpatterns]
