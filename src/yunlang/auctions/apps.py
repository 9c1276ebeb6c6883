from importlib import import_module

from django.apps import AppConfig


class AuctionsConfig(AppConfig):
    """Auctions: from the announcement of a sale to its hammer, and what follows."""

    name = "yunlang.auctions"
    label = "auctions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the permissions and what people are told."""
        from yunlang.auctions.result_notices import notice_kinds_register

        for name in ("permissions", "sale_permissions", "result_permissions"):
            import_module(f"yunlang.auctions.{name}")
        notice_kinds_register()
