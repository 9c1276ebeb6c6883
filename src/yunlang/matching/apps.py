from importlib import import_module

from django.apps import AppConfig


class MatchingConfig(AppConfig):
    """Matching: needs with what the corridor has."""

    name = "yunlang.matching"
    label = "matching"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Follow the registry's changes, and say whether there is an index to serve from."""
        from yunlang.kit.changes import subscribe
        from yunlang.kit.readiness import readiness_register
        from yunlang.matching.jobs import wake
        from yunlang.matching.services import index_check

        import_module("yunlang.matching.permissions")
        subscribe(wake)
        readiness_register("search_index", index_check)
