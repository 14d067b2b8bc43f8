"""The gateway as a server of its own: for several `botkit run`, or to try them against it."""

from __future__ import annotations

from contextlib import AsyncExitStack

from botkit.config import Config
from botkit.gateway.gateway import Gateway
from botkit.project import Project
from botkit.runtime.clock import SystemClock
from botkit.web import health
from botkit.web.server import Server


class GatewayApp:
    """The gateway as a process of its own."""

    def __init__(self, config: Config, project: Project) -> None:
        """Wire it; nothing is opened yet."""
        self._config = config
        self._project = project
        self._opened = AsyncExitStack()
        key = config.api.key.get_secret_value()
        path = config.store_path(config.gateway)
        self.gateway = Gateway(path, SystemClock(), dialect=config.api.dialect, hosts=config.hosts, key=key)
        self.url = ""

    async def start(self) -> None:
        """Open the file and listen. Raises `BotkitError`."""
        try:
            await self.gateway.open([ready.bot for ready in self._project.bots.values()])
            self._opened.push_async_callback(self.gateway.close)
            server = Server(self._config, [*health.routes(), *self.gateway.routes()])
            await server.start()
            self._opened.push_async_callback(server.stop)
            self._opened.push_async_callback(self.gateway.close_webchats)
            self.url = server.url
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop listening and close the file."""
        await self._opened.aclose()
