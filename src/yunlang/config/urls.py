"""Every address of the site, by room."""

from __future__ import annotations

import os

from django.urls import include, path, re_path
from django.views.generic import RedirectView

from yunlang.config.api import api
from yunlang.portal import operations

urlpatterns = [
    path("healthz", operations.healthz, name="healthz"),
    path("readyz", operations.readyz, name="readyz"),
    path("metrics", operations.metrics, {"token": os.environ.get("YUNLANG_METRICS_TOKEN", "")}, name="metrics"),
    re_path(r"^api/v1/?$", RedirectView.as_view(pattern_name="api:openapi-view")),
    path("api/v1/", api.urls),
    # What the API does not have is answered in its own way, not with a page.
    re_path(r"^api(?:/.*)?$", api.guarded(api.not_found)),
    path("", include("yunlang.portal.urls")),
    path("accounts/", include("yunlang.accounts.urls")),
    path("", include("yunlang.registry.urls")),
    path("", include("yunlang.deals.urls")),
    path("", include("yunlang.matching.urls")),
    path("", include("yunlang.indicators.urls")),
    path("", include("yunlang.auctions.urls")),
    path("", include("yunlang.challenges.urls")),
]
