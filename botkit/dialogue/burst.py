"""Bursts: short messages that belong together are answered together, after a quiet spell."""

from __future__ import annotations

from dataclasses import dataclass

from botkit.dialogue.event import TEXT, Event, MessageReceived

_ENDS = (".", "!", "…", ")", "。", "！")
_ASKS = ("?", "？", "؟")
_HANGING = frozenset(
    [
        "and",
        "or",
        "but",
        "because",
        "with",
        "for",
        "the",
        "a",
        "to",
        "of",
        "y",
        "o",
        "pero",
        "porque",
        "con",
        "para",
        "el",
        "la",
        "de",
        "que",
        "und",
        "oder",
        "aber",
    ]
)

SOONER, LATER = 0.3, 2.0
"""Of the usual wait: after what is surely complete, and after what surely goes on."""


@dataclass(frozen=True, slots=True)
class Burst:
    """How long a bot waits for more before it answers: `wait` seconds of quiet, `at_most` seconds in all."""

    wait: float = 1.0
    at_most: float = 8.0


def quiet(event: Event, burst: Burst) -> float:
    """The seconds of quiet to wait for after an event.

    Shorter after a question mark or a tap, longer after half a sentence or a picture (which a caption often follows).
    What no contact wrote waits for nothing.
    """
    if not isinstance(event, MessageReceived):
        return 0.0
    if event.is_tap or event.text.rstrip().endswith(_ASKS):
        return burst.wait * SOONER
    if event.type != TEXT or _goes_on(event.text):
        return burst.wait * LATER
    return burst.wait


def _goes_on(text: str) -> bool:
    said = text.rstrip()
    if said.endswith(_ENDS) or not said:
        return False
    return said.endswith((",", ":", ";", "-", "–")) or said.rsplit(maxsplit=1)[-1].lower() in _HANGING
