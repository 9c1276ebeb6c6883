from importlib import import_module

from django.apps import AppConfig


class AuctionsConfig(AppConfig):
    """Auctions: from the announcement of a sale to its hammer, and what follows."""

    name = "yunlang.auctions"
    label = "auctions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the permissions, what people are told, and how a lot's journal is checked."""
        from yunlang.accounts.notices import notice_kind_register
        from yunlang.auctions.clock_incidents import NOTICE, NOTICE_PHRASE
        from yunlang.auctions.lot_checks import lot_unwritten, lot_wrong
        from yunlang.auctions.lot_states import LOT
        from yunlang.auctions.result_notices import notice_kinds_register
        from yunlang.auctions.sale_notices import kinds_register
        from yunlang.deals.subject_checks import SubjectCheck, subject_check_register

        for name in ("permissions", "sale_permissions", "result_permissions"):
            import_module(f"yunlang.auctions.{name}")
        notice_kind_register(NOTICE, NOTICE_PHRASE)
        kinds_register()
        notice_kinds_register()
        subject_check_register(LOT, SubjectCheck(lot_wrong, lot_unwritten))
