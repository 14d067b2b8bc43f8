"""Message templates: created, approved, and sent with the right number of values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botkit.dialogue.bot import Bot
from tests.gateway.rig import PHONE, Rig

NAME = "reservation_confirmed"
CREATED = {
    "name": NAME,
    "language": "en_US",
    "category": "MARKETING",
    "components": [
        {
            "type": "BODY",
            "text": "Hi {{1}}, your reservation for {{2}} is confirmed.",
            "example": {"body_text": [["John", "Monday"]]},
        }
    ],
}


def path(rig: Rig, channel: str = "whatsapp") -> str:
    """Where the templates of a channel are."""
    return f"/whatsapp-templates/{rig.channel(channel)}"


def filled(*values: object, name: str = NAME, code: str = "en_US", to: str = PHONE) -> dict[str, Any]:
    """The send of a template."""
    parameters = [{"type": "text", "text": value} for value in values]
    components = [{"type": "body", "parameters": parameters}]
    return {"to": to, "template": {"name": name, "language": {"code": code}, "components": components}}


@pytest.fixture
async def approved(rig: Rig) -> Rig:
    """A gateway on which the template above is approved."""
    await rig.post(path(rig), {"template": CREATED})
    await rig.control("templates", channel="whatsapp", name=NAME)
    return rig


# ─── creating and approving ───


async def test_declared_templates_are_there_and_approved(rig: Rig) -> None:
    listed = (await rig.get(path(rig))).body["data"]
    assert [(item["name"], item["language"], item["category"], item["status"]) for item in listed] == [
        ("come_back", "en_US", "UTILITY", "APPROVED"),
        ("order_news", "en_US", "UTILITY", "APPROVED"),
        ("order_news", "es_MX", "UTILITY", "APPROVED"),
    ]
    assert listed[1]["components"] == [{"type": "BODY", "text": "Hi {{1}}, order {{2}} is on its way."}]


async def test_a_template_is_created_pending_and_cannot_be_sent_yet(rig: Rig) -> None:
    created = await rig.post(path(rig), {"template": CREATED})
    assert (created.status, created.body["data"]) == (201, {**CREATED, "status": "PENDING"})
    sent = await rig.post(f"{path(rig)}/send", filled("Ana", "Monday"))
    assert (sent.status, sent.body["error"]["code"]) == (404, 132001)


@pytest.mark.parametrize("status", ["REJECTED", "PAUSED", "DISABLED", "PENDING"])
async def test_only_an_approved_template_is_sent(approved: Rig, status: str) -> None:
    order = {"channel": "whatsapp", "name": NAME, "status": status}
    assert (await approved.control("templates", **order)).body == {"name": NAME, "status": status}
    assert (await approved.post(f"{path(approved)}/send", filled("Ana", "Monday"))).status == 404


async def test_a_template_that_is_created_again_is_pending_again(approved: Rig) -> None:
    await approved.post(path(approved), {"template": CREATED})
    assert (await approved.post(f"{path(approved)}/send", filled("Ana", "Monday"))).status == 404


async def test_a_decision_about_an_unknown_template_is_refused(rig: Rig) -> None:
    decided = await rig.control("templates", channel="whatsapp", name="nothing")
    assert (decided.status, decided.body) == (400, {"error": "shop on whatsapp has no template 'nothing'."})


@pytest.mark.parametrize(
    "part",
    [
        {"name": ""},
        {"name": "Reservation"},
        {"name": "has space"},
        {"name": None},
        {"language": ""},
        {"language": {"code": "en_US"}},
        {"components": None},
        {"components": "BODY"},
        {"components": [1]},
        {"components": [{"type": "BODY", "text": "{{1}} and {{3}}"}]},
        {"components": [{"type": "BODY", "text": "{{0}}"}]},
        {"components": [{"type": "BODY", "text": "{{2}}"}]},
    ],
)
async def test_a_template_that_is_wrong_is_refused(rig: Rig, part: dict[str, object]) -> None:
    assert (await rig.post(path(rig), {"template": {**CREATED, **part}})).status == 400


@pytest.mark.parametrize("body", [{}, {"template": None}, {"template": [CREATED]}, CREATED])
async def test_a_template_is_wrapped(rig: Rig, body: object) -> None:
    assert (await rig.post(path(rig), body)).status == 400


@pytest.mark.parametrize("channel", ["instagram", "messenger", "webchat"])
async def test_templates_belong_to_whatsapp(rig: Rig, channel: str) -> None:
    for reply in (
        await rig.get(path(rig, channel)),
        await rig.post(path(rig, channel), {"template": CREATED}),
        await rig.post(f"{path(rig, channel)}/send", filled()),
    ):
        assert reply.status == 400
        assert reply.error == f"Templates belong to whatsapp channels; this one is {channel}."


async def test_an_unknown_channel_has_no_templates(rig: Rig) -> None:
    assert (await rig.get("/whatsapp-templates/nobody")).status == 404


async def test_a_template_survives_a_restart(bots: list[Bot], tmp_path: Path) -> None:
    async with Rig(bots, tmp_path / "gateway.db") as rig:
        await rig.post(path(rig), {"template": CREATED})
    async with Rig(bots, tmp_path / "gateway.db") as rig:
        assert NAME in [item["name"] for item in (await rig.get(path(rig))).body["data"]]


# ─── sending ───


async def test_a_template_is_sent_filled_in(approved: Rig) -> None:
    sent = await approved.post(f"{path(approved)}/send", filled("Ana", "Monday {{1}}"))
    assert (sent.status, sent.body["accepted"]) == (200, True)
    message = sent.body["data"]["message"]
    assert message["content"] == "Hi Ana, your reservation for Monday {{1}} is confirmed."
    assert message["status"] == "delivered"
    [talk] = (await approved.get("/conversations")).body["data"]
    assert (talk["id"], talk["phoneNumber"]) == (message["contact"], PHONE)


async def test_a_template_goes_to_the_conversation_that_is_there(approved: Rig) -> None:
    talk = await approved.write("hello", phone=False)
    await approved.advance(48 * 3600)
    sent = await approved.post(f"{path(approved)}/send", filled("Ana", "Monday", to="34 600-000-001"))
    assert sent.body["data"]["message"]["contact"] == talk


async def test_a_template_is_taken_in_its_own_language_only(rig: Rig) -> None:
    spanish = await rig.post(f"{path(rig)}/send", filled("Ana", name="order_news", code="es_MX"))
    assert spanish.body["data"]["message"]["content"] == "Hola Ana, su pedido va en camino."
    other = await rig.post(f"{path(rig)}/send", filled("Ana", name="order_news", code="es"))
    assert (other.status, other.body["error"]["code"]) == (404, 132001)


@pytest.mark.parametrize("values", [(), ("Ana",), ("Ana", "Monday", "noon")])
async def test_the_number_of_values_must_fit(approved: Rig, values: tuple[str, ...]) -> None:
    sent = await approved.post(f"{path(approved)}/send", filled(*values))
    assert (sent.status, sent.body["error"]["code"]) == (400, 132000)
    assert sent.error == f"The template has 2 parameters; {len(values)} were sent."


@pytest.mark.parametrize(
    "components", [None, [], "body", [1], [{"type": "body"}], [{"type": "body", "parameters": None}]]
)
async def test_components_that_hold_no_values_hold_none(approved: Rig, components: object) -> None:
    template = {"name": NAME, "language": {"code": "en_US"}, "components": components}
    sent = await approved.post(f"{path(approved)}/send", {"to": PHONE, "template": template})
    assert (sent.status, sent.body["error"]["code"]) == (400, 132000)


@pytest.mark.parametrize("value", ["", " ", None, {"text": "Ana"}])
async def test_an_empty_value_is_refused(approved: Rig, value: object) -> None:
    sent = await approved.post(f"{path(approved)}/send", filled("Ana", value))
    assert (sent.status, sent.body["error"]["code"]) == (400, 131008)


@pytest.mark.parametrize("value", ["two\nlines", "a\ttab", "five     spaces"])
async def test_a_value_with_a_newline_is_a_bare_500_as_was_seen(approved: Rig, value: str) -> None:
    sent = await approved.post(f"{path(approved)}/send", filled("Ana", value))
    assert (sent.status, sent.body) == (500, {})


async def test_a_value_may_have_four_spaces(approved: Rig) -> None:
    assert (await approved.post(f"{path(approved)}/send", filled("Ana", "four    spaces"))).status == 200


@pytest.mark.parametrize("to", ["", "nobody", None, 5, "69238d37f3821dae1626709e", "+1234567890123456"])
async def test_a_template_goes_to_a_phone_number(approved: Rig, to: Any) -> None:
    sent = await approved.post(f"{path(approved)}/send", filled("Ana", "Monday", to=to))
    assert (sent.status, sent.body["error"]["code"]) == (400, 131009)


@pytest.mark.parametrize("body", [b"{", b"[]", {"to": PHONE}, {"to": PHONE, "template": {"name": "come_back"}}])
async def test_a_send_without_a_template_is_refused(rig: Rig, body: object) -> None:
    assert (await rig.post(f"{path(rig)}/send", body)).status in (400, 404)
