"""A Messaging API on loopback that answers what it was told to answer, and keeps what it was asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer
from multidict import CIMultiDict

from botkit.messaging.client import MessagingClient
from botkit.messaging.dialects import DIALECTS


@dataclass(frozen=True, slots=True)
class Call:
    """Something that the API was asked; `to` is its method and path as they were written."""

    to: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answers: JSON, or bytes as they are; or it hangs up. `meanwhile` is awaited first."""

    status: int = 200
    body: object = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs_up: bool = False
    meanwhile: Callable[[], Awaitable[object]] | None = None

    def response(self) -> web.Response:
        body = self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)
        return web.Response(status=self.status, body=body, headers=CIMultiDict(self.headers))


class ScriptedApi:
    """The server; what nobody told it how to answer is answered 404."""

    def __init__(self) -> None:
        self._answers: defaultdict[str, list[Answer]] = defaultdict(list)
        self._opened = AsyncExitStack()
        self.calls: list[Call] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        server = TestServer(app)
        await server.start_server()
        self._opened.push_async_callback(server.close)
        self.url = str(server.make_url("/v1"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    def client(
        self,
        dialect: str = "guide",
        *,
        key: str = "key-1",
        timeout: float = 15.0,
        follow: Callable[[float], None] | None = None,
    ) -> MessagingClient:
        """A client of this API."""
        client = MessagingClient(self.url, key, DIALECTS[dialect], timeout=timeout, follow=follow)
        self._opened.push_async_callback(client.close)
        return client

    def answers(self, to: str, *answers: Answer) -> None:
        """Answer a call such as `GET /channels`, time after time; the last answer is repeated."""
        self._answers[to] = list(answers)

    def asked(self, to: str = "") -> list[str]:
        """The calls so far, or those that begin like this."""
        return [call.to for call in self.calls if call.to.startswith(to)]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        to = f"{request.method} {request.raw_path.removeprefix('/v1')}"
        self.calls.append(Call(to, await request.read(), request.headers.copy()))
        waiting = self._answers[to]
        answer = waiting.pop(0) if len(waiting) > 1 else next(iter(waiting), Answer(404, {"error": {"message": "?"}}))
        if answer.meanwhile:
            await answer.meanwhile()
        if answer.hangs_up and request.transport:
            request.transport.close()
        return answer.response()
