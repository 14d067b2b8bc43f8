"""Webhook calls: durable, retried, and for each subscription in order within a conversation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import aiohttp

from botkit.gateway.faults import Faults
from botkit.gateway.records import Database, Delivery, Records
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


class Deliveries:
    """Makes the webhook calls that wait in the records."""

    def __init__(self, records: Records, faults: Faults, switchboard: Switchboard, clock: SystemClock) -> None:
        """Take what it works with."""
        self._records = records
        self._faults = faults
        self._switchboard = switchboard
        self._clock = clock
        self._busy: set[tuple[str, str]] = set()
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

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            problem = await self._call(delivery)
            if not problem:
                await self._records.file.run(lambda database: self._done(database, delivery))
                if delivery.message:
                    status = {"type": "status", "id": delivery.message, "status": "delivered"}
                    self._switchboard.tell(delivery.conversation, status)
            elif self._clock.now() - delivery.created_at > GIVE_UP_AFTER:
                log.error("webhook given up", extra={"delivery": delivery.seq, "reason": problem})
                await self._records.file.run(lambda database: self._records.done(database, delivery))
            else:
                wait = backoff(delivery.attempts + 1)
                log.warning("webhook not taken", extra={"delivery": delivery.seq, "again_in": wait, "reason": problem})
                await self._records.postpone(delivery, self._clock.now() + wait)
        finally:
            self._busy.discard(delivery.queue)

    def _done(self, database: Database, delivery: Delivery) -> None:
        self._records.done(database, delivery)
        if delivery.message:
            self._records.set_status(database, delivery.message, "delivered")

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
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return str(error) or type(error).__name__
