"""What a contact said, with all that is needed to read a value from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from botkit.dialogue.event import MessageReceived


@dataclass(frozen=True, slots=True)
class Said:
    """Words, and where, when and in which languages they were said.

    `languages` begin with the one that the turn is in. `messages` are there when the words are a whole turn's, for
    what is no text: a picture, a location.
    """

    text: str
    now: datetime
    languages: tuple[str, ...] = ("en",)
    country: str = ""
    messages: tuple[MessageReceived, ...] = ()
