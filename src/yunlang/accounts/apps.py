from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, their roles and API tokens."""

    name = "yunlang.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
