"""Fifty people bid while things are killed, doubled, held up and filled: no bid is lost, none counts twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.utils import timezone

from tests.auctions.faults.auditor import audit, kinds
from tests.auctions.faults.clients import HalfSent, Sent, never_finished, never_reading
from tests.auctions.faults.house import BULKY, House
from tests.auctions.faults.servers import eventually
from yunlang.auctions.models import Standing

HOUR = timedelta(hours=1)


def test_a_web_server_is_killed(house: House, tmp_path: Path) -> None:
    web, _ = house.webs
    offer = house.offer()
    with house.crowd(offer, web) as crowd:
        eventually(crowd.has_taken(), "bids are taken")
        web.kill()
        web.start()
        eventually(crowd.has_taken(), "bids are taken again")
    house.hammer(offer.id)
    audit(offer.id, crowd.sent, tmp_path)


def test_the_database_is_killed(house: House, tmp_path: Path) -> None:
    offer = house.offer()
    with house.crowd(offer) as crowd:
        eventually(crowd.has_taken(), "bids are taken")
        house.database.kill()
        house.revive()
        eventually(crowd.has_taken(), "bids are taken again")
    house.hammer(offer.id)
    audit(offer.id, crowd.sent, tmp_path)
    another = house.offer(lasts=1)
    house.wait_for_end(another.id)
    audit(another.id, [another.first], tmp_path)
    assert all(program.is_running for program in (*house.webs, *house.workers))


def test_two_servers_sell_one_lot_that_three_workers_close(house: House, tmp_path: Path) -> None:
    offer = house.offer(lasts=3, snipe=2, cap=3)
    with house.crowd(offer) as crowd:
        eventually(lambda: crowd.is_over, "nobody may bid any more")
    house.wait_for_end(offer.id)
    audit(offer.id, crowd.sent, tmp_path)


def test_requests_come_three_times_in_any_order_at_any_server(house: House, tmp_path: Path) -> None:
    offer = house.offer()
    with house.crowd(offer, copies=3) as crowd:
        eventually(crowd.has_taken(), "bids are taken")
    house.hammer(offer.id)
    audit(offer.id, crowd.sent, tmp_path)
    assert all(len(one.answers) >= 3 for one in crowd.sent if one is not offer.first)


def test_slow_clients_hold_up_nobody(house: House, tmp_path: Path) -> None:
    offer = house.offer()
    web, _ = house.webs
    slow = [never_finished(web.port) for _ in range(60)] + [never_reading(web.port, offer.id) for _ in range(60)]
    halves = [
        HalfSent(web.port, offer.id, person, Sent(person.paddle, "half", Decimal(10**6 + number)))
        for number, person in enumerate(house.people)
    ]
    with house.crowd(offer, web) as crowd:
        eventually(crowd.has_taken(), "bids are taken")
    for half in halves:
        half.finish()
    house.hammer(offer.id)
    audit(offer.id, [*crowd.sent, *(half.sent for half in halves)], tmp_path)
    assert all(half.sent.is_accepted for half in halves)
    for one in slow:
        one.close()


def test_the_clock_is_set_back_and_forward(house: House, tmp_path: Path) -> None:
    offer = house.offer(lasts=1800)
    begun = Standing.objects.get(pk=offer.id).changed_at
    with house.clock_off() as move, house.crowd(offer) as crowd:
        eventually(crowd.has_taken(), "bids are taken")
        move(-HOUR)
        eventually(crowd.has_failed(), "bids are not taken")
        move(timedelta(0))
        eventually(crowd.has_taken(), "bids are taken again")
        move(HOUR)
        eventually(crowd.has_failed(), "bids are not taken")
        assert Standing.objects.get(pk=offer.id).ended_at is None
        until = timezone.now()
        house.accept_clock()
        house.wait_for_end(offer.id)
        crowd.stop()
    events = audit(offer.id, crowd.sent, tmp_path)
    assert set(crowd.failures) == {(503, "clock_jumped")}
    assert all(begun <= event.at <= until for event in events if event.body.kind == "bid_placed")
    assert kinds(events)[-1] == "hammered"
    assert events[-1].at > until


def test_the_database_is_full(house: House, tmp_path: Path) -> None:
    offer = house.offer()
    with house.crowd(offer) as crowd:
        eventually(crowd.has_taken(), "bids are taken")
        with house.database.full(BULKY):
            eventually(crowd.has_failed(), "bids are not taken")
        eventually(crowd.has_taken(), "bids are taken again")
    house.hammer(offer.id)
    audit(offer.id, crowd.sent, tmp_path)
    assert set(crowd.failures) <= {(503, "not_decided"), (503, "database_unavailable")}


def test_a_worker_is_killed_after_it_wrote_the_hammer_and_before_it_committed(house: House, tmp_path: Path) -> None:
    offer = house.offer(lasts=2)
    with house.crowd(offer) as crowd, house.gate_shut():
        worker = eventually(house.worker_at_gate, "a worker closes the lot")
        worker.kill()
    house.wait_for_end(offer.id)
    events = audit(offer.id, crowd.sent, tmp_path)
    assert kinds(events)[-1] == "hammered"
    assert [one.end() for one in house.workers if one is not worker] == [0, 0]
