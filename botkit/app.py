"""From a configuration to a running server: the only file that knows all the rooms."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from enum import StrEnum

from aiohttp import web

from botkit.config import EMBEDDED, POSTGRESQL, Config
from botkit.dialogue.channel import WEBCHAT, Channel
from botkit.dialogue.event import Event
from botkit.errors import ConfigError, Overloaded, SendError, StoreError, Unauthorized, Unreachable
from botkit.gateway.gateway import PREFIX, Gateway
from botkit.handing import Teams
from botkit.ledger import Figures, Subscription
from botkit.messaging.client import MessagingClient, clock_offset
from botkit.messaging.dialects import DIALECTS
from botkit.messaging.inbound import parse
from botkit.messaging.signature import HEADER, verify
from botkit.messaging.teams import teams_of
from botkit.metrics import Unmetered
from botkit.project import Project
from botkit.protocols import Meter
from botkit.runtime.bots import Bots, LiveBot
from botkit.runtime.clock import SystemClock
from botkit.runtime.routing import Routing
from botkit.runtime.runtime import Runtime
from botkit.runtime.world import Capacity, Delivery, World
from botkit.slots.readers import read_slot
from botkit.stores.configured import store_of
from botkit.web import health, metrics
from botkit.web.server import Server
from botkit.web.webhooks import PATH, Webhooks, token_digest

log = logging.getLogger(__name__)

_API_AGAIN = 3.0
"""Seconds between looks for an API that is out of reach when the server starts."""


class Role(StrEnum):
    """What a process does of the whole; several over one PostgreSQL may share it out."""

    ALL = "all"
    WEB = "web"
    """It accepts webhooks and answers none."""
    WORKER = "worker"
    """It answers and sends what others have accepted."""


class App:
    """Bots, runtime, web edge and, unless another API is configured, the gateway: one process, one port."""

    def __init__(
        self,
        config: Config,
        project: Project,
        role: Role = Role.ALL,
        meter: Meter | None = None,
        *,
        teams: Teams | None = None,
        is_patient: bool = False,
    ) -> None:
        """Wire everything; nothing is opened yet. One that is patient waits at its start for an API out of reach.

        `teams` are told in place of those of the configuration.

        Raises `ConfigError` for a role that needs PostgreSQL.
        """
        check_role(config, role)
        self._config = config
        self._project = project
        self._role = role
        self._is_patient = is_patient
        self._teams = teams
        self._dialect = DIALECTS[config.api.dialect]
        self._clock = SystemClock()
        self._follows_clock = False
        self._opened = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._subscriptions: dict[str, Subscription] = {}
        self._routes: dict[str, Sequence[str]] = {}
        self._channels: dict[str, Channel] = {}
        self._meter = meter or Unmetered()
        self._why_not_ready = "starting"
        self._refused: Subscription | None = None
        self.store = store_of(config)
        self.gateway = self._make_gateway() if config.api.url == EMBEDDED else None
        self._bots = Bots(project.live, self.store, self._revive)
        self._reloading = asyncio.Lock()
        self._routing: Routing
        self.runtime: Runtime
        self.url = ""

    def _revive(self, name: str, files: Mapping[str, str]) -> LiveBot | None:
        return self._project.revive(name, files)

    def _make_gateway(self) -> Gateway:
        return Gateway(
            self._config.store_path(self._config.gateway),
            self._clock,
            dialect=self._dialect.name,
            hosts=self._config.hosts,
            key=self._config.api.key.get_secret_value(),
            on_time=self._time_passed,
        )

    @property
    def channels(self) -> Mapping[str, Channel]:
        """The channels that are answered, by id; known once the app has started."""
        return self._channels

    def bots_of(self, channel: str) -> Sequence[str]:
        """The names of the bots that may answer on a channel."""
        return self._routes[channel]

    async def reload(self) -> Project:
        """Answer by the files as they are now, from the next turn on; a flow in hand goes on as it began.

        Raises `ConfigError` for what is wrong with them, and `StoreError`; then nothing changes.
        """
        async with self._reloading:
            project = await asyncio.to_thread(self._project.anew)
            await self._bots.use(project.live.values())
            if self.gateway:
                await self.gateway.declare([ready.bot for ready in project.bots.values()])
            self._project = project
            self._routes = {id: project.route(known.type, known.bot) for id, known in self._channels.items()}
            return project

    # ─── starting and stopping ───

    async def start(self) -> None:
        """Open everything, from the store to the port, subscribe the webhooks, and begin to answer.

        Raises `BotkitError`; whatever was opened is closed again then.
        """
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        await self.store.open()
        self._opened.push_async_callback(self.store.close)
        bots = [ready.bot for ready in self._project.bots.values()]
        if self.gateway:
            await self.gateway.open(bots)
            self._opened.push_async_callback(self.gateway.close)
        for ready in self._project.bots.values():
            self._opened.push_async_callback(ready.handlers.close)
            await ready.handlers.open()
        for model in self._project.models.values():
            self._opened.push_async_callback(model.close)
            self._tasks.append(asyncio.create_task(model.warm_up()))
        server = Server(self._config, self._web_routes())
        await server.start()
        self._opened.push_async_callback(server.stop)
        self.url = server.url
        await self._connect()

    async def _connect(self) -> None:
        """Use the Messaging API: learn its channels, subscribe to them, and begin to answer."""
        key = self.gateway.key if self.gateway else self._config.api.key.get_secret_value()
        api = self.url + PREFIX if self.gateway else self._config.api.url
        follow = None if self.gateway else self._follow
        client = MessagingClient(api, key, self._dialect, timeout=self._config.api.timeout, follow=follow)
        self._opened.push_async_callback(client.close)
        await self._bots.use(self._project.live.values())
        teams = teams_of(self._config, self._clock)
        self._opened.push_async_callback(teams.close)
        await self._subscribe(client, EMBEDDED if self.gateway else api)
        world = World(
            bots=self._bots,
            channels=self._channels,
            store=self.store,
            transport=client,
            clock=self._clock,
            meter=self._meter,
            delivery=delivery(self._config),
            capacity=Capacity(**self._config.capacity.model_dump()),
            teams=self._teams or teams,
        )
        self.runtime = Runtime(world, read_slot, retention=self._config.retention, works=self._role is not Role.WEB)
        self._routing = Routing(world)
        await self.runtime.open()
        if self.gateway:
            self._opened.push_async_callback(self.gateway.close_webchats)
        self._opened.push_async_callback(self.runtime.close)
        self._why_not_ready = ""

    async def stop(self) -> None:
        """Take no more, finish what is in hand, and close everything; the listener closes after the last send."""
        self._why_not_ready = "stopping"
        for task in self._tasks:
            task.cancel()
        await self._opened.aclose()

    async def settled(self) -> None:
        """Return when nothing is in hand and nothing is due, on both sides: for tests and commands."""
        while True:
            if self.gateway:
                await self.gateway.settled()
            await self.runtime.settled()
            if not self.gateway or self.gateway.is_idle:
                return

    # ─── the web ───

    def _web_routes(self) -> list[web.RouteDef]:
        webhooks = Webhooks(
            accept=self._accept,
            parse=parse,
            verify=self._verify if self._dialect.signed else None,
            before=self._follow_header,
            check_ready=self._check_ready,
        )
        routes = [
            *health.routes(self._find_why_not_ready),
            *metrics.routes(self._meter, self._figures, self._config.metrics.key.get_secret_value()),
            *(webhooks.routes(self._subscriptions) if self._role is not Role.WORKER else ()),
        ]
        return [*routes, *(self.gateway.routes() if self.gateway else ())]

    async def _figures(self) -> Figures:
        return await self.store.figures(self._clock.now())

    def _check_ready(self) -> None:
        if self._why_not_ready:
            raise Overloaded(f"The server is {self._why_not_ready}.")

    async def _accept(self, events: Sequence[Event], subscription: Subscription) -> int:
        self._check_ready()  # again, because its body may have been long on its way
        try:
            new = 0
            async for bot, taken in self._routing.routed(events, self._routes[subscription.channel.id]):
                new += await self.runtime.accept(taken, bot)
        except StoreError:
            self._refused = subscription
            raise
        if events:
            self._refused = None
        return new

    async def _find_why_not_ready(self) -> str:
        """Why no message can be taken now; a store that refused one is tried, for nobody else may try it meanwhile."""
        if self._refused and not self._why_not_ready:
            try:
                await self.store.remember_subscription(self._config.api.url, self._refused)
            except StoreError:
                return "the store refuses to write"
            self._refused = None
        return self._why_not_ready

    def _verify(self, secret: str, headers: Mapping[str, str], body: bytes) -> None:
        """Verify by the secret that the API made, or by the configured one, whichever it signs with."""
        configured = self._config.api.webhook_secret.get_secret_value()
        verify(
            [known for known in (secret, configured) if known],
            headers.get(HEADER, ""),
            body,
            now=self._clock.now(),
            max_age=self._config.api.signature_age,
        )

    # ─── the simulated clock of a gateway in another process ───

    def _follow_header(self, headers: Mapping[str, str]) -> None:
        if (offset := clock_offset(headers)) is not None:
            self._follow(offset)

    def _follow(self, offset: float) -> None:
        if self._follows_clock and offset != self._clock.offset:
            self._clock.follow(offset)
            self._time_passed()

    def _time_passed(self) -> None:
        if not self._why_not_ready:
            self.runtime.call()

    # ─── channels ───

    async def _subscribe(self, client: MessagingClient, api: str) -> None:
        """Subscribe to each channel that a bot answers; if the API is out of reach, go by what is remembered."""
        remembered = {item.channel.id: item for item in await self.store.subscriptions(api)}
        try:
            channels = await self._list_channels(client, waits=self._is_patient and not remembered)
        except Unauthorized as error:
            raise Unauthorized(f"{error} Check api.key, or MESSAGING_API_KEY.") from error
        except SendError as error:
            if not remembered:
                message = f"The Messaging API at {api} cannot be used: {error}"
                raise SendError(f"{message} Check api.url, and that it runs.") from error
            log.warning("api not reached; going by what is remembered", extra={"reason": str(error)})
            for subscription in remembered.values():
                self._admit(subscription)
            return
        self._follows_clock = (
            all(channel.simulated or channel.type == WEBCHAT for channel in channels) and not self.gateway
        )
        async with self.store.alone("subscribe"):  # who starts at the same moment would subscribe as well
            remembered = {item.channel.id: item for item in await self.store.subscriptions(api)}
            for channel in channels:
                if self._project.route(channel.type, channel.bot):
                    before = remembered.get(channel.id)
                    subscription = self._subscription(channel, before)
                    if self._role is not Role.WORKER:
                        subscription = await self._subscribed(client, api, subscription, before)
                    self._admit(subscription)
        self._warn_of_missing(channels)

    async def _subscribed(
        self, client: MessagingClient, api: str, wanted: Subscription, before: Subscription | None
    ) -> Subscription:
        """A webhook that the API calls, under the token on which all processes agree: the first that was remembered."""
        if before is None:
            agreed = await self.store.remember_subscription(api, replace(wanted, endpoint=""))
            wanted = self._subscription(wanted.channel, agreed)
        subscription = await client.subscribe(wanted, before)
        return await self.store.remember_subscription(api, subscription)

    async def _list_channels(self, client: MessagingClient, *, waits: bool) -> Sequence[Channel]:
        """The channels of the account; while the API is out of reach, wait for it or raise."""
        while True:
            try:
                return await client.channels()
            except Unreachable as error:
                if not waits:
                    raise
                facts = {"api": self._config.api.url, "reason": str(error), "seconds": _API_AGAIN}
                log.warning("api not reached; check api.url; trying again", extra=facts)
                await asyncio.sleep(_API_AGAIN)

    def _subscription(self, channel: Channel, before: Subscription | None) -> Subscription:
        token = before.token if before else secrets.token_urlsafe(32)
        base = (self._config.server.public_url if not self.gateway else "") or self.url
        secret = (before.secret if before else "") or self._config.api.webhook_secret.get_secret_value()
        return Subscription(channel, token, base.rstrip("/") + PATH + token, secret=secret)

    def _admit(self, subscription: Subscription) -> None:
        channel = subscription.channel
        if bots := self._project.route(channel.type, channel.bot):
            self._channels[channel.id] = channel
            self._routes[channel.id] = bots
            self._subscriptions[token_digest(subscription.token)] = subscription

    def _warn_of_missing(self, channels: Sequence[Channel]) -> None:
        present = {channel.type for channel in channels}
        for ready in self._project.bots.values():
            for missing in (name for name in ready.bot.channels if name not in present):
                log.warning("no such channel in the account", extra={"bot": ready.bot.name, "channel": missing})


def delivery(config: Config) -> Delivery:
    """How messages are sent, as the configuration says."""
    settings = config.delivery
    return Delivery(
        windows=settings.window.model_dump(),
        rates=settings.rates,
        pairs=settings.pairs,
        on_uncertain=settings.on_uncertain,
    )


def check_role(config: Config, role: Role) -> None:
    """Raise `ConfigError` for a part of the whole where the whole is one process."""
    if role is not Role.ALL and (config.store_kind != POSTGRESQL or config.api.url == EMBEDDED):
        message = f"The role {role.value!r} is for several processes over one PostgreSQL and a gateway of its own."
        raise ConfigError(f"{message} Set store: postgresql://… and api.url, or leave --role out (docs/scaling.md).")


def check_hosted(config: Config) -> None:
    """Raise `ConfigError` when another API is configured that could not reach this server."""
    if config.api.url != EMBEDDED and not config.server.public_url and not config.api.is_local:
        message = f"The Messaging API at {config.api.url} must reach this server, and server.public_url is not set."
        raise ConfigError(f"{message} Set it to the address of your tunnel or proxy (docs/hosted.md).")
