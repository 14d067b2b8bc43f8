"""Finding the answer to a question that is asked in other words."""

from __future__ import annotations

from collections.abc import Sequence

from botkit.dialogue.similarity import Index
from botkit.knowledge.questions import Answer
from botkit.sources import Passage

_OTHER_LANGUAGE = 0.9


class QuestionIndex:
    """Knowledge: answers that are found by the likeness of their questions."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        """Index every question of every answer."""
        self._asked = [(question, answer) for answer in answers for question in answer.questions]
        self._index = Index([question for question, _ in self._asked])

    def search(self, text: str, language: str, limit: int = 3) -> Sequence[Passage]:
        """The best answers; one in another language must be clearly better to come first."""
        best: dict[Answer, Passage] = {}
        for match in self._index.search(text, limit=len(self._asked)):
            question, answer = self._asked[match.position]
            score = min(match.score, 1.0) * (1.0 if answer.language == language else _OTHER_LANGUAGE)
            if answer not in best or score > best[answer].score:
                best[answer] = Passage(question, answer.text, answer.path.name, answer.language, score)
        return sorted(best.values(), key=lambda passage: -passage.score)[:limit]
