from importlib import import_module

from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    """Open challenges: calls, the published list, proposals and their reviews."""

    name = "yunlang.challenges"
    label = "challenges"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare permissions, notices, what reviews judge, and put a reviewer's work on the workbench."""
        from yunlang.challenges.core.vocabulary import RoundKind
        from yunlang.challenges.notices import notice_kinds_register
        from yunlang.challenges.proposal_setup import proposals_declare
        from yunlang.challenges.review_pages import workbench_section
        from yunlang.challenges.review_subjects import nomination_subjects, subjects_register
        from yunlang.registry.pages.workbench import workbench_section_register

        import_module("yunlang.challenges.permissions")
        notice_kinds_register()
        subjects_register(RoundKind.SCREENING, nomination_subjects)
        workbench_section_register(workbench_section)
        proposals_declare()
