"""The client on the wire: what it writes, to the byte, and what it makes of whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import orjson
import pytest
from aiohttp.test_utils import unused_port
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.template import Template
from botkit.errors import OutcomeUnknown, RateLimited, Rejected, SendError, Unauthorized, Unreachable, WindowClosed
from botkit.ledger import Receipt, Request
from botkit.messaging.client import MessagingClient
from botkit.messaging.dialects import DIALECTS
from tests.messaging.scripted_api import Answer, ScriptedApi

SOFIA = Contact("channel-1", "69238d37f3821dae1626709e", "Sofia", "+524441234567")
TEMPLATE = Template("order_news", "utility", {"es_MX": ("contact.first_name", "slots.order_id")})
REQUEST = Request("/messages", b'{"type":"text"}')
SENT = Answer(201, {"data": {"message": {"id": "m-1", "providerId": "wamid.1", "status": "sent"}}})


# ─── what it writes ───


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("guide", '{"type":"text","to":"69238d37f3821dae1626709e","text":{"text":"¡Hola, \\"Sofía\\"!\\n😀"}}'),
        ("reference", '{"type":"text","to":"69238d37f3821dae1626709e","text":"¡Hola, \\"Sofía\\"!\\n😀"}'),
        ("m2m", '{"type":"text","to":"69238d37f3821dae1626709e","text":"¡Hola, \\"Sofía\\"!\\n😀"}'),
    ],
)
async def test_a_text_is_written_as_each_dialect_wants_it(api: ScriptedApi, dialect: str, body: str) -> None:
    client = api.client(dialect)
    api.answers("POST /messages", SENT)
    await client.send(client.compose(SOFIA, '¡Hola, "Sofía"!\n😀'), "key-of-row-7")
    [call] = api.calls
    assert call.to == "POST /messages"
    assert call.body.decode() == body
    assert call.headers["Content-Type"] == "application/json"
    assert call.headers["Authorization"] == "Bearer key-1"
    assert call.headers["Idempotency-Key"] == "key-of-row-7"


CHOICES = [{"value": "red", "label": "Red", "description": "warm"}, {"value": "blue", "label": "Blue"}]
ON_THE_WIRE = [{"id": "red", "title": "Red", "description": "warm"}, {"id": "blue", "title": "Blue"}]


@pytest.mark.parametrize(
    ("shows", "told"),
    [
        ({"buttons": CHOICES}, {"type": "buttons", "buttons": ON_THE_WIRE}),
        ({"quick_replies": CHOICES}, {"type": "quick_replies", "quick_replies": ON_THE_WIRE}),
        ({"list": {"button": "Choose", "items": CHOICES}}, {"type": "list", "button": "Choose", "items": ON_THE_WIRE}),
        ({"image": {"url": "https://x/a.png"}}, {"type": "image", "image": {"url": "https://x/a.png"}}),
        (
            {"location": {"latitude": 1.5, "longitude": 2}},
            {"type": "location", "location": {"latitude": 1.5, "longitude": 2}},
        ),
        ({}, {"type": "text"}),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_shown_besides_the_words_is_an_extension_of_each_dialect(
    api: ScriptedApi, dialect: str, shows: dict[str, object], told: dict[str, object]
) -> None:
    words = {"text": "Which?"} if dialect == "guide" else "Which?"
    body = orjson.loads(api.client(dialect).compose(SOFIA, "Which?", shows).body)
    assert body == {"to": SOFIA.id, "text": words, **told}


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_template_is_written_alike_in_all_dialects(api: ScriptedApi, dialect: str) -> None:
    client = api.client(dialect)
    api.answers("POST /whatsapp-templates/channel-1/send", SENT)
    await client.send(client.compose_template(SOFIA, TEMPLATE, "es_MX", ["Sofía", "AB123456"]), "k")
    [call] = api.calls
    assert call.to == "POST /whatsapp-templates/channel-1/send"
    assert call.headers["Idempotency-Key"] == "k"
    assert call.body.decode() == (
        '{"to":"+524441234567","template":{"name":"order_news","language":{"code":"es_MX"},"components":'
        '[{"type":"body","parameters":[{"type":"text","text":"Sofía"},{"type":"text","text":"AB123456"}]}]}}'
    )


def test_a_template_without_blanks_has_no_components() -> None:
    request = MessagingClient("http://x", "", DIALECTS["guide"]).compose_template(SOFIA, TEMPLATE, "es_MX", [])
    assert request.body.endswith(b'"components":[]}}')


async def test_what_is_composed_is_what_is_sent_however_often(api: ScriptedApi) -> None:
    client = api.client()
    api.answers("POST /messages", Answer(503), SENT)
    with pytest.raises(Unreachable):
        await client.send(REQUEST, "k")
    await client.send(REQUEST, "k")
    assert [call.body for call in api.calls] == [REQUEST.body, REQUEST.body]


async def test_reading_writes_no_body_and_no_idempotency_key(api: ScriptedApi) -> None:
    api.answers("GET /channels", Answer(200, {"data": []}))
    await api.client().channels()
    [call] = api.calls
    assert call.body == b""
    assert not {"Content-Type", "Idempotency-Key"} & set(call.headers)


async def test_without_a_key_nothing_is_claimed(api: ScriptedApi) -> None:
    api.answers("POST /messages", SENT)
    await api.client(key="").send(REQUEST, "k")
    assert "Authorization" not in api.calls[0].headers


async def test_ids_cannot_leave_their_place_in_a_path(api: ScriptedApi) -> None:
    api.answers("GET /conversations/a%2Fb%3Fc%23%20d", Answer(200, {"data": {"phoneNumber": "+34600000001"}}))
    assert await api.client().phone(Contact("channel-1", "a/b?c# d")) == "+34600000001"


async def test_a_slash_at_the_end_of_the_base_url_does_no_harm(api: ScriptedApi) -> None:
    api.url += "/"
    api.answers("POST /messages", SENT)
    await api.client().send(REQUEST, "k")
    assert api.asked() == ["POST /messages"]


# ─── what becomes of a send ───


async def test_a_send_gives_its_receipt(api: ScriptedApi) -> None:
    api.answers("POST /messages", SENT)
    assert await api.client().send(REQUEST, "k") == Receipt("m-1", "wamid.1", "sent")


async def test_a_send_that_is_answered_with_html_has_gone(api: ScriptedApi) -> None:
    api.answers("POST /messages", Answer(200, b"<html>all fine</html>", {"Content-Type": "text/html"}))
    assert await api.client().send(REQUEST, "k") == Receipt()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(400, {"error": {"code": 131047, "message": "late"}}), WindowClosed),
        (Answer(200, {"data": {"message": {"status": "unsent", "error": "Rate limit exceeded"}}}), RateLimited),
        (Answer(200, {"accepted": False}), Rejected),
        (Answer(401), Unauthorized),
        (Answer(404), Rejected),
        (Answer(429, b"", {"Retry-After": "9"}), RateLimited),
        (Answer(500, b""), OutcomeUnknown),
        (Answer(503), Unreachable),
        (Answer(hangs_up=True), OutcomeUnknown),
    ],
)
async def test_a_send_that_fails_is_not_repeated_by_the_client(
    api: ScriptedApi, answer: Answer, expected: type[SendError]
) -> None:
    api.answers("POST /messages", answer)
    with pytest.raises(SendError) as caught:
        await api.client().send(REQUEST, "k")
    assert type(caught.value) is expected
    assert api.asked() == ["POST /messages"]


async def test_without_an_answer_the_outcome_is_unknown(api: ScriptedApi) -> None:
    api.answers("POST /messages", Answer(meanwhile=asyncio.Event().wait))
    with pytest.raises(OutcomeUnknown, match="POST /messages: the answer of the Messaging API did not come"):
        await api.client(timeout=0.02).send(REQUEST, "k")
    assert api.asked() == ["POST /messages"]


async def test_half_an_answer_leaves_the_outcome_unknown(api: ScriptedApi) -> None:
    api.answers("POST /messages", Answer(200, b"{}", {"Content-Encoding": "gzip"}))
    with pytest.raises(OutcomeUnknown):
        await api.client().send(REQUEST, "k")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_refused_connection_means_that_nothing_arrived(api: ScriptedApi, scheme: str) -> None:
    api.url = f"{scheme}://127.0.0.1:{unused_port()}"
    with pytest.raises(Unreachable, match="POST /messages: the Messaging API cannot be reached"):
        await api.client().send(REQUEST, "k")


async def test_a_handshake_that_fails_means_that_nothing_arrived(api: ScriptedApi) -> None:
    api.url = api.url.replace("http:", "https:")
    with pytest.raises(Unreachable):
        await api.client().send(REQUEST, "k")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirected_send_has_not_gone(api: ScriptedApi, status: int) -> None:
    api.answers("POST /messages", Answer(status, b"", {"Location": "/v1/elsewhere"}))
    api.answers("GET /elsewhere", Answer(200, {"data": {}}))
    api.answers("POST /elsewhere", SENT)
    with pytest.raises(Rejected, match=f"answered {status}"):
        await api.client().send(REQUEST, "k")
    assert api.asked() == ["POST /messages"]


async def test_a_closed_client_connects_again(api: ScriptedApi) -> None:
    client = api.client()
    api.answers("POST /messages", SENT)
    await client.send(REQUEST, "k")
    await client.close()
    await client.close()
    assert (await client.send(REQUEST, "k")).id == "m-1"


# ─── reading, which may be repeated ───


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("answer", [Answer(429), Answer(503), Answer(500, b""), Answer(502, b"<html>")])
async def test_reading_is_tried_again(api: ScriptedApi, answer: Answer) -> None:
    api.answers("GET /channels", answer, answer, Answer(200, {"data": [{"id": "c", "type": "webchat"}]}))
    assert await api.client().channels() == [Channel("c", "webchat")]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("answer", "expected"), [(Answer(503), Unreachable), (Answer(500), OutcomeUnknown)])
async def test_reading_ends_after_four_attempts(api: ScriptedApi, answer: Answer, expected: type[SendError]) -> None:
    api.answers("GET /channels", answer)
    with pytest.raises(expected):
        await api.client().channels()
    assert len(api.calls) == 4


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("answer", "expected"), [(Answer(401), Unauthorized), (Answer(404), Rejected)])
async def test_what_is_refused_for_good_is_read_once(
    api: ScriptedApi, answer: Answer, expected: type[SendError]
) -> None:
    api.answers("GET /channels", answer)
    with pytest.raises(expected):
        await api.client().channels()
    assert len(api.calls) == 1


class Waiting(Exception):
    """Raised in place of waiting."""


@pytest.fixture
def waits() -> Iterator[list[float]]:
    """The time that a retry would have waited; it does not."""
    found: list[float] = []

    def hook(details: RetryDetails) -> None:
        found.append(details.wait_for)
        raise Waiting

    set_on_retry_hooks([hook])
    yield found
    set_on_retry_hooks(None)


@pytest.mark.parametrize(
    ("status", "written", "seconds"), [(429, "7", 7.0), (503, "30", 30.0), (429, "999999", 60.0), (429, "0", 0.0)]
)
async def test_reading_waits_as_long_as_the_api_asks_up_to_a_minute(
    api: ScriptedApi, waits: list[float], status: int, written: str, seconds: float
) -> None:
    api.answers("GET /channels", Answer(status, b"", {"Retry-After": written}))
    with pytest.raises(Waiting):
        await api.client().channels()
    assert waits == [seconds]


async def test_otherwise_it_waits_by_its_own_measure(api: ScriptedApi, waits: list[float]) -> None:
    api.answers("GET /channels", Answer(500))
    with pytest.raises(Waiting):
        await api.client().channels()
    assert 0 < waits[0] < 2


# ─── channels ───


async def test_channels_are_read_as_they_come(api: ScriptedApi) -> None:
    api.answers(
        "GET /channels",
        Answer(
            200,
            {
                "data": [
                    {"id": "65e1548d667ec3f751a1e20e", "name": "+1 134 4567890", "type": "whatsapp"},
                    {"id": "2", "type": " WhastApp "},
                    {"id": "3", "type": "airbnb", "extensions": "typing", "simulated": "yes"},
                    {"id": "4", "type": "webchat", "simulated": True, "bot": "shop", "extensions": ["typing", 5]},
                    {"type": "whatsapp"},
                    {"id": {"oid": "5"}},
                    "odd",
                ]
            },
        ),
    )
    assert await api.client().channels() == [
        Channel("65e1548d667ec3f751a1e20e", "whatsapp", "+1 134 4567890"),
        Channel("2", "whatsapp"),
        Channel("3", "airbnb"),
        Channel("4", "webchat", simulated=True, bot="shop", extensions=("typing", "5")),
    ]


@pytest.mark.parametrize("envelope", ["data", "channels"])
async def test_channels_may_come_in_any_envelope(api: ScriptedApi, envelope: str) -> None:
    api.answers("GET /channels", Answer(200, {envelope: [{"id": "c", "type": "webchat"}]}))
    assert await api.client("m2m").channels() == [Channel("c", "webchat")]


# ─── phone numbers ───


@pytest.mark.parametrize(
    ("answer", "phone"),
    [
        ({"data": {"phoneNumber": "+524441234567"}}, "+524441234567"),
        ({"data": {"phone": "524441234567"}}, "+524441234567"),
        ({"conversation": {"participant": {"id": "+524441234567"}}}, "+524441234567"),
        ({"conversation": {"participant": {"id": "instagram-user"}}}, ""),
        ({"conversation": {"participant": None}}, ""),
        ({"phoneNumber": "+524441234567"}, "+524441234567"),
        ({"data": [{"id": "1", "content": "hello", "role": "user"}]}, ""),
        ({}, ""),
    ],
)
async def test_the_phone_number_is_where_the_conversation_tells_it(
    api: ScriptedApi, answer: object, phone: str
) -> None:
    api.answers(f"GET /conversations/{SOFIA.id}", Answer(200, answer))
    assert await api.client().phone(SOFIA) == phone


async def test_a_conversation_that_is_gone_has_no_phone_to_tell(api: ScriptedApi) -> None:
    with pytest.raises(Rejected):
        await api.client().phone(SOFIA)


# ─── typing ───

TYPING = Channel("channel-1", "webchat", extensions=("typing",))


async def test_typing_is_shown_where_the_channel_carries_it(api: ScriptedApi) -> None:
    await api.client().show_typing(SOFIA, Channel("channel-1", "whatsapp"))
    assert api.calls == []
    await api.client().show_typing(SOFIA, TYPING)
    assert api.asked() == [f"POST /conversations/{SOFIA.id}/typing"]


@pytest.mark.parametrize("answer", [Answer(404), Answer(401), Answer(429), Answer(500), Answer(hangs_up=True)])
async def test_showing_typing_never_fails(api: ScriptedApi, answer: Answer) -> None:
    api.answers(f"POST /conversations/{SOFIA.id}/typing", answer)
    await api.client().show_typing(SOFIA, TYPING)
    assert len(api.calls) == 1


# ─── a simulated clock ───


async def test_the_clock_of_the_gateway_is_followed_whatever_it_answers(api: ScriptedApi) -> None:
    told: list[float] = []
    client = api.client(follow=told.append)
    api.answers(
        "POST /messages", Answer(201, {}, {"X-Botkit-Clock": "86400.5"}), Answer(404, {}, {"x-botkit-clock": "0"})
    )
    await client.send(REQUEST, "k")
    with pytest.raises(Rejected):
        await client.send(REQUEST, "k")
    assert told == [86400.5, 0.0]


@pytest.mark.parametrize("offset", ["", "soon", "nan", "inf", "1e999"])
async def test_a_clock_that_makes_no_sense_is_not_followed(api: ScriptedApi, offset: str) -> None:
    told: list[float] = []
    api.answers("POST /messages", Answer(201, {}, {"x-botkit-clock": offset}))
    await api.client(follow=told.append).send(REQUEST, "k")
    assert told == []
