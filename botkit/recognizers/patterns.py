"""Intents by regular expressions; a named group fills the slot of its name."""

from __future__ import annotations

import logging

import regex

from botkit.dialogue.bot import Bot
from botkit.dialogue.plan import Recognition

log = logging.getLogger(__name__)

SECONDS = 0.05
CHARACTERS = 4096
"""Bounds on matching an author's pattern against a contact's words."""


class Patterns:
    """A recognizer: the first intent, in the order of the bot file, one of whose patterns is found in the text."""

    def __init__(self, bot: Bot) -> None:
        """Compile the bot's patterns."""
        self._patterns = [
            (intent.name, language, regex.compile(pattern, regex.IGNORECASE))
            for intent in bot.intents.values()
            for language, patterns in intent.patterns.items()
            for pattern in patterns
        ]

    def recognize(self, text: str) -> Recognition | None:
        """A pattern that is found is sure."""
        for intent, language, pattern in self._patterns:
            try:
                found = pattern.search(text[:CHARACTERS], timeout=SECONDS)
            except TimeoutError:
                log.warning("pattern took too long", extra={"intent": intent, "pattern": pattern.pattern})
                continue
            if found:
                slots = {name: value for name, value in found.groupdict().items() if value}
                return Recognition(intent, 1.0, "pattern", language, slots)
        return None
