"""Reserved words and built-in texts."""

from __future__ import annotations

import re

import pytest

from botkit.dialogue.bot import Intent
from botkit.dialogue.phrases import (
    BUILT_IN,
    CANCEL,
    HUMAN,
    NO,
    REPEAT,
    SKIP,
    START,
    STOP,
    YES,
    built_in,
    reserved,
    reserved_language,
)
from botkit.dialogue.reserved import RESERVED
from botkit.dialogue.words import words

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
        ("Yes, please!", ("en",), YES),
        ("claro que si", ("es",), YES),
        ("Nein danke", ("de",), NO),
        ("forget it", ("en",), CANCEL),
        ("Olvídalo", ("es",), CANCEL),
        ("laisse tomber", ("fr",), CANCEL),
        ("skip", ("it",), SKIP),
        ("omitir", ("es",), SKIP),
        ("say that again", ("en",), REPEAT),
        ("I want to talk to a person", ("en",), HUMAN),
        ("quiero hablar con alguien", ("es",), HUMAN),
        ("cancel my order", ("en",), None),
        ("no, five people", ("en",), None),
        ("a person of my family is ill", ("en",), None),
        ("baja", ("en",), None),
        ("please stop", ("en",), None),
        ("don't stop", ("en",), None),
        ("where is the bus stop", ("en",), None),
        ("", ("en",), None),
        ("👍🏽", ("en",), "yes"),
        ("human please", ("en",), "human"),
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


def test_no_reserved_word_has_two_meanings() -> None:
    meanings: dict[str, set[str]] = {}
    for name, by_language in RESERVED.items():
        assert set(by_language) == set(LANGUAGES)
        for listed in by_language.values():
            for word in listed.split(","):
                meanings.setdefault(" ".join(words(word)) or word.strip(), set()).add(name)
    assert "" not in meanings
    assert {word: names for word, names in meanings.items() if len(names) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_told_how_to_reach_a_person_can_do_so_with_that_word(language: str) -> None:
    (told,) = re.findall(r"[\"„«](?:\s)?(\w+)(?:\s)?[\"“»]", BUILT_IN["passed_on"][language])
    assert reserved(told, (language,)) == HUMAN


def test_an_intent_of_its_name_adds_words_to_a_reserved_one() -> None:
    intents = {"human": Intent("human", keywords={"en": ("front desk",), "es": ("recepción",)})}
    assert reserved("Front desk!", ("en",), intents) == HUMAN
    assert reserved("recepcion", ("en",), intents) == HUMAN
    assert reserved("is anybody at the front desk", ("en",), intents) is None
    assert reserved("", ("en",), {"human": Intent("human", keywords={"": ("",)})}) is None
