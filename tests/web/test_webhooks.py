"""The webhook's route: what it answers to whom, and that nothing is answered 200 before it is durable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from botkit.dialogue.channel import Channel
from botkit.dialogue.event import Event, Ignored, MessageReceived
from botkit.errors import BadPayload, BadSignature, BotkitError, Conflict, Overloaded, StoreError
from botkit.ledger import Subscription
from botkit.messaging.inbound import parse
from botkit.web import health
from botkit.web.edge import MAX_BODY, explain_errors, log_requests
from botkit.web.webhooks import Webhooks, token_digest

TOKEN = "token-that-nobody-may-see"
WHATSAPP = Subscription(Channel("channel-1", "whatsapp"), TOKEN, secret="s")
HELLO = b'{"conversation":{"id":"wamid.of-somebody"},"message":{"id":"m-1","text":"my secret words"}}'


class Edge:
    """The webhook's route, behind which a test stands."""

    def __init__(self) -> None:
        self.accepted: list[Event] = []
        self.log: list[str] = []
        self.failure: BaseException | None = None
        self.entered, self.may_finish = asyncio.Event(), asyncio.Event()
        self.may_finish.set()
        self.http: TestClient[web.Request, web.Application]

    async def accept(self, events: Sequence[Event], subscription: Subscription) -> int:
        self.log.append("accept")
        self.entered.set()
        await self.may_finish.wait()
        if self.failure:
            raise self.failure
        self.accepted += events
        return len(events)

    def verify(self, secret: str, headers: Mapping[str, str], body: bytes) -> None:
        self.log.append("verify")
        if headers.get("X-Signed") != secret:
            raise BadSignature("The signature does not fit the body.")

    def parse(self, body: bytes, channel: str) -> Sequence[Event | Ignored]:
        self.log.append("parse")
        return parse(body, channel)

    def before(self, headers: Mapping[str, str]) -> None:
        self.log.append("before")

    @asynccontextmanager
    async def open(self, *subscriptions: Subscription, is_signed: bool = False) -> AsyncIterator[Edge]:
        app = web.Application(middlewares=[log_requests, explain_errors], client_max_size=MAX_BODY)
        webhooks = Webhooks(self.accept, self.parse, self.verify if is_signed else None, self.before, lambda: None)
        app.add_routes(webhooks.routes({token_digest(item.token): item for item in subscriptions}))
        app.add_routes(health.routes())
        async with TestClient(TestServer(app)) as self.http:
            yield self

    async def post(self, body: Any = HELLO, token: str = TOKEN, **headers: str) -> tuple[int, Any]:
        """Call the webhook; the status and what it says."""
        response = await self.http.post(f"/webhooks/{token}", data=body, headers=headers)
        return response.status, await response.json()


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    async with Edge().open(WHATSAPP) as edge:
        yield edge


@pytest.fixture
async def signed() -> AsyncIterator[Edge]:
    async with Edge().open(WHATSAPP, is_signed=True) as edge:
        yield edge


# ─── what is taken ───


async def test_a_message_is_accepted_on_the_channel_of_its_token(edge: Edge) -> None:
    assert await edge.post() == (200, {"accepted": 1})
    assert edge.accepted == [MessageReceived("channel-1", "wamid.of-somebody", "m-1", text="my secret words")]


async def test_the_type_of_content_does_not_matter(edge: Edge) -> None:
    assert await edge.post(**{"Content-Type": "text/plain; charset=latin-1"}) == (200, {"accepted": 1})


async def test_events_that_start_nothing_are_answered_200(edge: Edge) -> None:
    assert await edge.post(b'[{"type":"conversation.updated","data":{}}, %s]' % HELLO) == (200, {"accepted": 1})
    assert await edge.post(b"[]") == (200, {"accepted": 0})


async def test_a_body_of_three_megabytes_is_taken(edge: Edge) -> None:
    assert (await edge.post(BytesIO(HELLO.ljust(MAX_BODY))))[0] == 200


# ─── what is refused ───


@pytest.mark.parametrize("body", [b"", b"hello", b"{", b"\xff", b'"text"', b'{"message":{"id":"1"}}', b"[" * 100_000])
async def test_what_makes_no_sense_is_400_and_told_why(edge: Edge, body: bytes) -> None:
    status, told = await edge.post(body)
    assert status == 400
    assert told["error"]
    assert edge.accepted == []


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_that_is_not_encoded_as_it_says_is_400(
    edge: Edge, caplog: pytest.LogCaptureFixture, encoding: str
) -> None:
    head = f"POST /webhooks/{TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Encoding: {encoding}\r\nContent-Length: 7\r\n\r\n"
    reader, writer = await connected(edge)
    writer.write(head.encode() + b"garbage")
    assert (await reader.readline()).split()[1] == b"400"
    writer.close()
    await writer.wait_closed()
    assert loud(caplog) == []


def loud(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What an operator would be shown as a problem; aiohttp's own logger is silenced."""
    return [
        found.message for found in caplog.records if found.levelno > logging.INFO and found.name != "aiohttp.server"
    ]


async def connected(edge: Edge) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which a test writes its own bytes."""
    return await asyncio.open_connection("127.0.0.1", edge.http.port)


@pytest.mark.parametrize("token", ["unknown", TOKEN + "2", TOKEN.upper(), "%00", "%FF", "..%2Fetc", "%F0%9F%98%80"])
async def test_an_unknown_token_is_404_before_anything_is_read(edge: Edge, token: str) -> None:
    assert await edge.post(token=token) == (404, {"error": "No channel belongs to this token."})
    assert edge.log == []


@pytest.mark.parametrize("path", ["/webhooks", "/webhooks/", f"/webhooks/{TOKEN}/", f"/webhooks/{TOKEN}/more", "/hook"])
async def test_another_path_is_404(edge: Edge, path: str) -> None:
    async with edge.http.post(path, data=HELLO) as response:
        assert (response.status, await response.json()) == (404, {"error": "Not Found"})


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_another_method_is_405_and_told_the_right_one(edge: Edge, method: str) -> None:
    async with edge.http.request(method, f"/webhooks/{TOKEN}") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")
        assert await response.json() == {"error": "Method Not Allowed"}


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    """The body without its length."""
    for start in range(0, len(body), 65536):
        yield body[start : start + 65536]


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_larger_body_is_413(edge: Edge, is_chunked: bool) -> None:  # noqa: FBT001
    body = HELLO.ljust(MAX_BODY + 1)
    status, told = await edge.post(in_pieces(body) if is_chunked else BytesIO(body))
    assert (status, told) == (413, {"error": "Request Entity Too Large"})
    assert edge.accepted == []


@pytest.mark.parametrize(
    ("failure", "status", "retry_after", "words"),
    [
        (Overloaded("3 events wait already."), 503, "5", "3 events wait already."),
        (Overloaded("The server is stopping.", retry_after=30), 503, "30", "The server is stopping."),
        (StoreError("disk /var/lib is full"), 503, "5", "The store is not available."),
        (Conflict("fence 7"), 503, "5", "The store is not available."),
        (BadPayload("nonsense"), 400, None, "nonsense"),
        (BotkitError("inside"), 500, None, "Something went wrong inside."),
        (ValueError("secret of the inside"), 500, None, "Something went wrong inside."),
        (TimeoutError(), 500, None, "Something went wrong inside."),
        (web.HTTPTooManyRequests(), 429, None, "Too Many Requests"),
    ],
)
async def test_what_goes_wrong_inside_is_never_200_and_tells_nothing_of_it(
    edge: Edge, failure: BaseException, status: int, retry_after: str | None, words: str
) -> None:
    edge.failure = failure
    async with edge.http.post(f"/webhooks/{TOKEN}", data=HELLO) as response:
        assert (response.status, response.headers.get("Retry-After")) == (status, retry_after)
        assert await response.json() == {"error": words}


# ─── signatures ───


async def test_a_signature_is_checked_before_the_body_is_looked_at(signed: Edge) -> None:
    refused = (401, {"error": "The signature does not fit the body."})
    assert await signed.post(b"hello") == refused
    assert await signed.post(**{"X-Signed": "wrong"}) == refused
    assert signed.log == ["before", "verify"] * 2
    assert (await signed.post(**{"X-Signed": "s"}))[0] == 200
    assert signed.log[4:] == ["before", "verify", "parse", "accept"]


# ─── promises ───


async def test_there_is_no_answer_before_the_events_are_durable(edge: Edge) -> None:
    edge.may_finish.clear()
    calling = asyncio.create_task(edge.post())
    await edge.entered.wait()
    async with edge.http.get("/healthz") as response:
        assert response.status == 200
    assert not calling.done()
    edge.may_finish.set()
    assert await calling == (200, {"accepted": 1})


async def test_neither_token_nor_words_nor_ids_reach_the_log(edge: Edge, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "botkit"):
        await edge.post()
        await edge.post(b'[{"message": "' + HELLO)
        await edge.post(b'{"conversation":{"id":"wamid.of-somebody"},"message":{"type":"reaction","text":"words"}}')
        await edge.post(token="wrong-" + TOKEN)
    assert len(caplog.records) >= 4
    told = " ".join(str(vars(record)) for record in caplog.records)
    assert not [secret for secret in (TOKEN, "secret words", "wamid") if secret in told]
