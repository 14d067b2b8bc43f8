"""Every socket that an implementation can fill, on one page, with the values that pass through it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from botkit.dialogue.bot import Template
from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.effect import Effects
from botkit.dialogue.event import MessageAnnounced, MessageReceived
from botkit.dialogue.plan import Recognition, Wants
from botkit.dialogue.turn import Turn
from botkit.ledger import Arrival, Claim, Outcome, Posted, Posting, Receipt, Request, Step


class Clock(Protocol):
    """The clock of meaning: windows, due retries, local time. Never for leases or time-outs."""

    def now(self) -> float:
        """The time in Unix seconds."""
        ...


# ─── deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Recognizer(Protocol):
    """Names the intent of a text; one is made for each bot."""

    def recognize(self, text: str) -> Recognition | None:
        """The most likely intent, or `None` when none is likely enough."""
        ...


Tool = Callable[..., Awaitable[object]]
"""A step that a handler or a model may take, declared with `@router.tool`."""

CONSEQUENCE = "__botkit_consequence__"
"""The attribute by which a tool tells its consequence."""


class Consequence(StrEnum):
    """What calling a tool again would do."""

    SAFE = "safe"
    """Nothing: it only looks."""
    IDEMPOTENT = "idempotent"
    """Nothing more than the first time."""
    IRREVERSIBLE = "irreversible"
    """Harm: it is journalled, and never called twice for one turn."""


class Steps(Protocol):
    """Runs the declared tools of one turn; what cannot be undone is journalled, and never done twice."""

    async def run(self, tool: Tool, /, **arguments: object) -> object:
        """Call a tool and give its result. In a rerun, an irreversible one gives the result it gave before.

        Raises `StepInDoubt` for an irreversible tool that was begun and never told its end.
        """
        ...


class Handlers(Protocol):
    """The user's Python for one bot."""

    @property
    def wants(self) -> Wants:
        """By intent that a handler answers: the slots it needs."""
        ...

    @property
    def has_fallback(self) -> bool:
        """Whether a handler stands in for the bot's fallback."""
        ...

    def suggestion(self, intent: str) -> str:
        """The handler that would answer an intent which nobody answers, ready to paste."""
        ...

    async def call(self, intent: str, turn: Turn, steps: Steps) -> Effects:
        """What the handler of an intent returns; the slots are in the turn's state. It may raise anything."""
        ...

    async def fall_back(self, turn: Turn, steps: Steps) -> Effects:
        """What the fallback handler returns."""
        ...


class Responder(Protocol):
    """Answers when no handler does."""

    async def respond(self, turn: Turn, steps: Steps) -> Effects:
        """What to say, or `None` to leave it to the next responder.

        Raises `ResponderError` when it cannot answer; the next one is asked then, too.
        """
        ...


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a bot's knowledge that fits a question; `score` is from 0 to 1."""

    title: str
    text: str
    source: str
    language: str
    score: float


class Knowledge(Protocol):
    """What a bot can look up."""

    def search(self, text: str, language: str, limit: int = 3) -> Sequence[Passage]:
        """The passages that fit a question, best first, those in its language before others."""
        ...


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A message as models take it."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model answered; tokens are 0 where the server does not count them."""

    text: str
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0


class LLM(Protocol):
    """A language model."""

    async def complete(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> Completion:
        """Answer within `max_tokens` tokens. Raises `ResponderError`."""
        ...


# ─── carrying ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook that the API was asked to call; `token` is the secret part of the endpoint's path."""

    channel: Channel
    token: str
    endpoint: str = ""
    id: str = ""
    secret: str = field(default="", repr=False)


class Transport(Protocol):
    """The Messaging API, used."""

    async def channels(self) -> Sequence[Channel]:
        """The channels of the account. This and all below raise `SendError`."""
        ...

    async def subscribe(self, subscription: Subscription, before: Subscription | None = None) -> Subscription:
        """See to it that the API calls the endpoint, once. `before` was subscribed earlier, perhaps elsewhere."""
        ...

    def compose(self, contact: Contact, text: str) -> Request:
        """A free-form send."""
        ...

    def compose_template(self, contact: Contact, template: Template, language: str, values: Sequence[str]) -> Request:
        """A send of a template, to the contact's phone."""
        ...

    async def send(self, request: Request, key: str) -> Receipt:
        """Send under an idempotency key. A failure told in a success is a failure."""
        ...

    async def fetch(self, announced: MessageAnnounced) -> MessageReceived:
        """The message that a thin event announced."""
        ...

    async def phone(self, contact: Contact) -> str:
        """The contact's phone number as the conversation tells it; empty when it does not."""
        ...

    async def show_typing(self, contact: Contact, channel: Channel) -> None:
        """Show that an answer is being written, where the channel carries that. Never raises."""
        ...


# ─── remembering ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Store(Protocol):
    """What is remembered. Every method raises `StoreError` when the database fails."""

    async def open(self) -> None:
        """Open the database, bring its tables up to date, and take over what a dead process left."""
        ...

    async def close(self) -> None:
        """Finish what was begun and close."""
        ...

    async def installation(self) -> str:
        """A name made once for this store; it keeps idempotency keys of two installations apart."""
        ...

    async def subscriptions(self, api: str) -> Sequence[Subscription]:
        """The webhooks remembered for an API's base URL."""
        ...

    async def remember_subscription(self, api: str, subscription: Subscription) -> None:
        """Remember a webhook; there is one for each channel."""
        ...

    async def accept(self, arrivals: Sequence[Arrival]) -> Sequence[bool]:
        """Put events into the inbox, once for each key. When this returns, they survive a power cut.

        Tells which were new.
        """
        ...

    async def waiting(self) -> int:
        """How many events wait for their turn."""
        ...

    async def claim(self, limit: int, now: float) -> Sequence[Claim]:
        """Take conversations in which events wait. Nobody else gets them until commit or release."""
        ...

    async def commit(self, claim: Claim, outcome: Outcome, *, frozen: bool = False) -> None:
        """End a turn: its events, state, history, outbox and trace, in one transaction.

        Raises `Conflict` when somebody else has the conversation now, or when more has arrived, unless `frozen`.
        """
        ...

    async def release(self, claim: Claim, ready_at: float) -> None:
        """Give a conversation back undone, to be taken again at `ready_at`."""
        ...

    async def begin_step(self, turn: int, name: str) -> Step:
        """Write into the journal that an irreversible step begins, or tell what is written there."""
        ...

    async def finish_step(self, turn: int, name: str, result: object) -> None:
        """Write down the result of a step; it must be plain data."""
        ...

    async def claim_postings(self, limit: int, now: float) -> Sequence[Posting]:
        """Take what is to be sent now: of each conversation the oldest saying that is not yet settled."""
        ...

    async def freeze(self, posting: Posting) -> None:
        """Write down form and request of a posting, before its first byte leaves."""
        ...

    async def retry(self, posting: Posting, due_at: float, reason: str) -> None:
        """Give a posting back, to be taken again at `due_at`; what follows it in its conversation waits."""
        ...

    async def sent(self, posting: Posting, receipt: Receipt, at: float) -> None:
        """The API has taken it."""
        ...

    async def withhold(self, posting: Posting, reason: str, at: float) -> None:
        """It will not go."""
        ...

    async def refused_window(self, contact: Contact, at: float) -> None:
        """The platform says that the window is closed."""
        ...

    async def learn_phone(self, contact: Contact, phone: str) -> None:
        """The contact's phone number became known."""
        ...

    async def contacts(self, id: str) -> Sequence[tuple[str, Contact]]:
        """The bots and contacts of conversations with this id of the Messaging API."""
        ...

    async def posted(self, *, status: str = "", limit: int = 50) -> Sequence[Posted]:
        """The outbox, newest first."""
        ...

    async def said_in(self, key: str) -> Sequence[Posted]:
        """What was said in the turn of the event with this key; empty as long as that turn has not ended."""
        ...

    async def trace(self, turn: int) -> Mapping[str, object]:
        """What is known of how a turn went."""
        ...
