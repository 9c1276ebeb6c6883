from __future__ import annotations

from django.urls import path

from yunlang.portal import pages

app_name = "portal"
urlpatterns = [
    path("", pages.home, name="home"),
    path("language/", pages.language, name="language"),
    path("about/", pages.about, name="about"),
    path("sources/", pages.sources, name="sources"),
    path("cities/", pages.cities, name="cities"),
    path("cities/<str:adcode>/", pages.city, name="city"),
    path("figures/", pages.figures, name="figures"),
    path("robots.txt", pages.robots, name="robots"),
]
