"""Bots that change while they talk: a flow in hand goes on as it began, everything else is as it is now."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from botkit.config import Config
from botkit.dialogue.channel import Channel
from botkit.dialogue.event import MessageReceived
from botkit.errors import ConfigError
from botkit.metrics import Unmetered
from botkit.project import Project, load_project
from botkit.runtime.bots import Bots, nothing_revived
from botkit.runtime.runtime import Runtime
from botkit.runtime.world import World
from botkit.slots.readers import read_slot
from botkit.stores.sqlite import SqliteStore
from botkit.testing import Chat, FakeMessagingApi, FrozenClock

CONTACTS = 1000
RELOADS = 20
ANSWERS = ("4", "Friday", "Ana")
_NUMBERS = itertools.count(1)

PYTHON = """
from botkit import Router, Slot
router = Router()

@router.intent("table")
async def table(people: Slot[int], day: Slot[str], name: Slot[str]) -> str:
    return f"A table for {people}, {day}, {name}."
"""


def source(version: int) -> str:
    """A bot whose questions name their version, and with other slots, intents and replies in each."""
    slots = "".join(
        f'  {slot}: {{type: {type}, ask: "{slot} {version}?"}}\n'
        for slot, type in (("people", "integer"), ("day", "text"), ("name", "text"))
    )
    return (
        f"bot: inn\nchannels: [webchat]\nresponder: []\nburst: {{wait: 0s, at_most: 0s}}\n"
        f"slots:\n{slots}  extra_{version}: {{ask: Never?}}\n"
        f"intents:\n  table: {{keywords: [table]}}\n  hello: {{keywords: [hello], reply: Hello {version}.}}\n"
        f"fallback: What {version}?\n"
    )


def write(folder: Path, version: int, more: str = "") -> Path:
    path = folder / "inn.yaml"
    path.write_text(source(version) + more)
    return path


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    (tmp_path / "inn.py").write_text(PYTHON)
    return write(tmp_path, 1)


@pytest.fixture
async def chat(bot: Path) -> AsyncIterator[Chat]:
    async with Chat(bot) as chat:
        yield chat


# ─── one conversation ───


async def test_a_saved_change_is_heard_in_the_next_turn(chat: Chat, bot: Path) -> None:
    assert await chat.say("hello") == ["Hello 1."]
    write(bot.parent, 2)
    assert await chat.say("hello") == ["Hello 1."]
    await chat.reload()
    assert await chat.say("hello") == ["Hello 2."]


async def test_a_flow_goes_on_as_it_began_and_the_next_one_is_new(chat: Chat, bot: Path) -> None:
    assert await chat.say("a table") == ["people 1?"]
    write(bot.parent, 2)
    await chat.reload()
    assert await chat.say("4") == ["day 1?"]
    write(bot.parent, 3)
    await chat.reload()
    assert await chat.say("Friday") == ["name 1?"]
    assert await chat.say("Ana") == ["A table for 4, Friday, Ana."]
    assert await chat.say("a table") == ["people 3?"]


async def test_a_faulty_file_changes_nothing(chat: Chat, bot: Path) -> None:
    assert await chat.say("a table") == ["people 1?"]
    write(bot.parent, 2, more="chanels: [webchat]\n")
    with pytest.raises(ConfigError, match="There is no key 'chanels' here"):
        await chat.reload()
    assert await chat.say("4") == ["day 1?"]


# ─── many ───


@dataclass(slots=True)
class Inn:
    """A runtime with the bot of a folder, over a store that may outlive it."""

    project: Project
    bots: Bots
    runtime: Runtime
    api: FakeMessagingApi

    async def say(self, words: str, *contacts: str) -> dict[str, str]:
        """All contacts write the same; what each of them is told."""
        before = len(self.api.sent)
        events = [MessageReceived("web", contact, f"m{next(_NUMBERS)}", text=words) for contact in contacts]
        await self.runtime.accept(events, "inn")
        await self.runtime.settled()
        return {sent.to: sent.text for sent in self.api.sent[before:]}

    async def reload(self) -> None:
        self.project = self.project.anew()
        await self.bots.use(self.project.live.values())


@asynccontextmanager
async def inn(path: Path, database: Path | None = None, *, kept: int = 32, revives: bool = True) -> AsyncIterator[Inn]:
    project = load_project(Config(bots=[str(path)]))
    channel = Channel("web", "webchat")
    api, store = FakeMessagingApi(channel), SqliteStore(database)
    await store.open()
    bots = Bots(project.live, store, project.revive if revives else nothing_revived, kept=kept)
    await bots.use(project.live.values())
    world = World(bots, {"web": channel}, store, api, FrozenClock(), Unmetered())
    runtime = Runtime(world, read_slot)
    await runtime.open()
    try:
        yield Inn(project, bots, runtime, api)
    finally:
        await runtime.close()
        await store.close()


async def test_after_a_new_start_a_flow_still_finds_the_version_that_it_began_with(bot: Path, tmp_path: Path) -> None:
    async with inn(bot, tmp_path / "botkit.db") as before:
        assert await before.say("a table", "ana", "ben") == {"ana": "people 1?", "ben": "people 1?"}
    write(tmp_path, 2)
    async with inn(bot, tmp_path / "botkit.db") as after:
        assert await after.say("4", "ana") == {"ana": "day 1?"}
        assert await after.say("a table", "cleo") == {"cleo": "people 2?"}
        assert await after.say("hello", "dora") == {"dora": "Hello 2."}
        assert await after.say("5", "ben", "cleo") == {"ben": "day 1?", "cleo": "day 2?"}


async def test_a_version_that_cannot_be_had_ends_its_flow_and_the_conversation_goes_on(
    bot: Path, tmp_path: Path
) -> None:
    async with inn(bot, tmp_path / "botkit.db") as before:
        await before.say("a table", "ana")
    write(tmp_path, 2)
    async with inn(bot, tmp_path / "botkit.db", revives=False) as after:
        assert await after.say("hello", "ana") == {"ana": "Hello 2."}
        assert await after.say("a table", "ana") == {"ana": "people 2?"}


async def test_a_thousand_conversations_in_a_flow_go_on_through_twenty_reloads(bot: Path, tmp_path: Path) -> None:
    """Some begin while each reload is under way; they answer after one to five reloads, and the last after them all."""
    contacts = [f"contact-{number}" for number in range(CONTACTS)]
    told: dict[str, list[str]] = {contact: [] for contact in contacts}
    async with inn(bot, kept=4) as house:

        async def write_all(words: str, writers: list[str]) -> None:
            for contact, answer in (await house.say(words, *writers)).items():
                told[contact].append(answer)

        async def go_on(may_answer: Callable[[int, int], bool]) -> None:
            stages = {contact: len(heard) for contact, heard in told.items()}
            for stage, words in enumerate(ANSWERS, start=1):
                writers = [
                    contact
                    for number, contact in enumerate(contacts)
                    if stages[contact] == stage and may_answer(number, number // (CONTACTS // RELOADS))
                ]
                await write_all(words, writers)

        for saved in range(RELOADS):
            beginners = contacts[saved * CONTACTS // RELOADS : (saved + 1) * CONTACTS // RELOADS]
            write(tmp_path, saved + 2)
            await asyncio.gather(write_all("a table", beginners), house.reload())
            await go_on(lambda number, began: (saved - began) % (2 + number % 5) == 1)  # noqa: B023 (called here)
        open_flows = [contact for contact, heard in told.items() if len(heard) < len(ANSWERS) + 1]
        assert len(open_flows) > CONTACTS / 3
        for _ in ANSWERS:
            await go_on(lambda number, began: True)
        assert await house.say("hello", "somebody") == {"somebody": f"Hello {RELOADS + 1}."}
    began = {contact: heard[0].removeprefix("people ") for contact, heard in told.items()}
    assert told == {
        contact: [f"people {one}", f"day {one}", f"name {one}", "A table for 4, Friday, Ana."]
        for contact, one in began.items()
    }
    assert len(set(began.values())) >= RELOADS
