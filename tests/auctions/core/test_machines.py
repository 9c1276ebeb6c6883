"""Every form of sale against the naive lot: ten thousand random commands, and what replaying them must give."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.auctions.core.driving import FORMATS, Chooser, Run
from yunlang.auctions.core import commands as c
from yunlang.auctions.core import engine
from yunlang.auctions.core.journal import event_read, event_text

NUMBERS = st.integers(0, 2**96)
RUNS, COMMANDS_EACH = 32, 48  # seven forms: ten thousand commands and more


class LotMachine(RuleBasedStateMachine):
    """Anybody does anything at any time; after each command engine and naive lot must agree."""

    form: str

    @initialize(number=NUMBERS, begun=st.sampled_from((True, True, True, False)))
    def is_listed(self, number: int, begun: bool) -> None:
        self.run = Run(self.form, Chooser(number))
        if begun:
            self.run.begin()

    def choose(self, number: int) -> Chooser:
        """Return what the next command is chosen by; after a lot that is over, the next lot's turn has come."""
        choose = Chooser(number)
        if self.run.is_over:
            check_replay(self.run)
            self.run = Run(self.form, choose)
            self.run.begin()
        return choose

    @rule(number=NUMBERS)
    def a_party_acts(self, number: int) -> None:
        choose = self.choose(number)
        self.run.wait(choose)
        self.run.act(self.run.party_command(choose))

    @rule(number=NUMBERS)
    def a_party_acts_at_once(self, number: int) -> None:
        self.run.act(self.run.party_command(self.choose(number)))

    @rule(number=NUMBERS)
    def the_office_acts(self, number: int) -> None:
        choose = self.choose(number)
        self.run.wait(choose)
        self.run.act(self.run.office_command(choose))

    @rule()
    def the_clock_ticks(self) -> None:
        self.run.act(c.Tick())

    @precondition(lambda self: self.run.sent)
    @rule(number=NUMBERS)
    def a_command_arrives_again(self, number: int) -> None:
        choose = Chooser(number)
        command = choose.of(*self.run.sent)
        answered = isinstance(command, c.PartyCommand) and (
            (command.sender, command.bidder, command.key) in self.run.state.answers
        )
        decision = self.run.act(command)
        if answered:
            assert decision.events == ()

    def teardown(self) -> None:
        if hasattr(self, "run"):
            check_replay(self.run)


def check_replay(run: Run) -> None:
    """Replaying gives the state, from any event on, and from the journal's text."""
    assert engine.replayed(run.events) == run.state
    states: list[Any] = list(accumulate(run.events[1:], engine.apply, initial=engine.apply(None, run.events[0])))
    assert states[-1] == run.state
    assert [state.sequence for state in states] == list(range(1, len(run.events) + 1))
    assert all(early.at <= late.at for early, late in pairwise(run.events))
    lines = [event_text(event) for event in run.events]
    read = [event_read(line) for line in lines]
    assert read == run.events
    assert engine.replayed(read) == run.state
    middle = len(run.events) // 2
    state = engine.replayed(read[:middle]) if middle else None
    for event in read[middle:]:
        state = engine.apply(state, event)
    assert state == run.state


@pytest.mark.parametrize("form", FORMATS)
def test_engine_and_naive_lot_agree_on_every_command(form: str) -> None:
    machine = type(f"Machine_{form}", (LotMachine,), {"form": form})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=COMMANDS_EACH,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
