"""Answers from the bot's knowledge, as they are written there."""

from __future__ import annotations

from botkit.dialogue.effect import Effects, say
from botkit.dialogue.turn import Turn
from botkit.protocols import Knowledge, Steps

THRESHOLD = 0.36
"""Below this likeness of question and question there is no answer."""


class KnowledgeResponder:
    """A responder that gives the answer to the most similar question, if that is similar enough."""

    def __init__(self, knowledge: Knowledge, *, threshold: float = THRESHOLD) -> None:
        """Name what to look up in; `threshold` is from 0 to 1."""
        self._knowledge = knowledge
        self._threshold = threshold

    async def respond(self, turn: Turn, steps: Steps) -> Effects:
        """The answer as it stands, or `None`."""
        best = next(iter(self._knowledge.search(turn.text, turn.language, limit=1)), None)
        return say(best.text) if best and best.score >= self._threshold else None
