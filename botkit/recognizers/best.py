"""Several recognizers as one."""

from __future__ import annotations

from collections.abc import Sequence

from botkit.dialogue.plan import Recognition
from botkit.protocols import Recognizer


class Best:
    """A recognizer that asks others and believes the surest; of equally sure ones, the first."""

    def __init__(self, recognizers: Sequence[Recognizer]) -> None:
        """Name the others, the most trusted first."""
        self._recognizers = recognizers

    def recognize(self, text: str) -> Recognition | None:
        """The surest recognition of all."""
        recognitions = [found for recognizer in self._recognizers if (found := recognizer.recognize(text))]
        return max(recognitions, key=lambda found: found.score, default=None)
