"""What a channel carries beyond text, and how much of it fits: one table.

Figures are Meta's ("Send messages", "Interactive messages", "Quick replies"). The hosted Messaging API publishes only
text, whatever the channel: there a channel names no extension, and all else becomes text. botkit's own gateway carries
the rest as marked extensions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from botkit.dialogue.channel import INSTAGRAM, MESSENGER, WEBCHAT, WHATSAPP, Channel
from botkit.dialogue.length import BOUNDLESS, Limit, in_bytes

BUTTONS, LIST, QUICK_REPLIES, LOCATION = "buttons", "list", "quick_replies", "location"


@dataclass(frozen=True, slots=True)
class Form:
    """A way to show choices: how many, how long each title and description may be, and the words above them."""

    name: str
    most: int
    title: int
    description: int
    body: Limit


@dataclass(frozen=True, slots=True)
class Carries:
    """What one message of a channel may hold.

    `forms` are the ways to show choices, the best first. `media` tells for each kind of file how long its caption may
    be; 0 for none. `links` tells whether a button may open an address.
    """

    text: Limit = BOUNDLESS
    forms: tuple[Form, ...] = ()
    media: Mapping[str, int] = field(default_factory=dict)
    location: bool = False
    links: bool = False

    @property
    def extensions(self) -> tuple[str, ...]:
        """The names of all that it carries beyond text."""
        return (*(form.name for form in self.forms), *self.media, *([LOCATION] if self.location else []))


CARRIES: Mapping[str, Carries] = {
    WHATSAPP: Carries(
        Limit(4096),
        (Form(BUTTONS, 3, 20, 0, Limit(1024)), Form(LIST, 10, 24, 72, Limit(4096))),
        {"image": 1024, "audio": 0, "video": 1024, "document": 1024},
        location=True,
    ),
    MESSENGER: Carries(
        Limit(2000),
        (Form(BUTTONS, 3, 20, 0, Limit(640)), Form(QUICK_REPLIES, 13, 20, 0, Limit(2000))),
        {"image": 0, "audio": 0, "video": 0, "document": 0},
    ),
    INSTAGRAM: Carries(
        Limit(1000, in_bytes),
        (Form(QUICK_REPLIES, 13, 20, 0, Limit(1000, in_bytes)),),
        {"image": 0, "audio": 0, "video": 0},
    ),
    WEBCHAT: Carries(
        BOUNDLESS,
        (Form(BUTTONS, 3, 60, 0, BOUNDLESS), Form(LIST, 10, 60, 200, BOUNDLESS)),
        {"image": 1024, "audio": 1024, "video": 1024, "document": 1024},
        location=True,
        links=True,
    ),
}
"""By type of channel: what it carries where nothing stands between."""


def carried(channel: Channel) -> Carries:
    """What a channel carries as it is connected: of what its type can, what it says it does."""
    return _carried(channel.type, channel.extensions)


@cache
def _carried(kind: str, extensions: tuple[str, ...]) -> Carries:
    whole = CARRIES.get(kind, Carries())
    return replace(
        whole,
        forms=tuple(form for form in whole.forms if form.name in extensions),
        media={name: caption for name, caption in whole.media.items() if name in extensions},
        location=whole.location and LOCATION in extensions,
        links=whole.links and BUTTONS in extensions,
    )
