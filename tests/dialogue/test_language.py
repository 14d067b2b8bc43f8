"""Which of a bot's languages a text is in, and which one it asks for."""

from __future__ import annotations

import pytest

from botkit.dialogue.language import asked_language, detect, is_small

ALL = ("de", "en", "es", "fr", "it", "nl", "pt")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wann kann ich bei Ihnen einchecken, bitte?", "de"),
        ("where is my order please", "en"),
        ("¿Dónde está mi pedido, por favor?", "es"),
        ("Où est ma commande, s'il vous plaît ?", "fr"),
        ("vorrei sapere quando arriva il mio ordine, grazie", "it"),
        ("waar is mijn bestelling, ik heb haar nog niet", "nl"),
        ("quando chega o meu pedido, obrigada", "pt"),
        ("DONDE ESTA MI PEDIDO", "es"),
    ],
)
def test_small_words_tell_the_language(text: str, language: str) -> None:
    assert detect(text, ALL) == language


@pytest.mark.parametrize("text", ["", "AB123456", "👍", "Miramar wifi", "12:30"])
def test_without_small_words_nobody_knows(text: str) -> None:
    assert detect(text, ALL) is None


def test_words_that_two_languages_share_do_not_tell() -> None:
    assert detect("no", ("en", "es")) is None
    assert detect("no gracias", ("en", "es")) == "es"


def test_a_bot_of_one_language_has_nothing_to_detect() -> None:
    assert detect("where is my order", ("en",)) is None


def test_only_the_bots_languages_count() -> None:
    assert detect("¿dónde está mi pedido?", ("en", "de")) is None


def test_a_language_without_known_words_never_wins() -> None:
    assert detect("where is my order", ("ja", "en")) == "en"
    assert detect("ください", ("ja", "en")) is None


def test_a_region_is_answered_as_it_is_declared() -> None:
    assert detect("¿dónde está mi pedido?", ("en_GB", "es_MX")) == "es_MX"


@pytest.mark.parametrize(("word", "small"), [("the", True), ("donde", True), ("fur", True), ("breakfast", False)])
def test_small_words_are_known_folded(word: str, *, small: bool) -> None:
    assert is_small(word) is small


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("English please", "en"),
        ("english", "en"),
        ("Do you speak English?", "en"),
        ("en español", "es"),
        ("¿Habla usted español?", "es"),
        ("puedes hablar en inglés por favor", "en"),
        ("auf Deutsch bitte", "de"),
        ("Can we switch to German?", "de"),
        ("Parlez-vous français ?", "fr"),
        ("s'il vous plaît en français", "fr"),
        ("Italiano?", "it"),
        ("parla italiano", "it"),
        ("kunnen we Nederlands praten", "nl"),
        ("você fala português", "pt"),
    ],
)
def test_a_language_is_asked_for_by_its_name(text: str, language: str) -> None:
    assert asked_language(text, ALL) == language
    assert asked_language(text, tuple(spoken for spoken in ALL if spoken != language)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the english breakfast",
        "I want an English book",
        "no english",
        "spanish or english",
        "please",
        "table for 4",
    ],
)
def test_what_is_about_something_else_asks_for_no_language(text: str) -> None:
    assert asked_language(text, ALL) is None


def test_a_language_is_asked_for_as_the_bot_calls_it() -> None:
    assert asked_language("en español", ("en", "es_MX")) == "es_MX"
