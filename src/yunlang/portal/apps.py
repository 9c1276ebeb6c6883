from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The shell of the site."""

    name = "yunlang.portal"
    label = "portal"
