"""HTTP for the bench: so thin that the load costs little beside the server it measures, and nothing but keep-alive."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

Answer = Callable[[str, str, dict[str, str], bytes], tuple[int, bytes]]
"""Method, path, headers (lower case) and body of a request → status and body of the answer."""


class _Wire(asyncio.Protocol):
    """Cuts what comes in into first line, headers and body (by Content-Length; nothing here is chunked)."""

    def __init__(self) -> None:
        self._buffer = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Give on what is complete."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            total = end + 4 + int(headers.get("content-length", "0"))
            if len(self._buffer) < total:
                return
            body, self._buffer = self._buffer[end + 4 : total], self._buffer[total:]
            self.complete(first, headers, body)

    def complete(self, first: str, headers: dict[str, str], body: bytes) -> None:
        """A request or an answer is complete."""


class Served(_Wire):
    """One connection of a server."""

    def __init__(self, answer: Answer, followers: set[asyncio.Transport]) -> None:
        """Name who answers, and where connections go that only listen (`GET /bench/follow`)."""
        super().__init__()
        self._answer = answer
        self._followers = followers

    def connection_lost(self, error: Exception | None) -> None:
        """Follow no more."""
        self._followers.discard(self.transport)

    def complete(self, first: str, headers: dict[str, str], body: bytes) -> None:
        """Answer at once."""
        method, path, _ = first.split(" ", 2)
        if path == "/bench/follow":
            self._followers.add(self.transport)
            return
        status, content = self._answer(method, path, headers, body)
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        self.transport.write(head.encode() + content)


class Connection(_Wire):
    """One connection of a client, which may be opened anew when the server closes it."""

    def __init__(self, host: str, port: int) -> None:
        """Name the server."""
        super().__init__()
        self._address = host, port
        self._waiting: deque[asyncio.Future[int]] = deque()
        self._open = False

    async def post(self, path: str, body: bytes) -> int:
        """Send a POST; the status of its answer. Raises `ConnectionError`."""
        loop = asyncio.get_running_loop()
        if not self._open:
            await loop.create_connection(lambda: self, *self._address)
            self._open, self._buffer = True, b""
        head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        self.transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer: asyncio.Future[int] = loop.create_future()
        self._waiting.append(answer)
        return await answer

    def close(self) -> None:
        """Close it."""
        if self._open:
            self.transport.close()

    def complete(self, first: str, headers: dict[str, str], body: bytes) -> None:
        """Tell the status to who waits."""
        self._waiting.popleft().set_result(int(first.split(" ", 2)[1]))

    def connection_lost(self, error: Exception | None) -> None:
        """Tell it to who waits."""
        self._open = False
        while self._waiting:
            self._waiting.popleft().set_exception(error or ConnectionResetError("closed"))
