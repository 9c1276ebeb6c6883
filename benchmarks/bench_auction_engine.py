"""The auction engine: a million random commands, each held to a naive lot of plain lists, and one hot lot.

    python -m benchmarks auction_engine

Commands are decided and what came out is applied; only that is timed. The naive lot finds everything again from its
first entry for each command; the two must agree on every answer and on all that can be seen. Each form runs in a
process of its own, so that its peak of memory is its own. `AUCTION_COMMANDS` sets how many commands in all.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from benchmarks.markdown_table import table
from tests.auctions.core.driving import FORMATS, Chooser, Run
from tests.auctions.core.test_machines import check_replay
from yunlang.auctions.core import commands as c
from yunlang.auctions.core import engine
from yunlang.auctions.core.journal import event_read, event_text
from yunlang.auctions.core.ladder import Rung
from yunlang.auctions.core.terms import EnglishTerms

COMMANDS = int(os.environ.get("AUCTION_COMMANDS", "1000000"))
EACH = -(-COMMANDS // len(FORMATS))
PER_LOT = 60
HOT_BIDS = 20_000
SEED = 20260518


def one_lot(form: str, draw: random.Random) -> Run:
    """Drive one lot through random commands; every answer and every state is compared on the way."""
    run = Run(form, Chooser(draw.getrandbits(96)))
    run.begin()
    while run.commands < PER_LOT and not run.is_over:
        choose, kind = Chooser(draw.getrandbits(96)), draw.random()
        if kind < 0.4:
            run.wait(choose)
        if kind < 0.8:
            run.act(run.party_command(choose))
        elif kind < 0.9:
            run.act(run.office_command(choose))
        else:
            run.act(c.Tick() if kind < 0.95 else draw.choice(run.sent))
    return run


def measure_form(form: str) -> dict[str, float]:
    """Return what this form's share of the commands took."""
    draw = random.Random(f"{SEED}{form}")
    commands, lots, sold, events, spent = 0, 0, 0, 0, 0.0
    began = time.perf_counter()
    while commands < EACH:
        run = one_lot(form, draw)
        if lots % 100 == 0:
            check_replay(run)
        commands, lots, events = commands + run.commands, lots + 1, events + len(run.events)
        spent += run.spent
        sold += run.state.outcome is not None and run.state.outcome.is_sold
    whole = time.perf_counter() - began
    return {"commands": commands, "lots": lots, "sold": sold, "events": events, "spent": spent, "whole": whole}


def measure_hot() -> dict[str, float]:
    """Return what a bid war of one lot takes, and writing, reading and replaying its journal."""
    start = datetime(2026, 5, 18, tzinfo=UTC)
    terms = EnglishTerms(starting_price=Decimal("1.00"), ladder=(Rung(Decimal("0.00"), Decimal("1.00")),))
    first = engine.listed("hot", terms, start)
    events, state = [first], engine.apply(None, first)
    steps: list[c.Command] = [c.Admit("a"), c.Admit("b"), c.Open()]
    steps += [
        c.PlaceBid("ab"[place % 2], str(place), Decimal(100 * place + 100).scaleb(-2)) for place in range(HOT_BIDS)
    ]
    began = time.perf_counter()
    for place, command in enumerate(steps):
        decision = engine.decide(state, command, start + timedelta(milliseconds=place))
        for event in decision.events:
            state = engine.apply(state, event)
        events += decision.events
    found = {"bids": (time.perf_counter() - began) / len(steps)}
    if state.bids != HOT_BIDS:
        raise AssertionError(f"{state.bids} of {HOT_BIDS} bids were taken")
    found["write"], lines = timed(lambda: [event_text(event) for event in events])
    found["read"], read = timed(lambda: [event_read(line) for line in lines])
    found["replay"], again = timed(lambda: engine.replayed(read))
    if again != state:
        raise AssertionError("replaying the journal gave another state")
    return {name: 1 / (spent if name == "bids" else spent / len(events)) for name, spent in found.items()}


def timed(action: Callable[[], object]) -> tuple[float, object]:
    """Return the seconds an action took, and its result."""
    began = time.perf_counter()
    result = action()
    return time.perf_counter() - began, result


def measured(name: str) -> dict[str, float]:
    """Run one measure in a process of its own; adds its peak of memory in MB."""
    command = [sys.executable, "-m", "benchmarks.bench_auction_engine", name]
    found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def main() -> None:
    """Print Markdown tables."""
    found = {form: measured(form) for form in FORMATS}
    total = int(sum(one["commands"] for one in found.values()))
    table(
        f"{total:,} random commands, every one answered as the naive lot answers",
        (
            "form",
            "commands",
            "lots",
            "sold",
            "events",
            "commands/s",
            "naive lot, commands/s",
            "ratio",
            "peak memory, MB",
        ),
        [
            (
                form,
                f"{int(one['commands']):,}",
                f"{int(one['lots']):,}",
                f"{int(one['sold']):,}",
                f"{int(one['events']):,}",
                f"{one['commands'] / one['spent']:,.0f}",
                f"{one['commands'] / (one['whole'] - one['spent']):,.0f}",
                f"{one['whole'] / one['spent'] - 1:.1f}",
                round(one["memory"]),
            )
            for form, one in found.items()
        ],
    )
    hot = measured("hot")
    table(
        f"One English lot with {HOT_BIDS:,} bids",
        ("what", "a second"),
        [
            ("bids decided and applied", f"{hot['bids']:,.0f}"),
            ("events written as canonical JSON", f"{hot['write']:,.0f}"),
            ("events read back and checked", f"{hot['read']:,.0f}"),
            ("events replayed", f"{hot['replay']:,.0f}"),
            ("peak memory, MB", round(hot["memory"])),
        ],
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        outcome = measure_hot() if sys.argv[1] == "hot" else measure_form(sys.argv[1])
        outcome["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(outcome))
    else:
        main()
