"""The entries of inbox, journal and outbox, as they pass between runtime, store and transport."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.event import Event
from botkit.dialogue.handoff import TIMEOUT, Note
from botkit.dialogue.settle import Saying, Settled
from botkit.dialogue.turn import Conversation, Line


@dataclass(frozen=True, slots=True)
class Request:
    """A send, frozen: the path below the API's base URL and the very bytes of the body."""

    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """The API's answer to a send: its id of the message and, where known, that of the platform behind it."""

    id: str = ""
    provider_id: str = ""
    status: str = "accepted"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook that the API was asked to call; `token` is the secret part of the endpoint's path."""

    channel: Channel
    token: str
    endpoint: str = ""
    id: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event on its way into the inbox; `received_at` is in Unix seconds.

    Its conversation is ready for a turn after `quiet` seconds in which no more arrives, and in any case `at_most`
    seconds after the first event that waits. Where it tells that a person of the team wrote, they have the conversation
    for `theirs_for` seconds.
    """

    event: Event
    bot: str
    received_at: float
    quiet: float = 0.0
    at_most: float = 0.0
    theirs_for: float = TIMEOUT


@dataclass(frozen=True, slots=True)
class Claim:
    """A conversation taken for one turn, with the events that wait in it."""

    conversation: Conversation
    rows: tuple[int, ...]
    """The inbox rows of the events."""
    events: tuple[Event, ...]
    """In the order of their sending, as far as that is known."""
    fence: int
    arrived: int
    attempts: int
    """How often the turn was begun, now included, and not given back in good order: it raised, or died."""
    replans: int = 0
    """How often the turn was given back because more had arrived."""
    ours: frozenset[str] = frozenset()
    """The ids of messages that are echoes of what we sent."""
    in_flight: tuple[str, ...] = ()
    """The words of sends that are on their way: an equal message may be their echo."""
    since: float = 0.0
    """When the first of the events arrived."""
    held: tuple[str, ...] = ()
    """Words that wait for the contact's return, oldest first, without those that have expired."""

    @property
    def turn(self) -> int:
        """The id of the turn: the row of the event that arrived first, the same in every rerun."""
        return min(self.rows)


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that ends a turn, for one commit. `settled` is `None` for a turn in which nothing happens."""

    at: float
    heard: Sequence[Line]
    settled: Settled | None
    trace: Mapping[str, object]
    name: str = ""
    phone: str = ""
    folds: bool = False
    """Whether the words that were held are in the answer now, and need not go out themselves."""
    request: Request | None = None
    """The first saying as it may go out at once; then it is on its way with the commit, if nothing goes before it."""


WAITING, SENDING, SENT, HELD, FOLDED, WITHHELD = "waiting", "sending", "sent", "held", "folded", "withheld"
SUPERSEDED, DRAFT = "superseded", "draft"
"""The states of an outbox row. The first two are open; a sent row's `receipt` goes on to delivered, read or failed.

A held row waits for the contact's return and is open again then, or folded into an answer. A withheld one is a dead
letter: it has a reason, and an operator may replay or discard it. When a person takes the conversation over, what the
bot had said and not yet sent is superseded, and what was held becomes a draft, which an operator may replay or discard.
"""

PACED = "paced"
"""The reason of a waiting row that is due when its channel's pace lets it go."""

DELIVERED, KEPT, FAILED = "delivered", "kept", "failed"
"""The states of a note besides waiting: its team has it; there is nobody to tell, so it stays here; it will not go."""


@dataclass(frozen=True, slots=True)
class Posting:
    """An outbox row taken for sending. `form` counts the forms tried; `request` is frozen before a byte leaves."""

    row: int
    bot: str
    conversation: int
    contact: Contact
    saying: Saying
    form: int = 0
    request: Request | None = None
    template: str = ""
    """The template of the frozen form, as `name (language)` by the bot's names; empty for the words themselves."""
    holds: bool = False
    """Whether the frozen form is a template that only asks the contact to write: then the words are held."""
    refused: tuple[str, ...] = ()
    """The templates, by the platform's names, that it refused for this row."""
    attempts: int = 0
    """How often it was taken since its form was frozen or it was first due."""
    said_at: float = 0.0
    attempted_at: float | None = None
    """When the frozen form was last on its way; `None` before its first attempt."""
    open_since: float = 0.0
    """Since when it may go: since it was said, or since it was last released, replayed or told to have failed."""
    fence: int = 0
    """Rises with each claim of the row: whoever has an older one no longer has the row."""
    is_superseded: bool = False
    """Whether the conversation has changed hands since it was said: what is not on its way yet must not go."""
    paced_until: float | None = None
    """Until when its channel's pace had it wait; `None` where it has not waited for that."""


@dataclass(frozen=True, slots=True)
class Posted:
    """How an outbox row stands, for people who look."""

    row: int
    bot: str
    contact: Contact
    text: str
    status: str
    reason: str
    template: str
    receipt: str
    said_at: float
    attempts: int = 0
    due_at: float | None = None
    """When it is tried next, or when held words expire; `None` when neither is to come."""
    message: str = ""
    """The Messaging API's id of what was sent, which `botkit explain` takes; empty before that."""


@dataclass(frozen=True, slots=True)
class NoteInHand:
    """A note taken for telling its team."""

    row: int
    bot: str
    conversation: int
    contact: Contact
    note: Note
    made_at: float
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class NoteKept:
    """How a note stands, for people who look."""

    row: int
    bot: str
    contact: Contact
    note: Note
    made_at: float
    status: str
    reason: str = ""
    attempts: int = 0
    due_at: float | None = None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A conversation that a person has: since when, until when by itself, and the latest note about it."""

    bot: str
    contact: Contact
    since: float
    until: float | None
    note: Note | None


@dataclass(frozen=True, slots=True)
class Figures:
    """How much waits, and since when: ages are in seconds, 0 when nothing waits."""

    inbox: int = 0
    inbox_age: float = 0.0
    outbox: int = 0
    outbox_age: float = 0.0
    held: int = 0
    withheld: int = 0
    timers: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """All that is known of one turn, for whoever asks why; `trace` is empty while the turn has not ended."""

    turn: int
    bot: str
    contact: Contact
    events: Sequence[tuple[float, Event]]
    """Each with the time of its arrival."""
    trace: Mapping[str, object]
    said: Sequence[Posted]


@dataclass(frozen=True, slots=True)
class Step:
    """The journal's entry of an irreversible step: whether this run is the first to begin it, and its result."""

    is_new: bool
    is_done: bool = False
    result: object = None
