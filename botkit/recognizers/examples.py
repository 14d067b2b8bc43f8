"""Intents by likeness to the example sentences of the bot file."""

from __future__ import annotations

from botkit.dialogue.bot import Bot
from botkit.dialogue.plan import Recognition
from botkit.dialogue.similarity import Index

THRESHOLD = 0.36
"""Below this likeness nothing is recognized: chosen where a mixed English and Spanish trial set was answered best."""


class Examples:
    """A recognizer: the intent of the most similar example, if that is similar enough."""

    def __init__(self, bot: Bot, threshold: float = THRESHOLD) -> None:
        """Index the bot's examples."""
        self._examples = [
            (intent.name, language, example)
            for intent in bot.intents.values()
            for language, examples in intent.examples.items()
            for example in examples
        ]
        self._index = Index([example for *_, example in self._examples])
        self._threshold = threshold

    def recognize(self, text: str) -> Recognition | None:
        """The likeness is the score."""
        match = next(iter(self._index.search(text, limit=1)), None)
        if match is None or match.score < self._threshold:
            return None
        intent, language, _ = self._examples[match.position]
        return Recognition(intent, min(match.score, 1.0), "example", language)
