from importlib import import_module

from django.apps import AppConfig


class DealsConfig(AppConfig):
    """Deals: from an introduction onward."""

    name = "yunlang.deals"
    label = "deals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the permissions, the notices and how a deal's journal is checked; fill the manager's workbench."""
        from yunlang.deals.deal_notices import notice_kinds_register
        from yunlang.deals.journal import DEAL
        from yunlang.deals.ledger_publishing import deal_unwritten, deal_wrong
        from yunlang.deals.pages import workbench_section
        from yunlang.deals.subject_checks import SubjectCheck, subject_check_register
        from yunlang.registry.pages.workbench import workbench_section_register

        import_module("yunlang.deals.permissions")
        notice_kinds_register()
        workbench_section_register(workbench_section)
        subject_check_register(DEAL, SubjectCheck(deal_wrong, deal_unwritten))
