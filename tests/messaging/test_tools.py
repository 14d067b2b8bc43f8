"""Declared tools over HTTP: what is sent, what comes of it, and what a value can never do."""

from __future__ import annotations

import asyncio
from datetime import date

import orjson
import pytest

from botkit.dialogue.bot import Slot
from botkit.dialogue.state import State
from botkit.dialogue.tool import HttpTool
from botkit.dialogue.turn import Turn
from botkit.errors import PromptError, ToolError
from botkit.messaging.tools import ANSWER_MAX, HttpCall
from botkit.tools import CONSEQUENCE, Consequence
from tests.given import bot, turn
from tests.messaging.scripted_api import Answer, ScriptedApi

SLOTS = [Slot("party", "integer"), Slot("day", "date"), Slot("wish")]
SECRETS = {"key": "hush"}


def a_turn(api: ScriptedApi, **slots: object) -> Turn:
    """A turn of a bot whose var `url` is the API."""
    shop = bot(slots=SLOTS, vars={"url": api.url, "empty": "", "bad": "ftp://example.com"})
    return turn("hello", of=shop, state=State(slots))  # type: ignore[arg-type]


def tool(url: str = "{{ vars.url }}/free", method: str = "get", **more: object) -> HttpTool:
    return HttpTool("free", method, url, **more)  # type: ignore[arg-type]


async def call(api: ScriptedApi, declared: HttpTool, slots: dict[str, object] | None = None, **args: object) -> object:
    made = HttpCall(declared, SECRETS, private=True)
    return await made.bound(a_turn(api, **(slots or {})))(**args)


# ─── what is sent ───


async def test_values_stand_in_the_url_as_they_are_stored_and_encoded(api: ScriptedApi) -> None:
    url = "{{ vars.url }}/free/{{ args.place }}?party={{ slots.party }}&day={{ slots.day }}&wish={{ slots.wish }}"
    slots = {"party": 1200, "day": date(2027, 1, 22).isoformat(), "wish": "a&b=c #1 ?/ñ"}
    api.answers("GET /free/sala%2F..%2Fadmin?party=1200&day=2027-01-22&wish=a%26b%3Dc%20%231%20%3F%2F%C3%B1", Answer())
    assert await call(api, tool(url), slots, place="sala/../admin") == {}


async def test_an_empty_value_is_empty(api: ScriptedApi) -> None:
    api.answers("GET /free?party=", Answer())
    assert await call(api, tool("{{ vars.url }}/free?party={{ slots.party }}")) == {}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
async def test_json_is_sent_with_typed_values(api: ScriptedApi, method: str) -> None:
    api.answers(f"{method.upper()} /free", Answer())
    body = {"party": "{{ slots.party }}", "of": ["{{ args.ok }}", "{{ args.no }}", 5], "text": "for {{ slots.party }}!"}
    await call(api, tool(method=method, body=body), {"party": 4}, ok=True, no=None)
    (asked,) = api.calls
    assert orjson.loads(asked.body) == {"party": 4, "of": [True, None, 5], "text": "for 4!"}
    assert asked.headers["content-type"] == "application/json"


async def test_secrets_go_into_headers_and_no_value_begins_another(api: ScriptedApi) -> None:
    api.answers("GET /free", Answer())
    headers = {"authorization": "Bearer {{ secrets.key }}", "x-who": "{{ args.who }}"}
    await call(api, tool(headers=headers), who="ana\r\nx-admin: yes")
    (asked,) = api.calls
    assert (asked.headers["authorization"], asked.headers["x-who"]) == ("Bearer hush", "anax-admin: yes")
    assert "x-admin" not in asked.headers


# ─── what comes of it ───


@pytest.mark.parametrize(
    ("answer", "result", "expected"),
    [
        ({"free": False}, "{{ json.free }}", False),
        ({"free": 3}, "{{ json.free }} left", "3 left"),
        ({"items": [{"keys": 1}]}, "{{ json.items[0].keys }}", 1),
        ({"a": {"b": [1]}}, "{{ json.a }}", {"b": [1]}),
        ({"a": 1}, "", {"a": 1}),
        ([1, 2], "", [1, 2]),
        (b"plain words", "", "plain words"),
        (b"", "", None),
        ({"x": "{{ 7 * 7 }}"}, "{{ json.x }}", "{{ 7 * 7 }}"),
        ({}, "{{ status }}", 200),
    ],
)
async def test_the_answer_gives_the_result(api: ScriptedApi, answer: object, result: str, expected: object) -> None:
    api.answers("GET /free", Answer(body=answer))
    assert await call(api, tool(result=result)) == expected


async def test_a_status_that_is_no_success_is_a_failure_unless_it_is_asked_for(api: ScriptedApi) -> None:
    api.answers("GET /free", Answer(404))
    with pytest.raises(ToolError, match="'free' was answered 404"):
        await call(api, tool())
    assert await call(api, tool(result="{{ status == 404 }}")) is True


async def test_a_redirect_is_not_followed(api: ScriptedApi) -> None:
    api.answers("GET /free", Answer(302, headers={"location": "/v1/elsewhere"}))
    with pytest.raises(ToolError, match="302"):
        await call(api, tool())
    assert api.asked() == ["GET /free"]


async def test_an_answer_is_bounded(api: ScriptedApi) -> None:
    api.answers("GET /free", Answer(body=b"x" * (ANSWER_MAX + 1)))
    with pytest.raises(ToolError, match="longer than 64 KiB"):
        await call(api, tool())
    api.answers("GET /free", Answer(body=b"x" * ANSWER_MAX))
    assert await call(api, tool()) == "x" * ANSWER_MAX


async def test_an_answer_is_nested_no_deeper_than_can_be_kept(api: ScriptedApi) -> None:
    api.answers("GET /free", Answer(body=b"[" * 900 + b"]" * 900))
    with pytest.raises(ToolError, match="nested more than 64 levels"):
        await call(api, tool())


@pytest.mark.parametrize("body", [{"a\0": ["b\0"]}, b"no\0 json"])
async def test_an_answer_has_nothing_that_no_database_holds(api: ScriptedApi, body: object) -> None:
    api.answers("GET /free", Answer(body=body))
    assert "\0" not in repr(await call(api, tool())).replace("\\x00", "\0")


async def test_a_call_takes_only_so_long(api: ScriptedApi) -> None:
    api.answers("GET /free", Answer(meanwhile=lambda: asyncio.sleep(0.5)))
    with pytest.raises(ToolError, match=r"'free' had no answer within 0\.05 s"):
        await call(api, tool(timeout=0.05))


async def test_a_call_that_is_hung_up_tells_no_value(api: ScriptedApi) -> None:
    api.answers("GET /free?key=hush", Answer(hangs_up=True))
    with pytest.raises(ToolError) as raised:
        await call(api, tool("{{ vars.url }}/free?key={{ secrets.key }}"))
    assert "hush" not in str(raised.value)


async def test_a_tool_whose_condition_does_not_hold_is_not_called(api: ScriptedApi) -> None:
    assert await call(api, tool(condition="slots.party > 2"), {"party": 1}) is None
    assert api.calls == []


async def test_a_result_that_is_not_there_is_an_error(api: ScriptedApi) -> None:
    api.answers("GET /free", Answer())
    with pytest.raises(PromptError):
        await call(api, tool(result="{{ json.free }}"))


@pytest.mark.parametrize("effect", list(Consequence))
async def test_a_tool_tells_its_consequence(api: ScriptedApi, effect: Consequence) -> None:
    made = HttpCall(tool(effect=effect), SECRETS)
    bound = made.bound(a_turn(api))
    assert getattr(made, CONSEQUENCE) is getattr(bound, CONSEQUENCE) is effect
    assert bound.__name__ == "free"


# ─── what a value can never do ───


@pytest.mark.parametrize("dots", [".", ".."])
async def test_a_value_does_not_lead_to_another_folder(api: ScriptedApi, dots: str) -> None:
    with pytest.raises(ToolError, match="only dots"):
        await call(api, tool("{{ vars.url }}/free/{{ args.place }}"), place=dots)
    assert api.calls == []


@pytest.mark.parametrize("url", ["{{ vars.empty }}/free", "{{ vars.bad }}/free"])
async def test_an_address_that_is_none_is_not_called(api: ScriptedApi, url: str) -> None:
    with pytest.raises(ToolError, match="no web address"):
        await call(api, tool(url))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]"]
)
async def test_an_address_that_is_not_public_is_refused(api: ScriptedApi, host: str) -> None:
    port = api.url.split(":")[-1]
    made = HttpCall(tool(f"http://{host}:{port}/free"), SECRETS)
    with pytest.raises(ToolError, match=r"is not public.*tools: \{private: true\}"):
        await made.bound(a_turn(api))()
    assert api.calls == []
