"""The socket of the web chat: sessions, limits, and what is pushed to an open page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import orjson
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector, WSMsgType, WSServerHandshakeError

from botkit.dialogue.bot import Bot
from botkit.gateway.webchat import MAX_FRAME, MAX_MESSAGES, MAX_SOCKETS, MAX_TEXT
from tests.gateway.rig import Receiver, Rig

SOCKET = "/webchat/shop/socket"
PATIENCE = 10.0
"""Seconds after which a test that waits for a word has failed."""


class Visitor:
    """A page that is open."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.session = ""
        self.messages: list[Any] = []

    async def hello(self, **told: object) -> Self:
        """Say hello and be welcomed."""
        await self.tell(type="hello", **told)
        welcome = await self.hear("welcome")
        self.session, self.messages = welcome["session"], welcome["messages"]
        return self

    @property
    def texts(self) -> list[str]:
        """The words of the conversation as the page was given them."""
        return [message["text"] for message in self.messages]

    async def tell(self, **said: object) -> None:
        """Say something to the server."""
        await self.socket.send_str(orjson.dumps(said).decode())

    async def hear(self, type: str) -> Any:
        """The next thing of a type that the server tells."""
        while True:
            frame = await self.socket.receive(PATIENCE)
            assert frame.type is WSMsgType.TEXT, frame
            told = orjson.loads(frame.data)
            if told["type"] == type:
                return told

    async def write(self, text: object, id: object = "") -> Any:
        """Write a message; the server's word on it."""
        await self.tell(type="message", text=text, id=id)
        while True:
            told = orjson.loads(await self.socket.receive_str(timeout=PATIENCE))
            if told["type"] in ("accepted", "refused"):
                return told

    async def is_closed_with(self, code: int) -> bool:
        """Whether the server closes the socket with a code, and says nothing more."""
        frame = await self.socket.receive(PATIENCE)
        return frame.type is WSMsgType.CLOSE and frame.data == code


Visit = Callable[..., Awaitable[Visitor]]


@pytest.fixture
async def visit(rig: Rig) -> AsyncIterator[Visit]:
    """Open a page; unless it is `silent`, it says hello."""
    async with AsyncExitStack() as opened:

        async def visit(*, silent: bool = False, **told: object) -> Visitor:
            visitor = Visitor(await opened.enter_async_context(rig.http.ws_connect(SOCKET)))
            return visitor if silent else await visitor.hello(**told)

        yield visit


async def conversation(rig: Rig) -> str:
    """The id of the one conversation there is."""
    [talk] = (await rig.get("/conversations")).body["data"]
    return str(talk["id"])


# ─── sessions ───


async def test_a_visitor_is_given_a_session_that_cannot_be_guessed(visit: Visit) -> None:
    sessions = {(await visit()).session for _ in range(3)}
    assert len(sessions) == 3
    assert all(len(session) >= 43 for session in sessions)


async def test_a_conversation_begins_with_the_first_message_and_not_before(rig: Rig, visit: Visit) -> None:
    visitor = await visit()
    assert (await rig.get("/conversations")).body["data"] == []
    await visitor.write("hello")
    assert await rig.texts(await conversation(rig)) == ["hello"]


async def test_a_session_is_kept_and_finds_its_conversation_again(visit: Visit) -> None:
    first = await visit()
    await first.write("hello")
    await first.socket.close()
    again = await visit(session=first.session)
    assert (again.session, again.texts) == (first.session, ["hello"])


async def test_a_session_survives_a_restart(bots: list[Bot], tmp_path: Path) -> None:
    async with Rig(bots, tmp_path / "gateway.db") as rig, rig.http.ws_connect(SOCKET) as socket:
        first = await Visitor(socket).hello()
        await first.write("hello")
    async with Rig(bots, tmp_path / "gateway.db") as rig, rig.http.ws_connect(SOCKET) as socket:
        assert (await Visitor(socket).hello(session=first.session)).texts == ["hello"]


async def test_the_file_holds_no_session(bots: list[Bot], tmp_path: Path) -> None:
    async with Rig(bots, tmp_path / "gateway.db") as rig, rig.http.ws_connect(SOCKET) as socket:
        visitor = await Visitor(socket).hello()
        await visitor.write("hello")
        written = all_bytes(tmp_path)
        assert b"hello" in written
        assert visitor.session.encode() not in written


def all_bytes(folder: Path) -> bytes:
    """The content of all files of a folder."""
    return b"".join(file.read_bytes() for file in folder.iterdir())


@pytest.mark.parametrize("session", ["made-up", "", None, 5, ["x"], {"id": 1}, "x" * 10_000, "\0"])
async def test_an_unknown_session_is_replaced(visit: Visit, session: object) -> None:
    visitor = await visit(session=session)
    assert visitor.session != session
    assert visitor.messages == []


async def test_the_id_of_a_conversation_opens_nothing(rig: Rig, visit: Visit) -> None:
    visitor = await visit()
    await visitor.write("my secret")
    talk = await conversation(rig)
    address = (await rig.get("/conversations")).body["data"][0]["phoneNumber"]
    for guess in (talk, address):
        assert (await visit(session=guess)).messages == []


async def test_sessions_do_not_see_each_other(visit: Visit) -> None:
    one, other = await visit(), await visit()
    await one.write("from one")
    await other.write("from other")
    assert (await visit(session=one.session)).texts == ["from one"]
    assert (await visit(session=other.session)).texts == ["from other"]


async def test_a_page_that_comes_back_is_given_what_it_has_not_seen(visit: Visit) -> None:
    visitor = await visit()
    seen = [(await visitor.write(text))["message"]["seq"] for text in ("one", "two", "three")]
    assert (await visit(session=visitor.session, after=seen[1])).texts == ["three"]


@pytest.mark.parametrize("after", [-1, None, "2", 1.5, True, 2**63, []])
async def test_a_number_that_makes_no_sense_shows_everything(visit: Visit, after: object) -> None:
    visitor = await visit()
    await visitor.write("one")
    assert (await visit(session=visitor.session, after=after)).texts == ["one"]


# ─── what the page is told ───


async def test_a_message_is_taken_and_told_back(rig: Rig, visit: Visit) -> None:
    told = await (await visit()).write("hello <b>you</b>", id="client-1")
    message = told["message"]
    assert told == {"type": "accepted", "id": "client-1", "message": message}
    [stored] = (await rig.get(f"/conversations/{await conversation(rig)}/messages")).body["data"]
    assert message == {
        "seq": 1,
        "id": stored["id"],
        "from": "contact",
        "kind": "text",
        "text": "hello <b>you</b>",
        "at": 1_800_000_000.0,
        "status": "sent",
        "clientId": "client-1",
    }


async def test_an_answer_is_pushed_with_its_parts(rig: Rig, visit: Visit) -> None:
    visitor = await visit()
    await visitor.write("hello")
    buttons = [{"id": "1", "title": "Red"}]
    talk = await conversation(rig)
    await rig.post("/messages", {"type": "buttons", "to": talk, "text": "Which?", "buttons": buttons})
    message = (await visitor.hear("message"))["message"]
    told = (message["from"], message["kind"], message["text"], message["buttons"], message["status"])
    assert told == ("bot", "buttons", "Which?", buttons, "delivered")


async def test_a_tap_tells_what_the_button_carries(rig: Rig, visit: Visit) -> None:
    hook = await rig.listen("webchat", "messages")
    visitor = await visit()
    await visitor.tell(type="message", text="Red", id="client-1", choice="r")
    message = (await visitor.hear("accepted"))["message"]
    assert (message["kind"], message["text"]) == ("button_reply", "Red")
    await rig.gateway.settled()
    told = hook.bodies[-1]["message"]
    assert (told["type"], told["text"], told["button_reply"]) == ("button_reply", "Red", {"id": "r", "title": "Red"})


@pytest.mark.parametrize("choice", ["", None, 5, ["r"], {}])
async def test_what_carries_nothing_is_a_text(visit: Visit, choice: object) -> None:
    visitor = await visit()
    await visitor.tell(type="message", text="Red", choice=choice)
    kind = (await visitor.hear("accepted"))["message"]["kind"]
    assert kind == ("button_reply" if choice == 5 else "text")


async def test_two_pages_of_a_session_show_the_same(rig: Rig, visit: Visit) -> None:
    one = await visit()
    await one.write("hello")
    other = await visit(session=one.session)
    await other.write("again", id="client-2")
    assert (await one.hear("message"))["message"]["clientId"] == "client-2"
    await rig.say(await conversation(rig), "hi")
    heard = [(await page.hear("message"))["message"]["text"] for page in (one, other)]
    assert heard == ["hi", "hi"]


async def test_a_page_that_has_gone_does_not_hinder_the_other(rig: Rig, visit: Visit) -> None:
    one = await visit()
    await one.write("hello")
    other = await visit(session=one.session)
    await one.socket.close()
    await rig.say(await conversation(rig), "hi")
    assert (await other.hear("message"))["message"]["text"] == "hi"


async def test_typing_is_shown(rig: Rig, visit: Visit) -> None:
    visitor = await visit()
    await visitor.write("hello")
    await rig.post(f"/conversations/{await conversation(rig)}/typing", {})
    assert await visitor.hear("typing") == {"type": "typing"}


async def test_a_page_is_told_when_its_message_has_arrived(rig: Rig, visit: Visit) -> None:
    await rig.listen("webchat", "messages")
    visitor = await visit()
    identity = (await visitor.write("hello"))["message"]["id"]
    assert await visitor.hear("status") == {"type": "status", "id": identity, "status": "delivered"}


async def test_a_web_chat_has_no_window(rig: Rig, visit: Visit) -> None:
    visitor = await visit()
    await visitor.write("hello")
    await rig.advance(30 * 86400)
    assert (await rig.say(await conversation(rig), "still here")).status == 200


async def test_no_bot_no_socket(rig: Rig) -> None:
    with pytest.raises(WSServerHandshakeError, match="404"):
        await rig.http.ws_connect("/webchat/nobody/socket")


async def test_the_bots_of_the_page_are_those_with_a_web_chat(rig: Rig) -> None:
    async with rig.http.get("/webchat/bots") as response:
        told = await response.json()
    assert told["bots"] == ["shop"]
    assert told["scopes"].keys() == {"shop"}


# ─── statuses ───


async def statuses(rig: Rig) -> list[tuple[str, str]]:
    """The bot's messages and how they stand."""
    listed = (await rig.get(f"/conversations/{await conversation(rig)}/messages")).body["data"]
    return [(item["content"], item["status"]) for item in reversed(listed) if item["role"] == "assistant"]


async def test_a_message_is_delivered_when_a_page_shows_it(bots: list[Bot], tmp_path: Path) -> None:
    async with Rig(bots, tmp_path / "gateway.db") as rig, rig.http.ws_connect(SOCKET) as socket:
        hook = await rig.listen("webchat", "statuses")
        visitor = await Visitor(socket).hello()
        await visitor.write("hello")
        await rig.say(await conversation(rig), "while you look")
        await rig.gateway.settled()
        assert told(hook) == ["sent", "delivered"]
    async with Rig(bots, tmp_path / "gateway.db") as rig:
        hook = await rig.listen("webchat", "statuses")
        await rig.say(await conversation(rig), "while you are away")
        assert await statuses(rig) == [("while you look", "delivered"), ("while you are away", "sent")]
        async with rig.http.ws_connect(SOCKET) as socket:
            back = await Visitor(socket).hello(session=visitor.session)
            assert back.texts == ["hello", "while you look", "while you are away"]
            await back.write("thanks")
        assert {status for _, status in await statuses(rig)} == {"delivered"}
        await rig.gateway.settled()
        assert told(hook) == ["sent", "delivered"]


def told(hook: Receiver) -> list[str]:
    """The statuses that a webhook was told."""
    return [body["status"]["status"] for body in hook.bodies]


async def test_what_was_read_is_told_up_to_there_and_once(rig: Rig, visit: Visit) -> None:
    hook = await rig.listen("webchat", "statuses")
    visitor = await visit()
    await visitor.write("hello")
    for text in ("one", "two", "three"):
        await rig.say(await conversation(rig), text)
    heard = [(await visitor.hear("message"))["message"]["seq"] for _ in range(3)]
    for _ in range(2):
        await visitor.tell(type="read", seq=heard[1])
    await visitor.write("done")
    await rig.gateway.settled()
    assert await statuses(rig) == [("one", "read"), ("two", "read"), ("three", "delivered")]
    assert told(hook) == ["sent", "delivered"] * 3 + ["read"] * 2


@pytest.mark.parametrize("seq", [None, "1", -1, 1.5, True, [], 2**63])
async def test_reading_nothing_is_no_mistake(rig: Rig, visit: Visit, seq: object) -> None:
    visitor = await visit()
    await visitor.write("hello")
    await rig.say(await conversation(rig), "hi")
    await visitor.tell(type="read", seq=seq)
    await visitor.write("still here")
    assert await statuses(rig) == [("hi", "delivered")]


async def test_reading_before_writing_is_no_mistake(visit: Visit) -> None:
    visitor = await visit()
    await visitor.tell(type="read", seq=1)
    assert (await visitor.write("hello"))["type"] == "accepted"


# ─── repeats and limits ───


async def test_a_message_that_is_sent_again_is_one_message(rig: Rig, visit: Visit) -> None:
    hook = await rig.listen("webchat", "messages")
    visitor = await visit()
    first = await visitor.write("hello", id="client-1")
    again = await (await visit(session=visitor.session)).write("hello", id="client-1")
    assert again["message"]["id"] == first["message"]["id"]
    await rig.gateway.settled()
    assert hook.texts == ["hello"]


async def test_ids_of_two_sessions_are_two_things(rig: Rig, visit: Visit) -> None:
    for _ in range(2):
        await (await visit()).write("hello", id="client-1")
    assert len((await rig.get("/conversations")).body["data"]) == 2


@pytest.mark.parametrize("id", ["", None, [], {}, True])
async def test_without_an_id_every_message_is_a_new_one(rig: Rig, visit: Visit, id: object) -> None:
    visitor = await visit()
    for _ in range(2):
        await visitor.write("hello", id=id)
    assert await rig.texts(await conversation(rig)) == ["hello", "hello"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        (None, "empty"),
        (5, "empty"),
        (["hello"], "empty"),
        ({"text": "hello"}, "empty"),
        ("x" * (MAX_TEXT + 1), "too_long"),
    ],
)
async def test_a_message_that_is_not_taken_is_told_why(rig: Rig, visit: Visit, text: object, reason: str) -> None:
    visitor = await visit()
    assert await visitor.write(text, id="client-1") == {"type": "refused", "id": "client-1", "reason": reason}
    assert (await rig.get("/conversations")).body["data"] == []
    assert (await visitor.write("x" * MAX_TEXT))["type"] == "accepted"


async def test_a_session_that_writes_too_fast_is_told_so_on_every_page(visit: Visit) -> None:
    visitor = await visit()
    for number in range(MAX_MESSAGES):
        assert (await visitor.write(f"{number}"))["type"] == "accepted"
    for page in (visitor, await visit(session=visitor.session)):
        assert (await page.write("one more"))["reason"] == "too_fast"
    assert (await (await visit()).write("hello"))["type"] == "accepted"
    assert len((await visit(session=visitor.session)).texts) == MAX_MESSAGES


@pytest.mark.parametrize("escaped", [r"\ud800", r"\u0000"])
async def test_lone_surrogates_and_nul_are_replaced(visit: Visit, escaped: str) -> None:
    visitor = await visit()
    await visitor.socket.send_str(f'{{"type":"message","text":"a{escaped}b"}}')
    assert (await visitor.hear("accepted"))["message"]["text"] == "a\ufffdb"


# ─── bad manners ───


@pytest.mark.parametrize(
    "frame",
    ["", "hello", "{", "[]", "null", "{}", '{"type":"message","text":"hello"}', '{"type":["hello"]}', "[" * 5000],
)
async def test_who_does_not_say_hello_first_is_shown_the_door(visit: Visit, frame: str) -> None:
    visitor = await visit(silent=True)
    await visitor.socket.send_str(frame)
    assert await visitor.is_closed_with(1008)


async def test_bytes_are_no_hello(visit: Visit) -> None:
    visitor = await visit(silent=True)
    await visitor.socket.send_bytes(b'{"type":"hello"}')
    assert await visitor.is_closed_with(1008)


async def test_who_leaves_without_a_word_does_no_harm(visit: Visit) -> None:
    await (await visit(silent=True)).socket.close()
    assert (await visit()).session


@pytest.mark.parametrize("frame", ["", "hello", "{", "[]", "null", "[" * 5000])
async def test_what_is_not_json_closes_the_socket(visit: Visit, frame: str) -> None:
    visitor = await visit()
    await visitor.socket.send_str(frame)
    assert await visitor.is_closed_with(1003)


async def test_bytes_close_the_socket(visit: Visit) -> None:
    visitor = await visit()
    await visitor.socket.send_bytes(b'{"type":"message","text":"hello"}')
    assert await visitor.is_closed_with(1003)


@pytest.mark.parametrize("silent", [True, False])
async def test_a_frame_that_is_too_large_closes_the_socket(visit: Visit, silent: bool) -> None:  # noqa: FBT001
    visitor = await visit(silent=silent)
    await visitor.tell(type="hello", x="x" * MAX_FRAME)
    assert await visitor.is_closed_with(1009)


@pytest.mark.parametrize("said", [{"type": "unknown"}, {"type": None}, {}, {"type": "hello"}])
async def test_what_is_unknown_is_passed_over(visit: Visit, said: dict[str, object]) -> None:
    visitor = await visit()
    await visitor.tell(**said)
    assert (await visitor.write("hello"))["type"] == "accepted"


async def test_one_address_opens_only_so_many_pages(rig: Rig) -> None:
    async with ClientSession(rig.http.make_url(""), connector=TCPConnector(limit=0)) as browser:
        pages = [await browser.ws_connect(SOCKET) for _ in range(MAX_SOCKETS)]
        with pytest.raises(WSServerHandshakeError, match="429"):
            await browser.ws_connect(SOCKET)
        await pages[0].close()
        assert (await Visitor(await browser.ws_connect(SOCKET)).hello()).session


async def test_pages_are_told_when_the_server_restarts(rig: Rig, visit: Visit) -> None:
    visitors = [await visit(), await visit(silent=True)]
    await rig.gateway.close_webchats()
    assert [await visitor.is_closed_with(1012) for visitor in visitors] == [True, True]
