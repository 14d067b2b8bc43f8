"""A send that is repeated under its Idempotency-Key is one message, whatever happens in between."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from botkit.dialogue.bot import Bot
from tests.gateway.rig import PHONE, Rig

DAY = 24 * 3600.0


def template(rig: Rig, name: str = "come_back") -> tuple[str, dict[str, object]]:
    """Path and body of the send of a template."""
    path = f"/whatsapp-templates/{rig.channel('whatsapp')}/send"
    return path, {"to": PHONE, "template": {"name": name, "language": {"code": "en_US"}, "components": []}}


async def test_a_repeated_send_gets_the_same_answer_and_is_one_message(rig: Rig) -> None:
    talk = await rig.write("hello")
    first, second = [await rig.say(talk, "hi", "key-1") for _ in range(2)]
    assert (first.status, first.body) == (second.status, second.body)
    assert await rig.texts(talk) == ["hello", "hi"]


async def test_a_repeated_template_is_one_message_too(rig: Rig) -> None:
    path, body = template(rig)
    first, second = [await rig.post(path, body, idempotency_key="key-1") for _ in range(2)]
    assert first.body == second.body
    assert first.body["accepted"] is True
    [talk] = (await rig.get("/conversations")).body["data"]
    assert await rig.texts(talk["id"]) == ["We have an answer for you."]


async def test_without_a_key_every_send_is_a_message(rig: Rig) -> None:
    talk = await rig.write("hello")
    for _ in range(2):
        await rig.say(talk, "hi")
    assert await rig.texts(talk) == ["hello", "hi", "hi"]


async def test_another_key_is_another_message(rig: Rig) -> None:
    talk = await rig.write("hello")
    for key in ("key-1", "key-2", "KEY-1"):
        await rig.say(talk, "hi", key)
    assert await rig.texts(talk) == ["hello", "hi", "hi", "hi"]


async def test_the_same_key_with_another_body_is_a_conflict(rig: Rig) -> None:
    talk = await rig.write("hello")
    await rig.say(talk, "hi", "key-1")
    other = await rig.say(talk, "bye", "key-1")
    assert other.status == 409
    assert "used for another request" in other.error
    assert await rig.texts(talk) == ["hello", "hi"]


async def test_the_same_key_for_another_endpoint_is_a_conflict(rig: Rig) -> None:
    talk = await rig.write("hello")
    await rig.say(talk, "hi", "key-1")
    path, body = template(rig)
    assert (await rig.post(path, body, idempotency_key="key-1")).status == 409


async def test_the_same_key_for_another_number_is_a_conflict(bots: list[Bot]) -> None:
    async with Rig([bots[0], replace(bots[0], name="other")]) as rig:
        whatsapps = [item["id"] for item in (await rig.get("/channels?type=whatsapp")).body["data"]]
        _, body = template(rig)
        paths = [f"/whatsapp-templates/{channel}/send" for channel in whatsapps]
        assert [(await rig.post(path, body, idempotency_key="key-1")).status for path in paths] == [200, 409]


async def test_repeats_at_the_same_moment_are_one_message(rig: Rig) -> None:
    talk = await rig.write("hello")
    answers = await asyncio.gather(*(rig.say(talk, "hi", "key-1") for _ in range(20)))
    assert len({answer.body["data"]["message"]["id"] for answer in answers}) == 1
    assert await rig.texts(talk) == ["hello", "hi"]


async def test_a_refused_send_does_not_use_up_its_key(rig: Rig) -> None:
    talk = await rig.write("hello")
    await rig.advance(DAY)
    assert (await rig.say(talk, "hi", "key-1")).status == 400
    await rig.write("I am back")
    assert (await rig.say(talk, "hi", "key-1")).status == 200


async def test_a_repeat_is_answered_though_the_window_has_closed(rig: Rig) -> None:
    talk = await rig.write("hello")
    sent = await rig.say(talk, "hi", "key-1")
    await rig.advance(DAY)
    assert (await rig.say(talk, "hi", "key-1")).body == sent.body


async def test_a_key_is_remembered_over_a_restart(bots: list[Bot], tmp_path: Path) -> None:
    async with Rig(bots, tmp_path / "gateway.db") as rig:
        talk = await rig.write("hello")
        sent = await rig.say(talk, "hi", "key-1")
    async with Rig(bots, tmp_path / "gateway.db") as rig:
        assert (await rig.say(talk, "hi", "key-1")).body == sent.body
        assert (await rig.say(talk, "bye", "key-1")).status == 409
        assert await rig.texts(talk) == ["hello", "hi"]


async def test_a_key_is_remembered_for_a_week_and_forgotten_then(rig: Rig) -> None:
    talk = await rig.write("hello")
    await rig.say(talk, "hi", "key-1")
    await rig.advance(7 * DAY)
    await rig.write("back")
    await rig.say(talk, "other", "key-2")
    await rig.say(talk, "hi", "key-1")
    assert await rig.texts(talk) == ["hello", "hi", "back", "other"]
    await rig.advance(1)
    await rig.say(talk, "more", "key-3")
    await rig.say(talk, "hi", "key-1")
    assert await rig.texts(talk) == ["hello", "hi", "back", "other", "more", "hi"]


async def test_a_key_that_is_too_long_is_refused_and_not_cut(rig: Rig) -> None:
    talk = await rig.write("hello")
    assert (await rig.say(talk, "hi", "k" * 200)).status == 200
    assert (await rig.say(talk, "hi", "k" * 201)).status == 400


async def test_a_repeat_is_told_to_webhooks_once(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "statuses")
    talk = await rig.write("hello")
    for _ in range(3):
        await rig.say(talk, "hi", "key-1")
    await rig.gateway.settled()
    assert [body["status"]["status"] for body in hook.bodies] == ["sent", "delivered"]


@pytest.mark.parametrize("key", ["sales@2026-10-08-+525512345678", "pi_3:é", " padded "])
async def test_a_key_is_any_text(rig: Rig, key: str) -> None:
    talk = await rig.write("hello")
    for _ in range(2):
        assert (await rig.say(talk, "hi", key)).status == 200
    assert await rig.texts(talk) == ["hello", "hi"]
