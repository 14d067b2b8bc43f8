"""The published surface of the gateway: key, channels, conversations and their messages."""

from __future__ import annotations

import asyncio
from itertools import chain
from pathlib import Path

import pytest

from botkit.dialogue.bot import Bot
from botkit.dialogue.event import MessageAnnounced
from botkit.errors import StoreError
from botkit.gateway.gateway import Gateway, stored_key
from botkit.messaging.client import MessagingClient
from botkit.messaging.dialects import DIALECTS
from botkit.testing import START
from tests.gateway.rig import KEY, PHONE, Rig, StillClock

# ─── the key ───


@pytest.mark.parametrize("path", ["/channels", "/webhooks", "/conversations", "/conversations/1/messages"])
@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {KEY}", f"Bearer {KEY}2", "Bearer é"]
)
async def test_without_the_key_nothing_is_told(rig: Rig, path: str, given: str) -> None:
    async with rig.http.get(f"/api{path}", headers={"Authorization": given}) as response:
        assert response.status == 401
        assert (await response.json())["error"] == {
            "message": "The API key is missing or wrong.",
            "type": "OAuthException",
            "code": 190,
        }


async def test_a_key_that_is_no_text_is_a_wrong_one(rig: Rig) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", rig.http.port)
    writer.write(b"GET /api/channels HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer \xff\r\n\r\n")
    assert await reader.readline() == b"HTTP/1.0 401 Unauthorized\r\n"
    writer.close()
    await writer.wait_closed()


async def test_a_key_is_made_once_where_none_is_given(tmp_path: Path) -> None:
    keys = list[str]()
    for _ in range(2):
        gateway = Gateway(tmp_path / "gateway.db", StillClock())
        await gateway.open([])
        keys.append(gateway.key)
        await gateway.close()
    assert keys[0] == keys[1]
    assert len(keys[0]) > 40


async def test_a_second_gateway_on_the_same_file_is_refused(bots: list[Bot], tmp_path: Path) -> None:
    late = Gateway(tmp_path / "gateway.db", StillClock())
    async with Rig(bots, tmp_path / "gateway.db"):
        with pytest.raises(StoreError, match=r"Another botkit is running on .*gateway\.db\. .*another `gateway:`"):
            await late.open(bots)
        assert await stored_key(tmp_path / "gateway.db"), "who only looks may"
    await late.open(bots)
    await late.close()


async def test_a_gateway_that_could_not_open_its_file_does_not_own_it(bots: list[Bot], tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    path.write_text("This is no database. " * 100)
    with pytest.raises(StoreError, match="move it away"):
        await Gateway(path, StillClock()).open(bots)
    path.unlink()
    async with Rig(bots, path) as rig:
        assert (await rig.get("/channels")).status == 200


# ─── channels ───


async def test_each_channel_of_a_bot_is_listed(rig: Rig) -> None:
    listed = (await rig.get("/channels")).body["data"]
    assert [item["type"] for item in listed] == ["whatsapp", "instagram", "messenger", "webchat"]
    assert listed[0] == {
        "id": rig.channel("whatsapp"),
        "name": "shop on whatsapp",
        "type": "whatsapp",
        "simulated": True,
        "bot": "shop",
        "extensions": [
            *("buttons", "list", "image", "audio", "video", "document", "location"),
            *("typing", "statuses", "idempotency"),
        ],
    }
    assert [item["simulated"] for item in listed] == [True, True, True, False]


async def test_channels_are_filtered_by_type(rig: Rig) -> None:
    assert [item["type"] for item in (await rig.get("/channels?type=messenger")).body["data"]] == ["messenger"]
    assert (await rig.get("/channels?type=voice")).body == {"data": []}


# ─── sending ───


@pytest.mark.parametrize("text", ["Hi Sofia!", {"text": "Hi Sofia!"}])
async def test_a_text_is_taken_in_the_form_of_the_guide_and_of_the_reference(rig: Rig, text: object) -> None:
    talk = await rig.write("hello")
    sent = await rig.post("/messages", {"type": "text", "to": talk, "text": text})
    assert sent.status == 200
    message = sent.body["data"]["message"]
    assert message.pop("id")
    assert message.pop("providerId").startswith("whatsapp.")
    assert message == {"contact": talk, "content": "Hi Sofia!", "role": "assistant", "status": "delivered"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "The body is not JSON"),
        (b"{", "The body is not JSON"),
        (b"\xff", "The body is not JSON"),
        (b"[]", "must be a JSON object"),
        (b'"text"', "must be a JSON object"),
        ({"to": "TALK", "text": "x"}, "type must be one of text"),
        ({"type": "sticker", "to": "TALK", "text": "x"}, "type must be one of text"),
        ({"type": ["text"], "to": "TALK", "text": "x"}, "type must be one of text"),
        ({"type": "text", "to": "TALK"}, "text must be a text"),
        ({"type": "text", "to": "TALK", "text": " \n"}, "text must be a text"),
        ({"type": "text", "to": "TALK", "text": 5}, "text must be a text"),
        ({"type": "text", "to": "TALK", "text": None}, "text must be a text"),
        ({"type": "text", "to": "TALK", "text": {"body": "x"}}, "text must be a text"),
        ({"type": "text", "to": "TALK", "text": "x" * 4097}, "whatsapp allows 4096"),
        ({"type": "buttons", "to": "TALK", "text": "x"}, "1 to 3 choices"),
        ({"type": "buttons", "to": "TALK", "text": "x", "buttons": [{"id": "1", "title": "a"}] * 4}, "1 to 3 choices"),
        ({"type": "buttons", "to": "TALK", "text": "x", "buttons": ["a"]}, "an id and a title"),
        ({"type": "list", "to": "TALK", "text": "x", "items": [{"id": "1", "title": "a"}] * 11}, "1 to 10 choices"),
        (
            {"type": "buttons", "to": "TALK", "text": "x", "buttons": [{"id": "1", "title": "a" * 21}]},
            "a title has 21 characters; whatsapp allows 20",
        ),
        (
            {"type": "buttons", "to": "TALK", "text": "x", "buttons": [{"id": "1", "title": "a", "description": "b"}]},
            "a description has 1 characters; whatsapp allows 0",
        ),
        (
            {"type": "buttons", "to": "TALK", "text": "x", "buttons": [{"id": "1", "title": "a"}] * 2},
            "an id and a title of its own",
        ),
        (
            {"type": "buttons", "to": "TALK", "text": "x", "buttons": [{"id": "1", "title": "a", "url": "https://x"}]},
            "no buttons that open an address",
        ),
        (
            {"type": "buttons", "to": "TALK", "text": "x" * 1025, "buttons": [{"id": "1", "title": "a"}]},
            "whatsapp allows 1024",
        ),
        ({"type": "quick_replies", "to": "TALK", "text": "x"}, "type must be one of text"),
        (
            {"type": "location", "to": "TALK", "location": {"latitude": "1", "longitude": 2}},
            "a latitude and a longitude",
        ),
        (
            {"type": "location", "to": "TALK", "location": {"latitude": 91, "longitude": 2}},
            "a latitude and a longitude",
        ),
        ({"type": "document", "to": "TALK"}, "document.url must begin with https://"),
        ({"type": "image", "to": "TALK", "image": {"url": "http://x/y.png"}}, "must begin with https://"),
        ({"type": "image", "to": "TALK", "image": "https://x/y.png"}, "must begin with https://"),
    ],
)
async def test_a_send_that_is_wrong_is_told_why(rig: Rig, body: object, words: str) -> None:
    talk = await rig.write("hello")
    if isinstance(body, dict):
        body = {key: talk if value == "TALK" else value for key, value in body.items()}
    sent = await rig.post("/messages", body)
    assert (sent.status, sent.body["error"]["code"]) == (400, 100)
    assert words in sent.error
    assert await rig.texts(talk) == ["hello"]


@pytest.mark.parametrize("to", ["nobody", "", None, {"id": 1}, "\0", PHONE])
async def test_a_send_to_nobody_is_not_found(rig: Rig, to: object) -> None:
    sent = await rig.post("/messages", {"type": "text", "to": to, "text": "x"})
    assert sent.status == 404
    assert "There is no conversation" in sent.error


async def test_an_error_without_a_code_of_the_platform_claims_none(rig: Rig) -> None:
    assert (await rig.say("nobody", "x")).body == {"error": {"message": "There is no conversation 'nobody'."}}


@pytest.mark.parametrize(
    ("channel", "longest"), [("whatsapp", "é" * 4096), ("messenger", "é" * 2000), ("instagram", "é" * 500)]
)
async def test_each_channel_has_its_own_longest_text(rig: Rig, channel: str, longest: str) -> None:
    talk = await rig.write("hello", channel)
    assert (await rig.say(talk, longest)).status == 200
    assert (await rig.say(talk, longest + "é")).status == 400


async def test_lone_surrogates_in_a_send_are_replaced(rig: Rig) -> None:
    talk = await rig.write("hello")
    body = rb'{"type":"text","to":"%s","text":"a\ud800b"}' % talk.encode()
    assert (await rig.post("/messages", body)).body["data"]["message"]["content"] == "a\ufffdb"


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (
            {"type": "buttons", "text": "Which?", "buttons": [{"id": "1", "title": "Red", "rank": 5}]},
            {"type": "buttons", "content": "Which?", "buttons": [{"id": "1", "title": "Red"}]},
        ),
        (
            {"type": "list", "text": "Which?", "items": [{"id": "1", "title": "Red", "description": "warm"}]},
            {"type": "list", "button": "…", "items": [{"id": "1", "title": "Red", "description": "warm"}]},
        ),
        (
            {"type": "image", "image": {"url": "https://x/y.png", "caption": "Map"}},
            {"type": "image", "content": "", "image": {"url": "https://x/y.png", "caption": "Map"}},
        ),
    ],
)
async def test_buttons_lists_and_images_are_carried(rig: Rig, part: dict[str, object], told: dict[str, object]) -> None:
    talk = await rig.write("hello")
    assert (await rig.post("/messages", {"to": talk, **part})).status == 200
    message = (await rig.get(f"/conversations/{talk}/messages")).body["data"][0]
    assert message | told == message


async def test_a_body_over_the_limit_is_refused(rig: Rig) -> None:
    assert (await rig.post("/messages", b" " * (3 * 1024 * 1024 + 1))).status == 413


# ─── the window ───

DAY = 24 * 3600.0


@pytest.mark.parametrize("channel", ["whatsapp", "instagram", "messenger"])
async def test_the_window_closes_a_day_after_the_contact_last_wrote(rig: Rig, channel: str) -> None:
    talk = await rig.write("hello", channel)
    await rig.advance(DAY - 1)
    assert (await rig.say(talk, "in time")).status == 200
    await rig.advance(1)
    late = await rig.say(talk, "too late")
    assert (late.status, late.body["error"]["code"]) == (400, 131047)
    assert "24 hours" in late.error
    assert await rig.texts(talk) == ["hello", "in time"]


async def test_only_the_contact_opens_the_window_again(rig: Rig) -> None:
    talk = await rig.write("hello")
    await rig.advance(DAY / 2)
    await rig.say(talk, "this does not count")
    await rig.advance(DAY / 2)
    assert (await rig.say(talk, "late")).status == 400
    await rig.write("I am back")
    assert (await rig.say(talk, "welcome")).status == 200


async def test_a_template_does_not_open_the_window(rig: Rig) -> None:
    path = f"/whatsapp-templates/{rig.channel('whatsapp')}/send"
    await rig.post(path, {"to": PHONE, "template": {"name": "come_back", "language": {"code": "en_US"}}})
    [talk] = (await rig.get("/conversations")).body["data"]
    assert (await rig.say(talk["id"], "hello")).body["error"]["code"] == 131047


# ─── conversations ───


async def test_a_conversation_tells_who_and_when(rig: Rig) -> None:
    talk = await rig.write("hello", name="Sofia Martinez")
    await rig.advance(60)
    await rig.say(talk, "hi")
    told = {
        "id": talk,
        "createdAt": "2027-01-15T08:00:00.000Z",
        "updatedAt": "2027-01-15T08:01:00.000Z",
        "channel": "whatsapp",
        "fullName": "Sofia Martinez",
        "phoneNumber": PHONE,
    }
    assert (await rig.get(f"/conversations/{talk}")).body == {"data": told}
    assert (await rig.get("/conversations")).body["data"] == [told]


async def test_a_contact_keeps_one_conversation_and_its_latest_name(rig: Rig) -> None:
    talks = [await rig.write("hello", name=name) for name in ("Sofia", "", "Sofia M.", "")]
    assert len(set(talks)) == 1
    assert (await rig.get(f"/conversations/{talks[0]}")).body["data"]["fullName"] == "Sofia M."


async def test_a_conversation_may_keep_its_phone_to_itself(rig: Rig) -> None:
    talk = await rig.write("hello", phone=False)
    assert (await rig.get(f"/conversations/{talk}")).body["data"]["phoneNumber"] == ""


async def test_messages_are_told_newest_first_the_latest_only(rig: Rig) -> None:
    talk = await rig.write("one")
    await rig.say(talk, "two")
    await rig.write("three")
    listed = (await rig.get(f"/conversations/{talk}/messages?limit=2")).body["data"]
    assert [(item["content"], item["role"]) for item in listed] == [("three", "user"), ("two", "assistant")]
    known = {"id", "content", "role", "type", "status", "createdAt"}
    assert [set(item) for item in listed] == [known, known | {"providerId"}]


@pytest.mark.parametrize("dialect", ["guide", "m2m"])
async def test_the_messages_of_a_conversation_are_listed_page_by_page(bots: list[Bot], dialect: str) -> None:
    async with Rig(bots, dialect=dialect) as rig:
        [talk] = {await rig.write(str(number)) for number in range(5)}
        seen, pages = list[str](), 0
        cursor: str | None = ""
        while cursor is not None:
            told = (await rig.get(f"/conversations/{talk}/messages?limit=2&before={cursor}")).body
            pagination = (told if dialect == "m2m" else told["meta"])["pagination"]
            messages = told["messages"] if dialect == "m2m" else told["data"]
            seen += [message.get("text", message.get("content")) for message in messages]
            cursor, pages = pagination.get("before"), pages + 1
            assert pagination["hasMore"] is (cursor is not None)
    assert (seen, pages) == (["4", "3", "2", "1", "0"], 3)


async def test_before_a_message_that_nobody_knows_there_is_none(rig: Rig) -> None:
    talk = await rig.write("hello")
    assert (await rig.get(f"/conversations/{talk}/messages?before=nobody")).body["data"] == []


async def test_a_message_far_back_is_still_found(bots: list[Bot]) -> None:
    async with Rig(bots, dialect="m2m") as rig:
        order = {"channel": "whatsapp", "from": PHONE, "text": "the first"}
        received = (await rig.post("/_sandbox/inbound", [order, *[{**order, "text": "more"}] * 250])).body["received"]
        client = MessagingClient(rig.url, KEY, DIALECTS["m2m"])
        talk, first = received[0]["conversation"], received[0]["message"]
        found = await client.fetch(MessageAnnounced(rig.channel("whatsapp"), talk, first, START))
        await client.close()
        assert found.text == "the first"


@pytest.mark.parametrize("levels", [65, 300, 1500, 100_000])
async def test_a_body_that_is_nested_too_deeply_is_refused(rig: Rig, levels: int) -> None:
    nested = b"[" * levels + b"]" * levels
    body = b'{"channel": "x", "template": {"name": "a", "language": "en", "components": [{"type": %b}]}}' % nested
    for path in ("/messages", "/webhooks", f"/whatsapp-templates/{rig.channel('whatsapp')}"):
        reply = await rig.post(path, body)
        assert (reply.status, reply.error) == (400, "The body may be nested 64 levels deep.")


@pytest.mark.parametrize("talk", ["nope", "%FF"])
async def test_nobody_writes_in_a_conversation_that_does_not_exist(rig: Rig, talk: str) -> None:
    assert (await rig.post(f"/conversations/{talk}/typing", {})).status == 404


@pytest.mark.parametrize("path", ["/conversations/nobody", "/conversations/nobody/messages", "/conversations/%FF"])
async def test_an_unknown_conversation_is_not_found(rig: Rig, path: str) -> None:
    assert (await rig.get(path)).status == 404


@pytest.mark.parametrize("limit", ["0", "101", "-1", "many", "1.5"])
@pytest.mark.parametrize("path", ["/conversations", "/conversations/TALK/messages"])
async def test_a_limit_is_from_1_to_100(rig: Rig, path: str, limit: str) -> None:
    path = path.replace("TALK", await rig.write("hello"))
    assert (await rig.get(f"{path}?limit={limit}")).error == "limit must be from 1 to 100."


async def ids_by_page(rig: Rig, query: str = "") -> list[list[str]]:
    """The addresses of the conversations, page by page."""
    pages, cursor = list[list[str]](), ""
    while True:
        reply = (await rig.get(f"/conversations?limit=2{query}{cursor}")).body
        pages.append([item["phoneNumber"][-1] for item in reply["data"]])
        pagination = reply["meta"]["pagination"]
        assert pagination["limit"] == 2
        if not pagination["hasMore"]:
            assert "nextCursor" not in pagination
            return pages
        cursor = f"&cursor={pagination['nextCursor']}"


async def test_conversations_come_in_pages_the_latest_first(rig: Rig) -> None:
    for number in range(1, 6):
        await rig.write("hello", handle=f"+3460000000{number}")
        await rig.advance(1)
    assert await ids_by_page(rig) == [["5", "4"], ["3", "2"], ["1"]]
    await rig.write("again", handle="+34600000001")
    assert await ids_by_page(rig) == [["1", "5"], ["4", "3"], ["2"]]
    assert await ids_by_page(rig, "&sortBy=createdAt") == [["5", "4"], ["3", "2"], ["1"]]


async def test_conversations_of_one_moment_are_paged_without_loss(rig: Rig) -> None:
    for number in range(1, 6):
        await rig.write("hello", handle=f"+3460000000{number}")
    assert sorted(chain.from_iterable(await ids_by_page(rig))) == ["1", "2", "3", "4", "5"]


async def test_a_last_page_that_is_full_has_no_next_one(rig: Rig) -> None:
    for number in range(1, 3):
        await rig.write("hello", handle=f"+3460000000{number}")
    assert len(await ids_by_page(rig)) == 1


@pytest.mark.parametrize("cursor", ["nobody", "%00", "eyJpZCI6MX0="])
async def test_an_unknown_cursor_leads_nowhere(rig: Rig, cursor: str) -> None:
    await rig.write("hello")
    assert (await rig.get(f"/conversations?cursor={cursor}")).body["data"] == []


async def test_conversations_are_sorted_only_by_what_is_known(rig: Rig) -> None:
    assert (await rig.get("/conversations?sortBy=name")).status == 400


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=sofia", ["Sofia"]),
        ("q=%2B34600000002", ["Ana"]),
        ("q=600", ["Ana", "Sofia"]),
        ("q=%25", []),
        ("q=_", []),
        ("channel=instagram", ["Eva"]),
        ("channel=whatsapp&q=a", ["Ana", "Sofia"]),
        ("channel=voice", []),
        ("", ["Ana", "Eva", "Sofia"]),
    ],
)
async def test_conversations_are_found_by_name_phone_and_channel(rig: Rig, query: str, found: list[str]) -> None:
    await rig.write("hello", name="Sofia")
    await rig.write("hello", handle="+34600000002", name="Ana")
    await rig.write("hello", "instagram", "eva", name="Eva")
    listed = (await rig.get(f"/conversations?{query}")).body["data"]
    assert sorted(item["fullName"] for item in listed) == found


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_other_methods_are_not_allowed(rig: Rig, method: str) -> None:
    async with rig.http.request(method, "/api/messages") as response:
        assert response.status == 405
