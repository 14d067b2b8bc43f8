"""The message behind a thin event is fetched, though it may not be listed yet."""

from __future__ import annotations

import orjson
import pytest

from botkit.dialogue.event import MessageAnnounced, MessageReceived
from botkit.errors import OutcomeUnknown, Rejected, Unauthorized
from botkit.messaging.inbound import parse
from tests.messaging.scripted_api import Answer, ScriptedApi

ANNOUNCED = MessageAnnounced("channel-1", "talk-1", "m-1", 1791460800.0)
TALK, MESSAGES = "GET /conversations/talk-1", "GET /conversations/talk-1/messages?limit=20"
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


async def test_of_what_is_never_listed_nobody_knows_more(api: ScriptedApi) -> None:
    api.answers(MESSAGES, messages({"messageId": "m-0"}))
    with pytest.raises(OutcomeUnknown, match="not listed in its conversation"):
        await api.client("m2m").fetch(ANNOUNCED)
    assert api.asked() == [MESSAGES] * 4


# ─── behind the latest ───

MANY = MESSAGES.replace("20", "100")
FULL = messages(*({"messageId": f"later-{number}", "text": "later"} for number in range(20)))


async def test_behind_a_burst_it_is_found_among_more(api: ScriptedApi) -> None:
    api.answers(TALK, PARTICIPANT)
    api.answers(MESSAGES, FULL)
    api.answers(MANY, messages({"messageId": "m-1", "text": "here"}))
    assert (await api.client("m2m").fetch(ANNOUNCED)).text == "here"
    assert api.asked(MESSAGES.partition("?")[0]) == [MESSAGES, MANY]


@pytest.mark.parametrize(
    ("told", "query"),
    [
        ({"pagination": {"before": "m-9"}}, "before=m-9"),
        ({"pagination": {"nextCursor": "eyJ9"}}, "cursor=eyJ9"),
        ({"meta": {"pagination": {"nextCursor": "eyJ9", "hasMore": True}}}, "cursor=eyJ9"),
        ({"meta": {"pagination": {"next": "eyJ9"}}}, "cursor=eyJ9"),
    ],
)
async def test_it_is_found_on_the_pages_before(api: ScriptedApi, told: dict[str, object], query: str) -> None:
    api.answers(TALK, PARTICIPANT)
    api.answers(MESSAGES, FULL)
    api.answers(MANY, Answer(200, {"messages": [{"messageId": "m-2"}], **told}))
    api.answers(f"{MANY}&{query}", messages({"messageId": "m-1", "text": "here"}))
    assert (await api.client("m2m").fetch(ANNOUNCED)).text == "here"


async def test_a_list_without_end_is_not_read_for_ever(api: ScriptedApi) -> None:
    turning = Answer(200, {"messages": [{"messageId": "m-2"}], "pagination": {"nextCursor": "same"}})
    api.answers(MESSAGES, FULL)
    for page in (MANY, f"{MANY}&cursor=same"):
        api.answers(page, turning)
    with pytest.raises(OutcomeUnknown):
        await api.client("m2m").fetch(ANNOUNCED)
    assert len(api.asked()) == 3 * 4


async def test_what_is_older_than_the_event_is_not_looked_through(api: ScriptedApi) -> None:
    api.answers(MESSAGES, messages(*({"messageId": f"{at}", "createdAt": 1791460000.0 + at} for at in range(20))))
    with pytest.raises(OutcomeUnknown):
        await api.client("m2m").fetch(ANNOUNCED)
    assert api.asked() == [MESSAGES] * 4


async def test_an_id_that_is_too_long_to_keep_is_found_by_its_hash(api: ScriptedApi) -> None:
    api.answers(TALK, PARTICIPANT)
    api.answers(MESSAGES, messages({"messageId": "x" * 600 + "1"}, {"messageId": "x" * 600 + "2", "text": "two"}))
    body = orjson.dumps({"type": "message.created", "data": {"messageId": "x" * 600 + "2", "conversationId": "talk-1"}})
    [announced] = parse(body, "channel-1")
    assert isinstance(announced, MessageAnnounced)
    assert (await api.client("m2m").fetch(announced)).text == "two"


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
