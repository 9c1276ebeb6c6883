"""The room's tables, one subject a file."""

from yunlang.challenges.call_models import Call, Challenge, Nomination
from yunlang.challenges.review_models import ReviewAssignment, Reviewer, ReviewRound, ReviewScore

__all__ = ["Call", "Challenge", "Nomination", "ReviewAssignment", "ReviewRound", "ReviewScore", "Reviewer"]
