from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "yunlang.portal"
    label = "portal"
