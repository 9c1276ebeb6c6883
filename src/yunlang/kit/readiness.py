"""What must hold before an installation can serve: each room registers its checks, operations asks them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

_log = structlog.get_logger(__name__)
_checks: dict[str, Callable[[], None]] = {}


class NotReadyError(Exception):
    """Something needed is not there yet; the text says what, without internals, since anybody may read it."""


def readiness_register(name: str, check: Callable[[], None]) -> None:
    """Have `check` asked under `name`; it returns when all is well and raises `NotReadyError` when not.

    Called once per process, when apps are ready; a second check of the same name replaces the first.
    """
    _checks[name] = check


def readiness() -> Mapping[str, str | None]:
    """Return, for every check by name, None when it holds, else what is missing."""
    return {name: _missing(name, check) for name, check in sorted(_checks.items())}


def _missing(name: str, check: Callable[[], None]) -> str | None:
    try:
        check()
    except NotReadyError as reason:
        return str(reason)
    except Exception:
        # A probe must get an answer whatever broke; what broke is for the log, not for whoever probes.
        _log.exception("readiness_check_failed", check=name)
        return "failed"
    return None
