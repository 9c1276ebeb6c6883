"""The ASGI application that Granian serves."""

from __future__ import annotations

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yunlang.config.settings")


def _application() -> Any:
    rest = get_asgi_application()
    # Only now: its models want Django to be ready.
    from yunlang.auctions.live.application import LiveApplication
    from yunlang.config import environment
    from yunlang.config.api import caller

    return LiveApplication(rest, lambda: caller.limits.person, at_once=environment.REQUESTS_AT_ONCE)


application = _application()
