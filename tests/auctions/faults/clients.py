"""Bidders over HTTP who keep a log: of all they sent, and of every answer they got."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from http.client import HTTPConnection, HTTPException
from typing import Any
from uuid import UUID

from tests.auctions.faults.servers import PATIENCE

_OVER = {"late", "ended", "not_open"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to a request: the sequence number where it was taken, else why not."""

    status: int
    code: str
    sequence: int | None = None

    @property
    def is_decision(self) -> bool:
        """Whether the bid was judged; what went wrong on the way is none."""
        return self.status in (200, 409)


@dataclass(slots=True)
class Sent:
    """A bid under its key, and all answers to it in the order in which they came."""

    paddle: str
    key: str
    amount: Decimal
    answers: list[Answer] = field(default_factory=list)

    @property
    def decision(self) -> Answer | None:
        """The first judgement of it."""
        return next((one for one in self.answers if one.is_decision), None)

    @property
    def is_accepted(self) -> bool:
        """Whether a server said that it was taken."""
        return self.decision is not None and self.decision.sequence is not None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a paddle and an API token."""

    paddle: str
    secret: str


class Crowd:
    """Bidders at one lot, each in a thread of its own, who outbid each other until told to stop.

    Whoever gets no answer, or one that is no judgement, sends the same bid under the same key again.

    Parameters
    ----------
    first
        The bid that the lot has been opened with.
    copies
        How often each bid is sent, however it is answered: at once in any order, the last after the next bid.
    """

    def __init__(
        self, lot: UUID, first: Sent, people: Sequence[Person], ports: Sequence[int], *, copies: int = 1
    ) -> None:
        self.lot, self.ports, self.copies = lot, tuple(ports), copies
        self.sent = [first]
        self._price = int(first.amount)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._deadline = 0.0
        self._threads = [threading.Thread(target=self._bid, args=(one,), daemon=True) for one in people]

    def __enter__(self) -> Crowd:
        self._deadline = time.monotonic() + 2 * PATIENCE
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Have everybody wait for the answer to the last bid, and send no other."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE)
            assert not thread.is_alive(), "a client waits for ever"

    @property
    def accepted(self) -> int:
        """How many bids are known to be taken."""
        with self._lock:
            return sum(one.is_accepted for one in self.sent)

    def has_taken(self, more: int = 30) -> Callable[[], bool]:
        """Return a condition: so many more bids than now are known to be taken, or the lot is over."""
        wanted = self.accepted + more
        return lambda: self.accepted >= wanted or self.is_over

    def has_failed(self, more: int = 50) -> Callable[[], bool]:
        """Return a condition: so many more answers than now are no judgement."""
        wanted = sum(self.failures.values()) + more
        return lambda: sum(self.failures.values()) >= wanted

    @property
    def failures(self) -> Counter[tuple[int, str]]:
        """Answers that are no judgement, by status and code."""
        with self._lock:
            answers = [answer for one in self.sent for answer in one.answers if not answer.is_decision]
        return Counter((answer.status, answer.code) for answer in answers)

    @property
    def is_over(self) -> bool:
        """Whether nobody bids any more."""
        return not any(thread.is_alive() for thread in self._threads)

    def _bid(self, person: Person) -> None:
        dice = random.Random(person.paddle)
        desk = _Desk(person, self.lot)
        late: list[Sent] = []
        number = 0
        while not self._stopping.is_set():
            number += 1
            sent = self._next(person, number, dice)
            batch = [sent, *late] if self.copies == 1 else [*[sent] * (self.copies - 1), *late]
            dice.shuffle(batch)
            self._send(desk, batch, dice)
            self._settle(desk, sent, dice)
            late = [] if self.copies == 1 else [sent]
            if sent.decision is not None and sent.decision.code in _OVER:
                break
        for one in late:
            self._send(desk, [one], dice)
        desk.close()

    def _next(self, person: Person, number: int, dice: random.Random) -> Sent:
        with self._lock:
            # Most outbid what is on its way already; some come too low.
            self._price += dice.randint(0, 2)
            sent = Sent(person.paddle, f"{person.paddle}-{number}", Decimal(self._price))
            self.sent.append(sent)
        return sent

    def _settle(self, desk: _Desk, sent: Sent, dice: random.Random) -> None:
        while sent.decision is None and time.monotonic() < self._deadline:
            # Not faster than a person could: a server that comes up again has other things to do.
            time.sleep(0.05)
            self._send(desk, [sent], dice)

    def _send(self, desk: _Desk, batch: Sequence[Sent], dice: random.Random) -> None:
        for sent, answer in desk.ask(batch, self.ports, dice):
            with self._lock:
                sent.answers.append(answer)


class _Desk:
    """One person's connections."""

    def __init__(self, person: Person, lot: UUID) -> None:
        self._path = f"/api/v1/lots/{lot}/bids"
        self._secret = person.secret
        self._lines: dict[tuple[int, int], HTTPConnection] = {}

    def ask(self, batch: Sequence[Sent], ports: Sequence[int], dice: random.Random) -> list[tuple[Sent, Answer]]:
        """Send bids at once, each over a line of its own, and return the answers that came."""
        asked = []
        for place, sent in enumerate(batch):
            line = (dice.choice(ports), place)
            with self._dropping(line) as connection:
                connection.request("POST", self._path, bid_body(sent.amount), bid_headers(self._secret, sent.key))
                asked.append((line, sent))
        dice.shuffle(asked)
        found = []
        for line, sent in asked:
            with self._dropping(line) as connection:
                response = connection.getresponse()
                found.append((sent, _answer(response.status, response.read())))
        return found

    def close(self) -> None:
        """Hang up."""
        for connection in self._lines.values():
            connection.close()

    @contextlib.contextmanager
    def _dropping(self, line: tuple[int, int]) -> Any:
        connection = self._lines.setdefault(line, HTTPConnection("127.0.0.1", line[0], timeout=PATIENCE))
        try:
            yield connection
        except (OSError, HTTPException):
            connection.close()
            self._lines.pop(line, None)


def _answer(status: int, body: bytes) -> Answer:
    try:
        told = json.loads(body)
    except ValueError:
        return Answer(status, f"unreadable: {body[:100]!r}")
    return Answer(status, told.get("code") or told["status"], told.get("sequence"))


def bid_body(amount: Decimal) -> bytes:
    """Return a bid as the API takes it."""
    return json.dumps({"amount": f"{amount:.2f}"}).encode()


def bid_headers(secret: str, key: str) -> dict[str, str]:
    """Return the headers of a bid."""
    return {"Authorization": f"Bearer {secret}", "Idempotency-Key": key, "Content-Type": "application/json"}


class HalfSent:
    """A bid of which the last byte is kept back."""

    def __init__(self, port: int, lot: UUID, person: Person, sent: Sent) -> None:
        body = bid_body(sent.amount)
        headers = bid_headers(person.secret, sent.key) | {"Host": "127.0.0.1", "Content-Length": str(len(body))}
        lines = [f"POST /api/v1/lots/{lot}/bids HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        self.sent = sent
        self._last = body[-1:]
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode() + body[:-1])

    def finish(self) -> None:
        """Send the rest, and note the answer."""
        self._socket.sendall(self._last)
        connection = HTTPConnection("127.0.0.1")
        connection.sock = self._socket
        response = connection.response_class(self._socket, method="POST")
        response.begin()
        self.sent.answers.append(_answer(response.status, response.read()))
        self._socket.close()


def never_finished(port: int) -> socket.socket:
    """Return a connection on which a request's headers have begun and go no further."""
    line = socket.create_connection(("127.0.0.1", port), PATIENCE)
    line.sendall(b"POST /api/v1/lots/ HTTP/1.1\r\nHost: 127.0.0.1\r\nIdempotency-")
    return line


def never_reading(port: int, lot: UUID) -> socket.socket:
    """Return a watcher who has asked for the stream of a lot and never reads it, with the smallest buffer there is."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    line.settimeout(PATIENCE)
    line.connect(("127.0.0.1", port))
    line.sendall(f"GET /live/lots/{lot}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return line
