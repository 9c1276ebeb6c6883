"""Every address of the site, by room."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("yunlang.portal.urls")),
    path("accounts/", include("yunlang.accounts.urls")),
    path("", include("yunlang.registry.urls")),
    path("", include("yunlang.matching.urls")),
]
