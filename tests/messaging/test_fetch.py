"""The message behind a thin event is fetched, though it may not be listed yet."""

from __future__ import annotations

import pytest

from botkit.dialogue.event import MessageAnnounced, MessageReceived
from botkit.errors import Rejected, Unauthorized, Unreachable
from tests.messaging.scripted_api import Answer, ScriptedApi

ANNOUNCED = MessageAnnounced("channel-1", "talk-1", "m-1", 1791460800.0)
TALK, MESSAGES = "GET /conversations/talk-1", "GET /conversations/talk-1/messages?limit=20"
MORE = "GET /conversations/talk-1/messages?limit=100"
PARTICIPANT = Answer(200, {"conversation": {"participant": {"id": "5219841234567", "displayName": "Guest name"}}})

pytestmark = pytest.mark.usefixtures("at_once")


def messages(*found: object) -> Answer:
    """The list of the latest messages."""
    return Answer(200, {"messages": found})


async def test_a_thin_event_becomes_the_message_it_announces(api: ScriptedApi) -> None:
    api.answers(TALK, PARTICIPANT)
    api.answers(MESSAGES, messages({"messageId": "m-0", "text": "before"}, {"messageId": "m-1", "text": "Completado"}))
    assert await api.client("m2m").fetch(ANNOUNCED) == MessageReceived(
        "channel-1", "talk-1", "m-1", "text", "Completado", "Guest name", "+5219841234567", 1791460800.0
    )
    assert sorted(api.asked()) == [TALK, MESSAGES]


async def test_what_is_not_listed_yet_is_looked_for_again(api: ScriptedApi) -> None:
    api.answers(TALK, PARTICIPANT)
    api.answers(MESSAGES, messages(), messages({"messageId": "m-0"}), messages({"messageId": "m-1", "text": "here"}))
    assert (await api.client("m2m").fetch(ANNOUNCED)).text == "here"
    assert api.asked(MESSAGES) == [MESSAGES] * 3


async def test_what_is_never_listed_may_be_looked_for_later(api: ScriptedApi) -> None:
    api.answers(MESSAGES, messages({"messageId": "m-0"}))
    with pytest.raises(Unreachable, match="not among the 1 of its conversation"):
        await api.client("m2m").fetch(ANNOUNCED)
    assert api.asked() == [MESSAGES] * 4


def others(count: int) -> list[object]:
    return [{"messageId": f"other-{number}"} for number in range(count)]


async def test_what_much_was_written_after_is_looked_for_among_more(api: ScriptedApi) -> None:
    api.answers(TALK, PARTICIPANT)
    api.answers(MESSAGES, messages(*others(20)))
    api.answers(MORE, messages({"messageId": "m-1", "text": "at last"}, *others(60)))
    assert (await api.client("m2m").fetch(ANNOUNCED)).text == "at last"
    assert sorted(api.asked()) == [TALK, MORE, MESSAGES]


async def test_what_too_much_was_written_after_is_gone(api: ScriptedApi) -> None:
    api.answers(MESSAGES, messages(*others(20)))
    api.answers(MORE, messages(*others(100)))
    with pytest.raises(Rejected, match="not among the 100 latest of its conversation"):
        await api.client("m2m").fetch(ANNOUNCED)
    assert api.asked() == [MESSAGES, MORE] * 4


async def test_what_is_not_listed_among_more_either_may_be_looked_for_later(api: ScriptedApi) -> None:
    api.answers(MESSAGES, messages(*others(20)))
    api.answers(MORE, messages(*others(20)))
    with pytest.raises(Unreachable, match="not among the 20 of its conversation"):
        await api.client("m2m").fetch(ANNOUNCED)


async def test_a_failure_while_reading_is_passed_over(api: ScriptedApi) -> None:
    api.answers(TALK, Answer(500), PARTICIPANT)
    api.answers(MESSAGES, Answer(503), messages({"messageId": "m-1", "text": "here"}))
    assert (await api.client("m2m").fetch(ANNOUNCED)).name == "Guest name"


@pytest.mark.parametrize(("answer", "expected"), [(Answer(404), Rejected), (Answer(401), Unauthorized)])
async def test_a_conversation_that_cannot_be_read_is_an_error(
    api: ScriptedApi, answer: Answer, expected: type[Exception]
) -> None:
    api.answers(MESSAGES, answer)
    with pytest.raises(expected):
        await api.client("m2m").fetch(ANNOUNCED)


@pytest.mark.parametrize(
    ("message", "type", "words"),
    [
        ({"messageId": "m-1", "text": "hello"}, "text", "hello"),
        ({"id": "m-1", "content": "hello", "role": "user"}, "text", "hello"),
        ({"id": "m-1", "text": {"text": "hello"}}, "text", "hello"),
        ({"id": "m-1", "type": "button", "button": {"text": "Yes"}}, "text", "Yes"),
        ({"id": "m-1", "type": "IMAGE"}, "image", ""),
        ({"id": "m-1"}, "unknown", ""),
        ({"id": "m-1", "text": "a\0b"}, "text", "a\ufffdb"),
    ],
)
@pytest.mark.parametrize("envelope", ["messages", "data"])
async def test_messages_are_read_in_every_form(
    api: ScriptedApi, message: object, type: str, words: str, envelope: str
) -> None:
    api.answers(TALK, PARTICIPANT)
    api.answers(MESSAGES, Answer(200, {envelope: ["odd", message]}))
    event = await api.client("m2m").fetch(ANNOUNCED)
    assert (event.type, event.text) == (type, words)


async def test_an_id_may_be_a_number(api: ScriptedApi) -> None:
    api.answers(TALK, PARTICIPANT)
    api.answers(MESSAGES, messages({"messageId": 12345, "text": "hello"}))
    assert (await api.client("m2m").fetch(MessageAnnounced("channel-1", "talk-1", "12345"))).text == "hello"


@pytest.mark.parametrize(
    ("conversation", "name", "phone"),
    [
        ({"data": {"fullName": "Sofia", "phoneNumber": "+524441234567"}}, "Sofia", "+524441234567"),
        ({"conversation": {"participant": {"id": "psid", "displayName": None}, "name": "Sofia"}}, "Sofia", ""),
        ({"conversation": {"participant": ["odd"]}}, "", ""),
        ({}, "", ""),
    ],
)
async def test_who_wrote_is_read_in_every_form(api: ScriptedApi, conversation: object, name: str, phone: str) -> None:
    api.answers(TALK, Answer(200, conversation))
    api.answers(MESSAGES, messages({"messageId": "m-1", "text": "hello"}))
    event = await api.client("m2m").fetch(ANNOUNCED)
    assert (event.name, event.phone) == (name, phone)
