"""A house of its own for fault runs: database, two web servers, three workers, and fifty people with tokens."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import dj_database_url
import psycopg
from django.db import connections, transaction
from django.utils import timezone

from tests.auctions.faults.clients import Answer, Crowd, Person, Sent
from tests.auctions.faults.servers import Database, Program, Web, eventually
from tests.auctions.support import make_lot, make_sale, yuan
from tests.factories import make_cities, make_organisation, make_user
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.accounts.services import token_create
from yunlang.auctions import conducting
from yunlang.auctions.bidding import bid_place
from yunlang.auctions.clock import database_time
from yunlang.auctions.clock_incidents import clock_accept, open_incident
from yunlang.auctions.core.ladder import Extension, Rung
from yunlang.auctions.core.terms import EnglishTerms, Schedule
from yunlang.auctions.models import Bidder, Standing
from yunlang.auctions.vocabulary import BidderStatus
from yunlang.config.prepare import database_migrate
from yunlang.registry.models import Organisation

PEOPLE = 50
# What the database's clock says is moved by this alone; the product reads the clock as it always does.
_CLOCK = """
CREATE SCHEMA faults;
CREATE TABLE faults.clock (moved interval NOT NULL);
INSERT INTO faults.clock VALUES ('0');
CREATE FUNCTION faults.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT pg_catalog.clock_timestamp() + moved FROM faults.clock';
ALTER DATABASE yunlang SET search_path = faults, public, pg_catalog;
"""
# Stops a worker after it has written the hammer and before it has committed, as long as the gate is shut.
GATE = 5_051
_GATE = f"""
CREATE FUNCTION faults.pass_gate() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NULL; END';
CREATE TRIGGER gate AFTER INSERT ON deals_journalentry FOR EACH ROW WHEN (NEW.kind = 'hammered')
    EXECUTE FUNCTION faults.pass_gate();
"""
# Bigger than any other file, so that it is the one that cannot grow.
_BULK = """
INSERT INTO kit_auditentry (actor_name, action, object_kind, object_id)
SELECT repeat('x', 200), 'fill', 'fill', repeat('x', 64) FROM generate_series(1, 70000)
"""
BULKY = "kit_auditentry"


@dataclass(frozen=True, slots=True)
class Offer:
    """A lot that is open, and the bid it was opened with."""

    id: UUID
    first: Sent


class House:
    """Everything that fault runs break."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.database = Database(home / "postgres")
        self.webs = [Web(f"web-{name}", home, self.database) for name in "ab"]
        self.workers = [Program(f"worker-{number}", ("worker",), home, self.database) for number in (1, 2, 3)]
        self.people: list[Person] = []
        self._members: list[User] = []
        self._organisations: list[Organisation] = []

    def open(self) -> None:
        """Make tables and people, and start everything."""
        self.database.ask(_CLOCK)
        for web in self.webs:
            web.start()
        with self.connected():
            database_migrate()
            for worker in self.workers:
                worker.start()
            self.database.ask(_GATE)
            self.database.ask(_BULK)
            with transaction.atomic():
                make_cities()
                self._meet()

    def _meet(self) -> None:
        for number in range(1, PEOPLE + 1):
            user = make_user()
            self._members.append(user)
            self._organisations.append(make_organisation(owner=user))
            token = token_create(actor=user, name="bidding", scope="write", days=1, at=timezone.now())
            self.people.append(Person(f"{number:02d}", token.secret))

    def mend(self) -> None:
        """Start what does not run, and wait until every server answers."""
        for program in (*self.webs, *self.workers):
            program.start()
        for web in self.webs:
            eventually(web.is_answering, f"{web.name} answers")
        eventually(self._workers_work, "the workers work")

    def _workers_work(self) -> bool:
        rows = self.database.ask("SELECT DISTINCT application_name FROM pg_stat_activity")
        return {(one.name,) for one in self.workers} <= set(rows)

    def close(self) -> None:
        """End everything."""
        for program in (*self.webs, *self.workers):
            program.kill()
        self.database.stop()

    @contextlib.contextmanager
    def connected(self) -> Iterator[None]:
        """Have Django in this process use the house's database."""
        before = connections["default"]
        found = dj_database_url.parse(self.database.address)
        mine = type(before)({**before.settings_dict, **found, "TEST": before.settings_dict["TEST"]}, "default")
        connections["default"] = mine
        try:
            yield
        finally:
            mine.close()
            connections["default"] = before

    def offer(self, *, lasts: int | None = None, snipe: int = 0, cap: int = 0) -> Offer:
        """Open a lot for so many seconds, or until the auctioneer closes it, with a first bid.

        Parameters
        ----------
        snipe, cap
            By how many seconds bids extend it that come as late as that, and by how many at most.
        """
        span = timedelta(seconds=snipe)
        terms = EnglishTerms(
            schedule=Schedule(lasts=timedelta(seconds=lasts) if lasts else None), starting_price=yuan("100"),
            ladder=(Rung(yuan("0"), yuan("1")),),
            extension=Extension(span, span, timedelta(seconds=cap)) if snipe else None,
        )  # fmt: skip
        with transaction.atomic():
            lot = make_lot(make_sale(), terms, seller=self._organisations[0])
            conducting.lot_list(actor=SYSTEM, lot_id=lot.pk, clock=database_time)
            for person, organisation in zip(self.people, self._organisations, strict=True):
                Bidder.objects.create(
                    lot=lot, organisation=organisation, paddle=person.paddle, status=BidderStatus.QUALIFIED
                )
                conducting.paddle_admit(actor=SYSTEM, lot_id=lot.pk, paddle=person.paddle, clock=database_time)
            conducting.lot_open(actor=SYSTEM, lot_id=lot.pk, clock=database_time)
            return Offer(lot.pk, self._first_bid(lot.pk, terms.starting_price))

    def _first_bid(self, lot: UUID, amount: Decimal) -> Sent:
        member, person = self._members[0], self.people[0]
        answer = bid_place(actor=member, lot_id=lot, key="first", amount=amount, clock=database_time)
        return Sent(person.paddle, "first", amount, [Answer(200, "accepted", answer.decision.sequence)])

    def crowd(self, offer: Offer, *webs: Web, **more: Any) -> Crowd:
        """Return everybody, bidding for a lot at these servers, or all."""
        return Crowd(offer.id, offer.first, self.people, [web.port for web in webs or self.webs], **more)

    @contextlib.contextmanager
    def gate_shut(self) -> Iterator[None]:
        """Let no hammer be committed."""
        with psycopg.connect(self.database.address, autocommit=True) as holder:
            holder.execute("SELECT pg_advisory_lock(%s)", [GATE])
            yield

    def worker_at_gate(self) -> Program | None:
        """Return the worker that has written the hammer and cannot commit it."""
        rows = self.database.ask("SELECT application_name FROM pg_stat_activity WHERE wait_event = 'advisory'")
        return next((one for one in self.workers if (one.name,) in rows), None)

    def revive(self) -> None:
        """Start the database after a kill."""
        self.database.start()
        connections["default"].close()

    def hammer(self, lot: UUID) -> None:
        """Close a lot that no clock closes."""
        conducting.lot_close(actor=SYSTEM, lot_id=lot, clock=database_time)

    @contextlib.contextmanager
    def clock_off(self) -> Iterator[Callable[[timedelta], None]]:
        """Give a function that moves what everybody takes for the time; in the end it is right, and all know."""

        def move(by: timedelta) -> None:
            self.database.ask("UPDATE faults.clock SET moved = %s", by)

        try:
            yield move
        finally:
            move(timedelta(0))
            self.accept_clock()

    def accept_clock(self) -> None:
        """Have the office accept the clock as it is, once somebody has noticed that it jumped."""
        incident = eventually(open_incident, "the jump is noticed")
        clock_accept(actor=make_user(Role.OFFICE), incident_id=incident.pk)

    def wait_for_end(self, lot: UUID) -> None:
        """Wait until a lot has ended."""
        eventually(lambda: Standing.objects.filter(pk=lot, ended_at__isnull=False).exists(), "the lot is closed")
