"""Ranks all needs in a process that is to be killed: it stops inside the transaction of the need it is told."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(home: str, stop_in: int) -> None:
    """Run, say when the need is reached, and wait there for ever."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.conf import settings

    from tests.matching.conftest import RecordingEncoder
    from yunlang.matching import batches, engine

    settings.SEARCH_INDEX = Path(home)
    quick = RecordingEncoder()
    engine.encoder = lambda: quick
    reached = 0

    def wait(*_: object) -> None:
        nonlocal reached
        reached += 1
        if reached == stop_in:
            print("inside", flush=True)
            sys.stdin.read()

    batches._tell = wait
    batches.batch_run(full=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
