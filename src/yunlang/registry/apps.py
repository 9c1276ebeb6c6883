from importlib import import_module

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """The registry: cities, organisations, experts, resources, needs."""

    name = "yunlang.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the registry's permissions, whichever of its modules is used first."""
        import_module("yunlang.registry.permissions")
