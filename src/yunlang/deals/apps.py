from importlib import import_module

from django.apps import AppConfig


class DealsConfig(AppConfig):
    """Deals: from an introduction onward."""

    name = "yunlang.deals"
    label = "deals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the permissions and what people are told, and put the manager's tasks on the workbench."""
        from yunlang.deals.deal_notices import notice_kinds_register
        from yunlang.deals.pages import workbench_section
        from yunlang.registry.pages.workbench import workbench_section_register

        import_module("yunlang.deals.permissions")
        notice_kinds_register()
        workbench_section_register(workbench_section)
