"""A mail server of the test's own, spoken to over a real connection: it keeps what it is sent."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """Where the server listens, whom it refuses, and what arrived."""

    port: int = 0
    refused: set[str] = field(default_factory=set)
    letters: list[EmailMessage] = field(default_factory=list)


class _Conversation(socketserver.StreamRequestHandler):
    """The part of RFC 5321 that a sender needs."""

    server: _Server

    def handle(self) -> None:
        """Answer one sender until it says good-bye."""
        self._say("220 ready")
        for line in self.rfile:
            words = line.decode().strip()
            match words.upper().split(":")[0].split(" ")[0]:
                case "RCPT" if any(address in words for address in self.server.mailbox.refused):
                    self._say("550 no such mailbox")
                case "DATA":
                    self._say("354 go on")
                    self._receive()
                case "QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 fine")

    def _receive(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.server.mailbox.letters.append(letter)
        self._say("250 taken")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        super().__init__(("127.0.0.1", 0), _Conversation)


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Listen on a free port until the block ends."""
    mailbox = Mailbox()
    with _Server(mailbox) as server:
        mailbox.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            thread.join()
