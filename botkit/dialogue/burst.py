"""Bursts: short messages that belong together are answered together, after a quiet spell."""

from __future__ import annotations

from dataclasses import dataclass

from botkit.dialogue.event import TEXT, Event, MessageAnnounced, MessageReceived
from botkit.dialogue.words import words

_ASKS = ("?", "\N{FULLWIDTH QUESTION MARK}", "\N{ARABIC QUESTION MARK}")
_ENDS = (".", "!", "…", ")", "。", "\N{FULLWIDTH EXCLAMATION MARK}")
_LEADS_ON = (",", ":", ";", "-", "\N{EN DASH}", "\N{EM DASH}")
_HANGING = frozenset(
    words(
        """a and because but for if of or so the to with
        aber das dem den der ein eine fur mit oder und weil wenn
        con de el la las los o para pero porque que si un una y
        avec des du et le les mais ou parce pour une
        che con di e il ma o per perche se una
        een en het maar met of omdat van voor
        com da do e em mas o os para porque se um uma"""
    )
)
"""Folded words with which nobody ends what they have to say."""

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
    Of a message that is only announced nobody knows the words yet. What no contact wrote waits for nothing.
    """
    if isinstance(event, MessageAnnounced):
        return burst.wait
    if not isinstance(event, MessageReceived):
        return 0.0
    said = event.text.rstrip()
    if event.is_tap or said.endswith(_ASKS):
        return burst.wait * SOONER
    if event.type != TEXT or _goes_on(said):
        return burst.wait * LATER
    return burst.wait


def _goes_on(said: str) -> bool:
    return said.endswith(_LEADS_ON) or (not said.endswith(_ENDS) and bool(_HANGING.intersection(words(said)[-1:])))
