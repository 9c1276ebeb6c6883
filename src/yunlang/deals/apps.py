from importlib import import_module

from django.apps import AppConfig


class DealsConfig(AppConfig):
    """Deals: from an introduction onward."""

    name = "yunlang.deals"
    label = "deals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the permissions, put the manager's tasks on the workbench, say how a deal's journal is checked."""
        from yunlang.deals.journal import DEAL
        from yunlang.deals.ledger_publishing import deal_unwritten, deal_wrong
        from yunlang.deals.pages import workbench_section
        from yunlang.deals.subject_checks import SubjectCheck, subject_check_register
        from yunlang.registry.pages.workbench import workbench_section_register

        import_module("yunlang.deals.permissions")
        workbench_section_register(workbench_section)
        subject_check_register(DEAL, SubjectCheck(deal_wrong, deal_unwritten))
