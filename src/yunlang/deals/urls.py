"""Addresses of introductions."""

from __future__ import annotations

from django.urls import path, register_converter

from yunlang.deals import pages
from yunlang.deals.core.introduction import Step


class IntroductionStepConverter:
    """A step that people take with an introduction."""

    regex = "|".join(Step)

    def to_python(self, value: str) -> str:
        """Return the step's name."""
        return value

    def to_url(self, value: str) -> str:
        """Return the step's name."""
        return value


register_converter(IntroductionStepConverter, "introduction_step")

app_name = "deals"
_ONE = "introductions/<uuid:introduction_id>/"
urlpatterns = [
    path("introductions/", pages.introduction_list, name="introductions"),
    path("introductions/new/", pages.introduction_new, name="introduction_new"),
    path(_ONE, pages.introduction_page, name="introduction"),
    path(f"{_ONE}assign/", pages.introduction_assign, name="introduction_assign"),
    path(f"{_ONE}due/", pages.introduction_reschedule, name="introduction_reschedule"),
    path(f"{_ONE}tasks/", pages.task_new, name="task_new"),
    path(f"{_ONE}tasks/<uuid:task_id>/done/", pages.task_done, name="task_done"),
    path(f"{_ONE}<introduction_step:step>/", pages.introduction_step, name="introduction_step"),
]
