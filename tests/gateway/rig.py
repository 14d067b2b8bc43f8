"""A gateway served on loopback, and webhooks that it calls."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from botkit.config import Config
from botkit.dialogue.bot import Bot
from botkit.gateway.gateway import Gateway
from botkit.project import load_project
from botkit.runtime.clock import SystemClock
from botkit.testing import START

KEY = "key-1"
PHONE = "+34600000001"


BOT = """\
bot: shop
scope: Everything about the shop
channels: [whatsapp, instagram, messenger, webchat]
fallback: I do not know that.
templates:
  order_news:
    category: utility
    text:
      en_US: "Hi {{ contact.first_name }}, order {{ slots.order_id }} is on its way."
      es_MX: "Hola {{ contact.first_name }}, su pedido va en camino."
  come_back:
    category: utility
    text: {en_US: "We have an answer for you."}
slots:
  order_id: {pattern: "[0-9]+", ask: Which order?}
"""


def load_bots(folder: Path) -> list[Bot]:
    """A bot on every channel, by way of a folder to write it to."""
    file = folder / "shop.yaml"
    file.write_text(BOT, encoding="utf-8")
    return [ready.bot for ready in load_project(Config(bots=[str(file)])).bots.values()]


class StillClock(SystemClock):
    """A clock that moves only when a simulation moves it."""

    def now(self) -> float:
        """The time in Unix seconds."""
        return START + self.offset


@dataclass(frozen=True, slots=True)
class Reply:
    """What the gateway answered."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def error(self) -> str:
        """The words of an error."""
        words: str = self.body["error"]["message"]
        return words


@dataclass(frozen=True, slots=True)
class Received:
    """A webhook call."""

    raw: bytes
    headers: Mapping[str, str]

    @property
    def body(self) -> Any:
        """What it tells."""
        return orjson.loads(self.raw)


class Receiver:
    """An endpoint for webhooks: it answers the statuses it was told to, and then 200. Unless opened, it is dead."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.calls: list[Received] = []
        self.url = "http://127.0.0.1:1/nobody-listens"
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        app.router.add_get("/elsewhere", self._mislead)
        server = TestServer(app)
        await server.start_server()
        self._opened.push_async_callback(server.close)
        self.url = str(server.make_url("/hook"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    @property
    def bodies(self) -> list[Any]:
        """What the calls told."""
        return [call.body for call in self.calls]

    @property
    def texts(self) -> list[str]:
        """The words of the messages that were told."""
        return [body["message"]["text"] for body in self.bodies if "message" in body]

    async def _mislead(self, request: web.Request) -> web.Response:
        return web.Response()

    async def _take(self, request: web.Request) -> web.Response:
        self.calls.append(Received(await request.read(), request.headers.copy()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200, headers={"Location": "/elsewhere"})


class Rig:
    """A gateway and the calls that tests make to it."""

    def __init__(
        self, bots: Sequence[Bot], path: Path | None = None, *, dialect: str = "guide", hosts: Collection[str] = ()
    ) -> None:
        self.clock = StillClock()
        self.gateway = Gateway(path, self.clock, dialect=dialect, hosts=hosts, key=KEY)
        self._bots = bots
        self._opened = AsyncExitStack()
        self._channels: dict[str, str] = {}
        self.http: TestClient[web.Request, web.Application]
        self.url = ""

    async def __aenter__(self) -> Self:
        await self.gateway.open(self._bots)
        self._opened.push_async_callback(self.gateway.close)
        app = web.Application(client_max_size=3 * 1024 * 1024)
        app.add_routes(self.gateway.routes())
        self.http = TestClient(TestServer(app))
        await self._opened.enter_async_context(self.http)
        self._opened.push_async_callback(self.gateway.close_webchats)
        self.url = str(self.http.make_url("/api"))
        for item in (await self.get("/channels")).body.popitem()[1]:
            self._channels.setdefault(item["type"], item["id"])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    # ─── the API ───

    async def get(self, path: str) -> Reply:
        """Read."""
        return await self._call("GET", path)

    async def post(self, path: str, body: object, **headers: str) -> Reply:
        """Write; bytes go as they are, and `idempotency_key="…"` is a header."""
        return await self._call("POST", path, body, headers)

    async def delete(self, path: str) -> Reply:
        """Remove."""
        return await self._call("DELETE", path)

    async def _call(self, method: str, path: str, body: object = None, headers: Mapping[str, str] = {}) -> Reply:
        written = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else BytesIO(body if isinstance(body, bytes) else orjson.dumps(body))
        where = path if path.startswith("/_") else f"/api{path}"
        every = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        async with self.http.request(method, where, data=data, headers={**every, **written}) as response:
            raw = await response.read()
            is_json = response.content_type == "application/json"
            return Reply(response.status, orjson.loads(raw) if is_json else raw, response.headers.copy())

    def channel(self, kind: str) -> str:
        """The id of the first bot's channel of a type."""
        return self._channels[kind]

    async def say(self, to: str, text: str, key: str = "") -> Reply:
        """Send a text to a conversation."""
        headers = {"idempotency_key": key} if key else {}
        return await self.post("/messages", {"type": "text", "to": to, "text": {"text": text}}, **headers)

    async def texts(self, conversation: str) -> list[str]:
        """The words of a conversation, oldest first."""
        listed = (await self.get(f"/conversations/{conversation}/messages")).body["data"]
        return [item["content"] for item in reversed(listed)]

    async def listen(self, kind: str, *events: str, to: Receiver | None = None) -> Receiver:
        """Subscribe a new endpoint to a channel."""
        if to is None:
            to = await self._opened.enter_async_context(Receiver())
        body = {"channel": self.channel(kind), "events": events, "endpoint": to.url}
        assert (await self.post("/webhooks", body)).status == 201
        return to

    # ─── the simulation ───

    async def control(self, name: str, /, **order: object) -> Reply:
        """Use a test control."""
        return await self.post(f"/_sandbox/{name}", order)

    async def write(self, text: str, channel: str = "whatsapp", handle: str = PHONE, **more: object) -> str:
        """Let a contact write; the id of the conversation."""
        written = await self.control("inbound", **{"channel": channel, "from": handle, "text": text, **more})
        assert written.status == 200, written.body
        conversation: str = written.body["conversation"]
        return conversation

    async def fault(self, name: str, /, **more: object) -> None:
        """Order a fault."""
        assert (await self.control("faults", fault=name, **more)).status == 200

    async def advance(self, seconds: float) -> None:
        """Let time pass, and the webhook calls that become due be made."""
        assert (await self.control("clock", advance=seconds)).status == 200
        await self.gateway.settled()

    async def queued(self) -> int:
        """How many webhook calls wait."""
        count: int = (await self.get("/_sandbox/sent")).body["queued"]
        return count
