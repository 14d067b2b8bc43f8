"""Faults on demand: each does what it says, as often and where it was told to; to a client they look like real ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from botkit.dialogue.contact import Contact
from botkit.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    TemplateRefused,
    Unauthorized,
    Unreachable,
    WindowClosed,
)
from botkit.gateway.faults import FAULTS
from botkit.ledger import Receipt
from botkit.messaging.client import MessagingClient
from botkit.messaging.dialects import DIALECTS
from botkit.messaging.inbound import parse
from botkit.testing import START
from tests.conftest import ROOT
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


@pytest.mark.parametrize(
    ("order", "expected", "headers"),
    [
        ({"status": 503}, Unreachable, None),
        ({"status": 503, "retry_after": 7}, Unreachable, "7"),
        ({"status": 429, "retry_after": 0}, RateLimited, "0"),
        ({"status": 500}, OutcomeUnknown, None),
        ({}, OutcomeUnknown, None),
        ({"status": 401}, Unauthorized, None),
        ({"status": 400, "code": 131047}, WindowClosed, None),
        ({"status": 500, "code": 132015}, TemplateRefused, None),
        ({"status": 400, "code": 131056}, RateLimited, None),
        ({"status": 400, "code": 131026}, Rejected, None),
    ],
)
async def test_a_status_is_answered_as_it_was_ordered(
    rig: Rig, client: MessagingClient, order: dict[str, int], expected: type[SendError], headers: str | None
) -> None:
    talk = await rig.write("hello")
    await rig.fault("status", times=2, **order)
    assert (await rig.say(talk, "hi")).headers.get("Retry-After") == headers
    with pytest.raises(SendError) as caught:
        await sent(client, talk)
    assert type(caught.value) is expected
    assert await rig.texts(talk) == ["hello"]


@pytest.mark.parametrize(("code", "expected"), [(131047, WindowClosed), (131016, Unreachable), (131026, Rejected)])
async def test_an_unsent_message_may_tell_a_code(
    rig: Rig, client: MessagingClient, code: int, expected: type[SendError]
) -> None:
    talk = await rig.write("hello")
    await rig.fault("unsent", code=code)
    with pytest.raises(expected, match="answered 200"):
        await sent(client, talk)


@pytest.mark.parametrize(("fault", "is_done"), [("drop_request", False), ("drop_answer", True)])
async def test_a_connection_is_closed_before_or_after_the_deed(
    rig: Rig,
    client: MessagingClient,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    is_done: bool,  # noqa: FBT001
) -> None:
    talk = await rig.write("hello")
    await rig.fault(fault)
    with pytest.raises(OutcomeUnknown):
        await sent(client, talk)
    found = await client.find_sent(Contact("channel-1", talk), "hi", START)
    assert await rig.texts(talk) == ["hello", *["hi"] * is_done]
    receipt = await sent(client, talk)
    assert found == ([replace(receipt, status="delivered")] if is_done else [])
    assert await rig.texts(talk) == ["hello", "hi"]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize(("order", "code"), [({}, 131047), ({"code": 131026}, 131026)])
async def test_a_send_may_be_accepted_and_fail_afterwards(
    rig: Rig, client: MessagingClient, order: dict[str, int], code: int
) -> None:
    hook = await rig.listen("whatsapp", "statuses")
    talk = await rig.write("hello")
    await rig.fault("accept_then_fail", **order)
    receipt = await sent(client, talk)
    await rig.gateway.settled()
    assert receipt.status == "sent"
    assert [body["status"]["status"] for body in hook.bodies] == ["sent", "failed"]
    assert hook.bodies[1]["status"]["errors"][0]["code"] == code
    [failed] = (await rig.get("/_sandbox/sent")).body["sent"]
    assert (failed["id"], failed["status"]) == (receipt.id, "failed")
    await rig.write("again")
    await rig.gateway.settled()
    assert len(hook.bodies) == 2, "what has failed is never read"


async def test_an_api_that_ignores_keys_does_not_promise_to_honour_them(rig: Rig, client: MessagingClient) -> None:
    async def promised() -> bool:
        return all("idempotency" in channel.extensions for channel in await client.channels())

    talk = await rig.write("hello")
    assert await promised()
    await rig.fault("ignore_keys", share=1)
    assert not await promised()
    for _ in range(2):
        await sent(client, talk)
    assert await rig.texts(talk) == ["hello", "hi", "hi"]
    await rig.delete("/_sandbox/faults")
    assert await promised()
    for _ in range(2):
        await sent(client, talk)
    assert await rig.texts(talk) == ["hello", "hi", "hi", "hi"]


async def test_any_call_may_be_slow(rig: Rig) -> None:
    await rig.fault("slow", seconds=FOREVER)
    reading = asyncio.create_task(rig.get("/channels"))
    while await waiting(rig):
        pass
    await given_up(reading)
    await rig.fault("slow", seconds=0)
    assert (await rig.get("/channels")).status == 200
    assert await waiting(rig) == []


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


async def burst(rig: Rig, *texts: str) -> None:
    """Let a contact write several messages in one moment."""
    orders = [{"channel": "whatsapp", "from": PHONE, "text": text} for text in texts]
    assert (await rig.post("/_sandbox/inbound", orders)).status == 200


@pytest.mark.parametrize(
    ("order", "told"),
    [({"times": 1}, ["2", "1", "3", "4", "5"]), ({"share": 1}, ["2", "1", "4", "3", "5"])],
)
async def test_two_adjacent_calls_of_a_conversation_change_places(
    rig: Rig, order: dict[str, int], told: list[str]
) -> None:
    hook = await rig.listen("whatsapp", "messages")
    await rig.fault("reorder", **order)
    await burst(rig, "1", "2", "3", "4", "5")
    await rig.gateway.settled()
    assert hook.texts == told
    assert await rig.queued() == 0


async def test_a_call_with_none_behind_it_is_not_overtaken(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    await rig.fault("reorder")
    await rig.write("1")
    await rig.gateway.settled()
    assert await waiting(rig) == ["reorder"]
    await burst(rig, "2", "3")
    await rig.gateway.settled()
    assert hook.texts == ["1", "3", "2"]


async def test_nothing_is_lost_when_a_call_that_overtakes_is_not_taken(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    hook.statuses = [500]
    await rig.fault("reorder")
    await burst(rig, "1", "2", "3")
    await rig.gateway.settled()
    await rig.advance(1)
    assert hook.texts == ["2", "1", "2", "3"]


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


async def failures(rig: Rig, talk: str, **order: object) -> list[bool]:
    """Which of forty sends fail."""
    await rig.delete("/_sandbox/faults")
    await rig.fault("error_500", **order)
    return [(await rig.say(talk, "hi")).status == 500 for _ in range(40)]


async def test_a_share_of_the_occasions_is_drawn_from_a_seed(rig: Rig) -> None:
    talk = await rig.write("hello")
    drawn = [await failures(rig, talk, share=0.5, seed=seed) for seed in (7, 7, 8)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert 10 < sum(drawn[0]) < 30
    assert sum(await failures(rig, talk, share=0.5, seed=7, times=3)) == 3
    assert all(await failures(rig, talk, share=1))


async def test_several_faults_are_ordered_at_once_and_counted(rig: Rig) -> None:
    talk = await rig.write("hello")
    orders = [{"fault": "error_500", "share": 1}, {"fault": "unsent", "times": 2, "conversation": talk}]
    assert (await rig.post("/_sandbox/faults", orders)).body == {"waiting": 2}
    for _ in range(3):
        await rig.say(talk, "hi")
    looked = (await rig.get("/_sandbox/faults")).body
    assert looked["waiting"] == [
        {"fault": "error_500", "times": None, "share": 1.0, "conversation": "", "happened": 3},
        {"fault": "unsent", "times": 2, "share": 1.0, "conversation": talk, "happened": 0},
    ]
    assert looked["happened"] == {"error_500": 3}


@pytest.mark.parametrize(
    "part",
    [{"share": 0}, {"share": 1.1}, {"share": -1}, {"times": 0}, {"status": 200}, {"status": 600}, {"retry_after": -1}],
)
async def test_an_order_out_of_bounds_is_refused(rig: Rig, part: dict[str, object]) -> None:
    good, bad = {"fault": "status"}, {"fault": "status", **part}
    assert (await rig.post("/_sandbox/faults", bad)).status == 400
    assert (await rig.post("/_sandbox/faults", [good, bad])).status == 400
    assert await waiting(rig) == []


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


def test_every_fault_stands_in_the_docs() -> None:
    told = (ROOT / "docs" / "gateway.md").read_text(encoding="utf-8")
    assert [name for name in FAULTS if f"`{name}`" not in told] == []
