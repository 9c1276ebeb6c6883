"""The naive lot of each form of sale."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from tests.auctions.core.reference import NaiveLot
from yunlang.auctions.core import commands as c


def one_plain(command: c.PlaceBid) -> str | None:
    if command.proxy:
        return "other_format"
    return "quantity_impossible" if command.quantity > 1 else None


class NaiveEnglish(NaiveLot):
    def up(self, price: Decimal) -> Decimal:
        return price + [rung.step for rung in self.terms.ladder if rung.start <= price][-1]

    def caps(self) -> list[tuple[Decimal, int, str]]:
        """Return each bidder's highest amount and when it was first reached, the leader's first."""
        found: dict[str, tuple[Decimal, int]] = {}
        for place, bid in enumerate(self.of("bid")):
            if bid["bidder"] not in found or bid["amount"] > found[bid["bidder"]][0]:
                found[bid["bidder"]] = (bid["amount"], place)
        return sorted(((amount, place, who) for who, (amount, place) in found.items()), key=lambda x: (-x[0], x[1]))

    def standing(self) -> tuple[str | None, Decimal | None]:
        caps = self.caps()
        if not caps:
            return None, None
        highest, _, leader = caps[0]
        prices = [self.terms.starting_price, *(bid["amount"] for bid in self.of("bid") if not bid["proxy"])]
        if len(caps) > 1:
            prices.append(min(highest, self.up(caps[1][0])))
        if self.terms.reserve is not None and highest >= self.terms.reserve:
            prices.append(self.terms.reserve)
        return leader, max(prices)

    def party(self, command: c.PartyCommand, at: datetime, phase: str) -> str:
        if isinstance(command, c.RetractBid):
            return "not_retractable"
        if not isinstance(command, c.PlaceBid):
            return "other_format"
        if command.quantity > 1:
            return "quantity_impossible"
        leader, price = self.standing()
        if leader is None or price is None:
            if command.amount < self.terms.starting_price:
                return "too_low"
        elif leader == command.bidder:
            if not command.proxy or command.amount <= self.caps()[0][0]:
                return "own_leading_bid"
        elif command.amount <= price:
            return "too_low"
        elif command.amount < self.up(price):
            return "below_increment"
        return self.taken(at, command.bidder, command.amount, proxy=command.proxy)

    def settle(self, at: datetime, phase: str) -> str:
        leader, price = self.standing()
        if leader is None or price is None:
            return self.pass_in("no_bids")
        return self.sell((leader, price, 1)) if price >= self.floor() else self.pass_in("reserve_not_met")


class NaiveSingleQuote(NaiveLot):
    def quotes(self) -> dict[str, Decimal]:
        return {bid["bidder"]: bid["amount"] for bid in self.of("bid")}

    def party(self, command: c.PartyCommand, at: datetime, phase: str) -> str:
        if isinstance(command, c.RetractBid):
            return "not_retractable"
        if not isinstance(command, c.PlaceBid):
            return "other_format"
        wrong = one_plain(command)
        if wrong:
            return wrong
        if phase == "awaiting" and command.bidder not in self.quotes():
            return "late"
        least = self.quotes().get(command.bidder, self.terms.starting_price - Decimal("0.01"))
        return self.taken(at, command.bidder, command.amount) if command.amount > least else "too_low"

    def office(self, command: c.Command, at: datetime, phase: str) -> str:
        if not isinstance(command, c.Confirm):
            return "other_format"
        if phase != "awaiting":
            return "not_due"
        ((bidder, amount),) = self.quotes().items()
        return self.sell((bidder, amount, 1)) if amount >= self.floor() else "below_reserve"

    def settle(self, at: datetime, phase: str) -> str:
        quotes = self.quotes()
        if phase == "awaiting":
            return self.pass_in("not_confirmed" if min(quotes.values()) >= self.floor() else "reserve_not_met")
        if len(quotes) == 1:
            return self.note(at, "awaiting", self.terms.confirm_within)
        return self.pass_in("several_quotes" if quotes else "no_bids")


class NaiveNegotiated(NaiveLot):
    def latest(self, bidder: str) -> dict[str, Any] | None:
        """Return what stands between a bidder and the seller, unless it was withdrawn."""
        entries = [data for data in self.of("bid", "withdrawn") if data["bidder"] == bidder]
        return entries[-1] if entries and "amount" in entries[-1] else None

    def party(self, command: c.PartyCommand, at: datetime, phase: str) -> str:
        standing = self.latest(command.bidder)
        match command:
            case c.Propose(side=side, amount=amount):
                if standing is None and side == "seller":
                    return "nothing_there"
                return self.taken(at, command.bidder, amount, side=side)
            case c.WithdrawProposal(side=side):
                if standing is None or standing["side"] != side:
                    return "nothing_there"
                return self.note(at, "withdrawn", {"bidder": command.bidder})
            case c.AcceptProposal(side=side, proposal=number):
                if standing is None:
                    return "nothing_there"
                if standing["number"] != number:
                    return "proposal_changed"
                if standing["side"] == side:
                    return "own_proposal"
                if self.terms.reserve is not None and standing["amount"] < self.terms.reserve:
                    return "below_reserve"
                return self.sell((command.bidder, standing["amount"], 1))
        return "other_format"

    def settle(self, at: datetime, phase: str) -> str:
        return self.pass_in("no_agreement" if self.of("bid") else "no_bids")


class NaiveSealed(NaiveLot):
    def seals(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for data in self.of("bid", "retracted"):
            found.pop(data["bidder"], None)
            if "commitment" in data:
                found[data["bidder"]] = data
        return found

    def hash(self, bidder: str, amount: Decimal, nonce: str) -> str:
        text = f'{{"amount":"{amount}","bidder":"{bidder}","lot":"{self.lot}","nonce":"{nonce}"}}'
        return sha256(text.encode()).hexdigest()

    def party(self, command: c.PartyCommand, at: datetime, phase: str) -> str:
        seal = self.seals().get(command.bidder)
        encrypted = self.terms.cover == "encrypted"
        match command:
            case c.SealBid() | c.RetractBid() if phase == "awaiting":
                return "late"
            case c.SealBid(commitment=commitment, ciphertext=ciphertext):
                if (ciphertext != "") != encrypted:
                    return "other_format"
                return self.taken(at, command.bidder, Decimal(0), commitment=commitment)
            case c.RetractBid(bid=number):
                if seal is None or (number is not None and number != seal["number"]):
                    return "nothing_there"
                return self.note(at, "retracted", {"bidder": command.bidder})
            case c.RevealBid(amount=amount, nonce=nonce) if not encrypted:
                if phase != "awaiting":
                    return "sealed_still"
                if seal is None or command.bidder in [who for who, _ in self.of("revealed")]:
                    return "nothing_there"
                if seal["commitment"] != self.hash(command.bidder, amount, nonce):
                    return "commitment_mismatch"
                return self.note(at, "revealed", (command.bidder, amount))
        return "other_format"

    def office(self, command: c.Command, at: datetime, phase: str) -> str:
        if not isinstance(command, c.OpenBids) or self.terms.cover != "encrypted":
            return "other_format"
        if phase != "awaiting":
            return "sealed_still"
        seals = self.seals()
        if len(command.openings) != len(seals) or {one.bidder for one in command.openings} != set(seals):
            return "openings_incomplete"
        readable = [one for one in command.openings if one.amount is not None and one.nonce is not None]
        for one in readable:
            if seals[one.bidder]["commitment"] != self.hash(one.bidder, one.amount, one.nonce):
                return "commitment_mismatch"
        self.log += [(at, "revealed", (one.bidder, one.amount)) for one in readable]
        self.events += len(command.openings)
        return self.settle(at, phase)

    def settle(self, at: datetime, phase: str) -> str:
        seals, shown = self.seals(), self.of("revealed")
        if phase != "awaiting":
            return self.note(at, "awaiting", self.terms.reveal_within) if seals else self.pass_in("no_bids")
        if not shown:
            return self.pass_in("nothing_opened")
        amounts = sorted(amount for _, amount in shown)
        if amounts[-1] < self.floor():
            return self.pass_in("reserve_not_met")
        winner = min((seals[who]["number"], who) for who, amount in shown if amount == amounts[-1])[1]
        second = max([self.floor(), *amounts[:-1][-1:]])
        return self.sell((winner, amounts[-1] if self.terms.pays == "first" else second, 1))

    def complete(self, phase: str) -> bool:
        return phase == "awaiting" and len(self.of("revealed")) == len(self.seals())


class NaiveDutch(NaiveLot):
    extendable = False

    def prices(self) -> list[Decimal]:
        found = [self.terms.starting_price]
        while found[-1] > self.terms.floor:
            found.append(max(self.terms.floor, found[-1] - self.terms.step))
        return found

    def lasts(self) -> Any:
        return self.terms.interval * len(self.prices())

    def party(self, command: c.PartyCommand, at: datetime, phase: str) -> str:
        if isinstance(command, c.RetractBid):
            return "not_retractable"
        if not isinstance(command, c.PlaceBid):
            return "other_format"
        wrong = one_plain(command)
        if wrong:
            return wrong
        price = self.prices()[(at - self.clock()["opened"]) // self.terms.interval]
        if command.amount < price:
            return "too_low"
        self.taken(at, command.bidder, command.amount)
        return self.sell((command.bidder, price, 1))

    def settle(self, at: datetime, phase: str) -> str:
        return self.pass_in("no_bids")


class NaiveReverse(NaiveLot):
    def offers(self) -> dict[str, dict[str, Any]]:
        return {bid["bidder"]: bid for bid in self.of("bid")}

    def points(self, bidder: str) -> dict[str, Decimal]:
        return {criterion: points for who, criterion, points in self.of("scored") if who == bidder}

    def best(self) -> dict[str, Any] | None:
        offers = list(self.offers().values())
        if not offers:
            return None
        lowest = min(offer["amount"] for offer in offers)

        def rank(offer: dict[str, Any]) -> Any:
            exact = Fraction(lowest) * 100 / Fraction(offer["amount"])
            rounded = Fraction((Decimal(int(exact * 1000)) / 1000).quantize(Decimal("0.01"), ROUND_HALF_UP))
            total = Fraction(self.terms.price_weight) * rounded
            for one in self.terms.criteria:
                total += Fraction(one.weight) * Fraction(self.points(offer["bidder"])[one.code])
            return -total, offer["amount"], offer["number"]

        return min(offers, key=rank)

    def standing(self) -> tuple[str | None, Decimal | None]:
        best = self.best()
        return (None, None) if best is None else (best["bidder"], best["amount"])

    def party(self, command: c.PartyCommand, at: datetime, phase: str) -> str:
        if isinstance(command, c.RetractBid):
            return "not_retractable"
        if not isinstance(command, c.PlaceBid):
            return "other_format"
        wrong = one_plain(command)
        if wrong:
            return wrong
        if set(self.points(command.bidder)) != {one.code for one in self.terms.criteria}:
            return "not_scored"
        if command.amount > self.terms.ceiling:
            return "above_ceiling"
        own = self.offers().get(command.bidder)
        if own is not None and command.amount + self.terms.decrement > own["amount"]:
            return "not_lower"
        return self.taken(at, command.bidder, command.amount)

    def office(self, command: c.Command, at: datetime, phase: str) -> str:
        if not isinstance(command, c.Score):
            return "other_format"
        if phase != "scheduled":
            return "scores_fixed"
        if not self.qualified(command.bidder):
            return "not_qualified"
        if command.criterion not in [one.code for one in self.terms.criteria] or not 0 <= command.points <= 100:
            return "unknown_criterion"
        return self.note(at, "scored", (command.bidder, command.criterion, command.points))

    def settle(self, at: datetime, phase: str) -> str:
        best = self.best()
        return self.pass_in("no_bids") if best is None else self.sell((best["bidder"], best["amount"], 1))


class NaiveUniformPrice(NaiveLot):
    def bids(self) -> list[dict[str, Any]]:
        gone = self.of("retracted")
        return [bid for bid in self.of("bid") if bid["number"] not in gone]

    def party(self, command: c.PartyCommand, at: datetime, phase: str) -> str:
        match command:
            case c.RetractBid(bid=number):
                own = [bid for bid in self.bids() if bid["bidder"] == command.bidder and bid["number"] == number]
                return self.note(at, "retracted", number) if own else "nothing_there"
            case c.PlaceBid(proxy=False):
                if command.quantity > self.terms.units:
                    return "quantity_impossible"
                if command.amount < self.terms.starting_price:
                    return "too_low"
                return self.taken(at, command.bidder, command.amount, quantity=command.quantity)
        return "other_format"

    def settle(self, at: datetime, phase: str) -> str:
        """Sell unit by unit: write every bid once for each unit it asks for, and take the best."""
        bids = self.bids()
        if not bids:
            return self.pass_in("no_bids")
        asked = [(-bid["amount"], bid["number"], bid["bidder"]) for bid in bids for _ in range(bid["quantity"])]
        wanted = sorted(one for one in asked if -one[0] >= self.floor())
        served, refused = wanted[: self.terms.units], wanted[self.terms.units :]
        if not served:
            return self.pass_in("reserve_not_met")
        price = -served[-1][0]
        if self.terms.clears_at == "highest_rejected":
            price = -refused[0][0] if refused else self.floor()
        winners = list(dict.fromkeys(who for _, _, who in served))
        return self.sell(*((who, price, sum(one[2] == who for one in served)) for who in winners))


NAIVE: dict[str, type[NaiveLot]] = {
    "single_quote": NaiveSingleQuote,
    "negotiated": NaiveNegotiated,
    "english": NaiveEnglish,
    "sealed": NaiveSealed,
    "dutch": NaiveDutch,
    "reverse": NaiveReverse,
    "uniform_price": NaiveUniformPrice,
}
