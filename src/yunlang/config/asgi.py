"""The ASGI application that Granian serves."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yunlang.config.settings")
application = get_asgi_application()
