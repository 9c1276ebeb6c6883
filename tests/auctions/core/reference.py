"""A lot kept as plain lists, everything found again from the first entry each time it is asked: slow, and easy to check.

Written from the rules alone: nothing of the engine is used but the terms and commands that both are given.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from yunlang.auctions.core import commands as c

Entry = tuple[datetime, str, Any]
TWO_SECONDS = timedelta(seconds=2)


class NaiveLot:
    """What all forms share: who may bid, the clock, and answers kept by key."""

    extendable = True

    def __init__(self, lot: str, terms: Any, now: datetime) -> None:
        self.lot = lot
        self.terms = terms
        self.log: list[Entry] = []
        self.answers: list[tuple[c.PartyCommand, str]] = []
        self.events = 1
        self.last = now
        self.end: tuple[str, Any] | None = None

    # The clock and the phase, walked from the first entry.

    def clock(self) -> dict[str, Any]:
        found: dict[str, Any] = {"phase": "scheduled", "opened": None, "closes": None, "latest": None}
        paused = self.last
        for at, what, data in self.log:
            if what == "opened":
                lasts = self.lasts()
                found["phase"], found["opened"] = "open", at
                found["closes"] = None if lasts is None else at + lasts
                extension = getattr(self.terms, "extension", None)
                found["latest"] = found["closes"] + extension.cap if extension else None
            elif what == "paused":
                found["phase"], paused = "paused", at
            elif what == "resumed":
                found["phase"] = "open"
                for name in ("opened", "closes", "latest"):
                    found[name] = None if found[name] is None else found[name] + (at - paused)
            elif what == "extended":
                for name in ("closes", "latest"):
                    found[name] = None if found[name] is None else found[name] + data
            elif what == "bid" and data["moved"] and found["latest"] is not None:
                extension = self.terms.extension
                if found["closes"] - at <= extension.window:
                    found["closes"] = max(found["closes"], min(at + extension.by, found["latest"]))
            elif what == "awaiting":
                found["phase"], found["closes"], found["latest"] = "awaiting", None if data is None else at + data, None
        if self.end is not None:
            found.update(phase=self.end[0], closes=None, latest=None)
        return found

    def lasts(self) -> timedelta | None:
        return self.terms.schedule.lasts

    def due(self, at: datetime) -> bool:
        clock = self.clock()
        return clock["phase"] != "paused" and clock["closes"] is not None and at >= clock["closes"]

    def qualified(self, bidder: str) -> bool:
        last = [what for _, what, data in self.log if what in ("admitted", "barred") and data == bidder]
        return last[-1:] == ["admitted"]

    def of(self, *kinds: str) -> list[Any]:
        return [data for _, what, data in self.log if what in kinds]

    # Commands.

    def submit(self, command: c.Command, now: datetime) -> str:
        """Return "taken", "nothing", or the code of the refusal."""
        if isinstance(command, c.PartyCommand):
            for earlier, answer in self.answers:
                if (earlier.bidder, earlier.key, earlier.sender) == (command.bidder, command.key, command.sender):
                    return answer if earlier == command else "key_reused"
        if self.end is not None and not (isinstance(command, c.Annul) and self.end[0] != "annulled"):
            return "nothing" if isinstance(command, c.Tick) else "ended"
        if self.last - now > TWO_SECONDS:
            return "clock_set_back"
        at = now if now > self.last else self.last
        before = self.events
        if isinstance(command, c.PartyCommand):
            answer = self._of_party(command, at)
            self.answers.append((command, answer))
            self.events += answer != "taken"
        else:
            answer = self._of_office(command, at)
        if self.events != before:
            self.last = at
        return answer

    def _of_party(self, command: c.PartyCommand, at: datetime) -> str:
        phase = self.clock()["phase"]
        if phase == "scheduled":
            return "not_open"
        if self.due(at):
            return "late"
        if phase == "paused":
            return "paused"
        if not self.qualified(command.bidder):
            return "not_qualified"
        return self.party(command, at, phase)

    def _of_office(self, command: c.Command, at: datetime) -> str:
        clock, opens = self.clock(), self.terms.schedule.opens
        phase = clock["phase"]
        match command:
            case c.Admit(bidder=bidder):
                return "already_qualified" if self.qualified(bidder) else self.note(at, "admitted", bidder)
            case c.Bar(bidder=bidder):
                return self.note(at, "barred", bidder) if self.qualified(bidder) else "not_qualified"
            case c.Tick():
                if phase == "scheduled" and opens is not None and opens <= at:
                    return self.note(at, "opened", None)
                return self.settle(at, phase) if self.due(at) else "nothing"
            case c.Open():
                if phase != "scheduled":
                    return "not_open"
                return "not_due" if opens is not None and at < opens else self.note(at, "opened", None)
            case c.Pause():
                if phase != "open":
                    return "paused" if phase == "paused" else "not_open"
                return "late" if self.due(at) else self.note(at, "paused", None)
            case c.Resume():
                return self.note(at, "resumed", None) if phase == "paused" else "not_paused"
            case c.Extend(by=by):
                if not self.extendable:
                    return "other_format"
                if clock["closes"] is None:
                    return "no_clock"
                return "late" if self.due(at) else self.note(at, "extended", by)
            case c.Close():
                if phase not in ("open", "awaiting"):
                    return "paused" if phase == "paused" else "not_open"
                early = clock["closes"] is not None and not self.due(at) and not self.complete(phase)
                return "not_due" if early else self.settle(at, phase)
            case c.Annul():
                self.end = ("annulled", "annulled")
                self.events += 1
                return "taken"
            case c.Confirm() | c.OpenBids():
                return "late" if self.due(at) else self.office(command, at, phase)
        return self.office(command, at, phase)

    def note(self, at: datetime, what: str, data: Any) -> str:
        self.log.append((at, what, data))
        self.events += 1
        return "taken"

    def sell(self, *awards: tuple[str, Decimal, int]) -> str:
        self.end = ("sold", list(awards))
        self.events += 1
        return "taken"

    def pass_in(self, reason: str) -> str:
        self.end = ("unsold", reason)
        self.events += 1
        return "taken"

    # What each form says for itself.

    def party(self, command: c.PartyCommand, at: datetime, phase: str) -> str:
        raise NotImplementedError

    def office(self, command: c.Command, at: datetime, phase: str) -> str:
        return "other_format"

    def settle(self, at: datetime, phase: str) -> str:
        raise NotImplementedError

    def complete(self, phase: str) -> bool:
        return False

    def standing(self) -> tuple[str | None, Decimal | None]:
        return None, None

    def floor(self) -> Decimal:
        return self.terms.reserve or self.terms.starting_price

    def taken(self, at: datetime, bidder: str, amount: Decimal, **more: Any) -> str:
        """Take a bid: note it, and whether it moved anything, and count the extension that it brought."""
        before, closes = self.standing(), self.clock()["closes"]
        entry = {"bidder": bidder, "amount": amount, "number": self.events + 1, "moved": False, **more}
        self.note(at, "bid", entry)
        entry["moved"] = self.standing() != before
        self.events += self.clock()["closes"] != closes
        return "taken"

    def view(self) -> dict[str, Any]:
        clock = self.clock()
        leader, price = self.standing()
        return {
            "phase": clock["phase"],
            "closes": clock["closes"],
            "leader": leader,
            "price": price,
            "end": None if self.end is None else self.end[1],
            "sequence": self.events,
            "bids": len(self.of("bid")),
            "bidders": len({data["bidder"] for data in self.of("bid")}),
        }
