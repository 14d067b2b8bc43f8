"""An address that is listened on."""

from __future__ import annotations

import errno
from collections.abc import Sequence

from aiohttp import web

from botkit.config import Config
from botkit.errors import ConfigError
from botkit.web.edge import MAX_BODY, explain_errors, log_requests

_SHUTDOWN = 2.0
IDLE = 30.0
"""Seconds in which a connection must have asked something, with all its headers."""


class Server:
    """An aiohttp server on the configured address."""

    def __init__(self, config: Config, routes: Sequence[web.RouteDef], *, idle: float = IDLE) -> None:
        """Name the address, what is served, and after how many seconds an idle connection is closed."""
        self._host, self._port = config.server.host, config.server.port
        app = web.Application(middlewares=[log_requests, explain_errors], client_max_size=MAX_BODY)
        app.add_routes(routes)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN, keepalive_timeout=idle)

    async def start(self) -> None:
        """Listen. Raises `ConfigError` with the remedy when the port is in use."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            if error.errno == errno.EADDRINUSE:
                message = f"Port {self._port} of {self._host} is in use: stop what listens there"
                raise ConfigError(f"{message}, or add --port {self._port + 1}.") from error
            raise ConfigError(f"Cannot listen on {self._host}:{self._port}: {error.strerror or error}.") from error

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where this server is reached from this machine."""
        host, port = self._runner.addresses[0][:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (it is where others listen)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
