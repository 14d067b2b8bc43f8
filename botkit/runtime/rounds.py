"""Work that is done again and again: when somebody calls, when it asked for it itself, and once in a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

log = logging.getLogger(__name__)


class Rounds:
    """One task that does its work, then waits for a call, or for as long as the work said, but `every` at most."""

    def __init__(self, name: str, work: Callable[[], Awaitable[float | None]], every: float) -> None:
        """Name it; `work` gives the seconds after which it wants to be done again, or `None`. `every` is in seconds."""
        self._name = name
        self._work = work
        self._every = every
        self._called = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_waiting = False

    def start(self) -> None:
        """Begin with the first round."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    def call(self) -> None:
        """There may be something to do."""
        self._called.set()

    @property
    def is_idle(self) -> bool:
        """Whether the last round is over, and nobody has called since."""
        return self._is_waiting and not self._called.is_set()

    async def stop(self) -> None:
        """Stop, in the middle of a round if need be."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._called.clear()
            wanted: float | None = None
            try:
                wanted = await self._work()
            except Exception:  # such as a database that is away: the next round may find it again
                log.exception("round failed", extra={"rounds": self._name})
            self._is_waiting = True
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every if wanted is None else min(max(wanted, 0.0), self._every)):
                    await self._called.wait()
            self._is_waiting = False
