"""Declared tools in a conversation: their answer is `result`, a failure is the step's `else`, and harm is done once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from botkit.errors import ConfigError
from botkit.testing import Chat
from tests.messaging.scripted_api import Answer, ScriptedApi

BOT = """\
bot: tables
channels: [webchat]
vars: {url: ""}
slots: {party: {type: integer, ask: How many?}}
intents: {table: {keywords: [table]}, cancel_table: {keywords: [never]}}
flows:
  table:
    steps:
      - collect: party
      - call: free
        with: {party: "{{ slots.party }}"}
        else: [{say: I cannot look it up.}, {end: failed}]
      - if: result
        then:
          - call: reserve
            else: {end: failed}
          - say: "Reserved, number {{ result.number }}."
        else: {say: We are full.}
  cancel_table: {steps: [{call: free, with: {party: "1"}}]}
tools:
  free:
    get: "{{ vars.url }}/free?party={{ args.party }}"
    result: "{{ json.free }}"
  reserve:
    post: "{{ vars.url }}/reservations"
    headers: {Authorization: "Bearer {{ secrets.key }}"}
    json: {party: "{{ slots.party }}"}
"""


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    async with ScriptedApi() as api:
        yield api


@pytest.fixture
def chat(api: ScriptedApi, tmp_path: Path) -> Chat:
    return Chat(written(tmp_path), settings=settings(api))


def written(folder: Path, source: str = BOT) -> Path:
    path = folder / "tables.yaml"
    path.write_text(source)
    return path


def settings(api: ScriptedApi, *, private: bool = True) -> Mapping[str, object]:
    return {"vars": {"tables": {"url": api.url}}, "secrets": {"key": "hush"}, "tools": {"private": private}}


async def test_a_flow_calls_its_tools_and_goes_by_what_they_answer(api: ScriptedApi, chat: Chat) -> None:
    api.answers("GET /free?party=4", Answer(body={"free": True}))
    api.answers("POST /reservations", Answer(201, {"number": 17}))
    async with chat:
        assert await chat.say("a table") == ["How many?"]
        assert await chat.say("4") == ["Reserved, number 17."]
    asked = [(call.to, call.body, call.headers.get("authorization")) for call in api.calls]
    assert asked == [("GET /free?party=4", b"", None), ("POST /reservations", b'{"party":4}', "Bearer hush")]


async def test_no_is_an_answer_as_well(api: ScriptedApi, chat: Chat) -> None:
    api.answers("GET /free?party=4", Answer(body={"free": False}))
    async with chat:
        await chat.say("a table")
        assert await chat.say("4") == ["We are full."]
    assert len(api.calls) == 1


async def test_what_fails_is_what_the_step_says_else(api: ScriptedApi, chat: Chat) -> None:
    api.answers("GET /free?party=4", Answer(500))
    async with chat:
        await chat.say("a table")
        assert await chat.say("4") == ["I cannot look it up."]


async def test_a_private_address_is_refused_unless_the_configuration_says_otherwise(
    api: ScriptedApi, tmp_path: Path
) -> None:
    async with Chat(written(tmp_path), settings=settings(api, private=False)) as chat:
        await chat.say("a table")
        assert await chat.say("4") == ["I cannot look it up."]
    assert api.calls == []


async def test_a_call_of_what_is_neither_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no handler and no tool 'fre'\. Did you mean 'free'\?"):
        async with Chat(written(tmp_path, BOT.replace("[{call: free,", "[{call: fre,"))):
            pass
