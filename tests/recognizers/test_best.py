"""Several recognizers as one."""

from __future__ import annotations

import pytest

from botkit.dialogue.plan import Recognition
from botkit.recognizers.best import Best


class Always:
    """A recognizer that recognizes the same in anything."""

    def __init__(self, intent: str, score: float) -> None:
        self._recognition = Recognition(intent, score, "test") if intent else None

    def recognize(self, text: str) -> Recognition | None:
        return self._recognition


@pytest.mark.parametrize(
    ("recognizers", "believed"),
    [
        ([Always("unsure", 0.4), Always("sure", 0.9)], "sure"),
        ([Always("sure", 0.9), Always("unsure", 0.4)], "sure"),
        ([Always("first", 0.9), Always("second", 0.9)], "first"),
        ([Always("", 0), Always("only", 0.1)], "only"),
        ([Always("never", 0.0)], "never"),
        ([Always("", 0)], None),
        ([], None),
    ],
)
def test_the_surest_is_believed_and_of_equally_sure_ones_the_first(
    recognizers: list[Always], believed: str | None
) -> None:
    found = Best(recognizers).recognize("anything")
    assert (found.intent if found else None) == believed
