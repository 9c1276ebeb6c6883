from importlib import import_module

from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    """Open challenges: calls, the published list, proposals and their reviews."""

    name = "yunlang.challenges"
    label = "challenges"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the permissions."""
        import_module("yunlang.challenges.permissions")
