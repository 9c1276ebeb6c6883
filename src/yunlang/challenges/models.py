"""The room's tables, one subject a file."""

from yunlang.challenges.award_models import Award, ChallengeMilestone, EvidenceFile, Stage
from yunlang.challenges.call_models import Call, Challenge, Nomination
from yunlang.challenges.proposal_models import Proposal, ProposalClosing, ProposalFile
from yunlang.challenges.review_models import ReviewAssignment, Reviewer, ReviewRound, ReviewScore

__all__ = [
    "Award",
    "Call",
    "Challenge",
    "ChallengeMilestone",
    "EvidenceFile",
    "Nomination",
    "Proposal",
    "ProposalClosing",
    "ProposalFile",
    "ReviewAssignment",
    "ReviewRound",
    "ReviewScore",
    "Reviewer",
    "Stage",
]
