"""Lots open and close by the server's clock, once; and what happens when that clock jumps."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from tests.auctions.support import OPENING, Clock, Floor
from tests.concurrent import at_once
from tests.factories import PASSWORD, make_user
from yunlang.accounts.models import Notice
from yunlang.accounts.roles import Role
from yunlang.auctions.clock import ClockJumpedError, WatchedClock, known_incidents
from yunlang.auctions.clock_incidents import clock_accept, clock_incident_note, open_incident
from yunlang.auctions.clock_models import ClockIncident
from yunlang.auctions.core.state import Phase
from yunlang.auctions.lot_states import LOT, lot_state
from yunlang.auctions.ticking import LONGEST_SECONDS, ClockThread, Ticker
from yunlang.deals.journal import journal_rows
from yunlang.deals.ledger_models import JournalEntry
from yunlang.kit.errors import ConflictError, NotAllowedError
from yunlang.kit.models import AuditEntry

pytestmark = pytest.mark.django_db


def watched(clock: Clock, counter: Clock) -> WatchedClock:
    """Return one process's watch over a clock, with its own steady counter."""
    return WatchedClock(read=clock, count=lambda: counter.now - OPENING, incidents=known_incidents)


def test_the_ticker_opens_and_closes_and_says_when_to_look_again(corridor: object) -> None:
    floor = Floor()
    ticker = Ticker(floor.clock)
    floor.clock.at(-0.2)
    assert ticker.tick() == pytest.approx(0.2)
    floor.clock.at(0)
    assert ticker.tick() == LONGEST_SECONDS
    assert lot_state(floor.id).phase is Phase.OPEN
    floor.clock.at(300)
    ticker.tick()
    assert lot_state(floor.id).phase is Phase.UNSOLD
    assert ticker.tick() == LONGEST_SECONDS


@pytest.mark.django_db(transaction=True)
def test_three_tickers_at_once_do_everything_once(corridor: object) -> None:
    floors = [Floor(bidders=0) for _ in range(4)]
    for seconds in (0, 300):
        clock = floors[0].clock.at(seconds)
        at_once(*[Ticker(clock).tick] * 3)
    for floor in floors:
        kinds = list(journal_rows(LOT, floor.id).values_list("kind", flat=True))
        assert kinds == ["listed", "bidding_opened", "passed_in"]


def test_a_lot_that_cannot_be_read_keeps_no_other_open(corridor: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from yunlang.auctions import ticking

    broken, sound = Floor(bidders=0), Floor(bidders=0)
    ticks = ticking.lot_tick

    def tick(*, lot_id: object, clock: object) -> object:
        if lot_id == broken.id:
            raise ValueError("unreadable")
        return ticks(lot_id=lot_id, clock=clock)

    monkeypatch.setattr(ticking, "lot_tick", tick)
    sound.clock.at(0)
    Ticker(sound.clock).tick()
    assert (lot_state(broken.id).phase, lot_state(sound.id).phase) == (Phase.SCHEDULED, Phase.OPEN)


@pytest.mark.django_db(transaction=True)
def test_the_clocks_thread_ticks_until_it_is_stopped(corridor: object) -> None:
    floor = Floor(bidders=0)
    floor.clock.at(0)
    told = Ticked(floor.clock)
    with ClockThread(told):
        told.wait()
    assert JournalEntry.objects.filter(subject_id=floor.id, kind="bidding_opened").count() == 1


class Ticked(Ticker):
    """A ticker that can be waited for."""

    def __init__(self, clock: Clock) -> None:
        import threading

        super().__init__(clock)
        self._done = threading.Event()

    def tick(self) -> float:
        wait = super().tick()
        self._done.set()
        return wait

    def wait(self) -> None:
        assert self._done.wait(20)


def test_a_jump_is_written_down_once_and_told_to_the_office(corridor: object) -> None:
    office = make_user(Role.OFFICE)
    floor, counter = Floor(), Clock()
    floor.clock.at(0)
    tickers = [Ticker(watched(floor.clock, counter)) for _ in range(2)]
    for ticker in tickers:
        ticker.tick()
    floor.clock.at(400)
    for ticker in [*tickers, *tickers]:
        assert ticker.tick() == LONGEST_SECONDS
    assert [one.seconds for one in ClockIncident.objects.all()] == [400]
    assert Notice.objects.filter(recipient=office, kind="clock_jumped").count() == 1
    assert lot_state(floor.id).phase is Phase.OPEN


def test_once_the_office_accepts_the_clock_every_process_goes_on_by_it(corridor: object) -> None:
    clock, counter = Clock(), Clock()
    processes = [watched(clock, counter) for _ in range(3)]
    for process in processes:
        process()
    clock.at(-3600)
    for process in processes:
        with pytest.raises(ClockJumpedError) as caught:
            process()
    incident = clock_incident_note(caught.value)
    with pytest.raises(ClockJumpedError):
        watched(clock, counter)()  # one that starts meanwhile
    clock_accept(actor=make_user(Role.OFFICE), incident_id=incident.pk)
    assert {process() for process in [*processes, watched(clock, counter)]} == {clock.now}
    clock.at(0)
    with pytest.raises(ClockJumpedError):
        processes[0]()  # what was accepted once is not accepted again
    assert AuditEntry.objects.filter(action="clock_accept").count() == 1


def test_only_the_office_accepts_a_clock_and_only_once(corridor: object) -> None:
    incident = clock_incident_note(ClockJumpedError(seconds=7))
    for role in (Role.MEMBER, Role.MANAGER, Role.AUDITOR):
        with pytest.raises(NotAllowedError):
            clock_accept(actor=make_user(role), incident_id=incident.pk)
    office = make_user(Role.OFFICE)
    clock_accept(actor=office, incident_id=incident.pk)
    with pytest.raises(ConflictError):
        clock_accept(actor=office, incident_id=incident.pk)


def test_there_is_one_open_incident_at_most(corridor: object) -> None:
    clock_incident_note(ClockJumpedError(seconds=7))
    with pytest.raises(IntegrityError, match="clock_incident_one_open"), transaction.atomic():
        ClockIncident.objects.create(seconds=8, process="other:1")


def test_the_office_sees_and_accepts_the_clock_on_its_page(corridor: object, client: Client) -> None:
    office = make_user(Role.OFFICE)
    incident = clock_incident_note(ClockJumpedError(seconds=-31))
    client.login(username=office.email, password=PASSWORD)
    page = client.get("/auctions/clock/")
    assert "-31" in page.content.decode()
    assert client.post("/auctions/clock/", {"incident": incident.pk}).status_code == 302
    assert open_incident() is None
    assert client.post("/auctions/clock/", {"incident": "x"}).status_code == 404
    client.logout()
    assert client.get("/auctions/clock/").status_code == 403
