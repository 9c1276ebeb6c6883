"""The auditor of the fault runs finds what it is there to find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.auctions.faults.auditor import audit
from tests.auctions.faults.clients import Answer, Sent
from tests.auctions.support import Floor, yuan
from yunlang.auctions.bidding import bid_place
from yunlang.auctions.core.engine import Accepted
from yunlang.auctions.models import Standing
from yunlang.deals.core.ledger.entries import BrokenLedgerError
from yunlang.kit.models import AuditEntry

pytestmark = pytest.mark.django_db
BIDS = (("01", "8950000"), ("02", "8950000"), ("02", "9000000"))


@pytest.fixture
def floor(corridor: object) -> Floor:
    opened = Floor()
    opened.tick(0)
    return opened


@pytest.fixture
def sent(floor: Floor) -> list[Sent]:
    """Return the log of two bids that were taken and one that was refused, on a lot that is sold."""
    found = []
    for paddle, amount in BIDS:
        one = Sent(paddle, amount, yuan(amount))
        answer = bid_place(
            actor=floor.members[paddle], lot_id=floor.id, key=one.key, amount=one.amount, clock=floor.clock
        )
        decision = answer.decision
        if isinstance(decision, Accepted):
            one.answers.append(Answer(200, "accepted", decision.sequence))
        else:
            one.answers.append(Answer(409, str(decision.code)))
        found.append(one)
    floor.tick(300)
    return found


def test_a_sound_lot_passes(floor: Floor, sent: list[Sent], tmp_path: Path) -> None:
    audit(floor.id, sent, tmp_path)


@pytest.mark.parametrize(
    "falsified",
    [
        pytest.param(lambda sent: sent[:2], id="a bid that nobody sent"),
        pytest.param(lambda sent: [*sent, Sent("01", "9100000", yuan("9100000"), [sent[2].answers[0]])], id="lost"),
        pytest.param(lambda sent: [*sent[:2], replace(sent[2], amount=yuan("9000001"))], id="another amount"),
        pytest.param(lambda sent: [*sent[:2], replace(sent[2], answers=[Answer(200, "accepted", 5)])], id="number"),
        pytest.param(lambda sent: [*sent[:2], replace(sent[2], answers=[])], id="never answered"),
        pytest.param(
            lambda sent: [*sent[:2], replace(sent[2], answers=[*sent[2].answers, Answer(200, "accepted", 9)])],
            id="answered twice, and differently",
        ),
        pytest.param(lambda sent: [*sent[:2], replace(sent[2], answers=sent[1].answers)], id="taken, told refused"),
        pytest.param(lambda sent: [sent[0], replace(sent[1], answers=sent[0].answers), sent[2]], id="refused, told taken"),
    ],
)  # fmt: skip
def test_a_log_that_the_journal_does_not_bear_out_is_found(
    floor: Floor, sent: list[Sent], tmp_path: Path, falsified: Callable[[list[Sent]], list[Sent]]
) -> None:
    with pytest.raises((AssertionError, ValueError)):
        audit(floor.id, falsified(sent), tmp_path)


def test_a_standing_and_an_audit_log_that_say_something_else_are_found(
    floor: Floor, sent: list[Sent], tmp_path: Path
) -> None:
    Standing.objects.filter(pk=floor.id).update(bids=3)
    with pytest.raises(BrokenLedgerError, match="bids"):
        audit(floor.id, sent, tmp_path)
    Standing.objects.filter(pk=floor.id).update(bids=2)
    AuditEntry.objects.create(actor_name="x", action="bid_place", object_kind="lot", object_id=str(floor.id))
    with pytest.raises(AssertionError):
        audit(floor.id, sent, tmp_path)
