"""A way to a database that can be cut at a word: before it arrives there, or before the answer comes back."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit


class Proxy:
    """Passes bytes on, both ways, until it is told to fail."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._word, self._arrives = b"", False
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()
        self.cuts = 0

    async def open(self) -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Cut everything, and let nobody in any more."""
        if self._server:
            self._server.close()
        for task in tuple(self._passing):
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    def cut_at(self, word: bytes, *, arrives: bool) -> None:
        """Cut the connection on which this word is sent next; it arrives, and the answer does not, or it never does."""
        self._word, self._arrives = word, arrives

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._passing.add(task)
        try:
            their_reader, their_writer = await asyncio.open_connection(*self._address)
            try:
                back = asyncio.create_task(_pass(their_reader, writer))
                await self._send(reader, their_writer, back)
                back.cancel()
            finally:
                their_writer.close()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._passing.discard(task)
            writer.transport.abort()

    async def _send(self, reader: StreamReader, writer: StreamWriter, back: asyncio.Task[None]) -> None:
        while data := await reader.read(65536):
            if self._word and self._word in data:
                self._word = b""
                self.cuts += 1
                if self._arrives:
                    back.cancel()
                    writer.write(data)
                    await writer.drain()
                return
            writer.write(data)
            await writer.drain()


async def _pass(reader: StreamReader, writer: StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy before a database, and the URL that leads through it."""
    parts = urlsplit(url)
    proxy = Proxy(parts.hostname or "127.0.0.1", parts.port or 5432)
    port = await proxy.open()
    user = f"{parts.username}:{parts.password}@" if parts.password else f"{parts.username}@" if parts.username else ""
    try:
        yield proxy, urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{port}"))
    finally:
        await proxy.close()
