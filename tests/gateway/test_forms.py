"""What a bot shows, all the way: as its channel carries it, through the client, to what the gateway keeps and tells."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from botkit.dialogue.carries import carried
from botkit.dialogue.channel import TYPES, Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.contents import Content, File, Shown, contents
from botkit.dialogue.event import MessageAnnounced, MessageReceived
from botkit.dialogue.text import Choice, Location
from botkit.messaging.client import MessagingClient
from botkit.messaging.dialects import DIALECTS
from botkit.messaging.inbound import parse
from botkit.testing import START
from tests.gateway.rig import KEY, PHONE, Rig


def choices(count: int, **more: Any) -> tuple[Choice, ...]:
    letters = "ABCDEFGHIJKLMN"
    return tuple(Choice(f"value_{letters[n]}", {"en": f"Label {letters[n]}"}, **more) for n in range(count))


PLACE = Location(36.7196, -4.4132, "Hotel Miramar", "Calle del Mar 3")
SHOWN: Mapping[str, Shown] = {
    "text": Shown("Hello"),
    "long text": Shown("The order has left our house. " * 200),
    "three buttons": Shown("Which?", choices=choices(3)),
    "long text with buttons": Shown("The order has left our house. " * 200, choices=choices(2)),
    "six buttons": Shown("Which?", choices=choices(6)),
    "twelve buttons": Shown("Which?", choices=choices(12)),
    "described": Shown("Which?", choices=choices(2, descriptions={"en": "of two"})),
    "an address": Shown("Which?", choices=(*choices(1), Choice("site", {"en": "Site"}, url="https://example.com"))),
    "long titles": Shown("Which?", choices=(Choice("a", {"en": "x" * 200}), Choice("b", {"en": "y" * 30}))),
    "image": Shown("Look", files=(File("image", "https://example.com/a.png"),)),
    "image alone": Shown("", files=(File("image", "https://example.com/a.png"),)),
    "insecure image": Shown("Look", files=(File("image", "http://example.com/a.png"),)),
    "captioned image": Shown("Look", files=(File("image", "https://example.com/a.png", "A view"),)),
    "long caption": Shown("Look", files=(File("image", "https://example.com/a.png", "A view. " * 300),)),
    "audio": Shown("Listen", files=(File("audio", "https://example.com/a.ogg"),)),
    "video": Shown("Look", files=(File("video", "https://example.com/a.mp4"),)),
    "document": Shown("Read", files=(File("document", "https://example.com/a.pdf", filename="a.pdf"),)),
    "place": Shown("Here", location=PLACE),
    "everything": Shown(
        "Here", files=(File("image", "https://example.com/a.png"),), location=PLACE, choices=choices(3)
    ),
}


@pytest.fixture
async def client(rig: Rig) -> AsyncIterator[MessagingClient]:
    made = MessagingClient(rig.url, KEY, DIALECTS["guide"])
    yield made
    await made.close()


async def channel_of(client: MessagingClient, kind: str) -> Channel:
    return next(channel for channel in await client.channels() if channel.type == kind)


@pytest.mark.parametrize("kind", ["whatsapp", "instagram", "messenger"])
@pytest.mark.parametrize("name", SHOWN)
async def test_whatever_a_channel_makes_of_a_saying_is_taken_and_found_again(
    rig: Rig, client: MessagingClient, kind: str, name: str
) -> None:
    contact = Contact((channel := await channel_of(client, kind)).id, await rig.write("hello", kind))
    made = contents(SHOWN[name], carried(channel))
    for number, content in enumerate(made):
        request = client.compose(contact, content.text, content.shows)
        receipt = await client.send(request, f"key-{number}")
        assert receipt in (await client.find_sent(contact, content.text, START) or ())
    assert await rig.texts(contact.id) == ["hello", *(content.text for content in made)]


@pytest.mark.parametrize("kind", TYPES)
async def test_what_a_channel_says_it_carries_is_what_the_table_says(client: MessagingClient, kind: str) -> None:
    channel = await channel_of(client, kind)
    assert set(carried(channel).extensions) <= set(channel.extensions)
    assert contents(SHOWN["three buttons"], carried(channel))[0].shows
    assert contents(SHOWN["image alone"], carried(channel))[0].shows


@pytest.mark.parametrize("kind", TYPES)
async def test_an_api_that_carries_only_text_is_sent_only_text(kind: str) -> None:
    hosted = Channel("channel-1", kind)
    made = [content for shown in SHOWN.values() for content in contents(shown, carried(hosted))]
    assert all(content == Content(content.text) and content.text.strip() for content in made)


# ─── what comes in ───

TAPPED: dict[str, object] = {"text": "Terrace", "choice": "terrace"}
SENT: dict[str, object] = {"text": "", "type": "location", "latitude": 36.7196, "longitude": -4.4132}
PICTURE: dict[str, object] = {"text": "My room", "type": "image", "url": "https://x/a.jpg", "mime": "image/jpeg"}


async def received(rig: Rig, client: MessagingClient, dialect: str, **written: Any) -> MessageReceived:
    """What becomes of what a contact does, in one of the dialects."""
    event = "message.created" if dialect == "m2m" else "messages"
    hook = await rig.listen("whatsapp", event)
    words = written.pop("text")
    await rig.write(words, **written)
    await rig.gateway.settled()
    [found] = parse(hook.calls[-1].raw, rig.channel("whatsapp"))
    if isinstance(found, MessageAnnounced):
        found = await client.fetch(found)
    assert isinstance(found, MessageReceived)
    return found


@pytest.mark.parametrize("dialect", ["guide", "m2m"])
async def test_a_tap_tells_what_the_button_carries(rig: Rig, client: MessagingClient, dialect: str) -> None:
    tap = await received(rig, client, dialect, **TAPPED)
    assert (tap.text, tap.type, tap.is_tap, tap.choice) == ("Terrace", "text", True, "terrace")


@pytest.mark.parametrize("dialect", ["guide", "m2m"])
async def test_a_place_tells_its_degrees(rig: Rig, client: MessagingClient, dialect: str) -> None:
    sent = await received(rig, client, dialect, **SENT)
    assert (sent.text, sent.type, sent.latitude, sent.longitude) == ("", "location", 36.7196, -4.4132)


@pytest.mark.parametrize("dialect", ["guide", "m2m"])
async def test_a_picture_tells_where_it_lies(rig: Rig, client: MessagingClient, dialect: str) -> None:
    sent = await received(rig, client, dialect, **PICTURE)
    assert (sent.text, sent.type, sent.url, sent.mime) == ("My room", "image", "https://x/a.jpg", "image/jpeg")


@pytest.mark.parametrize("order", [{"latitude": 91}, {"longitude": "east"}, {"choice": "x" * 257}])
async def test_what_no_phone_could_send_is_refused(rig: Rig, order: dict[str, object]) -> None:
    reply = await rig.control("inbound", **{"channel": "whatsapp", "from": PHONE, "text": "x", **order})
    assert reply.status == 400
