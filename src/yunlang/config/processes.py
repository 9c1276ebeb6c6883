"""The two kinds of long-running processes: the web server and the worker."""

from __future__ import annotations

import asyncio
import os

from yunlang.config import environment
from yunlang.config.supervisor import end_with_parent


def web_serve(*, host: str, port: int) -> None:
    """Serve until told to stop."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    end_with_parent()
    os.environ.setdefault("YUNLANG_DATABASE_POOL", "on")
    server = Granian(
        "yunlang.config.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=1,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        workers_kill_timeout=5,
        # Streams stay open: they must not count against the requests that are answered at once.
        backpressure=environment.streams() + 2 * environment.REQUESTS_AT_ONCE,
    )
    server.serve()


def worker_run() -> None:
    """Run background jobs, and the clock of auctions, until told to stop."""
    from yunlang.auctions.ticking import ClockThread

    end_with_parent()
    # A thread of its own: no job, however long, keeps a lot open.
    with ClockThread():
        asyncio.run(_work())


async def _work() -> None:
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError("the job queue is not Django's")
    with app.replace_connector(connector.get_worker_connector()) as worker_app:
        async with worker_app.open_async():
            await worker_app.run_worker_async(
                concurrency=4, name="yunlang", delete_jobs="successful", shutdown_graceful_timeout=5
            )
