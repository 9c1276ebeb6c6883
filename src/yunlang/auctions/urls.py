"""Addresses of auctions: sales and their lots, the live rooms, results."""

from __future__ import annotations

from yunlang.auctions import result_urls, room_urls, sale_urls

app_name = "auctions"
urlpatterns = [*result_urls.urlpatterns, *room_urls.urlpatterns, *sale_urls.urlpatterns]
