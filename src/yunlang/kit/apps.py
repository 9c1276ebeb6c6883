from django.apps import AppConfig


class KitConfig(AppConfig):
    """Tables with no opinion: audit log, feed of changes, rate limits."""

    name = "yunlang.kit"
    label = "kit"
    default_auto_field = "django.db.models.BigAutoField"
