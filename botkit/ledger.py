"""The entries of inbox, journal and outbox, as they pass between runtime, store and transport."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from botkit.dialogue.contact import Contact
from botkit.dialogue.event import Event
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
class Arrival:
    """An event on its way into the inbox; `received_at` is in Unix seconds."""

    event: Event
    bot: str
    received_at: float


@dataclass(frozen=True, slots=True)
class Claim:
    """A conversation taken for one turn, with the events that wait in it."""

    conversation: Conversation
    rows: tuple[int, ...]
    """The inbox rows of the events; the first one's number is the turn's id."""
    events: tuple[Event, ...]
    fence: int
    arrived: int
    attempts: int
    ours: frozenset[str] = frozenset()
    """The ids of messages that are echoes of what we sent."""
    in_flight: tuple[str, ...] = ()
    """The words of sends that are on their way: an equal message may be their echo."""

    @property
    def turn(self) -> int:
        """The id of the turn: the same in every rerun, because its first event stays."""
        return self.rows[0]


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that ends a turn, for one commit. `settled` is `None` for a turn in which nothing happens."""

    at: float
    heard: Sequence[Line]
    settled: Settled | None
    trace: Mapping[str, object]
    name: str = ""
    phone: str = ""


WAITING, SENDING, SENT, WITHHELD = "waiting", "sending", "sent", "withheld"
"""The states of an outbox row. The first two are open; a sent row's `receipt` goes on to delivered, read or failed."""


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
    attempts: int = 0


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


@dataclass(frozen=True, slots=True)
class Step:
    """The journal's entry of an irreversible step: whether this run is the first to begin it, and its result."""

    is_new: bool
    is_done: bool = False
    result: object = None
