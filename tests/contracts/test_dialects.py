"""The published JSON of each dialect, to the letter: against the webhook parser, the client and the gateway.

The files under `dialects/` are the examples that are published, as they are. Where the gateway must know an id that
they name, its own stands in for it; nothing else is changed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from botkit.dialogue.bot import Bot
from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.event import DeliveryChanged, MessageAnnounced, MessageReceived
from botkit.dialogue.template import Template
from botkit.errors import RateLimited
from botkit.ledger import Subscription
from botkit.messaging.answers import read
from botkit.messaging.client import MessagingClient
from botkit.messaging.dialects import DIALECTS
from botkit.messaging.inbound import parse
from botkit.messaging.signature import HEADER, verify
from botkit.testing import START
from tests.gateway.rig import KEY, Rig, load_bots
from tests.messaging.scripted_api import Answer, ScriptedApi

CHANNEL = Channel("68505cb92a11ea971d9df8bf", "whatsapp")
SOFIA = Contact(CHANNEL.id, "69238d37f3821dae1626709e", "Sofia Martinez")
ENDPOINT = "https://api.yourserver.com/webhooks/whatsapp"
BOOKING = Template("booking_confirmation", "utility", {"en_US": ("a", "b")})
ANA = Contact("channel-1", "", phone="+16305550100")

every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


def published(name: str, ids: Mapping[str, str] = {}) -> bytes:
    """A file of `dialects/`; `ids` says which published ids give way to others."""
    content = (Path(__file__).parent / "dialects" / name).read_bytes()
    for before, after in ids.items():
        assert before.encode() in content
        content = content.replace(before.encode(), after.encode())
    return content


def decoded(name: str) -> Any:
    """What a file says."""
    return orjson.loads(published(name))


# ─── against the webhook parser ───


def test_the_guides_inbound_message_is_read() -> None:
    assert parse(published("guide/inbound.json"), CHANNEL.id) == [
        MessageReceived(
            channel=CHANNEL.id,
            contact=SOFIA.id,
            id="65e67b5c659c37d3734fa58a",
            text="Hello! I'd like to check my order status.",
            name="Sofia Martinez",
        )
    ]


def test_the_thin_event_of_m2m_is_read_and_its_signature_fits() -> None:
    raw, signed = published("m2m/event.json"), decoded("m2m/event.signature.json")
    verify([signed["secret"]], signed[HEADER], raw, now=1791460800, max_age=0)
    assert parse(raw, CHANNEL.id) == [MessageAnnounced(CHANNEL.id, "c_1", "m_1", 1791460800.0)]


# ─── against the client ───


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    async with ScriptedApi() as api:
        yield api


@pytest.mark.parametrize(
    ("dialect", "file"),
    [("guide", "guide/send.json"), ("reference", "reference/send.json"), ("m2m", "reference/send.json")],
)
def test_a_text_is_sent_as_published(dialect: str, file: str) -> None:
    body = decoded(file)
    words = body["text"]["text"] if dialect == "guide" else body["text"]
    assert orjson.loads(MessagingClient("http://x", KEY, DIALECTS[dialect]).compose(SOFIA, words).body) == body


@every_dialect
def test_a_template_is_sent_as_published(dialect: str) -> None:
    client = MessagingClient("http://x", KEY, DIALECTS[dialect])
    request = client.compose_template(ANA, BOOKING, "en_US", ["Ana", "from November 5 to 10th"])
    assert request.path == "/whatsapp-templates/channel-1/send"
    assert orjson.loads(request.body) == decoded("m2m/template_send.json")


@pytest.mark.parametrize(
    ("dialect", "file"),
    [("guide", "guide/subscribe.json"), ("reference", "guide/subscribe.json"), ("m2m", "m2m/subscribe.json")],
)
async def test_a_webhook_is_subscribed_as_published(api: ScriptedApi, dialect: str, file: str) -> None:
    api.answers("POST /webhooks", Answer(201))
    await api.client(dialect).subscribe(Subscription(CHANNEL, "token-1", ENDPOINT))
    assert orjson.loads(api.calls[-1].body) == decoded(file)


def test_the_published_answer_to_a_send_is_the_failure_that_it_tells() -> None:
    with pytest.raises(RateLimited, match="Rate limit exceeded"):
        read(200, {}, published("reference/unsent.json"), "POST /messages")


async def test_the_published_channels_are_read(api: ScriptedApi) -> None:
    api.answers("GET /channels", Answer(body=published("reference/channels.json")))
    assert await api.client().channels() == [Channel("65e1548d667ec3f751a1e20e", "whatsapp", "+1 134 4567890")]


@pytest.mark.parametrize(
    ("file", "id", "words"),
    [("m2m/messages.json", "m_1", "Completado"), ("reference/messages.json", "684b99ebf416816bd65e3001", "hello")],
)
async def test_the_message_behind_a_thin_event_is_read(api: ScriptedApi, file: str, id: str, words: str) -> None:
    api.answers("GET /conversations/c_1", Answer(body=published("m2m/conversation.json")))
    api.answers("GET /conversations/c_1/messages?limit=20", Answer(body=published(file)))
    assert await api.client("m2m").fetch(MessageAnnounced(CHANNEL.id, "c_1", id, 5.0)) == MessageReceived(
        CHANNEL.id, "c_1", id, "text", words, "Guest name", "+529841234567", 5.0
    )


async def test_the_phone_number_is_read_from_the_participant(api: ScriptedApi) -> None:
    api.answers("GET /conversations/c_1", Answer(body=published("m2m/conversation.json")))
    assert await api.client("m2m").phone(Contact(CHANNEL.id, "c_1")) == "+529841234567"


# ─── against the gateway ───


@pytest.fixture(scope="session")
def bots(tmp_path_factory: pytest.TempPathFactory) -> list[Bot]:
    return load_bots(tmp_path_factory.mktemp("bots"))


@pytest.fixture
async def rig(bots: list[Bot], request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """A gateway in the dialect of the test."""
    async with Rig(bots, dialect=request.node.callspec.params["dialect"]) as rig:
        yield rig


@every_dialect
@pytest.mark.parametrize("file", ["guide/subscribe.json", "m2m/subscribe.json"])
async def test_the_published_subscription_is_taken(rig: Rig, dialect: str, file: str) -> None:
    body = published(file, {CHANNEL.id: rig.channel("whatsapp")})
    made = await rig.post("/webhooks", body)
    assert made.status == 201
    [told] = made.body.values()
    assert told | orjson.loads(body) == told


@every_dialect
@pytest.mark.parametrize("file", ["guide/send.json", "reference/send.json"])
async def test_the_published_send_is_taken(rig: Rig, dialect: str, file: str) -> None:
    talk = await rig.write("hello")
    sent = await rig.post("/messages", published(file, {SOFIA.id: talk}))
    assert sent.status == 200
    listed = (await rig.get("/_sandbox/sent")).body["sent"]
    assert [item["content"] for item in listed] == [words_of(decoded(file))]
    if dialect != "m2m":
        assert_shaped(sent.body, decoded("reference/unsent.json"), without={"error"})


def words_of(body: Any) -> str:
    """The words of a send in either form."""
    words: str = body["text"] if isinstance(body["text"], str) else body["text"]["text"]
    return words


@every_dialect
async def test_the_published_template_is_created_approved_and_sent(rig: Rig, dialect: str) -> None:
    path = f"/whatsapp-templates/{rig.channel('whatsapp')}"
    created = await rig.post(path, published("reference/template_create.json"))
    assert created.status == 201
    [told] = created.body.values()
    assert told == {**decoded("reference/template_create.json")["template"], "status": "PENDING"}
    booking = {"type": "BODY", "text": "Hi {{1}}, you are booked {{2}}."}
    template = {"name": "booking_confirmation", "language": "en_US", "category": "UTILITY", "components": [booking]}
    await rig.post(path, {"template": template})
    await rig.control("templates", channel="whatsapp", name="booking_confirmation")
    sent = await rig.post(f"{path}/send", published("m2m/template_send.json"))
    assert (sent.status, sent.body["accepted"]) == (200, True)
    [message] = (await rig.get("/_sandbox/sent")).body["sent"]
    assert message["content"] == "Hi Ana, you are booked from November 5 to 10th."


@pytest.mark.parametrize("dialect", ["guide", "reference"])
async def test_channels_conversations_and_messages_are_listed_as_published(rig: Rig, dialect: str) -> None:
    talk = await rig.write("hello", name="Sofia Martinez")
    await rig.write("hello", handle="+524441234567", name="Ana")
    await rig.say(talk, "Hi! I'm your virtual assistant.")
    assert_shaped((await rig.get("/channels?type=whatsapp")).body, decoded("reference/channels.json"))
    only_the_hosted_api_knows = {"summary", "intent"}
    listed = (await rig.get("/conversations?limit=1")).body
    assert_shaped(listed, decoded("reference/conversations.json"), without=only_the_hosted_api_knows)
    told = (await rig.get(f"/conversations/{talk}/messages")).body
    assert_shaped(told, decoded("reference/messages.json"))
    assert [item["role"] for item in told["data"]] == ["assistant", "user"]


@pytest.mark.parametrize("dialect", ["m2m"])
async def test_a_conversation_and_its_messages_are_bare_as_published(rig: Rig, dialect: str) -> None:
    talk = await rig.write("hello", name="Guest name", handle="+529841234567")
    found = (await rig.get(f"/conversations/{talk}")).body["conversation"]
    assert found | decoded("m2m/conversation.json")["conversation"] == found
    assert_shaped((await rig.get(f"/conversations/{talk}/messages")).body, decoded("m2m/messages.json"))


@pytest.mark.parametrize("dialect", ["guide", "reference"])
async def test_a_message_is_told_as_the_guide_has_it_down_to_the_spelling(rig: Rig, dialect: str) -> None:
    hook = await rig.listen("whatsapp", "messages")
    expected = decoded("guide/inbound.json")
    await rig.fault("misspelt")
    talk = await rig.write(expected["message"]["text"], name=expected["conversation"]["fullName"])
    await rig.gateway.settled()
    [body] = hook.bodies
    expected["channel"]["id"], expected["conversation"]["id"] = rig.channel("whatsapp"), talk
    expected["message"]["id"] = body["message"]["id"]
    assert {name: body[name] | expected[name] for name in expected} == body


@every_dialect
async def test_a_thin_event_has_the_published_keys_and_no_others(rig: Rig, dialect: str) -> None:
    hook = await rig.listen("whatsapp", "message.created")
    await rig.write("hello")
    await rig.gateway.settled()
    [body] = hook.bodies
    expected = decoded("m2m/event.json")
    assert_shaped(body, expected)
    assert (set(body), set(body["data"])) == (set(expected), set(expected["data"]))
    assert (body["type"], body["data"]["direction"]) == ("message.created", "inbound")


def assert_shaped(found: Any, expected: Any, *, without: Collection[str] = (), where: str = "$") -> None:
    """Everything that is published is there, in the same place and of the same type; there may be more."""
    assert type(found) is type(expected), where
    if isinstance(expected, dict):
        for name in expected.keys() - set(without):
            assert name in found, f"{where}.{name}"
            assert_shaped(found[name], expected[name], without=without, where=f"{where}.{name}")
    if isinstance(expected, list):
        assert found, where
        for item in found:
            assert_shaped(item, expected[0], without=without, where=f"{where}[]")


# ─── client and gateway together ───


@asynccontextmanager
async def speaking(rig: Rig, dialect: str) -> AsyncIterator[MessagingClient]:
    """A client of the gateway."""
    client = MessagingClient(rig.url, KEY, DIALECTS[dialect])
    try:
        yield client
    finally:
        await client.close()


@every_dialect
async def test_what_a_contact_writes_reaches_the_bot_and_the_answer_the_contact(rig: Rig, dialect: str) -> None:
    async with speaking(rig, dialect) as client:
        [channel] = [item for item in await client.channels() if item.type == "whatsapp"]
        hook = await rig.listen("whatsapp", *DIALECTS[dialect].events)
        talk = await rig.write("hello", name="Sofia")
        await rig.gateway.settled()
        [event] = parse(hook.calls[0].raw, channel.id)
        message = await client.fetch(event) if isinstance(event, MessageAnnounced) else event
        assert isinstance(message, MessageReceived)
        assert message == MessageReceived(channel.id, talk, message.id, "text", "hello", "Sofia", "+34600000001", START)
        receipt = await client.send(client.compose(Contact(channel.id, talk), "hi"), "key-1")
        assert receipt == await client.send(client.compose(Contact(channel.id, talk), "hi"), "key-1")
        assert receipt.status == "delivered"
        [sent] = (await rig.get("/_sandbox/sent")).body["sent"]
        assert (sent["content"], sent["id"]) == ("hi", receipt.id)


@every_dialect
async def test_a_second_start_subscribes_nothing_twice_and_a_move_leaves_nothing_behind(rig: Rig, dialect: str) -> None:
    async with speaking(rig, dialect) as client:
        channel = (await client.channels())[0]
        first = await client.subscribe(Subscription(channel, "token-1", "http://127.0.0.1:1/webhooks/token-1"))
        assert first.id
        assert bool(first.secret) is DIALECTS[dialect].signed
        assert await client.subscribe(replace(first, id=""), first) == first
        moved = replace(first, id="", endpoint="http://127.0.0.1:2/webhooks/token-1")
        second = await client.subscribe(moved, first)
    assert second.id != first.id
    [listed] = (await rig.get("/webhooks")).body.popitem()[1]
    assert (listed["id"], listed["endpoint"]) == (second.id, second.endpoint)


@every_dialect
async def test_a_lost_secret_is_replaced(rig: Rig, dialect: str) -> None:
    async with speaking(rig, dialect) as client:
        channel = (await client.channels())[0]
        wanted = Subscription(channel, "token-1", "http://127.0.0.1:1/webhooks/token-1")
        first, second = await client.subscribe(wanted), await client.subscribe(wanted)
    assert (first == second) is not DIALECTS[dialect].signed
    assert len((await rig.get("/webhooks")).body.popitem()[1]) == 1


@every_dialect
async def test_a_template_reaches_the_phone_that_the_conversation_tells(rig: Rig, dialect: str) -> None:
    async with speaking(rig, dialect) as client:
        talk = await rig.write("hello", handle="+529841234567")
        contact = Contact(rig.channel("whatsapp"), talk, phone=await client.phone(Contact("", talk)))
        assert contact.phone == "+529841234567"
        template = Template("order_news", "utility", {"en_US": ("a", "b")})
        receipt = await client.send(client.compose_template(contact, template, "en_US", ["Ana", "AB123456"]), "key-1")
    [sent] = (await rig.get("/_sandbox/sent")).body["sent"]
    assert (sent["conversation"], sent["id"]) == (talk, receipt.id)
    assert sent["content"] == "Hi Ana, order AB123456 is on its way."


@every_dialect
async def test_a_send_of_unknown_outcome_is_looked_up(rig: Rig, dialect: str) -> None:
    async with speaking(rig, dialect) as client:
        contact = Contact(rig.channel("whatsapp"), await rig.write("hi"))
        assert await client.find_sent(contact, "hi", START) == []
        sent = [await client.send(client.compose(contact, "hi"), f"key-{number}") for number in range(2)]
        found = await client.find_sent(contact, "hi", START)
        assert found is not None
        assert [receipt.id for receipt in found] == [receipt.id for receipt in reversed(sent)]
        assert all(receipt.provider_id for receipt in found)
        assert await client.find_sent(contact, "hi", START + 60) == []
        assert await client.find_sent(Contact(contact.channel, "nobody"), "hi", START) is None


@every_dialect
@pytest.mark.parametrize(("code", "cause"), [(131047, "window"), (132015, "template"), (131026, "")])
async def test_a_late_failure_tells_its_cause(rig: Rig, dialect: str, code: int, cause: str) -> None:
    spoken = DIALECTS[dialect]
    async with speaking(rig, dialect) as client:
        contact = Contact(rig.channel("whatsapp"), await rig.write("hello"))
        hook = await rig.listen("whatsapp", *spoken.events, spoken.status_event)
        await rig.fault("accept_then_fail", code=code)
        receipt = await client.send(client.compose(contact, "hi"), "key-1")
    await rig.gateway.settled()
    told = [event for call in hook.calls for event in parse(call.raw, contact.channel)]
    assert [(event.message, event.status, event.cause) for event in told if isinstance(event, DeliveryChanged)] == [
        (receipt.id, "sent", ""),
        (receipt.id, "failed", cause),
    ]


@every_dialect
async def test_a_tap_is_told_from_words(rig: Rig, dialect: str) -> None:
    async with speaking(rig, dialect) as client:
        hook = await rig.listen("whatsapp", *DIALECTS[dialect].events)
        await rig.write("Yes", type="button")
        await rig.write("Yes")
        await rig.gateway.settled()
        events = [parse(call.raw, "channel-1")[0] for call in hook.calls]
        taps = [await client.fetch(event) if isinstance(event, MessageAnnounced) else event for event in events]
    assert [(tap.text, tap.type, tap.is_tap) for tap in taps if isinstance(tap, MessageReceived)] == [
        ("Yes", "text", True),
        ("Yes", "text", False),
    ]
