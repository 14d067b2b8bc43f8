"""The body of a webhook becomes events: every known form, every oddity that was seen, and what nobody should send."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import Any

import orjson
import pytest

from botkit.dialogue.event import DeliveryChanged, Event, Ignored, MessageAnnounced, MessageReceived, MessageSent
from botkit.errors import BadPayload
from botkit.messaging.fields import MAX_ID
from botkit.messaging.inbound import MAX_EVENTS, MAX_TEXT, parse

CHANNEL = "channel-1"
AT = "2026-10-08T12:00:00.000Z"
AT_SECONDS = 1791460800.0


def full(message: object = None, **conversation: object) -> dict[str, Any]:
    """A full event, as the guide has it."""
    told = {"id": "m-1", "type": "text", "text": "hello"} if message is None else message
    return {
        "channel": {"id": "c", "type": "whastapp"},
        "conversation": {"id": "talk-1", **conversation},
        "message": told,
    }


def thin(name: str = "message.created", /, **data: object) -> dict[str, Any]:
    """A thin event, as m2m has it."""
    ids = {"messageId": "m-1", "conversationId": "talk-1", "direction": "inbound", "channel": "whatsapp"}
    return {"type": name, "occurredAt": AT, "data": {**ids, **data}}


def status(**told: object) -> dict[str, Any]:
    """A delivery change, as the gateway tells it in the guide's form."""
    return {"conversation": {"id": "talk-1"}, "status": {"message": "m-1", "status": "read", "timestamp": AT, **told}}


def read(payload: object) -> Event | Ignored:
    """The one event of a body."""
    [event] = parse(orjson.dumps(payload), CHANNEL)
    return event


def received(payload: object) -> MessageReceived:
    """The one message of a body."""
    event = read(payload)
    assert isinstance(event, MessageReceived)
    return event


# ─── messages ───


def test_a_full_event_is_a_message_on_the_channel_of_its_token() -> None:
    assert read(full(fullName="Sofia Martinez", phoneNumber="+52 444 123 4567")) == MessageReceived(
        CHANNEL, "talk-1", "m-1", "text", "hello", "Sofia Martinez", "+524441234567", None
    )


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"text": "plain"}, "plain"),
        ({"text": {"text": "nested as in the guide"}}, "nested as in the guide"),
        ({"type": "text", "text": {"body": "nested as with Meta"}}, "nested as with Meta"),
        ({"content": "as in a list"}, "as in a list"),
        ({"text": "", "content": "the first that is there"}, "the first that is there"),
        ({"text": 42}, "42"),
        ({"type": "TEXT", "text": "any case"}, "any case"),
        ({"type": "button", "button": {"text": "Yes", "payload": "yes-1"}}, "Yes"),
        ({"type": "button", "text": "Yes"}, "Yes"),
        ({"type": "quick_reply", "text": "Red", "quick_reply": {"payload": "r"}}, "Red"),
        ({"type": "postback", "postback": {"title": "Start", "payload": "go"}}, "Start"),
        ({"type": "interactive", "interactive": {"button_reply": {"id": "1", "title": "First"}}}, "First"),
        ({"type": "interactive", "interactive": {"list_reply": {"id": "2", "title": "Second"}}}, "Second"),
        ({"type": "button_reply", "button_reply": {"title": "Third"}}, "Third"),
        ({"type": "list_reply", "list_reply": {"title": "Fourth"}}, "Fourth"),
    ],
)
def test_words_and_taps_are_text(message: dict[str, object], words: str) -> None:
    event = received(full({"id": "m-1", **message}))
    assert (event.type, event.text) == ("text", words)


@pytest.mark.parametrize(
    ("message", "is_tap"),
    [
        ({"type": "button", "button": {"text": "Yes", "payload": "yes-1"}}, True),
        ({"type": "INTERACTIVE", "interactive": {"list_reply": {"id": "2", "title": "Second"}}}, True),
        ({"type": "quick_reply", "text": "Red"}, True),
        ({"type": "postback", "postback": {"title": "Start"}}, True),
        ({"text": "Red", "quick_reply": {"payload": "r"}}, True),
        ({"text": "Red", "quick_reply": None}, False),
        ({"type": "text", "text": "Yes"}, False),
        ({"type": "image"}, False),
        ({}, False),
    ],
)
def test_a_tap_is_told_from_words(message: dict[str, object], is_tap: bool) -> None:  # noqa: FBT001
    assert received(full({"id": "m-1", **message})).is_tap is is_tap


@pytest.mark.parametrize(
    ("message", "choice"),
    [
        ({"type": "button_reply", "text": "Red", "button_reply": {"id": "r", "title": "Red"}}, "r"),
        ({"type": "interactive", "interactive": {"button_reply": {"id": "r", "title": "Red"}}}, "r"),
        ({"type": "interactive", "interactive": {"list_reply": {"id": "r", "title": "Red"}}}, "r"),
        ({"type": "button", "button": {"payload": "r", "text": "Red"}}, "r"),
        ({"type": "postback", "postback": {"payload": "r", "title": "Red"}}, "r"),
        ({"type": "quick_reply", "text": "Red", "quick_reply": {"payload": "r"}}, "r"),
        ({"text": "Red", "quick_reply": {"payload": "r"}}, "r"),
        ({"type": "quick_reply", "text": "Red"}, ""),
        ({"type": "button", "text": "Red", "button": "r"}, ""),
        ({"type": "button", "text": "Red", "button": {"payload": ["r"]}}, ""),
        ({"type": "text", "text": "Red", "id": "m-1"}, ""),
    ],
)
def test_a_tap_tells_what_its_button_carries(message: dict[str, object], choice: str) -> None:
    found = received(full({"id": "m-1", **message}))
    assert (found.choice, found.text) == (choice, "Red")


@pytest.mark.parametrize(
    ("message", "degrees"),
    [
        ({"type": "location", "location": {"latitude": 36.7, "longitude": -4.4}}, (36.7, -4.4)),
        ({"type": "location", "location": {"latitude": "36.7", "longitude": "-4.4", "name": "Hotel"}}, (36.7, -4.4)),
        (
            {"attachments": [{"type": "location", "payload": {"coordinates": {"lat": 36.7, "long": -4.4}}}]},
            (36.7, -4.4),
        ),
        ({"type": "location", "location": {"latitude": 0, "longitude": 0}}, (0.0, 0.0)),
        ({"type": "location", "location": {"latitude": 36.7}}, (None, None)),
        ({"type": "location", "location": {"latitude": 91, "longitude": 0}}, (None, None)),
        ({"type": "location", "location": {"latitude": True, "longitude": 0}}, (None, None)),
        ({"type": "location", "location": {"latitude": "north", "longitude": 0}}, (None, None)),
        ({"type": "location", "location": {"latitude": "nan", "longitude": 0}}, (None, None)),
        ({"type": "location", "location": None}, (None, None)),
        ({"type": "location"}, (None, None)),
    ],
)
def test_a_location_tells_where_it_is(message: dict[str, object], degrees: tuple[float | None, float | None]) -> None:
    found = received(full({"id": "m-1", **message}))
    assert (found.type, found.latitude, found.longitude) == ("location", *degrees)


@pytest.mark.parametrize(
    ("message", "url", "mime"),
    [
        (
            {"type": "image", "image": {"url": "https://x/a.jpg", "mime_type": "image/jpeg"}},
            "https://x/a.jpg",
            "image/jpeg",
        ),
        ({"type": "document", "document": {"link": "https://x/a.pdf"}}, "https://x/a.pdf", ""),
        ({"attachments": [{"type": "image", "payload": {"url": "https://x/a.jpg"}}]}, "https://x/a.jpg", ""),
        ({"type": "image", "image": {"id": "123"}}, "", ""),
        ({"type": "image", "image": "https://x/a.jpg"}, "", ""),
        ({"attachments": ["https://x/a.jpg"]}, "", ""),
        ({"attachments": {"url": "https://x/a.jpg"}}, "", ""),
    ],
)
def test_a_file_tells_where_it_lies(message: dict[str, object], url: str, mime: str) -> None:
    found = received(full({"id": "m-1", **message}))
    assert (found.url, found.mime) == (url, mime)


@pytest.mark.parametrize(
    ("message", "type", "words"),
    [
        ({"type": "image", "image": {"url": "https://x/y", "caption": "my parcel"}}, "image", "my parcel"),
        ({"type": "image", "image": {"id": "media-1"}}, "image", ""),
        ({"type": "audio"}, "audio", ""),
        ({"type": "document", "document": {"filename": "a.pdf"}}, "document", ""),
        ({"type": "location", "location": {"latitude": 1.5}}, "location", ""),
        ({"type": "sticker"}, "sticker", ""),
        ({"type": "Hologram", "text": "from the future"}, "hologram", "from the future"),
        ({"type": "text"}, "unknown", ""),
        ({"type": "text", "text": ["not", "words"]}, "unknown", ""),
        ({"type": "interactive", "interactive": {"nfm_reply": {"body": "sent"}}}, "unknown", ""),
        ({"type": ["text"]}, "unknown", ""),
        ({}, "unknown", ""),
    ],
)
def test_media_and_unknown_types_are_messages_too(message: dict[str, object], type: str, words: str) -> None:
    event = received(full({"id": "m-1", **message}))
    assert (event.type, event.text) == (type, words)


@pytest.mark.parametrize("message", [None, [], 1, True])
def test_even_a_message_without_a_form_opens_the_window(message: object) -> None:
    assert received({**full(), "message": message}).type == "unknown"


@pytest.mark.parametrize("type", ["reaction", "edit", "unsend", "revoke", "system", "typing", "deleted", "Reaction"])
@pytest.mark.parametrize("role", ["user", "assistant"])
def test_what_is_no_message_is_ignored_with_its_name(type: str, role: str) -> None:
    assert read(full({"id": "m-1", "type": type, "text": "👍", "role": role})) == Ignored(
        CHANNEL, f"{type.lower()} of a message"
    )


@pytest.mark.parametrize("ours", [{"direction": "outbound"}, {"role": "assistant"}])
def test_a_message_of_our_side_is_told_apart(ours: dict[str, str]) -> None:
    message = {"messageId": "m-1", "content": "Hi!", "createdAt": AT, **ours}
    assert read(full(message)) == MessageSent(CHANNEL, "talk-1", "m-1", "Hi!", AT_SECONDS)


@pytest.mark.parametrize("theirs", [{"direction": "inbound"}, {"role": "user"}, {"direction": None}])
def test_any_other_message_is_the_contacts(theirs: dict[str, object]) -> None:
    assert received(full({"id": "m-1", "text": "hello", **theirs})).text == "hello"


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (AT, AT_SECONDS),
        ("2026-10-08T12:00:00", AT_SECONDS),
        ("2026-10-08T14:00:00+02:00", AT_SECONDS),
        (1791460800, AT_SECONDS),
        ("1791460800", AT_SECONDS),
        (1791460800500, AT_SECONDS + 0.5),
        ("1791460800500", AT_SECONDS + 0.5),
        (None, None),
        ("", None),
        ("yesterday", None),
        ("²", None),
        ("9" * 400, None),
        ("1900-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        (0, None),
        (-5, None),
        (1e300, None),
        (True, None),
        ({"seconds": 5}, None),
    ],
)
def test_times_are_read_in_every_unit_and_never_guessed(told: object, seconds: float | None) -> None:
    assert received(full({"id": "m-1", "text": "hello", "timestamp": told})).sent_at == seconds


@pytest.mark.parametrize(
    ("conversation", "phone"),
    [
        ({"phoneNumber": "+524441234567"}, "+524441234567"),
        ({"phone": "524441234567"}, "+524441234567"),
        ({"phoneNumber": "", "phone": "+1 (555)"}, ""),
        ({"phoneNumber": "+34 600-000-001"}, "+34600000001"),
        ({"phoneNumber": 34600000001}, "+34600000001"),
        ({"phoneNumber": "123456"}, ""),
        ({"phoneNumber": "1" * 16}, ""),
        ({"phoneNumber": "psid-1234567"}, ""),
        ({"phoneNumber": "٣٤٦٠٠٠٠٠٠٠١"}, ""),
        ({"phoneNumber": {"number": "+34600000001"}}, ""),
        ({}, ""),
    ],
)
def test_a_phone_number_is_one_or_nothing(conversation: dict[str, object], phone: str) -> None:
    assert received(full(**conversation)).phone == phone


def test_a_message_without_an_id_is_known_by_what_it_says_and_where() -> None:
    def identity(text: str, talk: str) -> str:
        return received(full({"text": text}, id=talk)).id

    assert identity("hello", "a") == identity("hello", "a")
    assert len({identity("hello", "a"), identity("hello", "b"), identity("bye", "a")}) == 3


def test_the_id_does_not_depend_on_the_order_of_fields() -> None:
    one, other = full({"type": "text", "text": "hi"}), full({"text": "hi", "type": "text"})
    assert received(one).id == received(other).id


# ─── thin events ───


def test_a_thin_event_announces_a_message() -> None:
    assert read(thin()) == MessageAnnounced(CHANNEL, "talk-1", "m-1", AT_SECONDS)


def test_a_thin_event_and_the_message_it_announces_are_one_and_the_same() -> None:
    announced, message = read(thin()), read(full())
    assert isinstance(announced, MessageAnnounced)
    assert isinstance(message, MessageReceived)
    assert announced.key == message.key


@pytest.mark.parametrize("direction", [None, "", "inbound"])
def test_a_thin_event_that_tells_no_direction_is_inbound(direction: object) -> None:
    assert isinstance(read(thin(direction=direction)), MessageAnnounced)


@pytest.mark.parametrize("direction", ["outbound", "echo", 1, ["inbound"]])
def test_every_other_direction_starts_no_turn(direction: object) -> None:
    assert read(thin(direction=direction)) == MessageSent(CHANNEL, "talk-1", "m-1", "", AT_SECONDS)


@pytest.mark.parametrize("field", ["messageId", "conversationId"])
@pytest.mark.parametrize("missing", [None, "", {}, True])
def test_a_thin_event_that_names_nothing_is_refused(field: str, missing: object) -> None:
    with pytest.raises(BadPayload, match="does not name its message and conversation"):
        read(thin(**{field: missing}))


def test_the_time_of_a_thin_event_is_optional() -> None:
    assert read({key: value for key, value in thin().items() if key != "occurredAt"}) == MessageAnnounced(
        CHANNEL, "talk-1", "m-1", None
    )


@pytest.mark.parametrize("payload", [{**thin(), "data": None}, {**thin(), "data": [thin()]}])
def test_thin_events_without_data_are_refused(payload: object) -> None:
    with pytest.raises(BadPayload):
        read(payload)


# ─── delivery changes ───


@pytest.mark.parametrize(
    "payload",
    [
        status(),
        status(message=None, messageId="m-1"),
        status(message="", id="m-1"),
        status(message=None, providerId="m-1"),
        status(status="READ"),
        thin("message.status", status="read"),
    ],
)
def test_a_delivery_change_names_its_message_in_many_ways(payload: object) -> None:
    assert read(payload) == DeliveryChanged(CHANNEL, "talk-1", "m-1", "read", "", AT_SECONDS)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("Rate limit exceeded", "Rate limit exceeded"),
        ({"message": "More than 24 hours", "code": 131047}, "More than 24 hours"),
        ({"code": 131047}, "131047"),
        ({}, ""),
        (None, ""),
        (["?"], ""),
    ],
)
@pytest.mark.parametrize("form", [status, lambda **told: thin("message.status", **told)])
def test_a_failure_tells_its_reason(form: Any, error: object, reason: str) -> None:
    event = read(form(status="failed", error=error))
    assert isinstance(event, DeliveryChanged)
    assert (event.status, event.reason) == ("failed", reason)


def test_each_status_of_a_message_is_an_event_of_its_own() -> None:
    delivered, seen = read(status(status="delivered")), read(status())
    assert isinstance(delivered, DeliveryChanged)
    assert isinstance(seen, DeliveryChanged)
    assert delivered.key != seen.key


@pytest.mark.parametrize(
    "payload", [status(message=None), status(status=None), {"status": "read"}, {"status": None}, {"status": {}}]
)
def test_a_status_of_nothing_is_ignored(payload: object) -> None:
    assert read(payload) == Ignored(CHANNEL, "a status without a message")


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({"error": {"code": 131047}}, "window"),
        ({"error": {"code": 10, "error_subcode": 2534022}}, "window"),
        ({"error": "(#131047) Re-engagement message"}, "window"),
        ({"error": "more than 24 hours have passed"}, "window"),
        ({"errors": [{"code": 131047, "title": "Re-engagement message"}]}, "window"),
        ({"code": 131047}, "window"),
        ({"code": "131047"}, "window"),
        ({"errors": [{"code": 132015, "message": "Template is paused"}]}, "template"),
        ({"error": {"code": 132001}}, "template"),
        ({"error": {"code": 131026}}, ""),
        ({"error": {"code": 131056}}, ""),
        ({"errors": []}, ""),
        ({"errors": "131047"}, ""),
        ({"errors": [131047]}, "window"),
        ({}, ""),
    ],
)
@pytest.mark.parametrize("form", [status, partial(thin, "message.status")], ids=["full", "thin"])
def test_a_failure_tells_its_cause_where_that_says_what_to_do(form: Any, told: dict[str, object], cause: str) -> None:
    for name in ("failed", "UNSENT"):
        event = read(form(status=name, **told))
        assert isinstance(event, DeliveryChanged)
        assert event.cause == cause


def test_only_a_failure_has_a_cause() -> None:
    event = read(status(status="delivered", code=131047))
    assert isinstance(event, DeliveryChanged)
    assert (event.status, event.cause) == ("delivered", "")


# ─── everything else ───


def test_a_batch_gives_its_events_in_order() -> None:
    batch = [full(), thin(messageId="m-2"), status(), full({"type": "reaction"}), {"who": "knows"}]
    kinds = [MessageReceived, MessageAnnounced, DeliveryChanged, Ignored, Ignored]
    assert [type(event) for event in parse(orjson.dumps(batch), CHANNEL)] == kinds


def test_a_batch_may_be_empty_and_has_an_end() -> None:
    assert parse(b"[]", CHANNEL) == []
    assert len(parse(orjson.dumps([full()] * MAX_EVENTS), CHANNEL)) == MAX_EVENTS
    with pytest.raises(BadPayload, match="1001"):
        parse(orjson.dumps([full()] * (MAX_EVENTS + 1)), CHANNEL)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({}, "unknown event with the keys []"),
        ({"b": 1, "a": 2}, "unknown event with the keys ['a', 'b']"),
        ({"conversation": {"id": "talk-1"}}, "unknown event with the keys ['conversation']"),
        (thin("conversation.updated"), "unknown event 'conversation.updated'"),
        ({"type": None, "data": {}}, "unknown event ''"),
    ],
)
def test_unknown_events_are_ignored_aloud(payload: object, reason: str) -> None:
    assert read(payload) == Ignored(CHANNEL, reason)


def test_what_is_said_aloud_is_short() -> None:
    event = read({f"{number}\0{'x' * 10_000}": 1 for number in range(100)})
    assert isinstance(event, Ignored)
    assert len(event.reason) < 1000
    assert "\0" not in event.reason


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"{", b"\xff\xfe", b'{"message": NaN}', b"[" * 100_000, b'"\\ud800', b"1" * 5000, b"\0"],
    ids=["empty", "words", "cut", "not UTF-8", "NaN", "deep", "cut surrogate", "endless number", "NUL"],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(BadPayload, match="not JSON"):
        parse(body, CHANNEL)


@pytest.mark.parametrize("body", [b'"text"', b"1", b"null", b"true"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadPayload, match="An event is a JSON object; found"):
        parse(body, CHANNEL)


@pytest.mark.parametrize("bad", [b"[]", b'"text"', b'{"message": {"id": "m"}}'])
def test_a_bad_event_of_a_batch_does_not_keep_the_good_ones_out(bad: bytes) -> None:
    good = b'{"conversation": {"id": "talk-1"}, "message": {"id": "m-1", "text": "hi"}}'
    first, ignored, last = parse(b"[%s, %s, %s]" % (good, bad, good), CHANNEL)
    assert isinstance(first, MessageReceived)
    assert isinstance(ignored, Ignored)
    assert first == last


@pytest.mark.parametrize("conversation", [None, {}, {"id": ""}, {"id": {"oid": "1"}}, {"id": False}, "talk-1", []])
def test_a_message_of_no_conversation_is_refused(conversation: object) -> None:
    with pytest.raises(BadPayload, match=r"conversation\.id is missing"):
        read({**full(), "conversation": conversation})


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (rb"a\ud800b", "a\ufffdb"),
        (rb"\udc00\ud800", "\ufffd\ufffd"),
        (rb"\uD83D\uD83D\uDE00", "\ufffd😀"),
        (rb"\\\ud83d", "\\\ufffd"),
        (rb"\\ud83d", "\\ud83d"),
        (rb"\ud83d\\ude00", "\ufffd\\ude00"),
        (rb"\u0000", "\ufffd"),
        (rb"\ud83d\ude00", "😀"),
    ],
)
def test_lone_surrogates_and_nul_are_replaced_and_nothing_else(written: bytes, read_as: str) -> None:
    [event] = parse(b'{"conversation":{"id":"talk-1"},"message":{"id":"m","text":"%s"}}' % written, CHANNEL)
    assert isinstance(event, MessageReceived)
    assert event.text == read_as


def test_a_long_message_is_cut() -> None:
    assert len(received(full({"id": "m-1", "text": "x" * 2_000_000})).text) == MAX_TEXT


HOSTILE: tuple[object, ...] = (
    None, True, 0, -1, 2**64 - 1, 1e308, "", "\0", "x" * 20_000, [], [[]], {}, {"text": {}, "id": [], "\0": "\0"},
)  # fmt: skip


def spoilt(payload: Any) -> Iterator[Any]:
    """The payload, each time with another part of it replaced or missing."""
    for key in payload:
        yield {name: value for name, value in payload.items() if name != key}
        for value in HOSTILE:
            yield {**payload, key: value}
        if isinstance(payload[key], dict):
            yield from ({**payload, key: part} for part in spoilt(payload[key]))


@pytest.mark.parametrize(
    "payload",
    [
        full({"id": "m-1", "text": {"text": "hi"}, "timestamp": 1, "role": "user"}, fullName="S", phone="1"),
        full({"id": "m-1", "type": "interactive", "interactive": {"button_reply": {"id": "1", "title": "First"}}}),
        thin(),
        status(error={"message": "no", "code": 1}),
        thin("message.status", status="failed", error={"message": "no"}),
    ],
    ids=["full", "tap", "thin", "status", "thin status"],
)
def test_whatever_stands_in_any_field_gives_a_sane_event_or_a_refusal(payload: object) -> None:
    for variant in spoilt(payload):
        with suppress(BadPayload):
            assert_sane(read(variant))


def assert_sane(event: Event | Ignored) -> None:
    told = asdict(event)
    assert told["channel"] == CHANNEL
    assert told.get("id") != ""
    assert told.get("contact") != "" or isinstance(event, DeliveryChanged)
    for name, value in told.items():
        if isinstance(value, str):
            value.encode()
            assert "\0" not in value
            assert len(value) <= (MAX_TEXT if name == "text" else MAX_ID)


# ─── what nobody sends in good faith ───


def deep(levels: int, closed: int | None = None) -> bytes:
    """Lists in lists."""
    return b"[" * levels + b"]" * (levels if closed is None else closed)


def with_message(inside: bytes) -> bytes:
    """A message without an id, which carries something more."""
    return b'{"conversation": {"id": "talk-1"}, "message": {"text": "a ]} b", "more": ' + inside + b"}}"


@pytest.mark.parametrize("levels", [63, 300, 1500, 200_000])
def test_an_event_that_is_nested_too_deeply_is_refused(levels: int) -> None:
    with pytest.raises(BadPayload, match="64 levels"):
        parse(with_message(deep(levels)), "channel-1")


@pytest.mark.parametrize("levels", [63, 300, 1500, 200_000])
def test_among_others_it_is_ignored(levels: int) -> None:
    good = with_message(b"1")
    [first, bad, last] = parse(b"[" + b", ".join([good, with_message(deep(levels)), good]) + b"]", "channel-1")
    assert isinstance(bad, Ignored)
    assert isinstance(first, MessageReceived)
    assert isinstance(last, MessageReceived)
    assert first.text == last.text == "a ]} b"


@pytest.mark.parametrize("levels", [0, 1, 62])
def test_what_is_nested_as_usual_is_read(levels: int) -> None:
    [event] = parse(with_message(deep(levels) or b"1"), "channel-1")
    assert isinstance(event, MessageReceived)


@pytest.mark.parametrize("body", [deep(1500, 3), deep(3, 1500), deep(1500, 1400), b'{"a": "' + deep(1500)])
def test_brackets_that_do_not_match_are_no_json(body: bytes) -> None:
    with pytest.raises(BadPayload, match="not JSON"):
        parse(body, "channel-1")


@pytest.mark.parametrize("length", [513, 5000])
def test_a_message_id_that_is_too_long_is_never_cut(length: int) -> None:
    [one, two] = [
        parse(orjson.dumps({"conversation": {"id": "t"}, "message": {"id": "x" * length + end, "text": "hi"}}), "c")[0]
        for end in "12"
    ]
    assert isinstance(one, MessageReceived)
    assert isinstance(two, MessageReceived)
    assert one.id != two.id
    assert len(one.id) < 513


def test_a_conversation_id_that_is_too_long_is_refused() -> None:
    event = {"conversation": {"id": "x" * 513}, "message": {"id": "m-1", "text": "hi"}}
    with pytest.raises(BadPayload, match="512 characters"):
        parse(orjson.dumps(event), "channel-1")
    assert isinstance(parse(orjson.dumps([event]), "channel-1")[0], Ignored)


@pytest.mark.parametrize("number", ["9007199254740993", "18446744073709551616", "123456789012345678901234567890"])
def test_an_id_that_is_a_large_number_keeps_its_digits(number: str) -> None:
    body = f'{{"conversation": {{"id": {number}}}, "message": {{"id": {number}, "text": "hi"}}}}'
    [event] = parse(body.encode(), "channel-1")
    assert isinstance(event, MessageReceived)
    assert (event.contact, event.id) == (number, number)
