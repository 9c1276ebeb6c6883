from importlib import import_module

from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    """Open challenges: calls, the published list, proposals and their reviews."""

    name = "yunlang.challenges"
    label = "challenges"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the permissions, and what people are told."""
        from yunlang.accounts.notices import notice_kind_register
        from yunlang.challenges.proposal_notices import PHRASES

        import_module("yunlang.challenges.permissions")
        import_module("yunlang.challenges.proposal_permissions")
        for kind, phrase in PHRASES.items():
            notice_kind_register(kind, phrase)
