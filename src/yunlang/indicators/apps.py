from importlib import import_module

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """Indicators: composite indices and published figures."""

    name = "yunlang.indicators"
    label = "indicators"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load who may do what."""
        import_module("yunlang.indicators.permissions")
