from importlib import import_module

from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    """Open challenges: calls, the published list, proposals and their reviews."""

    name = "yunlang.challenges"
    label = "challenges"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the permissions, what people are told, and what rounds of reviews judge."""
        from yunlang.challenges.core.vocabulary import RoundKind
        from yunlang.challenges.notices import notice_kinds_register
        from yunlang.challenges.proposal_setup import proposals_declare
        from yunlang.challenges.review_subjects import nomination_subjects, subjects_register

        import_module("yunlang.challenges.permissions")
        notice_kinds_register()
        subjects_register(RoundKind.SCREENING, nomination_subjects)
        proposals_declare()
