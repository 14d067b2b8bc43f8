"""Several bots on one channel: which of them takes a conversation, and which keeps it."""

from __future__ import annotations

import itertools
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from botkit.config import Config
from botkit.dialogue.channel import Channel
from botkit.dialogue.event import DeliveryChanged, Event, MessageReceived, MessageSent
from botkit.metrics import Unmetered
from botkit.project import load_project
from botkit.runtime.bots import Bots
from botkit.runtime.routing import Routing
from botkit.runtime.runtime import Runtime
from botkit.runtime.world import World
from botkit.slots.readers import read_slot
from botkit.stores.sqlite import SqliteStore
from botkit.testing import FakeMessagingApi, FrozenClock

WEB = Channel("web", "webchat")
PYTHON = """
from botkit import Router, Slot
router = Router()

@router.intent("table")
async def table(people: Slot[int]) -> str:
    return f"A table for {people}."
"""

DAY = "slots: {people: {type: integer, ask: How many?}}\nintents: {table: {keywords: [table]}}\nfallback: Day.\n"
NIGHT = "if: now | string | length > 0 and vars.closed\nvars: {closed: true}\nfallback: Night.\n"


class House:
    """A runtime with two bots on one channel."""

    def __init__(self, folder: Path, channel: Channel = WEB, **bots: str) -> None:
        self._channel = channel
        self._folder = folder
        for name, source in bots.items():
            self._write(name, source)
        (folder / "day.py").write_text(PYTHON)
        self._config = Config(bots=[str(folder / f"{name}.yaml") for name in bots])
        self._opened = AsyncExitStack()
        self._numbers = itertools.count(1)
        self.names = list(bots)
        self.api = FakeMessagingApi(WEB)
        self.clock = FrozenClock()
        self.store = SqliteStore(None)
        self.routing: Routing
        self.runtime: Runtime

    async def __aenter__(self) -> Self:
        project = load_project(self._config)
        await self.store.open()
        self._opened.push_async_callback(self.store.close)
        self.bots = Bots(project.live, self.store, project.revive)
        world = World(self.bots, {WEB.id: self._channel}, self.store, self.api, self.clock, Unmetered())
        self.routing, self.runtime = Routing(world), Runtime(world, read_slot)
        await self.runtime.open()
        self._opened.push_async_callback(self.runtime.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    def _write(self, name: str, source: str) -> None:
        head = f"bot: {name}\nchannels: [webchat]\nresponder: []\nburst: {{wait: 0s, at_most: 0s}}\n"
        (self._folder / f"{name}.yaml").write_text(head + source)

    def message(self, text: str, contact: str = "ana", name: str = "") -> MessageReceived:
        return MessageReceived(WEB.id, contact, f"m{next(self._numbers)}", text=text, name=name)

    async def takers(self, *events: Event) -> dict[str, Sequence[Event]]:
        """The events by the bot that takes them."""
        return {bot: taken async for bot, taken in self.routing.routed(events, self.names)}

    async def say(self, text: str, contact: str = "ana", name: str = "") -> list[str]:
        """Let a contact write; what is sent to whom."""
        before = len(self.api.sent)
        for bot, taken in (await self.takers(self.message(text, contact, name))).items():
            await self.runtime.accept(taken, bot)
        await self.runtime.settled()
        return [sent.text for sent in self.api.sent[before:]]

    async def use(self, name: str, source: str) -> None:
        """Let a bot be another one from now on."""
        self._write(name, source)
        await self.bots.use(load_project(self._config).live.values())


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path, night=NIGHT, day=DAY) as house:
        yield house


async def test_the_first_bot_whose_condition_holds_takes_the_conversation(house: House) -> None:
    assert await house.say("hi") == ["Night."]
    await house.use("night", NIGHT.replace("closed: true", "closed: false"))
    assert await house.say("hi") == ["Day."]


@pytest.mark.parametrize(
    ("condition", "name", "text", "bot"),
    [
        ("contact.name == 'Ana'", "Ana", "hi", "Night."),
        ("contact.name == 'Ana'", "Ben", "hi", "Day."),
        ("channel.type == 'webchat'", "", "hi", "Night."),
        ("'night' in message.text", "", "the night porter, please", "Night."),
        ("'night' in message.text", "", "hi", "Day."),
        ("now.hour == 99", "", "hi", "Day."),
        ("message.text | length / 0", "", "hi", "Day."),
    ],
)
async def test_what_a_condition_may_look_at(tmp_path: Path, condition: str, name: str, text: str, bot: str) -> None:
    async with House(tmp_path, night=f'if: "{condition}"\nfallback: Night.\n', day=DAY) as house:
        assert await house.say(text, name=name) == [bot]


async def test_a_bot_keeps_a_conversation_in_which_it_has_a_flow_in_hand(tmp_path: Path) -> None:
    night = "if: vars.closed\nvars: {closed: false}\nfallback: Night.\n"
    async with House(tmp_path, night=night, day=DAY) as house:
        assert await house.say("a table") == ["How many?"]
        await house.use("night", night.replace("false", "true"))
        assert await house.say("hi", contact="ben") == ["Night."]
        assert await house.say("4") == ["A table for 4."]
        assert await house.say("hi") == ["Night."]


async def test_what_waits_already_and_what_follows_it_are_for_one_bot(tmp_path: Path) -> None:
    night = "if: \"'night' in message.text\"\nfallback: Night.\n"
    async with House(tmp_path, night=night, day=DAY) as house:
        first, second, other = house.message("night"), house.message("day"), house.message("day", "ben")
        assert await house.takers(first, second, other) == {"night": [first, second], "day": [other]}
        await house.runtime.accept([first], "night")
        assert list(await house.takers(second)) == ["night"]


async def test_a_message_that_no_bot_takes_is_left_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with House(tmp_path, night="if: 1 == 2\nfallback: Night.\n", late="if: 1 == 2\nfallback: Late.\n") as house:
        with caplog.at_level(logging.WARNING):
            assert await house.say("hi") == []
        assert [record.message for record in caplog.records] == ["no bot takes it"]


async def test_events_that_want_no_answer_find_their_way(house: House) -> None:
    changed = DeliveryChanged(WEB.id, "ana", "x", "sent-1", "read")
    ours = MessageSent(WEB.id, "ana", "y", "Hello from the team")
    assert await house.takers(changed, ours) == {"night": [changed, ours]}


async def test_a_channel_that_was_made_for_a_bot_is_that_bots_alone(tmp_path: Path) -> None:
    made = Channel(WEB.id, "webchat", bot="night")
    async with House(tmp_path, made, night="if: 1 == 2\nfallback: Night.\n") as house:
        assert await house.say("hi") == ["Night."]
