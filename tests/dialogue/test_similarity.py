"""How alike two short texts are."""

from __future__ import annotations

import pytest

from botkit.dialogue.similarity import CHARACTERS, Index

QUESTIONS = ["when is breakfast", "where can I park", "is there a pool", "how far is the beach"]
THRESHOLD = 0.36
"""Of the recognizer and the responder that rely on it."""


def best(text: str) -> tuple[int, float]:
    match = Index(QUESTIONS).search(text, limit=1)[0]
    return match.position, round(match.score, 9)


@pytest.mark.parametrize("position", range(len(QUESTIONS)))
def test_the_same_words_are_wholly_alike(position: int) -> None:
    assert best(QUESTIONS[position]) == (position, 1.0)


def test_case_accents_and_punctuation_make_no_difference() -> None:
    assert best("¿WHÉN is breakfast?!") == (0, 1.0)


@pytest.mark.parametrize(
    ("typed", "position"),
    [("when is brekfast", 0), ("where can we parkk", 1), ("pools", 2), ("how far are the beaches", 3)],
)
def test_misspelt_and_inflected_words_still_meet(typed: str, position: int) -> None:
    found, score = best(typed)
    assert (found, score > THRESHOLD) == (position, True)


@pytest.mark.parametrize("typed", ["who won the match yesterday", "tell me a joke", "where is my passport office"])
def test_a_question_about_something_else_stays_below_the_threshold(typed: str) -> None:
    assert best(typed)[1] < THRESHOLD


def test_words_that_the_index_has_never_seen_count_against() -> None:
    assert best("when is breakfast")[1] > best("when is breakfast in the zoo of Hamburg")[1]


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("where is the pool", ["where is the garage", "the pool closes at ten"]),
        ("do you have a pool", ["do you have a parking", "pool"]),
        ("is there a pool", ["is there a garage", "heated pool"]),
    ],
)
def test_one_word_of_content_counts_more_than_all_the_small_words_around_it(typed: str, texts: list[str]) -> None:
    assert [match.position for match in Index(texts).search(typed)] == [1, 0]


def test_of_what_is_searched_for_only_the_beginning_counts() -> None:
    said = "when is breakfast ".ljust(CHARACTERS)
    assert best(said + "in the zoo of Hamburg " * 1000) == best(said) == (0, 1.0)


def test_what_is_repeated_counts_once() -> None:
    assert best("breakfast breakfast breakfast when is") == (0, 1.0)


def test_nothing_in_common_is_no_match_at_all() -> None:
    assert Index(["xyz"]).search("qqq") == []


@pytest.mark.parametrize("typed", ["", "👍", "   "])
def test_a_text_without_words_matches_nothing(typed: str) -> None:
    assert Index(QUESTIONS).search(typed) == []


def test_an_empty_index_finds_nothing() -> None:
    assert Index([]).search("anything") == []
    assert Index(["", "?"]).search("anything") == []


def test_equally_alike_texts_come_in_the_order_of_the_index_and_up_to_the_limit() -> None:
    found = Index(["late checkout"] * 5).search("late checkout", limit=3)
    assert [match.position for match in found] == [0, 1, 2]
    assert len(Index(["late checkout"] * 9).search("late checkout")) == 5
