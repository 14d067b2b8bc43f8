"""Texts: which wording somebody gets."""

from __future__ import annotations

import pytest

from botkit.dialogue.contact import Contact
from botkit.dialogue.text import base_language, closest
from tests.given import text


@pytest.mark.parametrize(
    ("wanted", "declared", "chosen"),
    [
        ("es_MX", ("en_US", "es_ES", "es_MX"), "es_MX"),
        ("es-MX", ("en_US", "es_ES", "es_MX"), "es_MX"),
        ("es_MX", ("en", "es"), "es"),
        ("es_MX", ("es_AR", "es"), "es"),
        ("es_MX", ("en_US", "es_ES", "es_AR"), "es_ES"),
        ("es", ("en_US", "es_AR"), "es_AR"),
        ("fr", ("en", "es"), None),
        ("", ("en", "es"), None),
        ("e", ("en", "es"), None),
        ("en", (), None),
    ],
)
def test_a_language_is_itself_then_its_base_then_a_region_of_it(
    wanted: str, declared: tuple[str, ...], chosen: str | None
) -> None:
    assert closest(wanted, declared) == chosen


@pytest.mark.parametrize("language", ["es", "es_MX", "es-MX", "ES", "es_419"])
def test_the_base_of_a_language_leaves_out_region_and_case(language: str) -> None:
    assert base_language(language) == "es"


def test_who_has_no_language_here_gets_the_first() -> None:
    spoken = text(de="Hallo", en="Hello")
    assert [spoken.choose(language).source for language in ("en", "de", "fr", "")] == [
        "Hello",
        "Hallo",
        "Hallo",
        "Hallo",
    ]


def test_variants_take_turns_and_none_is_said_twice_running() -> None:
    greeting = text("Hi", "Hello", "Hey")
    said, last = [], None
    for _ in range(4):
        wording = greeting.choose("en", last)
        said.append(wording.source)
        last = wording.index
    assert said == ["Hi", "Hello", "Hey", "Hi"]


def test_a_last_variant_that_is_no_longer_there_does_no_harm() -> None:
    assert text("Hi", "Hello").choose("en", 7).source in ("Hi", "Hello")
    assert text("Hi").choose("en", 0).source == "Hi"


def test_every_wording_is_there_for_checks() -> None:
    assert list(text(en=["a", "b"], es="c").sources()) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("name", "first"), [("Sofia Martinez", "Sofia"), (" Sofia ", "Sofia"), ("Sofia", "Sofia"), ("", ""), ("  ", "")]
)
def test_a_first_name_is_the_first_word_of_a_name(name: str, first: str) -> None:
    assert Contact("channel", "id", name=name).first_name == first
