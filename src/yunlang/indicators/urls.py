from __future__ import annotations

from yunlang.indicators import edition_urls

app_name = "indicators"
urlpatterns = [*edition_urls.urlpatterns]
