"""Words as people type them: cleaned at the door, folded for comparing."""

from __future__ import annotations

import pytest

from botkit.dialogue.words import clean, fold, words


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b", "a\ufffdb"),
        ("\ud83d", "\ufffd"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("👍🏽 ok\n\t", "👍🏽 ok\n\t"),
        ("", ""),
    ],
)
def test_what_no_database_can_hold_is_replaced_and_all_else_stays(typed: str, kept: str) -> None:
    assert clean(typed) == kept
    kept.encode()


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("WiFi", "wifi"),
        ("¿Cuándo?", "¿cuando?"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ﬁn", "fin"),
        ("\uff21\uff11", "a1"),
        ("cafe\u0301", "cafe"),
        ("İstanbul", "istanbul"),
        ("λόγος", "λογοσ"),
    ],
)
def test_case_and_accents_and_width_are_folded_away(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Where's my order, please?!", ["where", "s", "my", "order", "please"]),
        ("¡Hola!   ¿qué tal?", ["hola", "que", "tal"]),
        ("AB-123_4", ["ab", "123_4"]),
        ("line one\nline two", ["line", "one", "line", "two"]),
        ("👍 …", []),
        ("", []),
    ],
)
def test_words_come_in_order_without_punctuation(typed: str, expected: list[str]) -> None:
    assert words(typed) == expected
