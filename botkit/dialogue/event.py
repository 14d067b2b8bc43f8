"""Events: whatever a webhook tells. Each has a key under which it is accepted once and never again."""

from __future__ import annotations

from dataclasses import dataclass, field

TEXT = "text"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A contact wrote. `type` is `text`, or a form that the bot cannot read, such as `image` or `unknown`.

    `sent_at` is the sender's time in Unix seconds where the platform tells it.
    """

    channel: str
    contact: str
    id: str
    type: str = TEXT
    text: str = ""
    name: str = ""
    phone: str = ""
    sent_at: float | None = None
    is_tap: bool = False
    """Whether a button was tapped rather than words written."""
    choice: str = ""
    """The value of the button that was tapped, where the channel tells it."""
    latitude: float | None = None
    """Of a location, in degrees north; `None` where the channel does not tell it."""
    longitude: float | None = None
    """Of a location, in degrees east."""
    url: str = ""
    """The address of a picture or another file, where the channel tells it."""
    mime: str = ""
    """The kind of that file, such as `image/jpeg`."""

    @property
    def key(self) -> str:
        """What makes a redelivery a redelivery."""
        return f"{self.channel}:message:{self.id}"


@dataclass(frozen=True, slots=True)
class MessageAnnounced:
    """A contact wrote, but the event is thin: the words must be fetched (the `m2m` dialect)."""

    channel: str
    contact: str
    id: str
    sent_at: float | None = None

    @property
    def key(self) -> str:
        """The same as that of the message it announces."""
        return f"{self.channel}:message:{self.id}"


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A message left on our side: one of our own, told back, or one that a person of the team wrote elsewhere."""

    channel: str
    contact: str
    id: str
    text: str = ""
    sent_at: float | None = None

    @property
    def key(self) -> str:
        """Apart from received messages: an echo and a reply may share an id."""
        return f"{self.channel}:sent:{self.id}"


@dataclass(frozen=True, slots=True)
class DeliveryChanged:
    """A message that we sent was delivered, read or has failed; `message` is its id or its provider's id.

    `cause` tells why it failed, where that says what to do: `window` or `template`.
    """

    channel: str
    contact: str
    message: str
    status: str
    reason: str = ""
    at: float | None = None
    cause: str = ""

    @property
    def key(self) -> str:
        """One per message and status: statuses reuse their message's id."""
        return f"{self.channel}:status:{self.message}:{self.status}"


@dataclass(frozen=True, slots=True)
class OperatorSaid:
    """Somebody of the team has words for a contact; they are said by the bot's rules of window and template.

    `takes_over` tells that the conversation is theirs from then on.
    """

    channel: str
    contact: str
    id: str
    text: str = field(repr=False)
    takes_over: bool = False

    @property
    def key(self) -> str:
        """One per saying, so that a repeated command says it once."""
        return f"{self.channel}:operator:{self.id}"


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A timer of the conversation is due; `id` is the store's number of it, which fires once.

    `epoch` is the conversation's own at that time; the event means nothing when that has risen since.
    """

    channel: str
    contact: str
    id: str
    name: str
    data: str = ""
    epoch: int = 0

    @property
    def key(self) -> str:
        """One per timer."""
        return f"{self.channel}:timer:{self.id}"


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that starts nothing (a reaction, an edit, an unknown type); `reason` is for the log."""

    channel: str
    reason: str


Event = MessageReceived | MessageAnnounced | MessageSent | DeliveryChanged | OperatorSaid | TimerDue
"""Everything that is worth keeping."""
