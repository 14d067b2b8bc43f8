"""Whether a send arrived of which nobody knows: the lists of every dialect, and what they leave open."""

from __future__ import annotations

import pytest

from botkit.dialogue.contact import Contact
from botkit.errors import OutcomeUnknown, RateLimited, Unauthorized
from botkit.ledger import Receipt
from tests.messaging.scripted_api import Answer, ScriptedApi

ANA = Contact("channel-1", "talk/1")
LATEST = "GET /conversations/talk%2F1/messages?limit=20"
MORE = "GET /conversations/talk%2F1/messages?limit=100"
NOON = 1_791_460_800.0
AT_NOON = "2026-10-08T12:00:00.000Z"

pytestmark = pytest.mark.usefixtures("at_once")


async def found(api: ScriptedApi, *messages: object, since: float = NOON, text: str = "hi") -> list[str] | None:
    """The ids that are found in a list of messages."""
    api.answers(LATEST, Answer(body={"data": messages}))
    receipts = await api.client().find_sent(ANA, text, since)
    return None if receipts is None else [receipt.id for receipt in receipts]


def ours(id: str = "m-1", /, **told: object) -> dict[str, object]:
    """A message of ours with the words that are looked for."""
    return {"id": id, "content": "hi", "role": "assistant", "createdAt": AT_NOON, **told}


@pytest.mark.parametrize(
    "message",
    [
        {"id": "m-1", "content": "hi", "role": "assistant", "createdAt": AT_NOON},
        {"messageId": "m-1", "text": "hi", "direction": "outbound", "occurredAt": AT_NOON},
        {"id": "m-1", "text": {"text": "hi"}, "direction": "outbound", "timestamp": NOON},
        {"id": "m-1", "content": {"body": "hi"}, "role": "Assistant", "timestamp": NOON * 1000},
        {"id": "m-1", "content": " hi\n", "role": "assistant"},
    ],
)
@pytest.mark.parametrize("envelope", ["data", "messages", "both", "bare"])
async def test_a_message_of_ours_is_found_in_every_form(api: ScriptedApi, message: object, envelope: str) -> None:
    bodies = {"bare": [message], "both": {"data": {"messages": [message]}}}
    api.answers(LATEST, Answer(body=bodies.get(envelope, {envelope: [message]})))
    assert await api.client().find_sent(ANA, "hi", NOON) == [Receipt("m-1")]
    assert api.asked() == [LATEST]


async def test_what_is_known_of_it_is_told(api: ScriptedApi) -> None:
    api.answers(LATEST, Answer(body={"data": [ours(providerId="wamid.1", status="Read")]}))
    assert await api.client().find_sent(ANA, "hi", NOON) == [Receipt("m-1", "wamid.1", "read")]


@pytest.mark.parametrize(
    "message",
    [
        {"content": "hi there"},
        {"content": "Hi"},
        {"content": ""},
        {"role": "user"},
        {"role": None, "direction": "inbound"},
        {"createdAt": "2026-10-08T11:59:54.999Z"},
    ],
)
async def test_others_are_not(api: ScriptedApi, message: dict[str, object]) -> None:
    assert await found(api, ours(**message)) == []


@pytest.mark.parametrize("at", ["2026-10-08T11:59:55.000Z", "2026-10-08T18:00:00.000Z", None, "soon"])
async def test_clocks_may_differ_a_little_and_a_time_untold_might_be_any(api: ScriptedApi, at: str | None) -> None:
    assert await found(api, ours(createdAt=at)) == ["m-1"]


@pytest.mark.parametrize("order", [1, -1])
async def test_the_newest_comes_first_however_they_are_listed(api: ScriptedApi, order: int) -> None:
    messages = [ours(f"m-{number}", createdAt=NOON + number) for number in (3, 2, 1)]
    assert await found(api, *messages[::order]) == ["m-3", "m-2", "m-1"]


async def test_words_are_compared_as_they_were_cleaned(api: ScriptedApi) -> None:
    assert await found(api, ours(content="a\ufffdb"), text="a\0b") == ["m-1"]


@pytest.mark.parametrize("side", [{"role": None}, {"role": "tool"}, {"role": 5}])
async def test_where_nobody_says_whose_it_is_nothing_is_known(api: ScriptedApi, side: dict[str, object]) -> None:
    assert await found(api, ours(**side)) is None
    assert await found(api, ours(**side, content="other words")) == []


@pytest.mark.parametrize(
    "answer", [Answer(404), Answer(405), Answer(501), Answer(body={}), Answer(body={"data": {"id": "1"}})]
)
async def test_an_api_that_does_not_list_cannot_be_asked(api: ScriptedApi, answer: Answer) -> None:
    api.answers(LATEST, answer)
    assert await api.client().find_sent(ANA, "hi", NOON) is None
    assert api.asked() == [LATEST]


async def test_a_list_that_does_not_reach_back_is_asked_for_more(api: ScriptedApi) -> None:
    recent = [ours(f"m-{number}", content="other", createdAt=NOON + 60) for number in range(100)]
    api.answers(MORE, Answer(body={"data": [*recent[:50], ours()]}))
    assert await found(api, *recent[:20]) == ["m-1"]
    api.answers(MORE, Answer(body={"data": recent}))
    assert await found(api, *recent[:20]) is None
    assert api.asked() == [LATEST, MORE] * 2


@pytest.mark.parametrize("oldest", [{"createdAt": NOON - 6}, {"createdAt": None}])
async def test_a_list_that_reaches_back_is_enough(api: ScriptedApi, oldest: dict[str, object]) -> None:
    recent = [ours(f"m-{number}", content="other", createdAt=NOON + 60) for number in range(19)]
    assert await found(api, *recent, ours(content="other", **oldest)) == []
    assert api.asked() == [LATEST]


async def test_a_busy_api_is_asked_again(api: ScriptedApi) -> None:
    api.answers(LATEST, Answer(503), Answer(500), Answer(body=b"<html>"), Answer(body={"data": [ours()]}))
    receipts = await api.client().find_sent(ANA, "hi", NOON)
    assert receipts is not None
    assert len(api.calls) == 4


@pytest.mark.parametrize(
    ("answer", "error"),
    [(Answer(401), Unauthorized), (Answer(429), RateLimited), (Answer(hangs_up=True), OutcomeUnknown)],
)
async def test_other_errors_are_told(api: ScriptedApi, answer: Answer, error: type[Exception]) -> None:
    api.answers(LATEST, answer)
    with pytest.raises(error):
        await api.client().find_sent(ANA, "hi", NOON)
