"""Reserved words and built-in texts."""

from __future__ import annotations

import pytest

from botkit.dialogue.phrases import BUILT_IN, START, STOP, built_in, reserved, reserved_language

LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pt")


@pytest.mark.parametrize(
    ("typed", "languages", "meant"),
    [
        ("STOP", ("en",), STOP),
        ("  stop!! ", ("en",), STOP),
        ("Stop.\n", ("en",), STOP),
        ("opt-out", ("en",), STOP),
        ("Opt  out", ("en",), STOP),
        ("Baja", ("es",), STOP),
        ("cancelar suscripcion", ("es",), STOP),
        ("désabonner", ("fr",), STOP),
        ("stop", ("es",), STOP),
        ("unsubscribe", ("ja",), STOP),
        ("baja", ("es_MX",), STOP),
        ("START", ("en",), START),
        ("alta", ("es",), START),
        ("retomar", ("pt",), START),
        ("baja", ("en",), None),
        ("please stop", ("en",), None),
        ("don't stop", ("en",), None),
        ("where is the bus stop", ("en",), None),
        ("", ("en",), None),
        ("👍", ("en",), None),
    ],
)
def test_a_reserved_word_is_the_whole_text_in_a_language_of_the_bot_or_english(
    typed: str, languages: tuple[str, ...], meant: str | None
) -> None:
    assert reserved(typed, languages) == meant


@pytest.mark.parametrize(
    ("typed", "language"), [("BAJA", "es"), ("unsubscribe", "en"), ("stop", None), ("hola", None), ("abmelden", None)]
)
def test_a_reserved_word_may_tell_the_language(typed: str, language: str | None) -> None:
    assert reserved_language(typed, ("en", "es")) == language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_text_speaks_every_language_that_botkit_knows(name: str, language: str) -> None:
    [source] = built_in(name, (language,)).sources()
    assert source == BUILT_IN[name][language]
    assert "{" not in source.replace("{{ value }}", "")


def test_a_built_in_text_has_the_bots_languages_and_no_other() -> None:
    assert list(built_in("fallback", ("es_MX", "ja", "de")).variants[0].words) == ["es_MX", "de"]


def test_a_bot_whose_languages_are_unknown_falls_back_to_english() -> None:
    assert list(built_in("fallback", ("ja",)).variants[0].words) == ["en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_told_how_to_come_back_can_come_back_with_that_word(language: str) -> None:
    words = BUILT_IN["stopped"][language].split()
    told = [word for word in words if word.isupper() and len(word) > 2]
    assert [reserved(word, (language,)) for word in told] == [START]
