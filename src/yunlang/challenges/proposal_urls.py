"""Addresses of proposals, awards, milestones and statistics."""

from __future__ import annotations

from django.urls import path

from yunlang.challenges import award_pages, milestone_pages, proposal_pages, statistics_pages

_CHALLENGE = "challenges/<uuid:challenge_id>/"
_PROPOSAL = "challenges/proposals/<uuid:proposal_id>/"
_AWARD = "challenges/awards/<uuid:award_id>/"
_STAGE = f"{_AWARD}stages/<int:stage>/"
urlpatterns = [
    path("challenges/statistics/", statistics_pages.statistics, name="statistics"),
    path("challenges/proposals/", proposal_pages.proposal_list, name="proposals"),
    path(_PROPOSAL, proposal_pages.proposal_page, name="proposal"),
    path(f"{_PROPOSAL}edit/", proposal_pages.proposal_edit, name="proposal_edit"),
    path(f"{_PROPOSAL}withdraw/", proposal_pages.proposal_withdraw, name="proposal_withdraw"),
    path(f"{_PROPOSAL}receipt/", proposal_pages.receipt_page, name="receipt"),
    path(f"{_PROPOSAL}files/<int:number>/", proposal_pages.proposal_download, name="proposal_file"),
    path(f"{_CHALLENGE}propose/", proposal_pages.proposal_new, name="proposal_new"),
    path(f"{_CHALLENGE}proposals/", proposal_pages.challenge_proposals, name="challenge_proposals"),
    path(f"{_CHALLENGE}proposals/open/", proposal_pages.proposals_open, name="proposals_open"),
    path(f"{_CHALLENGE}proposals/review/", proposal_pages.review_begin, name="review_begin"),
    path(f"{_CHALLENGE}stages/", award_pages.stages, name="stages"),
    path(f"{_CHALLENGE}award/", award_pages.decide, name="decide"),
    path(f"{_CHALLENGE}unawarded/", award_pages.unawarded, name="unawarded"),
    path(f"{_CHALLENGE}give-up/", award_pages.give_up, name="give_up"),
    path(f"{_CHALLENGE}race/<int:stage>/", award_pages.race, name="race"),
    path(_AWARD, milestone_pages.award_page, name="award"),
    *(
        path(f"{_AWARD}{name}/", milestone_pages.step, {"name": name}, name=f"award_{name}")
        for name in ("sign", "conclude")
    ),
    *(
        path(f"{_STAGE}{name}/", milestone_pages.step, {"name": name}, name=f"milestone_{name}")
        for name in ("deliver", "accept", "reject", "pay")
    ),
    path("challenges/evidence/<int:file_id>/", milestone_pages.evidence, name="evidence"),
]
