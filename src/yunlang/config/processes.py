"""The two kinds of long-running processes: the web server and the worker."""

from __future__ import annotations

import asyncio
import os
import signal

import psycopg
import structlog
from procrastinate.exceptions import ConnectorException

from yunlang.config import environment
from yunlang.config.supervisor import end_with_parent

log = structlog.get_logger("yunlang.worker")
_AGAIN_SECONDS = 1.0


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
    """Take jobs until a signal comes; begin again whenever the queue gives up, as it does when the database falls."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    stopping = asyncio.create_task(told.wait())
    while not told.is_set():
        working = asyncio.create_task(_work_once())
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        try:
            await working
        except (ConnectorException, psycopg.Error) as error:
            log.warning("worker_without_database", error=str(error).strip()[:200])
        except asyncio.CancelledError:
            break
        await asyncio.wait((stopping,), timeout=_AGAIN_SECONDS)


async def _work_once() -> None:
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError("the job queue is not Django's")
    with app.replace_connector(connector.get_worker_connector()) as worker_app:
        async with worker_app.open_async():
            await worker_app.run_worker_async(
                concurrency=4, name="yunlang", delete_jobs="successful", shutdown_graceful_timeout=5,
                install_signal_handlers=False,
            )  # fmt: skip
