"""Subscribing a webhook: what is there is looked up first, and nothing is subscribed twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from botkit.dialogue.channel import Channel
from botkit.errors import Rejected, SendError, Unauthorized
from botkit.ledger import Subscription
from tests.messaging.scripted_api import Answer, ScriptedApi

CHANNEL = Channel("68505cb92a11ea971d9df8bf", "whatsapp")
ENDPOINT = "https://bot.example.com/webhooks/token-1"
WANTED = Subscription(CHANNEL, "token-1", ENDPOINT)
KNOWN = replace(WANTED, id="hook-1")
MOVED = replace(KNOWN, endpoint="https://old.example.com/webhooks/token-1")
"""What was subscribed when this server had another address."""

LIST, MAKE, DROP = "GET /webhooks", "POST /webhooks", "DELETE /webhooks/hook-1"
MADE = Answer(201, {"data": {"id": "hook-1"}})


def listing(*webhooks: dict[str, Any]) -> Answer:
    """The API's list of webhooks."""
    return Answer(200, {"data": webhooks})


def hook(**told: object) -> dict[str, object]:
    """A webhook as the API lists it: ours, unless told otherwise."""
    return {"id": "hook-1", "channel": CHANNEL.id, "endpoint": ENDPOINT, "events": ["messages"], **told}


@pytest.mark.parametrize(
    ("dialect", "events"), [("guide", ["messages"]), ("reference", ["messages"]), ("m2m", ["message.created"])]
)
async def test_a_webhook_that_is_not_listed_is_subscribed(api: ScriptedApi, dialect: str, events: list[str]) -> None:
    api.answers(LIST, listing())
    api.answers(MAKE, MADE)
    assert await api.client(dialect).subscribe(WANTED) == KNOWN
    assert api.asked() == [LIST, MAKE]
    assert orjson.loads(api.calls[1].body) == {"channel": CHANNEL.id, "events": events, "endpoint": ENDPOINT}


@pytest.mark.parametrize(("dialect", "event"), [("guide", "statuses"), ("m2m", "message.status")])
async def test_statuses_are_asked_for_where_the_channel_tells_them(api: ScriptedApi, dialect: str, event: str) -> None:
    api.answers(LIST, listing())
    api.answers(MAKE, MADE)
    await api.client(dialect).subscribe(replace(WANTED, channel=replace(CHANNEL, extensions=("statuses",))))
    assert orjson.loads(api.calls[1].body)["events"][1:] == [event]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"endpoint": None, "url": ENDPOINT},
        {"id": None, "subscriptionId": "hook-1"},
        {"channel": {"id": CHANNEL.id, "type": "whatsapp"}},
        {"channel": None},
        {"id": None},
    ],
)
async def test_a_webhook_that_is_listed_is_not_subscribed_again(api: ScriptedApi, told: dict[str, object]) -> None:
    api.answers(LIST, listing(hook(endpoint="https://elsewhere.example.com/"), hook(**told)))
    assert await api.client().subscribe(WANTED, KNOWN) == KNOWN
    assert api.asked() == [LIST]


async def test_a_webhook_is_recognized_though_nobody_remembers_it(api: ScriptedApi) -> None:
    api.answers(LIST, listing(hook()))
    assert await api.client().subscribe(WANTED) == KNOWN
    assert api.asked() == [LIST]


@pytest.mark.parametrize("name", ["data", "webhooks", "subscriptions"])
async def test_the_list_may_come_in_any_envelope(api: ScriptedApi, name: str) -> None:
    api.answers(LIST, Answer(200, {name: [hook()]}))
    assert (await api.client("m2m").subscribe(replace(WANTED, secret="s"))).id == "hook-1"
    assert api.asked() == [LIST]


async def test_the_same_endpoint_of_another_channel_is_another_webhook(api: ScriptedApi) -> None:
    api.answers(LIST, listing(hook(id="hook-9", channel="another")))
    api.answers(MAKE, MADE)
    assert (await api.client().subscribe(WANTED)).id == "hook-1"
    assert api.asked() == [LIST, MAKE]


# ─── an API that cannot list ───


@pytest.mark.parametrize("status", [404, 405])
async def test_an_api_that_cannot_list_is_told_once(api: ScriptedApi, status: int) -> None:
    api.answers(LIST, Answer(status))
    api.answers(MAKE, MADE)
    first = await api.client().subscribe(WANTED)
    assert first == KNOWN
    assert await api.client().subscribe(WANTED, first) == KNOWN
    assert api.asked() == [LIST, MAKE, LIST]


@pytest.mark.parametrize(("status", "code"), [(403, 10), (403, 200), (400, 299)])
async def test_a_key_that_may_not_list_may_still_subscribe(api: ScriptedApi, status: int, code: int) -> None:
    api.answers(LIST, Answer(status, {"error": {"code": code, "message": "Permission denied"}}))
    api.answers(MAKE, MADE)
    assert await api.client().subscribe(WANTED) == KNOWN


@pytest.mark.parametrize("code", [0, 190])
async def test_a_key_that_is_wrong_is_an_error(api: ScriptedApi, code: int) -> None:
    api.answers(LIST, Answer(403, {"error": {"code": code, "message": "Invalid token"}}))
    with pytest.raises(Unauthorized):
        await api.client().subscribe(WANTED)


async def test_it_is_told_once_even_where_it_gives_no_id(api: ScriptedApi) -> None:
    api.answers(MAKE, Answer(201))
    first = await api.client().subscribe(WANTED)
    assert await api.client().subscribe(WANTED, first) == WANTED
    assert api.asked() == [LIST, MAKE, LIST]


@pytest.mark.parametrize("status", [200, 404, 405])
async def test_it_is_told_again_when_the_address_has_changed(api: ScriptedApi, status: int) -> None:
    api.answers(DROP, Answer(status))
    api.answers(MAKE, Answer(201, {"data": {"id": "hook-2"}}))
    assert await api.client().subscribe(WANTED, MOVED) == replace(WANTED, id="hook-2")
    assert api.asked() == [LIST, MAKE, DROP]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("answer", [Answer(401), Answer(403), Answer(500), Answer(503)])
async def test_an_api_that_will_not_list_now_is_not_told_blindly(api: ScriptedApi, answer: Answer) -> None:
    api.answers(LIST, answer)
    with pytest.raises(SendError):
        await api.client().subscribe(WANTED)
    assert api.asked("POST") == []


@pytest.mark.parametrize(("answer", "expected"), [(Answer(400), Rejected), (Answer(401), Unauthorized)])
async def test_a_refused_subscription_is_an_error(api: ScriptedApi, answer: Answer, expected: type[SendError]) -> None:
    api.answers(LIST, listing())
    api.answers(MAKE, answer)
    with pytest.raises(expected, match="POST /webhooks"):
        await api.client().subscribe(WANTED)


@pytest.mark.parametrize("body", [{}, b"", b"created", {"data": None}, {"data": []}])
async def test_an_answer_that_tells_nothing_will_do(api: ScriptedApi, body: object) -> None:
    api.answers(LIST, listing())
    api.answers(MAKE, Answer(201, body))
    assert await api.client().subscribe(WANTED) == WANTED


# ─── another address ───

OLD = hook(endpoint=MOVED.endpoint)


async def test_our_old_address_is_removed_once_the_new_one_is_subscribed(api: ScriptedApi) -> None:
    api.answers(LIST, listing(OLD))
    api.answers(DROP, Answer(204))
    api.answers(MAKE, Answer(201, {"data": {"id": "hook-2"}}))
    assert await api.client().subscribe(WANTED, MOVED) == replace(WANTED, id="hook-2")
    assert api.asked() == [LIST, MAKE, DROP]


async def test_what_a_crash_left_of_our_old_address_is_removed(api: ScriptedApi) -> None:
    api.answers(LIST, listing(OLD, hook(id="hook-2")))
    api.answers(DROP, Answer(204))
    assert await api.client().subscribe(WANTED, MOVED) == replace(WANTED, id="hook-2")
    assert api.asked() == [LIST, DROP]


async def test_an_api_that_changes_the_webhook_that_there_is_keeps_it(api: ScriptedApi) -> None:
    api.answers(LIST, listing(OLD))
    api.answers(MAKE, MADE)
    assert await api.client().subscribe(WANTED, MOVED) == KNOWN
    assert api.asked() == [LIST, MAKE]


@pytest.mark.parametrize("status", [404, 405])
async def test_an_old_address_that_cannot_be_removed_does_no_harm(api: ScriptedApi, status: int) -> None:
    api.answers(LIST, listing(OLD))
    api.answers(DROP, Answer(status))
    api.answers(MAKE, Answer(201, {"data": {"id": "hook-2"}}))
    await api.client().subscribe(WANTED, MOVED)
    assert api.asked() == [LIST, MAKE, DROP]


async def test_webhooks_of_others_are_left_alone(api: ScriptedApi) -> None:
    api.answers(LIST, listing(hook(id="hook-8", endpoint="https://crm.example.com/"), hook(id="hook-9", endpoint=None)))
    api.answers(MAKE, Answer(201, {"data": {"id": "hook-2"}}))
    await api.client().subscribe(WANTED, MOVED)
    assert api.asked("DELETE") == [DROP]


async def test_without_a_memory_no_address_is_ours(api: ScriptedApi) -> None:
    api.answers(LIST, listing(OLD, hook(id="", endpoint="https://crm.example.com/")))
    api.answers(MAKE, MADE)
    await api.client().subscribe(WANTED)
    assert api.asked("DELETE") == []


# ─── the secret of m2m ───


@pytest.mark.parametrize(
    "answer",
    [
        {"subscriptionId": "hook-1", "secret": "made-up"},
        {"webhook": {"id": "hook-1", "secret": "made-up"}},
        {"subscription": {"id": "hook-1", "secret": "made-up"}},
        {"data": {"id": "hook-1", "secret": "made-up"}},
    ],
)
async def test_the_secret_that_the_api_makes_up_is_kept(api: ScriptedApi, answer: dict[str, object]) -> None:
    api.answers(LIST, listing())
    api.answers(MAKE, Answer(201, answer))
    assert await api.client("m2m").subscribe(replace(WANTED, secret="ours")) == replace(KNOWN, secret="made-up")


async def test_where_the_api_makes_up_none_ours_is_kept(api: ScriptedApi) -> None:
    api.answers(LIST, listing())
    api.answers(MAKE, MADE)
    assert await api.client("m2m").subscribe(replace(WANTED, secret="ours")) == replace(KNOWN, secret="ours")


@pytest.mark.parametrize("told", [None, "", "REDACTED", "****"])
async def test_a_secret_that_is_known_is_not_forgotten_for_a_list_that_hides_it(api: ScriptedApi, told: object) -> None:
    api.answers(LIST, listing(hook(secret=told)))
    known = replace(KNOWN, secret="made-up")
    assert await api.client("m2m").subscribe(replace(WANTED, secret="made-up"), known) == known
    assert api.asked() == [LIST]


async def test_a_webhook_whose_secret_is_lost_is_subscribed_anew(api: ScriptedApi) -> None:
    api.answers(LIST, Answer(200, {"webhooks": [hook()]}))
    api.answers(DROP, Answer(204))
    api.answers(MAKE, Answer(201, {"webhook": {"id": "hook-2", "secret": "new"}}))
    assert await api.client("m2m").subscribe(WANTED, KNOWN) == replace(WANTED, id="hook-2", secret="new")
    assert api.asked() == [LIST, MAKE, DROP]


def test_a_secret_is_not_printed() -> None:
    assert "made-up" not in repr(replace(KNOWN, secret="made-up"))
