"""The bell: hears that another process has put something in, on a connection of its own that finds its way back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from botkit.stores.postgres_link import PostgresLink, is_lost

if TYPE_CHECKING:
    from asyncpg import Connection

log = logging.getLogger(__name__)

TOPIC = "botkit"
_PAUSE = 1.0
BETWEEN = 0.05
"""Seconds between two calls: every commit of every process rings, and each call is a look or three at the database."""


class PostgresBell:
    """Calls when another process has changed something; help, not a promise."""

    def __init__(self, link: PostgresLink, me: str) -> None:
        """Take the way to the database, and the name by which our own changes are known."""
        self._link = link
        self._me = me
        self._changed: Callable[[], None] | None = None
        self._listening: asyncio.Task[None] | None = None
        self._is_open = False
        self._called_at = 0.0
        self._to_call: asyncio.TimerHandle | None = None

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` from now on."""
        self._changed = changed
        self._listen()

    def open(self) -> None:
        """Begin to listen, if anybody wants to know."""
        self._is_open = True
        self._listen()

    async def close(self) -> None:
        """Listen no more."""
        self._is_open = False
        if self._to_call:
            self._to_call.cancel()
        listening, self._listening = self._listening, None
        if listening:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    def _listen(self) -> None:
        if self._is_open and self._changed and self._listening is None:
            self._listening = asyncio.create_task(self._serve(), name="postgres bell")

    async def _serve(self) -> None:
        while True:
            try:
                await self._hear()
            except Exception as error:
                if not is_lost(error):
                    raise
                log.debug("the database is away", extra={"reason": str(error)})
            await asyncio.sleep(_PAUSE)

    async def _hear(self) -> None:
        """Listen until the connection is lost; what rang while nobody listened is made up for."""
        connection, lost = await self._link.connect(), asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(TOPIC, self._ring)
            self._call()
            await lost.wait()
        finally:
            connection.terminate()

    def _ring(self, connection: Connection, process: int, topic: str, who: object) -> None:
        """Call at once, or as soon as it may be again."""
        if who == self._me or self._to_call:
            return
        loop = asyncio.get_running_loop()
        if (wait := self._called_at + BETWEEN - loop.time()) > 0:
            self._to_call = loop.call_later(wait, self._call)
        else:
            self._call()

    def _call(self) -> None:
        self._to_call, self._called_at = None, asyncio.get_running_loop().time()
        if self._changed:
            self._changed()
