"""How much fits into one message of a channel, and how to say more in several.

Meta: text of WhatsApp 4096 characters, of Messenger 2000; of Instagram 1000 bytes of UTF-8 ("Send messages").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from botkit.dialogue.channel import INSTAGRAM, MESSENGER, WHATSAPP

Size = Callable[[str], int]


def _bytes(text: str) -> int:
    return len(text.encode())


LIMITS: Mapping[str, tuple[int, Size]] = {WHATSAPP: (4096, len), MESSENGER: (2000, len), INSTAGRAM: (1000, _bytes)}
"""By type of channel: the most that one message holds, and how that is counted."""

_BREAKS = ("\n\n", "\n", ". ", "! ", "? ", "; ", ", ", " ")


def parts(text: str, channel: str) -> Iterator[str]:
    """The text in as few messages as its channel needs, broken where a reader would pause."""
    limit, size = LIMITS.get(channel, (0, len))
    while limit and size(text) > limit:
        part = text[: _fitting(text, limit, size)]
        part = part[: _pause(part)]
        yield part.rstrip()
        text = text[len(part) :].lstrip()
    yield text


def _fitting(text: str, limit: int, size: Size) -> int:
    """How many characters from the beginning fit."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle]) <= limit else (low, middle - 1)
    return low


def _pause(part: str) -> int:
    """Where to break a part: behind its last paragraph, line, sentence or word, unless that leaves too little."""
    for mark in _BREAKS:
        end = part.rfind(mark) + len(mark)
        if part.rfind(mark) >= len(part) // 2:
            return end
    return len(part)
