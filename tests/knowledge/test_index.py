"""Finding the answer to a question that is asked in other words."""

from __future__ import annotations

from pathlib import Path

import pytest

from botkit.knowledge.index import QuestionIndex
from botkit.knowledge.questions import Answer


def answer(text: str, *questions: str, language: str = "en", file: str = "hotel.md") -> Answer:
    return Answer(questions, text, language, Path("bots/knowledge") / file, 1)


HOTEL = QuestionIndex(
    [
        answer("On the roof.", "Do you have a pool?", "Can we swim?", file="hotel.en.md"),
        answer("En la azotea.", "¿Tienen piscina?", language="es", file="hotel.es.md"),
        answer("Small dogs are welcome.", "Are pets allowed?", "Can I bring my dog?"),
    ]
)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("do you have a pool", "On the roof."),
        ("is there a swimming pool, can we swim in it?", "On the roof."),
        ("may I bring two dogs", "Small dogs are welcome."),
        ("tienen una piscina", "En la azotea."),
    ],
)
def test_the_answer_to_the_most_similar_question_comes_first(asked: str, text: str) -> None:
    assert HOTEL.search(asked, "en")[0].text == text


def test_a_passage_tells_question_source_language_and_likeness() -> None:
    best = HOTEL.search("¿Tienen piscina?", "es")[0]
    assert (best.title, best.source, best.language) == ("¿Tienen piscina?", "hotel.es.md", "es")
    assert best.score == pytest.approx(1.0)


def test_an_answer_comes_once_however_many_of_its_questions_fit() -> None:
    found = HOTEL.search("can we swim in the pool that you have", "en")
    assert [passage.text for passage in found].count("On the roof.") == 1


def test_at_most_as_many_as_asked_for_best_first() -> None:
    many = QuestionIndex([answer(f"Answer {number}.", f"question number {number}") for number in range(9)])
    found = many.search("question number 4", "en", limit=3)
    assert len(found) == len(many.search("question number 4", "en")) == 3
    assert found[0].text == "Answer 4."
    assert [passage.score for passage in found] == sorted((passage.score for passage in found), reverse=True)


TAXI = [answer("Ask at the desk.", "taxi"), answer("Pregunte en recepción.", "taxi", language="es")]


@pytest.mark.parametrize("index", [QuestionIndex(TAXI), QuestionIndex(TAXI[::-1])], ids=["in order", "reversed"])
@pytest.mark.parametrize(("language", "text"), [("en", "Ask at the desk."), ("es", "Pregunte en recepción.")])
def test_of_equally_similar_questions_the_one_in_the_language_wins(
    index: QuestionIndex, language: str, text: str
) -> None:
    assert [passage.text for passage in index.search("taxi", language, limit=1)] == [text]


def test_a_clearly_better_answer_in_another_language_comes_first() -> None:
    index = QuestionIndex(
        [answer("English.", "where is the pool"), answer("Español.", "where is the taxi", language="es")]
    )
    assert index.search("where is the taxi", "en", limit=1)[0].text == "Español."


def test_many_ways_to_ask_in_another_language_do_not_crowd_out_the_answer_in_this_one() -> None:
    crowd = [answer("Español.", *(f"taxi {number}" for number in range(50)), "taxi", language="es")]
    index = QuestionIndex([*crowd, answer("English.", "taxi")])
    assert index.search("taxi", "en", limit=1)[0].text == "English."


@pytest.mark.parametrize("asked", ["", "👍", "zzz"])
def test_nothing_in_common_is_no_passage(asked: str) -> None:
    assert HOTEL.search(asked, "en") == []


def test_without_knowledge_there_is_no_passage() -> None:
    assert QuestionIndex([]).search("do you have a pool", "en") == []
