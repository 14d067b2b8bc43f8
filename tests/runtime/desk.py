"""A runtime with a bot that is written in Python, where `Chat` and its bot files are too much or hide too much."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from botkit import Effects, Router, Steps, Turn
from botkit.dialogue.bot import Bot, Intent, Slot
from botkit.dialogue.burst import Burst
from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.event import MessageReceived, MessageSent, OperatorSaid
from botkit.dialogue.flow import saying
from botkit.dialogue.phrases import built_in
from botkit.dialogue.plan import Recognition
from botkit.dialogue.template import Template
from botkit.dialogue.text import Text
from botkit.handing import NoTeams, Teams
from botkit.handlers.bot_handlers import build
from botkit.ledger import Receipt, Request
from botkit.metrics import Unmetered
from botkit.protocols import Responder, Store
from botkit.runtime.runtime import Runtime
from botkit.runtime.world import Bots, Capacity, Delivery, LiveBot, World
from botkit.slots.readers import PYTHON_TYPES, read_slot
from botkit.stores.sqlite import SqliteStore
from botkit.testing import FakeMessagingApi, FrozenClock, Sent

LANGUAGES = ("en", "es")
PATIENCE = 5.0
"""Seconds after which a test takes it that nothing will ever come."""

_NUMBERS = itertools.count(1)
"""So that two desks on one store give no two messages the same id."""


def text(words: str) -> Text:
    return Text.of(words, {"en": (words,)})


def a_bot(*intents: str, on_late: str = "", on_window_closing: str = "", **changes: object) -> Bot:
    """A bot that has something to say for every need, and for two more where it is told."""
    more = {"on_late": on_late, "on_window_closing": on_window_closing}
    plain = Bot(
        name="shop",
        path=Path("shop.yaml"),
        channels=("webchat",),
        languages=LANGUAGES,
        scope="",
        timezone="UTC",
        intents={name: Intent(name) for name in intents},
        slots={"note": Slot("note", ask=text("Which note?"))},
        templates={},
        responders=(),
        knowledge=(),
        on={
            "fallback": saying(text("I do not know.")),
            "on_error": saying(text("Something went wrong.")),
            "on_unsupported": saying(built_in("on_unsupported", LANGUAGES)),
            **{event: saying(text(words)) for event, words in more.items() if words},
        },
        burst=Burst(0.0, 0.0),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


NEWS = Template("news", "utility", {"en_US": ("held",)})


class FirstWord:
    """A recognizer: the intent that the message begins with."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    def recognize(self, text: str) -> Recognition | None:
        word = text.split(maxsplit=1)[0]
        return Recognition(word, 1.0, "first word") if word in self._bot.intents else None


class Answers:
    """A responder that is a function of the words."""

    def __init__(self, answer: Callable[[str], Effects] = "re: {}".format) -> None:
        self._answer = answer
        self.asked: list[str] = []

    async def respond(self, turn: Turn, steps: Steps) -> Effects:
        self.asked.append(turn.text)
        return self._answer(turn.text)


class Tally:
    """Counts what happens, for those who wait for it."""

    def __init__(self) -> None:
        self._count = 0
        self._rises = asyncio.Condition()

    async def add(self) -> None:
        async with self._rises:
            self._count += 1
            self._rises.notify_all()

    async def reaches(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE), self._rises:
            await self._rises.wait_for(lambda: self._count >= count)


class Thinks:
    """A responder that thinks until it is told to answer."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.thoughts = Tally()
        self._may_answer = asyncio.Event()

    async def respond(self, turn: Turn, steps: Steps) -> Effects:
        self.asked.append(turn.text)
        await self.thoughts.add()
        await self._may_answer.wait()
        return f"re: {turn.text}"

    def answer_and_think_again(self) -> None:
        """Answer those who wait, and let later ones wait again."""
        self._may_answer.set()
        self._may_answer = asyncio.Event()

    def answer(self) -> None:
        """Answer those who wait, and all later ones at once."""
        self._may_answer.set()


class SlowApi(FakeMessagingApi):
    """A Messaging API that takes what it is sent and answers when it is told to; `keys` are those of all attempts."""

    def __init__(self, *channels: Channel) -> None:
        super().__init__(*channels)
        self.keys: list[str] = []
        self.calls = Tally()
        self._may_answer = asyncio.Event()

    async def send(self, request: Request, key: str) -> Receipt:
        self.keys.append(key)
        receipt = await super().send(request, key)
        await self.calls.add()
        await self._may_answer.wait()
        return receipt

    def answer(self) -> None:
        """Answer those who wait, and all later ones at once."""
        self._may_answer.set()


class Desk:
    """A runtime, with what it works with, as long as the block lasts."""

    def __init__(
        self,
        *responders: Responder,
        bot: Bot | None = None,
        router: Router | None = None,
        channel: str = "webchat",
        store: Store | None = None,
        api: FakeMessagingApi | None = None,
        clock: FrozenClock | None = None,
        extensions: tuple[str, ...] = (),
        delivery: Delivery | None = None,
        teams: Teams | None = None,
        **capacity: float,
    ) -> None:
        self.bot = bot or a_bot()
        self.channel = Channel(f"channel-{channel}", channel, extensions=extensions)
        self.store = store or SqliteStore(None)
        self.api = api or FakeMessagingApi(self.channel)
        self.clock = clock or FrozenClock()
        self._responders = {f"responder {number}": item for number, item in enumerate(responders)}
        self._router = router
        self._delivery = delivery or Delivery()
        self._teams = teams or NoTeams()
        self._capacity = replace(Capacity(), **capacity)  # type: ignore[arg-type]
        self._opened = AsyncExitStack()
        self.runtime: Runtime

    async def __aenter__(self) -> Self:
        await self.store.open()
        self._opened.push_async_callback(self.store.close)
        handlers = build(self.bot, [self._router] if self._router else [], PYTHON_TYPES)
        live = LiveBot(self.bot, FirstWord(self.bot), handlers, self._responders)
        self.bots = Bots({self.bot.name: live}, self.store)
        world = World(
            bots=self.bots,
            channels={self.channel.id: self.channel},
            store=self.store,
            transport=self.api,
            clock=self.clock,
            meter=Unmetered(),
            delivery=self._delivery,
            capacity=self._capacity,
            teams=self._teams,
        )
        self.runtime = Runtime(world, read_slot)
        await self.runtime.open()
        self._opened.push_async_callback(self.runtime.close, 0.0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    def message(self, text: str, contact: str = "ana", **facts: object) -> MessageReceived:
        """What a contact writes now."""
        number = next(_NUMBERS)
        now = self.clock.now()
        plain = MessageReceived(self.channel.id, contact, f"m{number}", text=text, sent_at=now)
        return replace(plain, **facts)  # type: ignore[arg-type]

    async def accept(self, *texts: str, contact: str = "ana") -> None:
        """A contact writes, and nobody waits for an answer."""
        await self.runtime.accept([self.message(text, contact) for text in texts], self.bot.name)

    async def operator_says(self, *texts: str, contact: str = "ana", takes_over: bool = False) -> None:
        """The team has words for a contact, and nobody waits until they are sent."""
        said = [OperatorSaid(self.channel.id, contact, f"o{next(_NUMBERS)}", text, takes_over) for text in texts]
        await self.runtime.accept(said, self.bot.name)

    def contact(self, id: str = "ana") -> Contact:
        """The address of a contact."""
        return Contact(self.channel.id, id)

    async def take_over(self, contact: str = "ana") -> None:
        """A person takes the conversation over."""
        async with asyncio.timeout(PATIENCE):
            assert await self.runtime.take_over(self.bot.name, self.contact(contact))

    async def person_writes(self, text: str, contact: str = "ana") -> None:
        """A person of the team writes to a contact elsewhere."""
        event = MessageSent(self.channel.id, contact, f"p{next(_NUMBERS)}", text, self.clock.now())
        await self.runtime.accept([event], self.bot.name)

    async def settled(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.runtime.settled()

    async def say(self, *texts: str, contact: str = "ana") -> list[str]:
        """A contact writes; the texts that are sent because of it."""
        before = len(self.api.sent)
        await self.accept(*texts, contact=contact)
        await self.settled()
        return self.texts()[before:]

    async def advance(self, seconds: float) -> list[str]:
        """Time passes; the texts that are sent because of it."""
        before = len(self.api.sent)
        self.clock.advance(seconds)
        await self.settled()
        return self.texts()[before:]

    def texts(self, to: str = "") -> list[str]:
        """All that was sent, or what was sent to one contact."""
        return [_words(sent) for sent in self.api.sent if to in ("", sent.to)]

    async def outbox(self) -> list[tuple[str, str]]:
        """Everything that was said, oldest first: the words, and how they stand."""
        return [(posted.text, posted.status) for posted in reversed(await self.store.posted())]

    async def trace(self, turn: int = 1) -> list[Mapping[str, object]]:
        """The stages of a turn; it is named by the number of its first event."""
        account = await self.store.account(str(turn))
        stages = account.trace["stages"] if account else []
        assert isinstance(stages, list)
        return stages

    async def stages(self, turn: int = 1) -> list[object]:
        """The names of the stages of a turn."""
        return [stage["stage"] for stage in await self.trace(turn)]


def _words(sent: Sent) -> str:
    return sent.text or f"[{sent.template}]"
