"""Texts: which wording somebody gets."""

from __future__ import annotations

from typing import Any

import pytest

from botkit.dialogue.contact import Contact
from botkit.dialogue.text import Choice, Media, Text, Variant, base_language, closest
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


def source(spoken: Text, language: str = "en", **others: Any) -> str | None:
    wording = spoken.choose(language, **others)
    return wording.source if wording else None


def test_who_has_no_language_here_gets_the_first() -> None:
    spoken = text(de="Hallo", en="Hello")
    assert [source(spoken, language) for language in ("en", "de", "fr", "")] == ["Hello", "Hallo", "Hallo", "Hallo"]


def test_no_variant_is_said_twice_running() -> None:
    greeting = text("Hi", "Hello", "Hey")
    last, said = None, []
    for turn in range(50):
        wording = greeting.choose("en", last, turn=turn)
        assert wording is not None
        assert wording.index != last
        said.append(wording.source)
        last = wording.index
    assert set(said) == {"Hi", "Hello", "Hey"}


def test_a_turn_that_is_thought_through_again_says_the_same() -> None:
    greeting = text("Hi", "Hello", "Hey")
    assert {source(greeting, turn=7) for _ in range(5)} == {source(greeting, turn=7)}
    assert len({source(greeting, turn=turn) for turn in range(50)}) == 3


def test_texts_of_other_names_take_other_turns() -> None:
    assert len({source(text("Hi", "Hello", name=f"text{number}"), turn=7) for number in range(50)}) == 2


def test_a_last_variant_that_is_no_longer_there_does_no_harm() -> None:
    assert source(text("Hi", "Hello"), last=7) in ("Hi", "Hello")
    assert source(text("Hi"), last=0) == "Hi"


OPEN = Variant({"en": ("We are open.",), "es": ("Está abierto.",)}, condition="hours.open")
CLOSED = Variant({"en": ("We are closed.",)})


@pytest.mark.parametrize(
    ("language", "open", "said"),
    [
        ("en", True, "We are open."),
        ("es", True, "Está abierto."),
        ("en", False, "We are closed."),
        ("es", False, "We are closed."),
    ],
)
@pytest.mark.parametrize("variants", [(OPEN, CLOSED), (CLOSED, OPEN)])
def test_what_is_true_goes_before_the_language_and_before_what_is_always_true(
    variants: tuple[Variant, ...],
    language: str,
    open: bool,  # noqa: A002, FBT001
    said: str,
) -> None:
    assert source(Text("hours", variants), language, holds=lambda _: open) == said


def test_where_no_condition_holds_nothing_is_said() -> None:
    assert Text("hours", (OPEN,)).choose("en", holds=lambda _: False) is None


def test_a_channel_with_words_of_its_own_has_only_these() -> None:
    spoken = Text("menu", (Variant({"en": ("Menu",), "es": ("Carta",)}),), {"instagram": (Variant({"en": ("Link",)}),)})
    assert [source(spoken, "es", channel=channel) for channel in ("instagram", "whatsapp", "")] == [
        "Link",
        "Carta",
        "Carta",
    ]


def test_what_has_no_words_is_for_every_language() -> None:
    pictured = Text("menu", (Variant(media=(Media("image", "https://example.com/a.png"),)),))
    wording = pictured.choose("es")
    assert wording is not None
    assert (wording.source, wording.language, wording.variant.media[0].kind) == ("", "es", "image")


def test_all_that_is_rendered_is_there_for_checks() -> None:
    assert list(text(en=["a", "b"], es="c").sources()) == ["a", "b", "c"]
    button = Choice("menu", {"en": "Menu"}, url="{{ vars.url }}", condition="vars.url")
    media = Media("image", "{{ vars.image }}", {"en": "{{ slots.dish }}"})
    whole = Text("menu", (OPEN,), {"webchat": (Variant(media=(media,), buttons=(button,)),)})
    assert list(whole.sources()) == [
        "{{ hours.open }}",
        "We are open.",
        "Está abierto.",
        "{{ vars.url }}",
        "{{ vars.image }}",
        "{{ slots.dish }}",
        "{{ vars.url }}",
    ]


@pytest.mark.parametrize(
    ("name", "first"), [("Sofia Martinez", "Sofia"), (" Sofia ", "Sofia"), ("Sofia", "Sofia"), ("", ""), ("  ", "")]
)
def test_a_first_name_is_the_first_word_of_a_name(name: str, first: str) -> None:
    assert Contact("channel", "id", name=name).first_name == first
