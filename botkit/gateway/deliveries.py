"""Webhook calls: durable, retried, and for each subscription in order within a conversation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import aiohttp

from botkit.gateway.entries import Delivery
from botkit.gateway.faults import Faults
from botkit.gateway.records import Database, Records
from botkit.gateway.switchboard import Switchboard
from botkit.messaging.client import CLOCK_HEADER
from botkit.messaging.signature import HEADER, sign
from botkit.runtime.backoff import backoff
from botkit.runtime.clock import SystemClock
from botkit.runtime.lanes import Lanes

log = logging.getLogger(__name__)

TIMEOUT = 10.0
GIVE_UP_AFTER = 7 * 86400.0
"""Seconds: as long as Meta tries (WhatsApp webhooks)."""

_WIDTH = 32
_IN_A_ROW = 16
"""Calls of one conversation that a lane makes before others have their turn."""


class Deliveries:
    """Makes the webhook calls that wait in the records."""

    def __init__(self, records: Records, faults: Faults, switchboard: Switchboard, clock: SystemClock) -> None:
        """Take what it works with."""
        self._records = records
        self._faults = faults
        self._switchboard = switchboard
        self._clock = clock
        self._busy: set[tuple[str, str]] = set()
        self._overtaken: set[int] = set()
        self._session: aiohttp.ClientSession | None = None
        self.lanes = Lanes("deliveries", _WIDTH, self._due, self._deliver)

    async def open(self) -> None:
        """Begin to call."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        self.lanes.start()

    async def close(self, grace: float) -> None:
        """Let the calls in hand finish; the others stay recorded."""
        await self.lanes.stop(grace)
        if self._session:
            await self._session.close()

    async def _due(self, free: int) -> Sequence[Delivery]:
        due = await self._records.due(free + len(self._busy), self._clock.now())
        chosen = [delivery for delivery in due if delivery.queue not in self._busy][:free]
        self._busy.update(delivery.queue for delivery in chosen)
        return chosen

    async def _deliver(self, first: Delivery) -> None:
        """Make a call, and some of those that wait behind it."""
        delivery: Delivery | None = first
        try:
            for _ in range(_IN_A_ROW):
                if delivery:
                    delivery = await self._deliver_one(await self._perhaps_another(delivery))
        finally:
            self._busy.discard(first.queue)
            self.lanes.call()

    async def _deliver_one(self, delivery: Delivery) -> Delivery | None:
        """Make a call; the next one of its queue, if it was taken."""
        problem = await self._call(delivery)
        if not problem:
            following = await self._records.file.run(lambda database: self._done(database, delivery))
            if delivery.message:
                status = {"type": "status", "id": delivery.message, "status": "delivered"}
                self._switchboard.tell(delivery.conversation, status)
            return following
        if self._clock.now() - delivery.created_at > GIVE_UP_AFTER:
            log.error("webhook given up", extra={"delivery": delivery.seq, "reason": problem})
            await self._records.file.run(lambda database: self._records.done(database, delivery))
        else:
            wait = backoff(delivery.attempts + 1, delivery.seq)
            log.warning("webhook not taken", extra={"delivery": delivery.seq, "again_in": wait, "reason": problem})
            await self._records.postpone(delivery, self._clock.now() + wait)
        return None

    def _done(self, database: Database, delivery: Delivery) -> Delivery | None:
        """A call was taken; the next one of its queue, if that is due."""
        self._records.done(database, delivery)
        if delivery.message:
            self._records.set_status(database, delivery.message, "delivered")
        return next((one for one in self._records.waiting(database, delivery.queue)[:1] if self._is_due(one)), None)

    def _is_due(self, delivery: Delivery) -> bool:
        return delivery.due_at <= self._clock.now()

    async def _perhaps_another(self, delivery: Delivery) -> Delivery:
        """The call, or the one behind it if a fault wants that; nobody is overtaken twice."""
        if not self._faults.stands("reorder") or delivery.seq in self._overtaken:
            self._overtaken.discard(delivery.seq)
            return delivery
        waiting = await self._records.file.run(lambda database: self._records.waiting(database, delivery.queue))
        behind = [one for one in waiting if one.seq > delivery.seq and self._is_due(one)]
        if behind and self._faults.take("reorder", delivery.conversation):
            self._overtaken.add(delivery.seq)
            return behind[0]
        return delivery

    async def _call(self, delivery: Delivery) -> str:
        """Make the call, five times over if a fault wants it; what is wrong, or nothing."""
        times = 5 if self._faults.take("duplicate", delivery.conversation) else 1
        problems = await asyncio.gather(*(self._post(delivery) for _ in range(times)))
        return next((problem for problem in problems if problem), "")

    async def _post(self, delivery: Delivery) -> str:
        assert self._session is not None  # noqa: S101 (it is open)
        headers = {"Content-Type": "application/json", CLOCK_HEADER: str(self._clock.offset)}
        if delivery.secret:
            headers[HEADER] = sign(delivery.secret, delivery.body, self._clock.now())
        try:
            async with self._session.post(
                delivery.endpoint, data=delivery.body, headers=headers, allow_redirects=False
            ) as response:
                return "" if 200 <= response.status < 300 else f"status {response.status}"  # noqa: PLR2004
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return type(error).__name__  # its words hold the endpoint, and that a token
