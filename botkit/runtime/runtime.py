"""The runtime as a whole: events go in, replies leave."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from botkit.dialogue.event import Event, MessageAnnounced, MessageReceived, OperatorSaid
from botkit.dialogue.plan import ReadSlot
from botkit.errors import Overloaded
from botkit.ledger import Arrival
from botkit.runtime.outbox import Outbox
from botkit.runtime.turns import Turns
from botkit.runtime.world import World

log = logging.getLogger(__name__)


class Runtime:
    """Inbox, turns and outbox of one process over one store."""

    def __init__(
        self,
        world: World,
        read: ReadSlot,
        *,
        windows: Mapping[str, float],
        thinking: int = 32,
        sending: int = 32,
        pending: int = 10_000,
    ) -> None:
        """`windows` are in seconds by type of channel; the rest bounds how much may happen or wait at once."""
        self._world = world
        self._limit = pending
        self._pending = 0
        self._is_open = False
        self._turns = Turns(world, read, thinking, self._answered)
        self._outbox = Outbox(world, windows, sending)

    async def open(self) -> None:
        """Begin with what waits in the store, which must be open."""
        self._pending = await self._world.store.waiting()
        await self._outbox.open()
        self._turns.lanes.start()
        self._outbox.lanes.start()
        self._is_open = True

    async def close(self, grace: float = 10.0) -> None:
        """Accept nothing more, and let turns and sends in hand finish within `grace` seconds each."""
        self._is_open = False
        await self._turns.lanes.stop(grace)
        await self._outbox.lanes.stop(grace)

    async def accept(self, events: Sequence[Event], bot: str) -> int:
        """Put events into the inbox, for a bot; when this returns they are durable. Tells how many were new.

        Raises `Overloaded` when too many wait already, or when the runtime is closing.
        """
        if not self._is_open:
            raise Overloaded("The server is stopping or not ready yet.")
        questions = [isinstance(event, MessageReceived | MessageAnnounced | OperatorSaid) for event in events]
        if any(questions) and self._pending + sum(questions) > self._limit:
            raise Overloaded(f"{self._pending} events wait already.")
        self._pending += sum(questions)
        now = self._world.clock.now()
        new: Sequence[bool] = [False] * len(events)
        try:
            new = await self._world.store.accept([Arrival(event, bot, now) for event in events])
        finally:
            self._pending -= sum(question and not is_new for question, is_new in zip(questions, new, strict=True))
        if any(new):
            self._turns.lanes.call()
        return sum(new)

    def call(self) -> None:
        """Look into the store: time has passed, or somebody has put something in."""
        self._turns.lanes.call()
        self._outbox.lanes.call()

    async def settled(self) -> None:
        """Return when nothing is in hand and nothing is due: for tests and commands, not for servers."""
        while True:
            self.call()
            await asyncio.sleep(0.01)
            if self._turns.lanes.is_idle and self._outbox.lanes.is_idle:
                return

    def _answered(self, events: int) -> None:
        self._pending = max(0, self._pending - events)
        self._outbox.lanes.call()
