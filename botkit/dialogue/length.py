"""How to say in several messages what does not fit into one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Size = Callable[[str], int]


def in_bytes(text: str) -> int:
    """The length of a text as Instagram counts it: in bytes of UTF-8."""
    return len(text.encode())


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that one message holds, and how that is counted; 0 for no limit."""

    most: int
    size: Size = len

    def holds(self, text: str) -> bool:
        """Whether a text fits."""
        return not self.most or self.size(text) <= self.most

    def told(self, text: str) -> str:
        """How much a text is, as in '1200 characters'."""
        return f"{self.size(text)} {'bytes' if self.size is in_bytes else 'characters'}"


BOUNDLESS = Limit(0)

_BREAKS = ("\n\n", "\n", ". ", "! ", "? ", "; ", ", ", " ")


def parts(text: str, limit: Limit) -> Iterator[str]:
    """The text in as few messages as a limit needs, broken where a reader would pause."""
    while not limit.holds(text):
        part = text[: _fitting(text, limit)]
        part = part[: _pause(part)]
        yield part.rstrip()
        text = text[len(part) :].lstrip()
    yield text


def _fitting(text: str, limit: Limit) -> int:
    """How many characters from the beginning fit."""
    low, high = 1, min(len(text), limit.most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if limit.holds(text[:middle]) else (low, middle - 1)
    return low


def _pause(part: str) -> int:
    """Where to break a part: behind its last paragraph, line, sentence or word, unless that leaves too little."""
    for mark in _BREAKS:
        end = part.rfind(mark) + len(mark)
        if part.rfind(mark) >= len(part) // 2:
            return end
    return len(part)
