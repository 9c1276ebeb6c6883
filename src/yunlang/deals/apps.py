from importlib import import_module

from django.apps import AppConfig


class DealsConfig(AppConfig):
    """Deals: from an introduction onward."""

    name = "yunlang.deals"
    label = "deals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the permissions, and put the manager's tasks on the workbench."""
        import_module("yunlang.deals.permissions")
