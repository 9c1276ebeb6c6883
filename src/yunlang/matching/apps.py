from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "yunlang.matching"
    label = "matching"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Follow the registry's changes."""
        from yunlang.kit.changes import subscribe
        from yunlang.matching.jobs import wake

        subscribe(wake)
