"""Faults on demand: each does what it says, as often and where it was told to; to a client they look like real ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from botkit.dialogue.contact import Contact
from botkit.errors import OutcomeUnknown, RateLimited, Rejected, SendError, WindowClosed
from botkit.gateway.faults import FAULTS
from botkit.ledger import Receipt
from botkit.messaging.client import MessagingClient
from botkit.messaging.dialects import DIALECTS
from botkit.messaging.inbound import parse
from tests.gateway.rig import KEY, PHONE, Reply, Rig

FOREVER = 86400


@pytest.fixture
async def client(rig: Rig) -> AsyncIterator[MessagingClient]:
    client = MessagingClient(rig.url, KEY, DIALECTS["guide"])
    yield client
    await client.close()


async def sent(client: MessagingClient, talk: str, key: str = "key-1") -> Receipt:
    """Send as the outbox does."""
    return await client.send(client.compose(Contact("channel-1", talk), "hi"), key)


# ─── sends ───


@pytest.mark.parametrize(
    ("fault", "expected", "words"),
    [
        ("unsent", RateLimited, "answered 200, Rate limit exceeded"),
        ("not_accepted", Rejected, "answered 200, not accepted"),
        ("error_500", OutcomeUnknown, "answered 500"),
        ("rate_limited", RateLimited, "answered 429, Rate limit exceeded"),
        ("rate_limited_silently", RateLimited, "answered 429, Rate limit exceeded"),
        ("window_closed", WindowClosed, "answered 400, Re-engagement message"),
    ],
)
async def test_a_send_that_is_to_fail_fails_once_and_is_not_done(
    rig: Rig, client: MessagingClient, fault: str, expected: type[SendError], words: str
) -> None:
    talk = await rig.write("hello")
    await rig.fault(fault)
    with pytest.raises(SendError, match=words) as caught:
        await sent(client, talk)
    assert type(caught.value) is expected
    assert await rig.texts(talk) == ["hello"]
    assert (await sent(client, talk)).id
    assert await rig.texts(talk) == ["hello", "hi"]


@pytest.mark.parametrize(("fault", "told"), [("rate_limited", "1"), ("rate_limited_silently", None)])
async def test_a_limit_says_or_does_not_say_when_to_come_back(rig: Rig, fault: str, told: str | None) -> None:
    await rig.fault(fault)
    assert (await rig.say(await rig.write("hello"), "hi")).headers.get("Retry-After") == told


async def test_an_unsent_message_looks_as_in_the_reference(rig: Rig) -> None:
    talk = await rig.write("hello")
    await rig.fault("unsent")
    reply = await rig.say(talk, "hi")
    assert (reply.status, reply.body["data"]["message"]) == (
        200,
        {"contact": talk, "content": "", "role": "assistant", "status": "unsent", "error": "Rate limit exceeded"},
    )


async def test_the_refusal_of_the_window_may_come_in_a_success(rig: Rig, client: MessagingClient) -> None:
    talk = await rig.write("hello")
    await rig.advance(86400)
    await rig.fault("window_unsent")
    with pytest.raises(WindowClosed, match="answered 200"):
        await sent(client, talk)
    with pytest.raises(WindowClosed, match="answered 400"):
        await sent(client, talk)


async def test_the_two_faults_of_the_window_go_together(rig: Rig, client: MessagingClient) -> None:
    talk = await rig.write("hello")
    await rig.fault("window_unsent")
    await sent(client, talk)
    await rig.fault("window_closed")
    with pytest.raises(WindowClosed, match="answered 200"):
        await sent(client, talk, "key-2")


async def test_an_answer_that_is_not_json_comes_after_the_deed(rig: Rig, client: MessagingClient) -> None:
    talk = await rig.write("hello")
    await rig.fault("not_json")
    assert await sent(client, talk) == Receipt()
    assert await rig.texts(talk) == ["hello", "hi"]
    assert (await sent(client, talk)).id
    assert await rig.texts(talk) == ["hello", "hi"]


async def test_a_key_that_is_ignored_lets_a_repeat_through(rig: Rig, client: MessagingClient) -> None:
    talk = await rig.write("hello")
    await rig.fault("ignore_idempotency")
    for _ in range(3):
        await sent(client, talk)
    assert await rig.texts(talk) == ["hello", "hi", "hi"]


async def waiting(rig: Rig) -> list[str]:
    """The faults that wait."""
    return [fault["fault"] for fault in (await rig.get("/_sandbox/faults")).body["waiting"]]


async def given_up(sending: asyncio.Task[Reply]) -> None:
    """Let a client go away without its answer."""
    assert not sending.done()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


async def test_a_withheld_send_is_not_done_when_the_client_gives_up(rig: Rig) -> None:
    talk = await rig.write("hello")
    await rig.fault("withhold_send", seconds=FOREVER)
    sending = asyncio.create_task(rig.say(talk, "hi", "key-1"))
    while await waiting(rig):
        pass
    assert await rig.texts(talk) == ["hello"]
    await given_up(sending)
    assert (await rig.say(talk, "hi", "key-1")).status == 200
    assert await rig.texts(talk) == ["hello", "hi"]


async def test_a_withheld_answer_leaves_the_send_done(rig: Rig) -> None:
    talk = await rig.write("hello")
    await rig.fault("withhold_answer", seconds=FOREVER)
    sending = asyncio.create_task(rig.say(talk, "hi", "key-1"))
    while await waiting(rig):
        pass
    assert await rig.texts(talk) == ["hello", "hi"]
    await given_up(sending)
    assert (await rig.say(talk, "hi", "key-1")).status == 200
    assert await rig.texts(talk) == ["hello", "hi"]


@pytest.mark.parametrize("fault", ["withhold_send", "withhold_answer"])
async def test_what_is_withheld_comes_in_the_end(rig: Rig, client: MessagingClient, fault: str) -> None:
    talk = await rig.write("hello")
    await rig.fault(fault, seconds=0)
    assert (await sent(client, talk)).id
    assert await waiting(rig) == []


@pytest.mark.parametrize("fault", ["unsent", "not_accepted", "error_500", "rate_limited", "not_json"])
async def test_sends_of_templates_fail_as_well(rig: Rig, fault: str) -> None:
    body = {"to": PHONE, "template": {"name": "come_back", "language": {"code": "en_US"}}}
    path = f"/whatsapp-templates/{rig.channel('whatsapp')}/send"
    good = await rig.post(path, body)
    await rig.fault(fault)
    bad = await rig.post(path, body)
    assert (bad.status, bad.body) != (good.status, good.body)
    assert (await rig.post(path, body)).body["accepted"] is True


# ─── webhooks ───


async def test_a_duplicated_webhook_is_called_five_times(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    await rig.fault("duplicate")
    await rig.write("hello")
    await rig.write("again")
    await rig.gateway.settled()
    assert hook.texts == ["hello"] * 5 + ["again"]


async def test_a_duplicated_call_of_which_one_fails_is_made_again(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    hook.statuses = [200, 200, 500]
    await rig.fault("duplicate")
    await rig.write("hello")
    await rig.gateway.settled()
    await rig.advance(1)
    assert hook.texts == ["hello"] * 6


async def test_a_misspelt_channel_is_misspelt_as_in_the_guide(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    await rig.fault("misspelt")
    await rig.write("hello")
    await rig.write("again")
    await rig.gateway.settled()
    assert [body["channel"]["type"] for body in hook.bodies] == ["whastapp", "whatsapp"]


async def test_unknown_fields_change_nothing_for_who_reads_the_known_ones(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    await rig.fault("unknown_fields")
    await rig.write("hello")
    await rig.gateway.settled()
    [call] = hook.calls
    assert call.body.pop("x_unknown")
    [event] = parse(call.raw, "channel-1")
    assert getattr(event, "text", "") == "hello"


# ─── ordering them ───


async def test_a_fault_happens_as_often_as_it_was_ordered(rig: Rig) -> None:
    talk = await rig.write("hello")
    await rig.fault("error_500", times=3)
    assert [(await rig.say(talk, "hi")).status for _ in range(4)] == [500, 500, 500, 200]


async def test_a_fault_may_be_meant_for_one_conversation(rig: Rig) -> None:
    one, other = await rig.write("hello"), await rig.write("hello", handle="+34600000002")
    await rig.fault("error_500", conversation=one)
    assert [(await rig.say(talk, "hi")).status for talk in (other, one, one)] == [200, 500, 200]


async def test_faults_that_wait_are_shown_and_can_be_forgotten(rig: Rig) -> None:
    await rig.fault("unsent", times=2)
    await rig.fault("misspelt")
    assert (await rig.get("/_sandbox/faults")).body == {
        "faults": dict(FAULTS),
        "waiting": [
            {"fault": "unsent", "times": 2, "share": 1.0, "conversation": "", "happened": 0},
            {"fault": "misspelt", "times": 1, "share": 1.0, "conversation": "", "happened": 0},
        ],
        "happened": {},
    }
    assert (await rig.delete("/_sandbox/faults")).body == {"waiting": 0}
    assert (await rig.say(await rig.write("hello"), "hi")).status == 200


async def test_an_unknown_fault_names_the_known_ones(rig: Rig) -> None:
    reply = await rig.control("faults", fault="earthquake")
    assert reply.status == 400
    assert all(name in reply.body["error"] for name in FAULTS)
