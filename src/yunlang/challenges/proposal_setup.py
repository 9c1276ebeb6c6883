"""What proposals and awards declare when the app is ready."""

from __future__ import annotations

from importlib import import_module

from yunlang.accounts.notices import notice_kind_register
from yunlang.challenges.core.vocabulary import RoundKind
from yunlang.challenges.proposal_notices import PHRASES
from yunlang.challenges.proposal_reviews import proposal_subjects
from yunlang.challenges.review_subjects import subjects_register


def proposals_declare() -> None:
    """Declare the permissions, what people are told, and what rounds of proposals judge."""
    import_module("yunlang.challenges.proposal_permissions")
    for kind, phrase in PHRASES.items():
        notice_kind_register(kind, phrase)
    subjects_register(RoundKind.PROPOSALS, proposal_subjects)
