"""Contacts who write at a pace, in bursts and one by one, while other things happen."""

from __future__ import annotations

import random
import threading
import time
from types import TracebackType
from typing import Any, Self

from tests.acceptance.verdict import Written
from tests.processes import call

_BURST = 3
"""Messages that a contact writes at once, at most."""
_CROWD = 5
"""Contacts who write at once, at most."""


class Crowd:
    """Writes so many messages in so many seconds, each of which names itself, in a thread of its own."""

    def __init__(self, gateway: str, *, messages: int, contacts: int, seconds: float, seed: int) -> None:
        """Name the gateway's URL and how much is written."""
        self._inbound = f"{gateway}/_sandbox/inbound"
        self._messages = messages
        self._contacts = contacts
        self._seconds = seconds
        self._dice = random.Random(f"crowd {seed}")
        self._thread = threading.Thread(target=self._write_all, daemon=True)
        self._tired = threading.Event()
        self._calls = 0
        self.written: dict[str, Written] = {}
        """Each message that the gateway has taken."""

    @property
    def is_done(self) -> bool:
        """Whether everything is written."""
        return not self._thread.is_alive()

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End, even if there was more to write."""
        self._tired.set()
        self._thread.join()

    def _write_all(self) -> None:
        began = time.monotonic()
        while len(self.written) < self._messages and not self._tired.is_set():
            self._write_some()
            ahead = len(self.written) / self._messages * self._seconds - (time.monotonic() - began)
            self._tired.wait(max(0.0, ahead))

    def _write_some(self) -> None:
        """A contact, or several at once, write a message or several; what is written at once is one call."""
        phones = self._dice.sample(range(self._contacts), self._dice.randint(1, min(_CROWD, self._contacts)))
        authors = [phone for phone in phones for _ in range(self._dice.randint(1, _BURST))]
        names = [f"m{len(self.written) + 1 + index}" for index in range(len(authors))]
        orders = [_order(name, phone) for name, phone in zip(names, authors, strict=True)][: self._left]
        body: Any = orders if len(orders) > 1 else orders[0]
        received = call(self._inbound, body)["received"]
        self._calls += 1
        self.written |= {
            name: Written(taken["conversation"], self._calls) for name, taken in zip(names, received, strict=False)
        }

    @property
    def _left(self) -> int:
        return self._messages - len(self.written)


def _order(name: str, phone: int) -> dict[str, str]:
    return {"channel": "chaos/whatsapp", "from": f"+34600{phone:06}", "text": name, "name": f"Ana {phone}"}
