"""Several recognizers as one."""

from __future__ import annotations

from collections.abc import Sequence

from botkit.dialogue.plan import Recognition
from botkit.protocols import Recognizer

CERTAIN = 1.0


class Best:
    """A recognizer that asks others and believes the surest; of equally sure ones, the first."""

    def __init__(self, recognizers: Sequence[Recognizer]) -> None:
        """Name the others, the most trusted first."""
        self._recognizers = recognizers

    def recognize(self, text: str) -> Recognition | None:
        """The surest recognition of all; behind one that is certain, nobody is asked."""
        best: Recognition | None = None
        for recognizer in self._recognizers:
            found = recognizer.recognize(text)
            if found and (best is None or found.score > best.score):
                best = found
            if best and best.score >= CERTAIN:
                break
        return best
