"""What each channel makes of buttons, files and places, as the gateway carries them and as the hosted API does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from botkit.dialogue.carries import CARRIES, Carries, carried
from botkit.dialogue.channel import TYPES, Channel
from botkit.dialogue.contents import Content, File, Shown, contents
from botkit.dialogue.text import Choice, Location

HOSTED = "hosted"
IMAGE = File("image", "https://example.com/a.png")
MENU = File("document", "https://example.com/menu.pdf", "Our menu", "menu.pdf")
PLACE = Location(36.7196, -4.4132, "Hotel Miramar", "Calle del Mar 3")
MAP = "https://www.openstreetmap.org/?mlat=36.719600&mlon=-4.413200"
PLACE_DATA = {"latitude": 36.7196, "longitude": -4.4132, "name": "Hotel Miramar", "address": "Calle del Mar 3"}
WEB = Choice("site", {"en": "Our site"}, url="https://example.com")


def carries(channel: str) -> Carries:
    return Carries() if channel == HOSTED else CARRIES[channel]


def made(channel: str, words: str = "Where?", **shown: Any) -> list[Content]:
    return contents(Shown(words, **shown), carries(channel))


def choices(count: int, label: str = "Place") -> tuple[Choice, ...]:
    letters = "ABCDEFGHIJKLMN"
    return tuple(Choice(f"v{letters[n]}", {"en": f"{label} {letters[n]}"}) for n in range(count))


def data(count: int, label: str = "Place") -> list[dict[str, str]]:
    return [{"value": choice.value, "label": choice.label("en")} for choice in choices(count, label)]


def numbered(count: int, label: str = "Place") -> str:
    return "\n".join(["Where?", *(f"{n + 1}. {item['label']}" for n, item in enumerate(data(count, label)))])


BUTTONS, LIST, QUICK, TEXT = "buttons", "list", "quick_replies", "text"


@pytest.mark.parametrize(
    ("channel", "forms"),
    [
        ("whatsapp", {1: BUTTONS, 3: BUTTONS, 4: LIST, 10: LIST, 11: TEXT}),
        ("messenger", {1: BUTTONS, 3: BUTTONS, 4: QUICK, 13: QUICK, 14: TEXT}),
        ("instagram", {1: QUICK, 3: QUICK, 13: QUICK, 14: TEXT}),
        ("webchat", {1: BUTTONS, 3: BUTTONS, 4: LIST, 10: LIST, 11: TEXT}),
        (HOSTED, {1: TEXT, 3: TEXT, 4: TEXT, 14: TEXT}),
    ],
)
def test_the_number_of_buttons_decides_their_form(channel: str, forms: dict[int, str]) -> None:
    for count, form in forms.items():
        [content] = made(channel, choices=choices(count))
        if form == TEXT:
            assert content == Content(numbered(count))
        elif form == LIST:
            assert content == Content("Where?", {LIST: {"button": "Choose", "items": data(count)}})
        else:
            assert content == Content("Where?", {form: data(count)})


@pytest.mark.parametrize(
    ("channel", "label", "form"),
    [
        ("whatsapp", "x" * 18, BUTTONS),
        ("whatsapp", "x" * 19, LIST),
        ("whatsapp", "x" * 22, LIST),
        ("whatsapp", "x" * 23, TEXT),
        ("messenger", "x" * 18, BUTTONS),
        ("messenger", "x" * 19, TEXT),
        ("instagram", "x" * 18, QUICK),
        ("instagram", "x" * 19, TEXT),
        ("webchat", "x" * 58, BUTTONS),
        ("webchat", "x" * 59, TEXT),
    ],
)
def test_a_title_that_does_not_fit_leads_to_the_next_form(channel: str, label: str, form: str) -> None:
    [content] = made(channel, choices=choices(3, label))
    assert next(iter(content.shows), TEXT) == form


@pytest.mark.parametrize(
    ("channel", "form"),
    [("whatsapp", LIST), ("webchat", LIST), ("messenger", TEXT), ("instagram", TEXT), (HOSTED, TEXT)],
)
def test_a_description_is_never_lost(channel: str, form: str) -> None:
    [content] = made(channel, choices=(Choice("bar", {"en": "Bar"}, {"en": "with high stools"}),))
    if form == TEXT:
        assert content == Content("Where?\n1. Bar: with high stools")
    else:
        items = [{"value": "bar", "label": "Bar", "description": "with high stools"}]
        assert content == Content("Where?", {LIST: {"button": "Choose", "items": items}})


def test_buttons_of_the_same_name_are_told_by_their_number() -> None:
    alike = (Choice("one", {"en": "Bar"}), Choice("two", {"en": "Bar"}))
    assert made("whatsapp", choices=alike) == [Content("Where?\n1. Bar\n2. Bar")]


@pytest.mark.parametrize("channel", ["whatsapp", "messenger", "instagram"])
def test_words_too_long_for_buttons_go_before_them(channel: str) -> None:
    sentence = "The order has left our house. "
    *before, last = made(channel, sentence * 200, choices=choices(2))
    assert before
    assert all(not content.shows for content in before)
    assert last.shows == {next(iter(last.shows)): data(2)}
    assert "".join(" ".join(content.text for content in (*before, last)).split()) == "".join((sentence * 200).split())


@pytest.mark.parametrize("channel", ["whatsapp", "messenger", "instagram", HOSTED])
def test_a_button_that_opens_an_address_is_a_link(channel: str) -> None:
    [content] = made(channel, choices=(WEB,))
    assert content == Content("Where?\nOur site: https://example.com")
    [content] = made(channel, choices=(*choices(1), WEB))
    assert content.text.startswith("Where?\nOur site: https://example.com")


def test_a_web_chat_has_buttons_that_open_an_address() -> None:
    [content] = made("webchat", choices=(*choices(1), WEB))
    shown = {"value": "site", "label": "Our site", "url": "https://example.com"}
    assert content == Content("Where?", {BUTTONS: [*data(1), shown]})


def test_a_web_chat_shows_the_rest_when_an_address_has_no_place_among_it() -> None:
    [content] = made("webchat", choices=(*choices(4), WEB))
    assert content == Content("Where?\nOur site: https://example.com", {LIST: {"button": "Choose", "items": data(4)}})


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("whatsapp", [Content("Where?", {"image": {"url": IMAGE.url}})]),
        ("webchat", [Content("Where?", {"image": {"url": IMAGE.url}})]),
        ("messenger", [Content(IMAGE.url, {"image": {"url": IMAGE.url}}), Content("Where?")]),
        ("instagram", [Content(IMAGE.url, {"image": {"url": IMAGE.url}}), Content("Where?")]),
        (HOSTED, [Content(f"Where?\n{IMAGE.url}")]),
    ],
)
def test_words_beside_a_file_are_its_caption_where_it_may_have_one(channel: str, expected: list[Content]) -> None:
    assert made(channel, files=(IMAGE,)) == expected


DOCUMENT = {"document": {"url": MENU.url, "filename": "menu.pdf"}}


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("whatsapp", [Content("Our menu", DOCUMENT), Content("Where?")]),
        ("webchat", [Content("Our menu", DOCUMENT), Content("Where?")]),
        ("messenger", [Content(MENU.url, DOCUMENT), Content("Our menu"), Content("Where?")]),
        ("instagram", [Content(f"Where?\nOur menu\n{MENU.url}")]),
        (HOSTED, [Content(f"Where?\nOur menu\n{MENU.url}")]),
    ],
)
def test_a_caption_stays_with_its_file(channel: str, expected: list[Content]) -> None:
    assert made(channel, files=(MENU,)) == expected


def test_a_voice_message_has_no_caption_on_whatsapp() -> None:
    voice = File("audio", "https://example.com/a.ogg")
    assert made("whatsapp", files=(voice,)) == [Content(voice.url, {"audio": {"url": voice.url}}), Content("Where?")]


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("whatsapp", [Content("Where?"), Content(f"Hotel Miramar, Calle del Mar 3\n{MAP}", {"location": PLACE_DATA})]),
        ("webchat", [Content("Where?"), Content(f"Hotel Miramar, Calle del Mar 3\n{MAP}", {"location": PLACE_DATA})]),
        ("messenger", [Content(f"Where?\nHotel Miramar, Calle del Mar 3\n{MAP}")]),
        ("instagram", [Content(f"Where?\nHotel Miramar, Calle del Mar 3\n{MAP}")]),
        (HOSTED, [Content(f"Where?\nHotel Miramar, Calle del Mar 3\n{MAP}")]),
    ],
)
def test_a_place_is_a_pin_or_a_link(channel: str, expected: list[Content]) -> None:
    assert made(channel, location=PLACE) == expected


def test_buttons_come_last() -> None:
    shown = made("whatsapp", files=(IMAGE,), location=PLACE, choices=choices(2))
    assert [next(iter(content.shows)) for content in shown] == ["image", "location", "buttons"]


@pytest.mark.parametrize("channel", [*TYPES, HOSTED])
def test_a_file_alone_needs_no_words(channel: str) -> None:
    [content] = made(channel, "", files=(IMAGE,))
    assert content.text == IMAGE.url


@pytest.mark.parametrize("channel", [*TYPES, HOSTED])
def test_where_nothing_is_said_nothing_is_shown(channel: str) -> None:
    assert made(channel, " \n", choices=choices(2)) == []


@pytest.mark.parametrize("kind", TYPES)
def test_a_channel_carries_what_it_says_it_does(kind: str) -> None:
    whole = CARRIES[kind]
    assert carried(Channel("id", kind, extensions=whole.extensions)) == whole
    assert carried(Channel("id", kind)) == replace(Carries(), text=whole.text)
    assert carried(Channel("id", kind, extensions=("image", "typing"))).extensions == ("image",)
