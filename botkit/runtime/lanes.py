"""Work side by side, but never more than so much at once: the loop that turns and outbox share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from botkit.errors import StoreError

log = logging.getLogger(__name__)

Item = TypeVar("Item")

POLL = 1.0
"""Seconds after which the store is looked at again even if nobody called: another process may have put something in."""


class Lanes(Generic[Item]):
    """Takes items as lanes are free, works each in a task of its own, and waits for a call when there are none."""

    def __init__(
        self,
        name: str,
        width: int,
        take: Callable[[int], Awaitable[Sequence[Item]]],
        work: Callable[[Item], Coroutine[None, None, None]],
    ) -> None:
        """Name the lanes, their number, where items come from (so many at most), and what to do with one."""
        self._name = name
        self._width = width
        self._take = take
        self._work = work
        self._called = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False
        self._waiting = False

    def start(self) -> None:
        """Begin to take items."""
        self._loop = asyncio.create_task(self._run(), name=self._name)

    def call(self) -> None:
        """There may be something to take."""
        self._called.set()

    def call_in(self, seconds: float) -> None:
        """There will be something to take in so many seconds."""
        if seconds > 0:
            asyncio.get_running_loop().call_later(seconds, self.call)
        else:
            self.call()

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """Work on something, in a lane of its own; what was not taken here may go beyond the number of lanes."""
        task = asyncio.create_task(work, name=self._name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    @property
    def has_room(self) -> bool:
        """Whether a lane is free."""
        return len(self._tasks) < self._width

    @property
    def is_idle(self) -> bool:
        """Whether nothing is in hand, there was nothing to take at the last look, and nobody has called since."""
        return self._waiting and not self._tasks and not self._called.is_set()

    async def stop(self, grace: float) -> None:
        """Take nothing more, give what is in hand `grace` seconds, and cancel the rest: it stays in the store."""
        self._stopping = True
        self.call()
        if self._loop:
            await self._loop
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self) -> None:
        while not self._stopping:
            self._called.clear()
            free = max(0, self._width - len(self._tasks))
            items = await self._try_to_take(free) if free else []
            for item in items:
                self.begin(self._work(item))
            if not items or len(items) == free:
                await self._wait()

    async def _try_to_take(self, free: int) -> Sequence[Item]:
        try:
            return await self._take(free)
        except Exception:  # such as a row that cannot be read: the loop must not die of it
            log.exception("store failed", extra={"lanes": self._name})
            await asyncio.sleep(POLL)
            return []

    def _finished(self, task: asyncio.Task[None]) -> None:
        """Something may have waited for a free lane; whoever waits for just this work is called by the work itself.

        The item of work that failed stays in the store.
        """
        if not task.cancelled() and (error := task.exception()):
            log.error("work failed", exc_info=error, extra={"lanes": self._name})
        was_full = not self.has_room
        self._tasks.discard(task)
        if was_full:
            self.call()

    async def _wait(self) -> None:
        self._waiting = True
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                await self._called.wait()
        self._waiting = False


async def surely(attempt: Callable[[], Awaitable[None]]) -> None:
    """Have the store take something in hand back, however long it is away: the item would be stuck otherwise."""
    while True:
        try:
            return await attempt()
        except StoreError as error:
            log.warning("store away", extra={"reason": str(error)})
            await asyncio.sleep(POLL)
