"""Addresses of introductions, deals and the ledger."""

from __future__ import annotations

from django.urls import path, register_converter

from yunlang.deals import deal_pages, ledger_pages, pages
from yunlang.deals.core.introduction import Step
from yunlang.deals.deal_forms import ACTIONS


class IntroductionStepConverter:
    """A step that people take with an introduction."""

    regex = "|".join(Step)

    def to_python(self, value: str) -> str:
        """Return the step's name."""
        return value

    def to_url(self, value: str) -> str:
        """Return the step's name."""
        return value


class DealActionConverter(IntroductionStepConverter):
    """Something that people do with a deal."""

    regex = "|".join(ACTIONS)


register_converter(IntroductionStepConverter, "introduction_step")
register_converter(DealActionConverter, "deal_action")

app_name = "deals"
_DEAL = "deals/<uuid:deal_id>/"
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
    path("deals/", deal_pages.deal_list, name="deals"),
    path("deals/new/", deal_pages.deal_new, name="deal_new"),
    path(_DEAL, deal_pages.deal_page, name="deal"),
    path(f"{_DEAL}journal.jsonl", deal_pages.deal_journal, name="deal_journal"),
    path(f"{_DEAL}<deal_action:action>/", deal_pages.deal_action, name="deal_action"),
    path("ledger/", ledger_pages.ledger, name="ledger"),
    path("ledger/heads.jsonl", ledger_pages.ledger_heads, name="ledger_heads"),
]
