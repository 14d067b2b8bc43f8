"""The gateway as a whole, embedded in `botkit run` or as a process of its own."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from aiohttp import web

from botkit.dialogue.bot import Bot
from botkit.dialogue.channel import WHATSAPP
from botkit.dialogue.template import Template
from botkit.gateway.api import Api
from botkit.gateway.deliveries import Deliveries
from botkit.gateway.entries import StoredTemplate
from botkit.gateway.exchange import Exchange
from botkit.gateway.faults import Faults
from botkit.gateway.records import Records
from botkit.gateway.sandbox import Sandbox
from botkit.gateway.switchboard import Switchboard
from botkit.gateway.webchat import Webchat
from botkit.runtime.clock import SystemClock
from botkit.stores.ownership import Ownership

PREFIX = "/api"


class Gateway:
    """The Messaging API for the bots of a configuration: a web chat for each, and simulated phones for the rest."""

    def __init__(
        self,
        path: Path | None,
        clock: SystemClock,
        *,
        dialect: str = "guide",
        hosts: Collection[str] = (),
        key: str = "",
        on_time: Callable[[], None] = lambda: None,
    ) -> None:
        """Name the file (`None` for memory), the clock that a simulation may move, and the names of this server.

        `key` is accepted as the API key; without one, a key is made on the first run and kept in the file.
        """
        self._ownership = Ownership(path, "gateway")
        self._records = Records(path)
        self._clock = clock
        self._dialect = dialect
        self._hosts = hosts
        self._given_key = key
        self._on_time = on_time
        self._faults = Faults()
        self._switchboard = Switchboard()
        self._exchange = Exchange(self._records, self._switchboard, self._faults, clock, dialect)
        self._deliveries = Deliveries(self._records, self._faults, self._switchboard, clock)
        self._exchange.on_queued = self._deliveries.lanes.call
        self._webchat: Webchat | None = None
        self._bots: dict[str, str] = {}
        self.key = key
        """The API key; it is known once the gateway is open."""

    async def open(self, bots: Sequence[Bot]) -> None:
        """Open the file, make the channels that the bots name, and create and approve their declared templates.

        Raises `StoreError`, also when another gateway runs on the file: both would make its webhook calls.
        """
        self._ownership.take()
        try:
            await self._open(bots)
        except BaseException:
            await self._close_file()
            raise

    async def _open(self, bots: Sequence[Bot]) -> None:
        await self._records.file.open()
        self._clock.follow(float(await self._records.setting("clock_offset", "0.0")))
        self.key = self._given_key or await _key(self._records)
        await self.declare(bots)
        await self._deliveries.open()

    async def declare(self, bots: Sequence[Bot]) -> None:
        """Make the channels that the bots name, and create and approve their templates as they are declared now."""
        for bot in bots:
            for kind in bot.channels:
                await self._records.make_channel(kind, bot.name)
        self._bots = {bot.name: bot.scope for bot in bots if "webchat" in bot.channels}
        templates = {bot.name: bot.templates.values() for bot in bots}
        for channel in await self._records.channels():
            if channel.type == WHATSAPP:
                for template in templates.get(channel.bot, ()):
                    for language in template.parameters:
                        await self._records.put_template(channel.id, _approved(template, language), declared=True)

    def routes(self) -> list[web.RouteDef]:
        """All routes; the gateway must be open."""
        api = Api(self._records, self._exchange, self._faults, self._clock, self._dialect, self.key)
        sandbox = Sandbox(self._records, self._exchange, self._faults, self._clock, self._on_time)
        self._webchat = Webchat(self._records, self._exchange, self._switchboard, self._hosts, lambda: self._bots)
        return [*api.routes(PREFIX), *sandbox.routes(), *self._webchat.routes()]

    @property
    def is_idle(self) -> bool:
        """Whether no webhook call is in hand."""
        return self._deliveries.lanes.is_idle

    async def settled(self) -> None:
        """Return when no webhook call is in hand or due."""
        self._deliveries.lanes.call()
        await asyncio.sleep(0.01)
        while not self.is_idle:  # noqa: ASYNC110 (for tests and commands: nothing is worth an event here)
            await asyncio.sleep(0.01)

    async def close_webchats(self) -> None:
        """Close the visitors' sockets, so that the server can stop."""
        if self._webchat:
            await self._webchat.close()

    async def close(self, grace: float = 5.0) -> None:
        """Stop calling webhooks and close the file."""
        await self._deliveries.close(grace)
        await self._close_file()

    async def _close_file(self) -> None:
        await self._records.file.close()
        self._ownership.give_up()


async def stored_key(path: Path) -> str:
    """The key in a gateway's file, whether a gateway runs on it or not; it is made when there is none yet."""
    records = Records(path)
    await records.file.open()
    try:
        return await _key(records)
    finally:
        await records.file.close()


async def _key(records: Records) -> str:
    return await records.setting("key", f"botkit_{secrets.token_urlsafe(32)}")


def _approved(template: Template, language: str) -> StoredTemplate:
    """A declared template as the platform would have approved it; without its wording, the blanks stand alone."""
    blanks = " ".join(f"{{{{{number}}}}}" for number in range(1, len(template.parameters[language]) + 1))
    words = template.body.get(language) or f"[{template.name}] {blanks}".strip()
    return StoredTemplate(
        template.name, language, template.category.upper(), [{"type": "BODY", "text": words}], "APPROVED"
    )
