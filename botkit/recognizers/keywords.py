"""Intents by words that are found in a text, whatever their case and accents."""

from __future__ import annotations

from botkit.dialogue.bot import Bot
from botkit.dialogue.plan import Recognition
from botkit.dialogue.words import words


class Keywords:
    """A recognizer that is the surer, the more of the text a keyword makes up: 'hi' alone is a greeting for certain."""

    def __init__(self, bot: Bot) -> None:
        """Fold the bot's keywords."""
        self._keywords = [
            (intent.name, language, f" {' '.join(words(keyword))} ")
            for intent in bot.intents.values()
            for language, keywords in intent.keywords.items()
            for keyword in keywords
            if words(keyword)
        ]

    def recognize(self, text: str) -> Recognition | None:
        """The intent of the longest keyword in the text; its score is between a half and 1."""
        said = f" {' '.join(words(text))} "
        found = [item for item in self._keywords if item[2] in said]
        if not found:
            return None
        intent, language, keyword = max(found, key=lambda item: len(item[2]))
        share = (len(keyword) - 2) / (len(said) - 2)
        return Recognition(intent, 0.5 + share / 2, "keyword", language)
