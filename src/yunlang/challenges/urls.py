"""Addresses of calls, the published list and reviews."""

from __future__ import annotations

from django.urls import path

from yunlang.challenges import call_pages, list_pages, nomination_pages, proposal_urls, review_pages

app_name = "challenges"
_CALL = "challenges/calls/<uuid:call_id>/"
_ROUND = "challenges/rounds/<uuid:round_id>/"
_NOMINATION = "nominations/<uuid:nomination_id>/"
_REVIEW = "reviews/<uuid:assignment_id>/"
urlpatterns = [
    path("challenges/", list_pages.challenge_list, name="challenges"),
    path("challenges/<uuid:challenge_id>/", list_pages.challenge_page, name="challenge"),
    path("challenges/calls/", list_pages.call_list, name="calls"),
    path("challenges/calls/new/", call_pages.call_new, name="call_new"),
    path(_CALL, list_pages.call_page, name="call"),
    path(f"{_CALL}edit/", call_pages.call_edit, name="call_edit"),
    path(f"{_CALL}open/", call_pages.call_open, name="call_open"),
    path(f"{_CALL}withdraw/", call_pages.call_withdraw, name="call_withdraw"),
    path(f"{_CALL}screening/", call_pages.call_screening, name="call_screening"),
    path(f"{_CALL}publish/", call_pages.call_publish, name="call_publish"),
    path(f"{_CALL}close/", call_pages.call_close, name="call_close"),
    path(_ROUND, review_pages.round_page, name="round"),
    path(f"{_ROUND}assign/", review_pages.round_assign, name="round_assign"),
    path(f"{_ROUND}close/", review_pages.round_close, name="round_close"),
    path("challenges/reviewers/", review_pages.reviewers_page, name="reviewers"),
    path("needs/<uuid:need_id>/nominate/", nomination_pages.need_nominate, name="need_nominate"),
    path(_NOMINATION, nomination_pages.nomination_page, name="nomination"),
    path(f"{_NOMINATION}withdraw/", nomination_pages.nomination_withdraw_step, name="nomination_withdraw"),
    path(f"{_NOMINATION}decide/", nomination_pages.nomination_decide, name="nomination_decide"),
    path("reviews/", review_pages.reviews_page, name="reviews"),
    path("reviews/invitations/<uuid:reviewer_id>/", review_pages.invitation_answer, name="invitation_answer"),
    path(_REVIEW, review_pages.review_page, name="review"),
    path(f"{_REVIEW}conflict/", review_pages.review_conflict, name="review_conflict"),
    *proposal_urls.urlpatterns,
]
