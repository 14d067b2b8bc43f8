"""Webhook calls: who is called with what, in what order, and until when."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from botkit.dialogue.bot import Bot
from botkit.errors import BadSignature
from botkit.messaging.signature import verify
from botkit.testing import START
from tests.gateway.rig import PHONE, Receiver, Rig

HOOK = "https://bot.example.com/webhooks/1"

# ─── subscribing ───


async def test_a_subscription_is_made_listed_and_removed(rig: Rig) -> None:
    wanted = {"channel": rig.channel("whatsapp"), "events": ["messages", "statuses"], "endpoint": HOOK}
    made = await rig.post("/webhooks", wanted)
    assert made.status == 201
    hook = made.body["data"]
    assert hook == {"id": hook["id"], **wanted}
    assert re.fullmatch("[0-9a-f]{24}", hook["id"])
    assert (await rig.get("/webhooks")).body == {"data": [hook]}
    assert (await rig.delete(f"/webhooks/{hook['id']}")).body == {"success": True}
    assert (await rig.get("/webhooks")).body == {"data": []}
    assert (await rig.delete(f"/webhooks/{hook['id']}")).status == 404


async def test_the_secret_of_thin_events_is_told_once(rig: Rig) -> None:
    wanted = {"channel": rig.channel("whatsapp"), "events": ["message.created"], "endpoint": HOOK}
    made = (await rig.post("/webhooks", wanted)).body["data"]
    assert len(made["secret"]) > 40
    assert re.fullmatch("[0-9a-f-]{36}", made["id"])
    assert "secret" not in (await rig.get("/webhooks")).body["data"][0]


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ({"channel": "nobody"}, 404),
        ({"channel": None}, 404),
        ({"channel": {"id": "1"}}, 404),
        ({"events": []}, 400),
        ({"events": "messages"}, 400),
        ({"events": ["conversations"]}, 400),
        ({"events": ["messages", 5]}, 400),
        ({"events": [["messages"]]}, 400),
        ({"events": None}, 400),
        ({"endpoint": ""}, 400),
        ({"endpoint": "bot.example.com"}, 400),
        ({"endpoint": "ftp://bot.example.com/"}, 400),
        ({"endpoint": "http://"}, 400),
        ({"endpoint": "http://[::1"}, 400),
        ({"endpoint": ["http://x/"]}, 400),
        ({"endpoint": "http://x:99999/"}, 400),
        ({"endpoint": "http://x:0/"}, 400),
        ({"endpoint": "http://x:port/"}, 400),
        ({"endpoint": "http://:8080/"}, 400),
        ({"endpoint": "http://x/\r\nX-Header: 1"}, 400),
        ({"endpoint": "http://x/a b"}, 400),
        ({"endpoint": "ht\ttp://x/"}, 400),
    ],
)
async def test_a_subscription_that_is_wrong_is_refused(rig: Rig, part: dict[str, object], status: int) -> None:
    wanted = {"channel": rig.channel("whatsapp"), "events": ["messages"], "endpoint": HOOK, **part}
    assert (await rig.post("/webhooks", wanted)).status == status
    assert (await rig.get("/webhooks")).body == {"data": []}


# ─── what is told ───


async def test_a_message_is_told_in_the_form_of_the_guide(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    talk = await rig.write("hello", name="Sofia")
    await rig.gateway.settled()
    [call] = hook.calls
    assert call.headers["Content-Type"] == "application/json"
    assert call.headers["x-botkit-clock"] == "0.0"
    assert "x-visito-signature" not in call.headers
    identity = call.body["message"]["id"]
    assert call.body == {
        "channel": {"id": rig.channel("whatsapp"), "type": "whatsapp"},
        "conversation": {"id": talk, "fullName": "Sofia", "phoneNumber": PHONE},
        "message": {"id": identity, "type": "text", "text": "hello", "timestamp": "2027-01-15T08:00:00.000Z"},
    }


async def test_a_message_is_told_thinly_and_signed(rig: Rig) -> None:
    receiver = await rig.listen("whatsapp", "messages")
    wanted = {"channel": rig.channel("whatsapp"), "events": ["message.created"], "endpoint": receiver.url}
    secret = (await rig.post("/webhooks", wanted)).body["data"]["secret"]
    await rig.advance(3600)
    talk = await rig.write("hello")
    await rig.gateway.settled()
    [full, thin] = sorted(receiver.calls, key=lambda call: "data" in call.body)
    assert thin.body == {
        "type": "message.created",
        "occurredAt": "2027-01-15T09:00:00.000Z",
        "data": {
            "messageId": full.body["message"]["id"],
            "conversationId": talk,
            "direction": "inbound",
            "channel": rig.channel("whatsapp"),
            "requestEventId": f"e_{full.body['message']['id']}",
        },
    }
    header = thin.headers["x-visito-signature"]
    verify([secret], header, thin.raw, now=START + 3600, max_age=0)
    with pytest.raises(BadSignature):
        verify(["another"], header, thin.raw, now=START + 3600, max_age=0)


async def test_only_who_subscribed_to_the_channel_is_told(rig: Rig) -> None:
    whatsapp, instagram = await rig.listen("whatsapp", "messages"), await rig.listen("instagram", "messages")
    await rig.write("one")
    await rig.write("two", "instagram", "eva")
    await rig.gateway.settled()
    assert (whatsapp.texts, instagram.texts) == (["one"], ["two"])


async def test_every_subscription_of_a_channel_is_told(rig: Rig) -> None:
    hooks = [await rig.listen("whatsapp", "messages") for _ in range(3)]
    await rig.write("hello")
    await rig.gateway.settled()
    assert [hook.texts for hook in hooks] == [["hello"]] * 3


async def test_who_unsubscribes_is_told_nothing_more_not_even_what_waits(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    hook.statuses = [500]
    await rig.write("hello")
    await rig.gateway.settled()
    [listed] = (await rig.get("/webhooks")).body["data"]
    await rig.delete(f"/webhooks/{listed['id']}")
    await rig.write("are you there?")
    await rig.advance(3600)
    assert hook.texts == ["hello"]


# ─── another address ───


async def test_what_an_old_address_did_not_take_goes_to_the_new_one(rig: Rig) -> None:
    old = await rig.listen("whatsapp", "messages", to=Receiver())
    for text in ("one", "two"):
        await rig.write(text)
    await rig.advance(1)
    new = await rig.listen("whatsapp", "messages")
    await rig.advance(1)
    await rig.write("three")
    await rig.gateway.settled()
    await rig.delete(f"/webhooks/{await identity_of(rig, old)}")
    await rig.gateway.settled()
    assert new.texts == ["three", "one", "two"]
    assert await rig.queued() == 0


async def test_what_waits_for_both_addresses_is_told_once_and_in_order(rig: Rig) -> None:
    old = await rig.listen("whatsapp", "messages", to=Receiver())
    await rig.write("one")
    await rig.advance(1)
    new = await rig.listen("whatsapp", "messages")
    new.statuses = [503]
    await rig.write("two")
    await rig.gateway.settled()
    await rig.delete(f"/webhooks/{await identity_of(rig, old)}")
    await rig.advance(3600)
    assert new.texts == ["two", "one", "two"]
    assert await rig.queued() == 0


@pytest.mark.parametrize(("channel", "event"), [("instagram", "messages"), ("whatsapp", "statuses")])
async def test_who_subscribed_to_something_else_inherits_nothing(rig: Rig, channel: str, event: str) -> None:
    old = await rig.listen("whatsapp", "messages", to=Receiver())
    other = await rig.listen(channel, event)
    await rig.write("hello")
    await rig.delete(f"/webhooks/{await identity_of(rig, old)}")
    await rig.gateway.settled()
    assert (other.calls, await rig.queued()) == ([], 0)


async def identity_of(rig: Rig, receiver: Receiver) -> str:
    """The id of a subscription."""
    listed = (await rig.get("/webhooks")).body["data"]
    return next(str(hook["id"]) for hook in listed if hook["endpoint"] == receiver.url)


async def test_an_endpoint_holds_a_token_and_is_not_logged(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    receiver = Receiver()
    receiver.url = "http://127.0.0.1:1/token-1"
    await rig.listen("whatsapp", "messages", to=receiver)
    await rig.write("hello")
    await rig.gateway.settled()
    [record] = [record for record in caplog.records if record.message == "webhook not taken"]
    assert "token-1" not in str(vars(record))
    assert vars(record)["reason"].startswith("Client")


# ─── statuses ───


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (("messages",), []),
        (("statuses",), ["sent", "delivered"]),
        (("messages", "statuses"), ["sent", "delivered"]),
        (("message.created",), []),
        (("message.created", "message.status"), ["sent", "delivered"]),
    ],
)
async def test_a_status_is_told_to_who_asked_for_it(rig: Rig, events: tuple[str, ...], told: list[str]) -> None:
    hook = await rig.listen("whatsapp", *events)
    talk = await rig.write("hello")
    sent = (await rig.say(talk, "hi")).body["data"]["message"]
    await rig.gateway.settled()
    changes = [body.get("status", body.get("data", {})) for body in hook.bodies]
    assert [change["status"] for change in changes if "status" in change] == told
    assert {change.get("message") or change["messageId"] for change in changes if "status" in change} <= {sent["id"]}


def statuses(hook: Receiver) -> list[tuple[str, str]]:
    """The statuses that a webhook was told, each with its message."""
    return [(body["status"]["message"], body["status"]["status"]) for body in hook.bodies if "status" in body]


async def test_who_writes_has_read_what_was_there(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages", "statuses")
    talk = await rig.write("hello")
    one, two = [(await rig.say(talk, text)).body["data"]["message"]["id"] for text in ("one", "two")]
    await rig.write("thanks")
    await rig.write("bye")
    await rig.gateway.settled()
    assert statuses(hook) == [
        (one, "sent"), (one, "delivered"), (two, "sent"), (two, "delivered"), (one, "read"), (two, "read"),
    ]  # fmt: skip
    assert [body["message"]["text"] for body in hook.bodies[-2:]] == ["thanks", "bye"]


async def test_a_status_can_be_ordered(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "statuses")
    talk = await rig.write("hello")
    sent = (await rig.say(talk, "hi")).body["data"]["message"]["id"]
    ordered = await rig.control("status", message=sent, status="failed", code=131047)
    assert ordered.body == {"message": sent, "conversation": talk, "status": "failed"}
    assert (await rig.control("status", message=sent, status="played")).status == 200
    await rig.gateway.settled()
    assert [status for _, status in statuses(hook)] == ["sent", "delivered", "failed", "played"]
    words = "Re-engagement message: more than 24 hours have passed since the contact last wrote."
    assert hook.bodies[2]["status"]["errors"] == [{"code": 131047, "title": words, "message": words}]
    assert "errors" not in hook.bodies[3]["status"]


async def test_only_what_was_sent_has_a_status(rig: Rig) -> None:
    inbound = (await rig.control("inbound", **{"channel": "whatsapp", "from": PHONE, "text": "hi"})).body["message"]
    for message in (inbound, "nobody", ""):
        reply = await rig.control("status", message=message, status="read")
        assert reply.status == 400
        assert "message must be the id of a message that was sent" in reply.body["error"]


async def test_an_inbound_message_is_delivered_once_its_webhook_has_taken_it(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    hook.statuses = [503]
    talk = await rig.write("hello")

    async def status() -> str:
        [message] = (await rig.get(f"/conversations/{talk}/messages")).body["data"]
        return str(message["status"])

    await rig.gateway.settled()
    assert await status() == "sent"
    await rig.advance(1)
    assert await status() == "delivered"


# ─── trying again, in order ───


@pytest.mark.parametrize("status", [301, 400, 404, 429, 500, 503])
async def test_a_call_that_is_not_taken_is_made_again_ever_more_slowly(rig: Rig, status: int) -> None:
    hook = await rig.listen("whatsapp", "messages")
    hook.statuses = [status] * 4
    await rig.write("hello")
    await rig.gateway.settled()
    made = []
    for _ in range(16):
        made.append(len(hook.calls))
        await rig.advance(1)
    assert made == [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5]


async def test_an_endpoint_that_cannot_be_reached_is_called_again(rig: Rig) -> None:
    await rig.listen("whatsapp", "messages", to=Receiver())
    await rig.write("hello")
    await rig.advance(3600)
    assert await rig.queued() == 1


async def test_a_conversation_waits_for_its_first_call_and_others_do_not(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    hook.statuses = [500]
    for text in ("one", "two", "three"):
        await rig.write(text)
    await rig.write("other", handle="+34600000002")
    await rig.gateway.settled()
    assert sorted(hook.texts) == ["one", "other"]
    await rig.advance(1)
    assert [text for text in hook.texts if text != "other"] == ["one", "one", "two", "three"]


async def test_a_dead_endpoint_holds_up_nobody_else(rig: Rig) -> None:
    await rig.listen("whatsapp", "messages", to=Receiver())
    hook = await rig.listen("whatsapp", "messages")
    for text in ("one", "two"):
        await rig.write(text)
    await rig.gateway.settled()
    assert hook.texts == ["one", "two"]


async def test_many_messages_of_many_contacts_arrive_in_order_for_each(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    hook.statuses = [200, 500, 200, 503, 200] * 4
    for number in range(10):
        for contact in range(1, 6):
            await rig.write(f"{contact}:{number}", handle=f"+3460000000{contact}")
    while await rig.queued():
        await rig.advance(300)
    once = list(dict.fromkeys(hook.texts))
    assert len(once) == 50
    for contact in range(1, 6):
        assert [text for text in once if text.startswith(f"{contact}:")] == [f"{contact}:{n}" for n in range(10)]


async def test_a_long_queue_does_not_keep_others_waiting_for_its_end(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    many = [{"channel": "whatsapp", "from": PHONE, "text": str(number)} for number in range(50)]
    others = [{"channel": "whatsapp", "from": f"+346000000{number}", "text": "other"} for number in range(10, 90)]
    await rig.post("/_sandbox/inbound", [*many, *others])
    await rig.gateway.settled()
    assert [text for text in hook.texts if text != "other"] == [str(number) for number in range(50)]
    assert max(number for number, text in enumerate(hook.texts) if text == "other") < 129


async def test_after_a_week_a_call_is_given_up(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    hook.statuses = [500, 500]
    await rig.write("hello")
    await rig.gateway.settled()
    await rig.advance(7 * 86400 + 1)
    await rig.write("again")
    await rig.gateway.settled()
    assert hook.texts == ["hello", "hello", "again"]
    assert await rig.queued() == 0


async def test_calls_that_wait_survive_a_restart(bots: list[Bot], tmp_path: Path) -> None:
    async with Receiver(500) as hook:
        async with Rig(bots, tmp_path / "gateway.db") as rig:
            await rig.listen("whatsapp", "messages", to=hook)
            await rig.write("hello")
            await rig.gateway.settled()
        async with Rig(bots, tmp_path / "gateway.db") as rig:
            await rig.advance(1)
            assert hook.texts == ["hello", "hello"]
            assert await rig.queued() == 0
