"""Several people at once: real threads, each with its own connection to the database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

_PATIENCE = 20.0


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Run all actions at the same moment; return what each returned or raised, in their order."""
    gate = threading.Barrier(len(actions))
    outcomes: list[Any] = [None] * len(actions)

    def act(place: int, action: Callable[[], Any]) -> None:
        try:
            gate.wait(_PATIENCE)
            outcomes[place] = action()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=pair, daemon=True) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_PATIENCE)
        assert not thread.is_alive(), "an action waits for ever"
    return outcomes


class Meanwhile:
    """One action in a thread of its own that stops at `pause` until `go_on`, to meet others half way."""

    def __init__(self, action: Callable[[Callable[[], None]], Any]) -> None:
        self._paused, self._resumed = threading.Event(), threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(action,), daemon=True)

    def __enter__(self) -> Meanwhile:
        self._thread.start()
        assert self._paused.wait(_PATIENCE), "the action never came to its pause"
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on()

    def go_on(self) -> None:
        """Let the action finish, and wait until it has."""
        self._resumed.set()
        self._thread.join(_PATIENCE)
        assert not self._thread.is_alive(), "the action never ended"
        if self._error is not None:
            raise self._error

    def _pause(self) -> None:
        self._paused.set()
        assert self._resumed.wait(_PATIENCE), "nobody let the action go on"

    def _run(self, action: Callable[[Callable[[], None]], Any]) -> None:
        try:
            action(self._pause)
        except Exception as error:
            self._error = error
        finally:
            self._paused.set()
            connection.close()
