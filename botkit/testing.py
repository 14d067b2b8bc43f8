"""Doubles for tests of bots: a conversation without a network, an account, a model, or waiting.

async with Chat("bots/shop.yaml") as chat:
assert await chat.say("where is my order") == ["What is your order number?"]
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

import orjson

from botkit.config import Config
from botkit.dialogue.carries import CARRIES
from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.event import MessageAnnounced, MessageReceived, MessageSent, OperatorSaid
from botkit.dialogue.template import Template
from botkit.errors import SendError, Unreachable
from botkit.ledger import Posted, Receipt, Request, Subscription
from botkit.metrics import Unmetered
from botkit.project import Project, load_project
from botkit.protocols import LLM
from botkit.runtime.bots import Bots
from botkit.runtime.runtime import Runtime
from botkit.runtime.world import World
from botkit.slots.readers import read_slot
from botkit.sources import ChatMessage, Completion
from botkit.stores.sqlite import SqliteStore

START = 1_800_000_000.0
"""Where a frozen clock begins: 15 January 2027, 08:00 UTC."""


class FrozenClock:
    """A clock that moves only when it is told to."""

    def __init__(self, now: float = START) -> None:
        """Begin at a time in Unix seconds."""
        self._now = now

    def now(self) -> float:
        """The time in Unix seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self._now += seconds


class ScriptedLLM:
    """A model that says what it was told to say: the next answer, or what a function makes of the messages.

    An error in place of an answer is raised. `asked` keeps what it was sent.
    """

    def __init__(self, *answers: str | Exception | Callable[[Sequence[ChatMessage]], str]) -> None:
        """Name the answers in order; the last one is repeated."""
        self._answers = answers
        self.asked: list[Sequence[ChatMessage]] = []

    async def complete(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> Completion:
        """Answer."""
        self.asked.append(messages)
        answer = self._answers[min(len(self.asked), len(self._answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return Completion(answer if isinstance(answer, str) else answer(messages), model="scripted")


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that reached the Messaging API: a text to a conversation, or a template with values to a phone."""

    to: str
    text: str = ""
    template: str = ""
    language: str = ""
    values: tuple[str, ...] = ()
    key: str = ""
    shows: Mapping[str, object] = field(default_factory=dict)
    """The buttons, files and places beside the words, as `botkit.dialogue.contents` gives them."""


class FakeMessagingApi:
    """A transport that carries nothing anywhere: it keeps what was sent, and refuses what it was told to refuse.

    It honours idempotency keys, as botkit's gateway does.
    """

    def __init__(self, *channels: Channel) -> None:
        """Name the channels of the account."""
        self._channels = channels
        self._failures: list[SendError] = []
        self._receipts: dict[str, Receipt] = {}
        self.sent: list[Sent] = []
        self.messages: dict[str, MessageReceived] = {}
        """What thin events can be resolved to, by message id."""
        self.phones: dict[str, str] = {}
        """The phone numbers that conversations tell, by conversation id."""

    def fail_next(self, *errors: SendError) -> None:
        """Let the next sends fail."""
        self._failures.extend(errors)

    async def channels(self) -> Sequence[Channel]:
        """The channels of the account."""
        return self._channels

    async def subscribe(self, subscription: Subscription, before: Subscription | None = None) -> Subscription:
        """Subscribe nothing."""
        return replace(subscription, id=f"webhook-{subscription.channel.id}")

    def compose(self, contact: Contact, text: str, shows: Mapping[str, object] = {}) -> Request:
        """A free-form send."""
        beside = {"shows": shows} if shows else {}
        return Request("/messages", orjson.dumps({"to": contact.id, "text": text, **beside}))

    def compose_template(self, contact: Contact, template: Template, language: str, values: Sequence[str]) -> Request:
        """A send of a template."""
        content = {"to": contact.phone, "template": template.name, "language": language, "values": list(values)}
        return Request(f"/whatsapp-templates/{contact.channel}/send", orjson.dumps(content))

    async def send(self, request: Request, key: str) -> Receipt:
        """Keep what is sent, once for each key."""
        if self._failures:
            raise self._failures.pop(0)
        if key not in self._receipts:
            content = orjson.loads(request.body)
            values = tuple(content.pop("values", ()))
            self.sent.append(Sent(**content, values=values, key=key))
            self._receipts[key] = Receipt(id=f"sent-{len(self.sent)}", provider_id=f"provider-{len(self.sent)}")
        return self._receipts[key]

    async def fetch(self, announced: MessageAnnounced) -> MessageReceived:
        """The message that a thin event announced; `Unreachable` when there is none."""
        if announced.id not in self.messages:
            raise Unreachable(f"There is no message {announced.id!r}.")
        return self.messages[announced.id]

    async def phone(self, contact: Contact) -> str:
        """The phone number that the conversation tells."""
        return self.phones.get(contact.id, "")

    async def find_sent(self, contact: Contact, text: str, since: float) -> Sequence[Receipt] | None:
        """What was sent to a contact with these words."""
        receipts = zip(self.sent, self._receipts.values(), strict=True)
        return [receipt for sent, receipt in receipts if (sent.to, sent.text) == (contact.id, text)][::-1]

    async def show_typing(self, contact: Contact, channel: Channel) -> None:
        """Show nothing."""


class Chat:
    """A conversation of one contact with one bot, through the whole runtime, in memory and on a frozen clock."""

    def __init__(
        self,
        bot: str | Path,
        *,
        channel: str = "webchat",
        rich: bool = False,
        name: str = "",
        phone: str = "",
        llm: LLM | None = None,
        prompts: str | Path = "prompts",
        clock: FrozenClock | None = None,
        settings: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """Name the bot file and the type of channel; `name` and `phone` are the contact's, `llm` answers as a model.

        A `rich` channel shows buttons, files and places, as with botkit's own gateway; others only text. `settings` are
        what else config.yaml would say, such as `{"vars": {"hotel": {"late_fee": 30}}}`.
        """
        self._config = Config(**{"bots": [str(bot)], "prompts": str(prompts), **settings})
        self._llms: Mapping[str, LLM] = {"default": llm} if llm else {}
        extensions = CARRIES[channel].extensions if rich else ()
        self.channel = Channel(f"channel-{channel}", channel, extensions=extensions)
        self._name, self._phone = name, phone
        self._numbers = itertools.count(1)
        self._opened = AsyncExitStack()
        self.clock = clock or FrozenClock()
        self.api = FakeMessagingApi(self.channel)
        self.store = SqliteStore(None)
        self.runtime: Runtime
        self._project: Project
        self._bots: Bots
        self._bot = ""

    async def __aenter__(self) -> Self:
        """Load the bot and begin. Raises `ConfigError`."""
        self._project = project = load_project(self._config, self._llms).without_bursts()  # what one call says is one
        (self._bot, ready), *_ = project.bots.items()
        await self.store.open()
        self._opened.push_async_callback(self.store.close)
        self._opened.push_async_callback(ready.handlers.close)
        await ready.handlers.open()
        self._bots = Bots(project.live, self.store, project.revive)
        await self._bots.use(project.live.values())
        world = World(
            bots=self._bots,
            channels={self.channel.id: self.channel},
            store=self.store,
            transport=self.api,
            clock=self.clock,
            meter=Unmetered(),
        )
        self.runtime = Runtime(world, read_slot)
        await self.runtime.open()
        self._opened.push_async_callback(self.runtime.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End."""
        await self._opened.aclose()

    async def reload(self) -> None:
        """Take the bot's files anew, as `botkit run` does when they are saved. Raises `ConfigError`."""
        self._project = self._project.anew().without_bursts()
        await self._bots.use(self._project.live.values())

    async def say(self, *texts: str, kind: str = "text") -> list[str]:
        """Write to the bot, several messages at once if you like; what it answers."""
        return [sent.text or f"[{sent.template}]" for sent in await self.receive(*map(self._message(kind), texts))]

    async def tap(self, label: str, choice: str = "") -> list[str]:
        """Tap a button, which tells its label and, where the channel is rich, the `choice` that it carries."""
        tapped = replace(self._message("text")(label), is_tap=True, choice=choice)
        return [sent.text or f"[{sent.template}]" for sent in await self.receive(tapped)]

    def _message(self, kind: str) -> Callable[[str], MessageReceived]:
        now = self.clock.now()
        return lambda text: MessageReceived(
            channel=self.channel.id,
            contact="contact-1",
            id=f"message-{next(self._numbers)}",
            type=kind,
            text=text,
            name=self._name,
            phone=self._phone,
            sent_at=now,
        )

    async def receive(self, *events: MessageReceived | MessageAnnounced | MessageSent | OperatorSaid) -> list[Sent]:
        """Let events arrive together; what is sent because of them."""
        before = len(self.api.sent)
        await self.runtime.accept(events, self._bot)
        await self.runtime.settled()
        return self.api.sent[before:]

    async def operator_says(self, text: str) -> list[Sent]:
        """Let somebody of the team say something; what is sent."""
        return await self.receive(OperatorSaid(self.channel.id, "contact-1", str(next(self._numbers)), text))

    async def person_writes(self, text: str) -> list[Sent]:
        """Let a person of the team write elsewhere, such as in the platform's app: the conversation is theirs then."""
        event = MessageSent(self.channel.id, "contact-1", f"person-{next(self._numbers)}", text, self.clock.now())
        return await self.receive(event)

    async def advance(self, seconds: float) -> list[Sent]:
        """Let time pass; what is sent because of it."""
        before = len(self.api.sent)
        self.clock.advance(seconds)
        await self.runtime.settled()
        return self.api.sent[before:]

    async def outbox(self) -> list[Posted]:
        """Everything that was said, oldest first, with how it went out."""
        return list(reversed(await self.store.posted()))
