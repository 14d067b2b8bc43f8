"""The web chat: a page, and a WebSocket for each visitor.

A visitor's session is an unguessable token that the page keeps; the records hold only its digest. Text is text on both
sides, and everything is bounded.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, suppress
from importlib.resources import files
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from botkit.dialogue.channel import WEBCHAT, Channel
from botkit.dialogue.words import clean
from botkit.gateway.entries import INBOUND, Conversation, Draft, Message, Writing, tap
from botkit.gateway.exchange import Exchange, as_seen
from botkit.gateway.origin import Handler, address_of, same_site
from botkit.gateway.records import Records, digest
from botkit.gateway.switchboard import Switchboard
from botkit.messaging.fields import load
from botkit.messaging.fields import text as words
from botkit.messaging.inbound import MAX_CHOICE

log = logging.getLogger(__name__)

MAX_TEXT = 4096
MAX_FRAME = 32 * 1024
MAX_MESSAGES, PER_SECONDS = 30, 60.0
"""Messages that one session may write in so many seconds."""

MAX_MESSAGES_OF_ADDRESS = 300
"""The same, for all sessions of one address."""

MAX_WRITERS = 10_000
"""Sessions, or addresses, whose pace is remembered."""

MAX_WAITING = 1000
"""What a page may leave unread before it is given up."""

MAX_SOCKETS = 100
"""Sockets that may be open from one address."""

HISTORY = 200
"""Messages that a page is given when it opens."""

HELLO_TIMEOUT = 10.0
"""Seconds in which a new socket must say hello."""

_PAGE = {
    "/": ("index.html", "text/html"),
    "/webchat.css": ("webchat.css", "text/css"),
    "/webchat.js": ("webchat.js", "text/javascript"),
}
_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; media-src https:; "
        "connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class Webchat:
    """Pages and sockets of all web chats."""

    def __init__(
        self,
        records: Records,
        exchange: Exchange,
        switchboard: Switchboard,
        hosts: Collection[str],
        bots: Callable[[], Mapping[str, str]],
    ) -> None:
        """Take what it works with; `hosts` are the names of this server, `bots` those to show, each with its scope."""
        self._records = records
        self._exchange = exchange
        self._switchboard = switchboard
        self._guard = same_site(hosts)
        self._bots = bots
        self._sockets: Counter[str] = Counter()
        self._pace = _Pace(MAX_MESSAGES)
        self._pace_of_addresses = _Pace(MAX_MESSAGES_OF_ADDRESS)
        self._open: set[web.WebSocketResponse] = set()

    def routes(self) -> list[web.RouteDef]:
        """The page, its parts, and the socket."""
        pages = [web.get(path, self._guard(_file(*part))) for path, part in _PAGE.items()]
        socket = web.get("/webchat/{bot}/socket", self._guard(self._socket))
        return [*pages, web.get("/webchat/bots", self._guard(self._list)), socket]

    async def close(self) -> None:
        """Say goodbye to the open sockets; their pages come back by themselves."""
        sockets = list(self._open)
        await asyncio.gather(
            *(socket.close(code=1012, message=b"restarting") for socket in sockets), return_exceptions=True
        )

    async def _list(self, request: web.Request) -> web.Response:
        bots = self._bots()
        return web.json_response({"bots": list(bots), "scopes": dict(bots)}, headers=_SECURITY)

    async def _channel(self, bot: str) -> Channel:
        for channel in await self._records.channels():
            if channel.type == WEBCHAT and channel.bot == bot:
                return channel
        raise web.HTTPNotFound(reason="There is no such bot")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        channel = await self._channel(request.match_info["bot"])
        address = address_of(request)
        if self._sockets[address] >= MAX_SOCKETS:
            raise web.HTTPTooManyRequests(reason="Too many chats are open from this address")
        socket = web.WebSocketResponse(heartbeat=30.0, max_msg_size=MAX_FRAME)
        await socket.prepare(request)
        self._sockets[address] += 1
        self._open.add(socket)
        try:
            await self._serve(socket, channel, address)
        finally:
            self._open.discard(socket)
            self._sockets[address] -= 1
            self._sockets += Counter()  # drops the addresses without sockets
        return socket

    async def _serve(self, socket: web.WebSocketResponse, channel: Channel, address: str) -> None:
        hello = await _hello(socket)
        if hello is None:
            await socket.close(code=1008, message=b"say hello first")
            return
        with ExitStack() as listening:
            visit = await self._visit(channel, hello, listening)
            visit.address = address
            await self._welcome(socket, visit, hello)
            writer = asyncio.create_task(_write(socket, visit.outgoing))
            try:
                await self._listen(socket, visit)
            finally:
                writer.cancel()

    async def _visit(self, channel: Channel, hello: Mapping[str, Any], listening: ExitStack) -> _Visit:
        """The visit of a session that we made, or of a new one."""
        given = hello.get("session")
        session = given if isinstance(given, str) else ""
        talk = await self._records.conversation_at(channel.id, _address(session)) if session else None
        visit = _Visit(channel, session if talk else secrets.token_urlsafe(32), listening, self._switchboard)
        if talk:
            visit.began(talk)
        return visit

    async def _welcome(self, socket: web.WebSocketResponse, visit: _Visit, hello: Mapping[str, Any]) -> None:
        """Give the page its session and what it has not seen."""
        messages = list[Message]()
        if visit.talk:
            after: Any = hello.get("after")
            seen: int = after if _is_number(after) else 0
            messages = list(await self._records.messages(visit.talk.id, after=seen, limit=HISTORY))
        shown = [as_seen(message) for message in messages]
        await _tell(socket, {"type": "welcome", "session": visit.session, "messages": shown})
        if visit.talk:
            await self._exchange.have_arrived(visit.talk, messages)

    async def _listen(self, socket: web.WebSocketResponse, visit: _Visit) -> None:
        async for frame in socket:
            said = _read(frame.data) if frame.type is WSMsgType.TEXT else None
            if said is None:
                await socket.close(code=1003, message=b"send JSON")
                return
            if said.get("type") == "message":
                await self._take(said, visit)
            elif said.get("type") == "read" and visit.talk and _is_number(said.get("seq")):
                await self._exchange.have_read(visit.talk, said["seq"])

    async def _take(self, said: Mapping[str, Any], visit: _Visit) -> None:
        """Take what the visitor wrote, or say why not. The conversation begins with the first message."""
        client_id = words(said.get("id"), 64)
        session = _address(visit.session)
        if problem := _problem(said) or await self._too_fast(visit, session, client_id):
            visit.tell({"type": "refused", "id": client_id, "reason": problem})
            return
        text, choice = clean(str(said["text"])), words(said.get("choice"), MAX_CHOICE)
        draft = Draft(INBOUND, "text", text, {}, "sent", client_id or None)
        draft = tap(text, choice, client_id or None) if choice else draft
        [(talk, message)] = await self._exchange.receive([Writing(visit.channel, session, draft)])
        visit.began(talk)
        visit.tell({"type": "accepted", "id": client_id, "message": as_seen(message)})

    async def _too_fast(self, visit: _Visit, session: str, client_id: str) -> str:
        """Whether a session or an address writes too fast; to repeat what was recorded is never too fast."""
        if self._pace.allows(session) and self._pace_of_addresses.allows(visit.address):
            return ""
        is_known = visit.talk and client_id and await self._records.message_of_client(visit.talk.id, client_id)
        return "" if is_known else "too_fast"


class _Visit:
    """One open page: its session, its conversation once that has begun, and what it is to be told."""

    def __init__(self, channel: Channel, session: str, listening: ExitStack, switchboard: Switchboard) -> None:
        self.channel = channel
        self.session = session
        self.address = ""
        self.talk: Conversation | None = None
        self.outgoing: asyncio.Queue[Mapping[str, Any] | None] = asyncio.Queue()
        self._listening = listening
        self._switchboard = switchboard

    def began(self, talk: Conversation) -> None:
        """From now on, tell what happens in the conversation."""
        if self.talk is None:
            self.talk = talk
            self._listening.enter_context(self._switchboard.listening(talk.id, self.tell))

    def tell(self, happening: Mapping[str, Any]) -> None:
        """Have the page told. One that does not listen is given up; it catches up when it comes back."""
        waiting = self.outgoing.qsize()
        if waiting <= MAX_WAITING:
            self.outgoing.put_nowait(happening if waiting < MAX_WAITING else None)


class _Pace:
    """How fast somebody writes; it remembers the latest few thousand."""

    def __init__(self, limit: int) -> None:
        """Allow so many messages in `PER_SECONDS`."""
        self._limit = limit
        self._written: OrderedDict[str, deque[float]] = OrderedDict()

    def allows(self, writer: str) -> bool:
        """Count a message; false when it is one too many."""
        written = self._written.setdefault(writer, deque(maxlen=self._limit))
        self._written.move_to_end(writer)
        if len(self._written) > MAX_WRITERS:
            self._written.popitem(last=False)
        now = time.monotonic()
        if len(written) == self._limit and now - written[0] < PER_SECONDS:
            return False
        written.append(now)
        return True


def _address(session: str) -> str:
    """What the records know a session by."""
    return digest(b"webchat", session.encode(errors="replace"))


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**60


def _problem(said: Mapping[str, Any]) -> str:
    """Why a message is not taken; nothing when it is."""
    text = said.get("text")
    if not isinstance(text, str) or not text.strip():
        return "empty"
    return "too_long" if len(text) > MAX_TEXT else ""


async def _hello(socket: web.WebSocketResponse) -> Mapping[str, Any] | None:
    try:
        async with asyncio.timeout(HELLO_TIMEOUT):
            frame = await socket.receive()
    except TimeoutError:
        return None
    said = _read(frame.data) if frame.type is WSMsgType.TEXT else None
    return said if said and said.get("type") == "hello" else None


def _read(data: str) -> Mapping[str, Any] | None:
    try:
        said = load(data)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


async def _tell(socket: web.WebSocketResponse, happening: Mapping[str, Any]) -> None:
    await socket.send_str(orjson.dumps(happening).decode())


async def _write(socket: web.WebSocketResponse, outgoing: asyncio.Queue[Mapping[str, Any] | None]) -> None:
    """Tell the page what waits for it, until it is given up."""
    with suppress(ConnectionError):
        while happening := await outgoing.get():
            await _tell(socket, happening)
        await socket.close(code=1013, message=b"too slow")


def _file(name: str, kind: str) -> Handler:
    content = (files(__package__) / "page" / name).read_bytes()

    async def serve(request: web.Request) -> web.StreamResponse:
        return web.Response(body=content, content_type=kind, charset="utf-8", headers=_SECURITY)

    return serve
