"""The server as a whole, on a port that the system chooses: health, webhooks, and how it starts and stops."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import ClientSession

from botkit.app import App
from botkit.config import Config, Server
from botkit.dialogue.event import MessageReceived
from botkit.errors import ConfigError, Unauthorized
from botkit.ledger import Arrival, Subscription
from botkit.messaging.signature import HEADER, sign
from botkit.project import load_project
from botkit.stores.sqlite import SqliteStore
from botkit.web import health
from botkit.web.server import Server as WebServer
from tests.conftest import ROOT
from tests.messaging.scripted_api import Answer, ScriptedApi
from tests.postgres import Postgres

CHANNELS = Answer(body={"data": [{"id": "channel-1", "type": "whatsapp"}]})
SENT = Answer(201, {"data": {"message": {"id": "sent-1"}}})
NOTHING = b'{"type":"conversation.updated","data":{}}'


def configured(api: str = "embedded", *, dialect: str = "guide", store: str = "memory", pending: int = 100) -> Config:
    """The configuration of an app for a test."""
    settings = {"api": {"url": api, "key": "key-1", "dialect": dialect}, "capacity": {"pending": pending}}
    fixed = {"bots": [str(ROOT / "bots/shop.yaml")], "gateway": "memory", "server": {"port": 0}, "store": store}
    return Config.model_validate({**fixed, **settings})


class Running:
    """An app, and the calls that are made to it."""

    def __init__(self, config: Config, session: ClientSession) -> None:
        self.app = App(config, load_project(config).without_bursts())
        self._api = config.api.url
        self._session = session

    async def get(self, path: str) -> tuple[int, Any]:
        """Read; status and answer."""
        async with self._session.get(self.app.url + path) as response:
            return response.status, await response.json()

    async def subscription(self) -> Subscription:
        """What the store remembers of the WhatsApp channel."""
        found = {item.channel.type: item for item in await self.app.store.subscriptions(self._api)}
        return found["whatsapp"]

    async def post(self, body: bytes, token: str = "", **headers: str) -> tuple[int, Any, str]:
        """Call the webhook; status, answer, and when to come back."""
        path = f"/webhooks/{token or (await self.subscription()).token}"
        async with self._session.post(self.app.url + path, data=BytesIO(body), headers=headers) as response:
            return response.status, await response.json(), response.headers.get("Retry-After", "")


@asynccontextmanager
async def running(config: Config) -> AsyncIterator[Running]:
    """An app that serves as long as this lasts."""
    async with ClientSession() as session:
        running = Running(config, session)
        await running.app.start()
        try:
            yield running
        finally:
            await running.app.stop()


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    """An API with one WhatsApp channel, which takes what it is sent."""
    async with ScriptedApi() as api:
        api.answers("GET /channels", CHANNELS)
        api.answers("POST /webhooks", Answer(201, {"data": {"id": "hook-1"}}))
        api.answers("POST /messages", SENT)
        yield api


def hello(*ids: str) -> bytes:
    """A webhook's body in which a contact says hello."""
    return orjson.dumps([{"conversation": {"id": "talk-1"}, "message": {"id": id, "text": "hello"}} for id in ids])


# ─── health ───


async def test_a_server_that_runs_is_alive_and_ready() -> None:
    async with running(configured()) as server:
        assert await server.get("/healthz") == (200, {"status": "ok"})
        assert await server.get("/readyz") == (200, {"status": "ready"})
        assert await server.get("/nothing") == (404, {"error": "Not Found"})


async def test_while_its_store_refuses_to_write_it_is_not_ready() -> None:
    refusal = {"status": "not ready", "reason": "the store refuses to write"}
    async with running(configured()) as server:
        token = (await server.subscription()).token
        await server.app.store.close()
        assert await server.get("/readyz") == (200, {"status": "ready"}), "nothing was refused yet"
        assert (await server.post(hello("m-1"), token))[0] == 503
        assert await server.get("/readyz") == (503, refusal)
        assert (await server.post(NOTHING, token))[0] == 200
        assert await server.get("/readyz") == (503, refusal), "nothing was written"
        await server.app.store.open()
        assert await server.get("/readyz") == (200, {"status": "ready"})
        assert (await server.post(hello("m-1"), token))[0] == 200


async def test_who_asks_nothing_or_never_ends_its_headers_is_hung_up_on() -> None:
    server = WebServer(configured(), health.routes(), idle=0.05)
    await server.start()
    for begun in (b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        writer.write(begun)
        async with asyncio.timeout(5):
            assert (await reader.read()).startswith(b"HTTP/1.1 200") is begun.endswith(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
    await server.stop()


async def test_who_hangs_up_in_the_middle_of_a_body_is_no_failure_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "botkit.web")
    async with running(configured()) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", int(server.app.url.rpartition(":")[2]))
        path = f"/webhooks/{(await server.subscription()).token}"
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 700\r\n\r\nhalf".encode())
        await writer.drain()
        await server.get("/healthz")  # by now the other one is read as well
        writer.transport.abort()
        async with asyncio.timeout(5):
            while "body broken off" not in caplog.messages:  # noqa: ASYNC110 (nobody tells us that it was noticed)
                await asyncio.sleep(0.01)
    assert [found.message for found in caplog.records if found.levelno > logging.INFO] == []


async def test_it_is_alive_while_it_starts_but_takes_nothing_yet(api: ScriptedApi) -> None:
    seen = list[object]()

    async def look() -> None:
        seen.append(await server.get("/healthz"))
        seen.append(await server.get("/readyz"))
        seen.append(await server.post(hello("m-1"), "a token from before"))

    api.answers("GET /channels", replace(CHANNELS, meanwhile=look))
    async with ClientSession() as session:
        server = Running(configured(api.url), session)
        await server.app.start()
        await server.app.stop()
    assert seen == [
        (200, {"status": "ok"}),
        (503, {"status": "not ready", "reason": "starting"}),
        (503, {"error": "The server is starting."}, "5"),
    ]


async def test_while_it_stops_it_takes_nothing_more_but_finishes_what_it_has(api: ScriptedApi, tmp_path: Path) -> None:
    seen, finished = list[object](), asyncio.Event()

    async def stop(server: Running) -> None:
        await server.app.stop()
        finished.set()

    async def in_the_middle_of_a_send() -> None:
        token = (await server.subscription()).token
        stopping.append(asyncio.create_task(stop(server)))
        await asyncio.sleep(0)
        seen.append(await server.get("/readyz"))
        seen.append(await server.post(hello("m-2"), token))

    stopping = list[asyncio.Task[None]]()
    api.answers("POST /messages", replace(SENT, meanwhile=in_the_middle_of_a_send))
    async with running(configured(api.url, store=f"sqlite:///{tmp_path}/botkit.db")) as server:
        assert (await server.post(hello("m-1")))[:2] == (200, {"accepted": 1})
        await finished.wait()
    assert seen == [
        (503, {"status": "not ready", "reason": "stopping"}),
        (503, {"error": "The server is stopping."}, "5"),
    ]
    store = SqliteStore(tmp_path / "botkit.db")
    await store.open()
    assert [(posted.status, posted.receipt) for posted in await store.posted()] == [("sent", "accepted")]
    await store.close()


# ─── webhooks ───


async def test_a_message_is_accepted_once_and_answered_once(api: ScriptedApi) -> None:
    async with running(configured(api.url)) as server:
        assert [await server.post(hello("m-1")) for _ in range(2)] == [
            (200, {"accepted": 1}, ""),
            (200, {"accepted": 0}, ""),
        ]
        await server.app.settled()
    assert api.asked("POST /messages") == ["POST /messages"]
    [sent] = [orjson.loads(call.body) for call in api.calls if call.to == "POST /messages"]
    assert (sent["to"], sent["text"]["text"].startswith(("Hello", "Hi"))) == ("talk-1", True)


async def test_what_is_answered_200_is_in_the_file(api: ScriptedApi, tmp_path: Path) -> None:
    async with running(configured(api.url, store=f"sqlite:///{tmp_path}/botkit.db")) as server:
        await server.post(hello("m-1"))
        other = SqliteStore(tmp_path / "botkit.db", owner=False)
        await other.open()
        events = [MessageReceived("channel-1", "talk-1", id) for id in ("m-1", "m-2")]
        assert await other.accept([Arrival(event, "shop", 1.0) for event in events]) == [False, True]
        await other.close()


async def test_each_refusal_has_its_status(api: ScriptedApi) -> None:
    async with running(configured(api.url)) as server:
        assert [(await server.post(body))[0] for body in (b"{", b'"text"', b" " * (3 * 2**20 + 1))] == [400, 400, 413]
        assert (await server.post(hello("m-1"), token="unknown"))[0] == 404
        assert await server.get(f"/webhooks/{(await server.subscription()).token}") == (
            405,
            {"error": "Method Not Allowed"},
        )
    assert api.asked("POST /messages") == []


async def test_more_than_may_wait_is_told_to_come_back(api: ScriptedApi) -> None:
    async with running(configured(api.url, pending=2)) as server:
        status, told, retry_after = await server.post(hello("m-1", "m-2", "m-3"))
        assert (status, retry_after) == (503, "5")
        assert "wait" in told["error"]
        assert await server.post(hello("m-1", "m-2")) == (200, {"accepted": 2}, "")
        await server.app.settled()
        assert await server.post(hello("m-3")) == (200, {"accepted": 1}, "")


@pytest.mark.parametrize("offset", ["", "soon", "nan", "inf", "86400"])
async def test_a_clock_that_nobody_asked_for_changes_nothing(api: ScriptedApi, offset: str) -> None:
    async with running(configured(api.url)) as server:
        assert (await server.post(NOTHING, **{"x-botkit-clock": offset}))[0] == 200


# ─── signatures ───


async def test_m2m_takes_only_what_is_signed_and_fresh() -> None:
    async with running(configured(dialect="m2m")) as server:
        secret, now = (await server.subscription()).secret, time.time()
        assert secret
        refused = {
            "missing": {},
            "malformed": {HEADER: "v1=0"},
            "wrong": {HEADER: sign("another", NOTHING, now)},
            "of another body": {HEADER: sign(secret, b"{}", now)},
            "old": {HEADER: sign(secret, NOTHING, now - 400)},
            "ahead": {HEADER: sign(secret, NOTHING, now + 400)},
        }
        found = {name: await server.post(NOTHING, **headers) for name, headers in refused.items()}
        assert {name: status for name, (status, _, _) in found.items()} == dict.fromkeys(refused, 401)
        assert "seconds off" in found["old"][1]["error"]
        assert await server.post(NOTHING, **{HEADER.upper(): sign(secret, NOTHING, now)}) == (200, {"accepted": 0}, "")


async def test_the_guide_asks_for_no_signature() -> None:
    async with running(configured()) as server:
        assert (await server.post(NOTHING))[0] == 200
        assert (await server.subscription()).secret == ""


async def test_in_m2m_without_a_secret_nothing_is_taken(api: ScriptedApi) -> None:
    async with running(configured(api.url, dialect="m2m")) as server:
        status, told, _ = await server.post(NOTHING, **{HEADER: sign("", NOTHING, time.time())})
        assert (status, "api.webhook_secret" in told["error"]) == (401, True)


@pytest.mark.parametrize(("other", "status"), [({"simulated": True}, 200), ({}, 401)])
async def test_a_simulated_clock_is_followed_only_where_all_channels_are_simulated(
    api: ScriptedApi, other: dict[str, bool], status: int
) -> None:
    channels = [
        {"id": "channel-1", "type": "whatsapp", "simulated": True},
        {"id": "channel-2", "type": "instagram", **other},
    ]
    api.answers("GET /channels", Answer(body={"data": channels}))
    api.answers("POST /webhooks", Answer(201, {"data": {"id": "hook-1", "secret": "made-up"}}))
    async with running(configured(api.url, dialect="m2m")) as server:
        signed = sign("made-up", NOTHING, time.time() + 86400)
        assert (await server.post(NOTHING, **{HEADER: signed, "x-botkit-clock": "86400"}))[0] == status


# ─── subscriptions ───


async def test_a_start_at_another_address_keeps_its_token_and_gives_up_the_old_address(
    api: ScriptedApi, tmp_path: Path
) -> None:
    api.answers("POST /webhooks", *(Answer(201, {"data": {"id": name}}) for name in ("hook-1", "hook-2")))
    tokens, addresses = set[str](), list[str]()
    for _ in range(2):
        async with running(configured(api.url, store=f"sqlite:///{tmp_path}/botkit.db")) as server:
            tokens.add((await server.subscription()).token)
            addresses.append((await server.subscription()).endpoint)
    [token] = tokens
    assert len(token) >= 43
    assert [orjson.loads(call.body)["endpoint"] for call in api.calls if call.to == "POST /webhooks"] == addresses
    assert api.asked("DELETE") == ["DELETE /webhooks/hook-1"]


async def test_a_second_start_at_the_same_address_subscribes_nothing_twice(api: ScriptedApi, tmp_path: Path) -> None:
    config = configured(api.url, store=f"sqlite:///{tmp_path}/botkit.db")
    public = config.model_copy(update={"server": Server(port=0, public_url="https://bot.example.com/")})
    async with running(public) as server:
        first = await server.subscription()
    async with running(public) as server:
        assert await server.subscription() == first
    assert api.asked("POST /webhooks") == ["POST /webhooks"]
    assert first.endpoint == f"https://bot.example.com/webhooks/{first.token}"


async def test_processes_that_start_at_the_same_moment_subscribe_once(api: ScriptedApi, postgres: Postgres) -> None:
    url = postgres.lend()
    here = Server(port=0, public_url="https://bot.example.com")
    config = configured(api.url, store=url).model_copy(update={"server": here})
    async with ClientSession() as session:
        servers = [Running(config, session) for _ in range(3)]
        try:
            await asyncio.gather(*(server.app.start() for server in servers))
            tokens = {(await server.subscription()).token for server in servers}
        finally:
            await asyncio.gather(*(server.app.stop() for server in servers))
    assert len(api.asked("POST /webhooks")) == len(tokens) == 1
    postgres.take_back(url)


async def test_an_api_that_tells_no_channels_is_no_reason_not_to_listen(api: ScriptedApi, tmp_path: Path) -> None:
    config = configured(api.url, store=f"sqlite:///{tmp_path}/botkit.db")
    async with running(config):
        pass
    api.answers("GET /channels", Answer(404))
    async with running(config) as server:
        assert (await server.get("/readyz"))[0] == 200
        assert (await server.post(hello("m-1")))[:2] == (200, {"accepted": 1})


async def test_a_key_that_is_refused_stops_the_start_and_closes_everything(api: ScriptedApi) -> None:
    api.answers("GET /channels", Answer(401))
    app = App(configured(api.url), load_project(configured(api.url)))
    with pytest.raises(Unauthorized, match=r"api\.key"):
        await app.start()
    async with ClientSession() as session:
        with pytest.raises(OSError, match="Cannot connect"):
            await session.get(app.url)


async def test_a_port_that_is_taken_is_told_with_the_remedy() -> None:
    async with running(configured()) as server:
        port = int(server.app.url.rpartition(":")[2])
        taken = configured().model_copy(update={"server": Server(port=port)})
        with pytest.raises(ConfigError, match=f"Port {port} of 127.0.0.1 is in use.*--port {port + 1}"):
            await App(taken, load_project(taken)).start()
