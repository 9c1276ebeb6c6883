"""Settings that come from the environment, read in one place."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# In one web process; Django keeps a thread for each.
REQUESTS_AT_ONCE = 512


def home() -> Path:
    """Return the folder of everything this installation writes: database, search index, uploads, secret key.

    YUNLANG_HOME names it. Without that, the `.yunlang` that ``make demo`` made in the current folder or in this
    checkout serves, so that ``yunlang match`` asks the demo that runs; else `.yunlang` in the user's home.
    """
    if named := os.environ.get("YUNLANG_HOME"):
        return Path(named).expanduser().resolve()
    near = (Path.cwd() / ".yunlang", Path(__file__).resolve().parents[3] / ".yunlang")
    return next((folder for folder in near if folder.is_dir()), Path.home() / ".yunlang").resolve()


def flag(name: str, *, default: bool = False) -> bool:
    """Return an on/off setting."""
    value = os.environ.get(name, "").strip().lower()
    return default if not value else value in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated setting as a list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def choice(name: str, options: tuple[str, ...]) -> str:
    """Return a setting that is one of a few words, the first unless told; refuse any other."""
    value = os.environ.get(name, "").strip() or options[0]
    if value not in options:
        raise ImproperlyConfigured(f"{name} is {' or '.join(options)}, not {value!r}")
    return value


def streams() -> int:
    """Return how many streams of events one web process keeps open at once."""
    return int(os.environ.get("YUNLANG_STREAMS", "5000"))


def secret_key() -> str:
    """Return the signing key: from the environment, else one made once and kept in the home for its owner alone."""
    if key := os.environ.get("YUNLANG_SECRET_KEY"):
        return key
    path = home() / "secret-key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_urlsafe(50))
    return path.read_text()
