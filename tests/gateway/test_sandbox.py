"""The test controls: for simulated channels only, and from this machine only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from botkit.dialogue.bot import Bot
from botkit.gateway.origin import is_loopback
from botkit.testing import START
from tests.gateway.rig import PHONE, Rig

ORDERS = ("POST /inbound", "POST /clock", "POST /faults", "POST /templates", "POST /status")
CONTROLS = (*ORDERS, "GET /clock", "GET /faults", "GET /sent", "DELETE /faults")

# ─── who may use them ───


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Forwarded": "for=1.2.3.4"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost"},
        {"X-Real-IP": "127.0.0.1"},
        {"X-Forwarded-Proto": "https"},
        {"x-forwarded-server": "proxy"},
        {"Via": "1.1 proxy"},
        {"CF-Connecting-IP": "1.2.3.4"},
        {"CF-Ray": "230b030023ae2822-SJC"},
        {"Origin": "https://evil.example.com"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Host": "evil.example.com"},
        {"Host": "bot.example.com"},
        {"Host": "127.0.0.1.evil.example.com"},
        {"Host": ""},
        {"Host": "[::1"},
    ],
)
async def test_who_comes_from_elsewhere_is_refused(bots: list[Bot], control: str, headers: dict[str, str]) -> None:
    async with Rig(bots, hosts={"bot.example.com"}) as rig:
        method, path = control.split()
        async with rig.http.request(method, f"/_sandbox{path}", headers=headers, json={}) as response:
            assert response.status == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080"])
async def test_this_machine_has_several_names(rig: Rig, host: str) -> None:
    async with rig.http.get("/_sandbox/clock", headers={"Host": host}) as response:
        assert response.status == 200


async def test_a_page_of_this_server_may_use_it(rig: Rig) -> None:
    headers = {"Host": "localhost:8080", "Origin": "http://localhost:8080"}
    async with rig.http.get("/_sandbox/clock", headers=headers) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("10.0.0.1", False), ("fe80::1%eth0", False),
     ("", False), (None, False), ("localhost", False), ("unix:", False)],
)  # fmt: skip
def test_loopback_is_told_by_the_address(address: str | None, is_ours: bool) -> None:  # noqa: FBT001
    assert is_loopback(address) is is_ours


@pytest.mark.parametrize("type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
@pytest.mark.parametrize("control", ORDERS)
async def test_a_form_on_a_page_elsewhere_cannot_give_orders(rig: Rig, control: str, type: str) -> None:
    path = control.split()[1]
    async with rig.http.post(
        f"/_sandbox{path}", data=b'{"advance":1,"fault":"unsent"}', headers={"Content-Type": type}
    ) as response:
        assert response.status == 415


@pytest.mark.parametrize("control", ["inbound", "clock", "faults", "templates", "status"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"{}", b'{"unknown": 1}', rb'{"a": "\ud800"}', b"\xff"])
async def test_an_order_that_makes_no_sense_is_told_why(rig: Rig, control: str, body: bytes) -> None:
    reply = await rig.post(f"/_sandbox/{control}", body)
    assert reply.status == 400
    assert reply.body["error"]


# ─── writing as a contact ───


async def test_a_contact_writes_and_is_told_where(rig: Rig) -> None:
    written = await rig.control("inbound", **{"channel": "whatsapp", "from": "34 600-000-001", "text": "hello"})
    assert written.status == 200
    assert written.body["channel"]["id"] == rig.channel("whatsapp")
    [message] = (await rig.get(f"/conversations/{written.body['conversation']}/messages")).body["data"]
    assert (message["id"], message["content"]) == (written.body["message"], "hello")
    assert (await rig.get("/conversations")).body["data"][0]["phoneNumber"] == PHONE


@pytest.mark.parametrize("channel", ["ID", "whatsapp", "shop/whatsapp"])
async def test_a_channel_is_named_in_three_ways(rig: Rig, channel: str) -> None:
    name = rig.channel("whatsapp") if channel == "ID" else channel
    assert await rig.write("hello", name)


@pytest.mark.parametrize("channel", ["webchat", "shop/webchat", "voice", "", "other/whatsapp"])
async def test_a_channel_that_is_not_simulated_is_refused(rig: Rig, channel: str) -> None:
    for reply in (
        await rig.control("inbound", **{"channel": channel, "from": PHONE, "text": "hello"}),
        await rig.control("templates", channel=channel, name="come_back"),
    ):
        assert reply.status == 400
        assert "shop/whatsapp, shop/instagram, shop/messenger; found" in reply.body["error"]


async def test_a_type_must_name_one_channel(bots: list[Bot]) -> None:
    async with Rig([bots[0], replace(bots[0], name="other")]) as rig:
        reply = await rig.control("inbound", **{"channel": "whatsapp", "from": PHONE, "text": "hello"})
        assert (reply.status, await rig.write("hello", "other/whatsapp") != "") == (400, True)


@pytest.mark.parametrize("handle", ["nobody", "12", "+1234567890123456"])
async def test_on_whatsapp_one_writes_from_a_phone(rig: Rig, handle: str) -> None:
    reply = await rig.control("inbound", **{"channel": "whatsapp", "from": handle, "text": "hello"})
    assert (reply.status, reply.body) == (400, {"error": f"from must be a phone number in E.164; found {handle!r}."})


async def test_elsewhere_one_writes_from_any_handle(rig: Rig) -> None:
    talk = await rig.write("hello", "instagram", "eva ☀")
    assert (await rig.get(f"/conversations/{talk}")).body["data"]["phoneNumber"] == ""


async def test_a_contact_may_send_what_is_no_text(rig: Rig) -> None:
    hook = await rig.listen("whatsapp", "messages")
    await rig.write("", type="image")
    await rig.gateway.settled()
    [body] = hook.bodies
    assert body["message"]["type"] == "image"
    assert "text" not in body["message"]


@pytest.mark.parametrize("part", [{"text": "x" * 4097}, {"from": ""}, {"from": "x" * 65}, {"text": 5}, {"phone": []}])
async def test_what_a_contact_writes_is_bounded(rig: Rig, part: dict[str, object]) -> None:
    order = {"channel": "instagram", "from": "eva", "text": "hello", **part}
    assert (await rig.control("inbound", **order)).status == 400


async def test_many_write_at_once_in_this_order(rig: Rig) -> None:
    orders = [
        {"channel": channel, "from": handle, "text": text}
        for channel, handle, text in (
            ("whatsapp", PHONE, "1"),
            ("instagram", "eva", "2"),
            ("shop/whatsapp", PHONE, "3"),
        )
    ]
    received = (await rig.post("/_sandbox/inbound", orders)).body["received"]
    assert [item["channel"]["type"] for item in received] == ["whatsapp", "instagram", "whatsapp"]
    assert await rig.texts(received[0]["conversation"]) == ["1", "3"]
    listed = (await rig.get(f"/conversations/{received[2]['conversation']}/messages")).body["data"]
    assert [item["id"] for item in listed] == [received[2]["message"], received[0]["message"]]


@pytest.mark.parametrize(
    "bad", [{"channel": "whatsapp", "from": "nobody"}, {"channel": "voice", "from": PHONE}, {"from": PHONE}, 5]
)
async def test_of_many_all_write_or_none(rig: Rig, bad: object) -> None:
    good = {"channel": "whatsapp", "from": PHONE, "text": "hello"}
    assert (await rig.post("/_sandbox/inbound", [good, bad])).status == 400
    assert (await rig.get("/conversations")).body["data"] == []


async def test_there_is_an_end_to_many(rig: Rig) -> None:
    good = {"channel": "whatsapp", "from": PHONE}
    reply = await rig.post("/_sandbox/inbound", [good] * 5001)
    assert (reply.status, reply.body) == (400, {"error": "a list holds 1 to 5000 orders; found 5001."})


# ─── the clock ───


async def test_the_clock_goes_forward_and_every_answer_tells_it(rig: Rig) -> None:
    assert (await rig.control("clock", advance=90)).body == {"now": "2027-01-15T08:01:30.000Z", "offset": 90.0}
    assert (await rig.control("clock", advance="1h")).body["offset"] == 3690.0
    assert (await rig.get("/_sandbox/clock")).body["offset"] == 3690.0
    for path in ("/channels", "/conversations/nobody"):
        assert (await rig.get(path)).headers["x-botkit-clock"] == "3690.0"


@pytest.mark.parametrize("advance", [0, -1, "soon", None, 1e13, 1e308])
async def test_the_clock_does_not_go_where_no_date_is(rig: Rig, advance: object) -> None:
    assert (await rig.control("clock", advance=advance)).status == 400
    assert (await rig.get("/_sandbox/clock")).body["offset"] == 0.0


async def test_the_clock_has_an_end(rig: Rig) -> None:
    years = [(await rig.control("clock", advance=2 * 365 * 86400)).status for _ in range(6)]
    assert years == [200, 200, 200, 200, 200, 400]


async def test_the_clock_is_kept_over_a_restart(bots: list[Bot], tmp_path: Path) -> None:
    async with Rig(bots, tmp_path / "gateway.db") as rig:
        await rig.advance(3600)
    async with Rig(bots, tmp_path / "gateway.db") as rig:
        assert (await rig.get("/_sandbox/clock")).body["offset"] == 3600.0


# ─── looking ───


async def test_what_was_sent_can_be_looked_at(rig: Rig) -> None:
    one, other = await rig.write("hello"), await rig.write("hello", "instagram", "eva")
    await rig.say(one, "hi")
    await rig.say(other, "hola")
    looked = (await rig.get("/_sandbox/sent")).body
    assert [(item["content"], item["conversation"]) for item in looked["sent"]] == [("hi", one), ("hola", other)]
    assert looked["queued"] == 0
    looked = (await rig.get(f"/_sandbox/sent?conversation={other}")).body
    assert [item["content"] for item in looked["sent"]] == ["hola"]


async def test_what_was_sent_tells_its_key_and_template(rig: Rig) -> None:
    talk = await rig.write("hello")
    await rig.say(talk, "hi", "key-1")
    body = {"to": PHONE, "template": {"name": "come_back", "language": {"code": "en_US"}}}
    await rig.post(f"/whatsapp-templates/{rig.channel('whatsapp')}/send", body, idempotency_key="key-2")
    await rig.say(talk, "bye")
    told = [
        {name: item[name] for name in ("conversation", "text", "key", "template", "at", "type", "status")}
        for item in (await rig.get("/_sandbox/sent")).body["sent"]
    ]
    shared = {"conversation": talk, "at": START, "status": "delivered"}
    assert told == [
        {**shared, "text": "hi", "key": "key-1", "template": "", "type": "text"},
        {**shared, "text": "We have an answer for you.", "key": "key-2", "template": "come_back", "type": "template"},
        {**shared, "text": "bye", "key": "", "template": "", "type": "text"},
    ]


async def test_what_was_sent_comes_in_pages(rig: Rig) -> None:
    talk = await rig.write("hello")
    for number in range(5):
        await rig.say(talk, str(number))
        await rig.write("in between")
    pages, after = list[list[str]](), 0
    while page := (await rig.get(f"/_sandbox/sent?after={after}&limit=2")).body["sent"]:
        pages.append([item["text"] for item in page])
        after = page[-1]["sequence"]
    assert pages == [["0", "1"], ["2", "3"], ["4"]]
    last = (await rig.get(f"/_sandbox/sent?after={after}")).body
    assert (last["sent"], last["next"]) == ([], after)
    latest = (await rig.get("/_sandbox/sent?limit=2")).body
    assert ([item["text"] for item in latest["sent"]], latest["next"]) == (["3", "4"], after)
    assert (await rig.get("/_sandbox/sent?after=0&conversation=nobody")).body["sent"] == []


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=", "limit=0", "limit=1001", "limit=²", "after=1e3"])
async def test_a_page_that_makes_no_sense_is_told_why(rig: Rig, query: str) -> None:
    reply = await rig.get(f"/_sandbox/sent?{query}")
    assert reply.status == 400
    assert "must be a number from" in reply.body["error"]


async def test_what_is_no_json_is_said_without_a_place(rig: Rig) -> None:
    async with rig.http.post("/_sandbox/inbound", data=b"{", headers={"Content-Type": "application/json"}) as response:
        assert response.status == 400
        assert (await response.json())["error"].startswith("Invalid JSON")
