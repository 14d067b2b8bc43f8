"""Every socket that an implementation can fill, on one page, with the values that pass through it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.effect import Effects
from botkit.dialogue.event import MessageAnnounced, MessageReceived
from botkit.dialogue.plan import Recognition, Wants
from botkit.dialogue.template import Template
from botkit.dialogue.turn import Turn
from botkit.handing import Custody
from botkit.inspecting import Inspection
from botkit.ledger import (
    Arrival,
    Claim,
    Outcome,
    Posting,
    Receipt,
    Request,
    Step,
    Subscription,
)
from botkit.sources import ChatMessage, Completion, Passage
from botkit.tools import Tool


class Clock(Protocol):
    """The clock of meaning: windows, due retries, local time. Never for leases or time-outs."""

    def now(self) -> float:
        """The time in Unix seconds."""
        ...


class Meter(Protocol):
    """Counts what happens, for those who watch; times are in seconds. None of these raises."""

    def turned(self, bot: str, waited: float, thought: float, committed: float) -> None:
        """A turn ended: how long its first event had waited, and how long thinking and the commit took."""
        ...

    def completed(self, model: str, outcome: str, seconds: float) -> None:
        """A model answered (`ok`) or failed (`failed`)."""
        ...

    def judged(self, channel: str, decision: str) -> None:
        """In what form a saying may go out on a type of channel: `free_form`, `template`, `held` or a reason."""
        ...

    def sent(self, channel: str, outcome: str, seconds: float) -> None:
        """A send on a type of channel ended as `ok`, or with the name of an error."""
        ...

    def dead_lettered(self, channel: str, reason: str) -> None:
        """A saying was withheld on a type of channel, for a reason of `botkit.dialogue.window.REASONS`."""
        ...


# ─── deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Recognizer(Protocol):
    """Names the intent of a text; one is made for each bot."""

    def recognize(self, text: str) -> Recognition | None:
        """The most likely intent, or `None` when none is likely enough."""
        ...


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

    @property
    def timers(self) -> Collection[str]:
        """The names of timers that a handler answers."""
        ...

    async def call(self, intent: str, turn: Turn, steps: Steps) -> Effects:
        """What the handler of an intent returns; the slots are in the turn's state. It may raise anything."""
        ...

    async def fire(self, timer: str, turn: Turn, steps: Steps) -> Effects:
        """What the handler of a timer returns; the turn's `timer` has its data."""
        ...

    @property
    def validated(self) -> Collection[str]:
        """The slots that a validator looks at."""
        ...

    async def validate(self, slot: str, value: object, turn: Turn, steps: Steps) -> str | None:
        """What the validator of a slot has against a value, in words for the contact. It may raise anything."""
        ...

    async def fall_back(self, turn: Turn, steps: Steps) -> Effects:
        """What the fallback handler returns."""
        ...


class Responder(Protocol):
    """Answers when no handler does.

    An attribute `folds = True` tells that it puts the turn's `held` words into its answer.
    """

    async def respond(self, turn: Turn, steps: Steps) -> Effects:
        """What to say, or `None` to leave it to the next responder.

        Raises `ResponderError` when it cannot answer; the next one is asked then, too.
        """
        ...


class Knowledge(Protocol):
    """What a bot can look up."""

    def search(self, text: str, language: str, limit: int = 3) -> Sequence[Passage]:
        """The passages that fit a question, best first, those in its language before others."""
        ...


class LLM(Protocol):
    """A language model."""

    async def complete(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> Completion:
        """Answer within `max_tokens` tokens. Raises `ResponderError`."""
        ...


# ─── carrying ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Transport(Protocol):
    """The Messaging API, used."""

    async def channels(self) -> Sequence[Channel]:
        """The channels of the account. This and all below raise `SendError`."""
        ...

    async def subscribe(self, subscription: Subscription, before: Subscription | None = None) -> Subscription:
        """See to it that the API calls the endpoint, once. `before` was subscribed earlier, perhaps elsewhere."""
        ...

    def compose(self, contact: Contact, text: str, shows: Mapping[str, object] = {}) -> Request:
        """A free-form send; `shows` is what `Saying.shows` is, and empty where it is words alone."""
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

    async def find_sent(self, contact: Contact, text: str, since: float) -> Sequence[Receipt] | None:
        """The messages from our side with just these words, sent at `since` (Unix seconds) or later, newest first.

        `None` when the API cannot be asked that.
        """
        ...

    async def show_typing(self, contact: Contact, channel: Channel) -> None:
        """Show that an answer is being written, where the channel carries that. Never raises."""
        ...


# ─── remembering ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Store(Custody, Inspection, Protocol):
    """What is remembered. Every method raises `StoreError` when the database fails.

    Times are in Unix seconds by the clock of meaning, and are given; only leases go by the database's own clock.
    """

    @property
    def lease(self) -> float | None:
        """The seconds that a claim lasts unless renewed; `None` when it lasts as long as this process."""
        ...

    async def open(self) -> None:
        """Open the database, bring its tables up to date, and take over what a dead process left."""
        ...

    async def close(self) -> None:
        """Finish what was begun and close."""
        ...

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed`, in the event loop, when another process has put something in; at most once a batch.

        It is a help, not a promise: who needs to know looks once in a while as well.
        """
        ...

    def alone(self, what: str) -> AbstractAsyncContextManager[None]:
        """Have no other process over this database in a block of this name; one that hangs is not waited for long."""
        ...

    async def peers(self) -> int:
        """How many processes that answer and send share the database now, this one included: those that renew."""
        ...

    async def installation(self) -> str:
        """A name made once for this store; it keeps idempotency keys of two installations apart."""
        ...

    async def subscriptions(self, api: str) -> Sequence[Subscription]:
        """The webhooks remembered for an API's base URL."""
        ...

    async def remember_subscription(self, api: str, subscription: Subscription) -> Subscription:
        """Remember a webhook; there is one for each channel.

        The token of the first to remember one stays: what comes back is how it is remembered now.
        """
        ...

    async def remember_version(self, bot: str, version: str, files: Mapping[str, str]) -> None:
        """Remember the texts of the files that a bot was made from, once for each version of it."""
        ...

    async def version(self, bot: str, version: str) -> Mapping[str, str] | None:
        """The texts of a version of a bot, in the order in which they were given; `None` when it is not known."""
        ...

    async def whereabouts(self, channel: str, contact: str) -> tuple[Contact | None, Sequence[str]]:
        """A contact as far as it is known, and the bots that it is busy with.

        These are the bots for which something of it waits, that have a flow in hand with it, or whose conversation a
        person has.
        """
        ...

    # ─── inbox and turns ───

    async def accept(self, arrivals: Sequence[Arrival]) -> Sequence[bool]:
        """Put events into the inbox, once for each key. When this returns, they survive a power cut.

        A message opens its contact's window and drops the conversation's timers that are `unless_written`. A status is
        applied to the row that sent its message, now or when that is known. Tells which were new.
        """
        ...

    async def waiting(self) -> int:
        """How many events wait for their turn."""
        ...

    async def claim(self, limit: int, now: float) -> Sequence[Claim]:
        """Take conversations that are ready, the longest ready first; the events of each in the order of their sending.

        Nobody else gets them until commit or release, or until the lease ends.
        """
        ...

    async def renew(self, claims: Sequence[Claim], postings: Sequence[Posting]) -> Sequence[Claim]:
        """Prolong the lease of what is held; the claims that somebody else has by now."""
        ...

    async def commit(self, claim: Claim, outcome: Outcome, *, frozen: bool = False) -> Posting | None:
        """End a turn: its events, state, history, outbox, timers and trace, in one transaction.

        Where the outcome has a request and nothing else of the conversation is in the queue, the first saying is taken
        and frozen in it as well, and comes back: from then on it counts as being on its way.
        Raises `Conflict` when somebody else has the conversation now, or when more has arrived, unless `frozen`.
        """
        ...

    async def release(self, claim: Claim, ready_at: float, *, failed: bool) -> None:
        """Give a conversation back undone, to be taken again at `ready_at`; as failed, or because more arrived.

        What has arrived since the claim may still be going on: then its quiet is waited for as well.
        """
        ...

    async def begin_step(self, turn: int, name: str) -> Step:
        """Write into the journal that an irreversible step begins, or tell what is written there."""
        ...

    async def finish_step(self, turn: int, name: str, result: object) -> None:
        """Write down the result of a step; it must be plain data."""
        ...

    async def fire_timers(self, now: float) -> float | None:
        """Put timers that are due into the inbox, each once; when the next one is due."""
        ...

    # ─── outbox ───

    async def claim_postings(self, limit: int, now: float) -> Sequence[Posting]:
        """Take what is to be sent now: of each conversation the oldest saying that is not yet settled."""
        ...

    async def freeze(self, posting: Posting, at: float) -> bool:
        """Write down form and request of what is on its way from now on; `False` when it must not go any more.

        That is so when the conversation has changed hands since it was said. Raises `Conflict` for who has lost it.
        """
        ...

    async def retry(self, posting: Posting, due_at: float, reason: str, *, counts: bool = True) -> None:
        """Give a posting back, to be taken again at `due_at`; what follows it in its conversation waits.

        Where its request is `None`, its form is judged anew then; where `attempted_at` is, nothing of it is on its way.
        An attempt that does not count was not made.
        """
        ...

    async def sent(self, posting: Posting, receipt: Receipt, at: float, spacing: float = 0.0) -> bool:
        """The API has it, and uses `spacing` seconds of the contact's pace; whether more of its conversation waits."""
        ...

    async def hold(self, posting: Posting, expires_at: float, at: float, receipt: Receipt | None = None) -> None:
        """Its words wait for the contact's return; with the receipt of the template that asked for it, if one went.

        When the contact has written since the posting was claimed, it is judged anew instead.
        """
        ...

    async def release_held(self, conversation: int, now: float) -> int:
        """Let the held words of a conversation go out, unless they have expired, before all that is said later."""
        ...

    async def expire_held(self, now: float) -> int:
        """Withhold what has waited too long for the contact's return."""
        ...

    async def withhold(self, posting: Posting, reason: str, at: float) -> None:
        """It will not go: it is a dead letter."""
        ...

    async def is_matched(self, conversation: int, message: str) -> bool:
        """Whether a message of the API is known to be that of a row of this conversation."""
        ...

    async def replay(self, row: int, now: float) -> bool:
        """Let a dead letter be judged and sent once more; `False` when that row is none."""
        ...

    async def discard(self, row: int, now: float) -> bool:
        """Close a dead letter, or held words, for good; `False` when that row is neither."""
        ...

    async def refused_window(self, contact: Contact, at: float) -> None:
        """The platform says that the window is closed."""
        ...

    async def learn_phone(self, contact: Contact, phone: str) -> None:
        """The contact's phone number became known."""
        ...

    # ─── keeping house ───

    async def forget(self, before: float, events_before: float, limit: int = 1000) -> int:
        """Delete what is older than `before` and settled, and answered events older than `events_before`.

        At most `limit` rows each of outbox, history, traces and inbox; how many there were.
        """
        ...
