"""What a bot says: the forms in which it is written, what is wrong with one, and what each channel makes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from botkit.dialogue.channel import TYPES
from botkit.dialogue.text import Choice, Location, Media, Text, Variant
from botkit.spec.texts import PARTS
from botkit.spec.words import LANGUAGE
from tests.spec.written import Desk

TOP = """\
bot: sample
scope: Samples
languages: [en, es]
channels: [whatsapp, instagram, messenger, webchat]
window: {template: come_back}
templates: {come_back: {text: {en: Come back.}}}
intents: {menu: {keywords: [menu]}, terrace: {keywords: [terrace], reply: Outside.}}
texts:
  said:
"""


def source(*lines: str) -> str:
    return TOP + "\n".join(f"    {line}" for line in lines)


def said(desk: Desk, *lines: str) -> Text:
    return desk.load(source(*lines)).bot.texts["said"]


def only(desk: Desk, *lines: str) -> Variant:
    (variant,) = said(desk, *lines).variants
    return variant


def test_no_part_of_a_text_can_be_taken_for_a_language_or_a_channel() -> None:
    assert PARTS == ("text", "image", "audio", "video", "document", "location", "buttons", "template")
    assert not any(re.fullmatch(LANGUAGE, key) for key in (*PARTS, *TYPES))
    assert not set(PARTS) & set(TYPES)


# ─── what is written ───


def test_variants_may_have_conditions_languages_and_parts(desk: Desk) -> None:
    text = said(
        desk, "- {if: hours.open, en: Open., es: Abierto.}", "- {en: [Closed., Not now.], es: Cerrado.}", "- No."
    )
    assert text == Text(
        "texts.said",
        (
            Variant({"en": ("Open.",), "es": ("Abierto.",)}, "hours.open"),
            Variant({"en": ("Closed.", "Not now."), "es": ("Cerrado.",)}),
            Variant({"en": ("No.",)}),
        ),
    )


def test_a_list_of_wordings_is_one_variant(desk: Desk) -> None:
    assert only(desk, "[Hi, Hello]") == Variant({"en": ("Hi", "Hello")})


def test_the_bots_first_language_is_for_those_whose_own_is_missing_wherever_it_is_written(desk: Desk) -> None:
    assert list(only(desk, "{es: Hola, en: Hi}").words) == ["en", "es"]


def test_buttons_have_labels_and_all_that_belongs_to_them(desk: Desk) -> None:
    variant = only(
        desk,
        "text: Where?",
        "buttons:",
        "  menu: Menu",
        "  terrace:",
        "    label: {en: Terrace, es: Terraza}",
        "    description: {en: Outside, es: Fuera}",
        "    synonyms: {en: [balcony], es: [balcón]}",
        "    if: hours.open",
        '  site: {label: Our site, url: "https://example.com/{{ contact.language }}"}',
    )
    assert variant.buttons == (
        Choice("menu", {"en": "Menu"}),
        Choice(
            "terrace",
            {"en": "Terrace", "es": "Terraza"},
            {"en": "Outside", "es": "Fuera"},
            {"en": ("balcony",), "es": ("balcón",)},
            condition="hours.open",
        ),
        Choice("site", {"en": "Our site"}, url="https://example.com/{{ contact.language }}"),
    )


def test_files_and_places_stand_beside_the_words(desk: Desk) -> None:
    variant = only(
        desk,
        "en: Here.",
        "es: Aquí.",
        "image: https://example.com/a.png",
        "document: {url: https://example.com/a.pdf, caption: {en: Menu, es: Carta}, filename: menu.pdf}",
        "location: {latitude: 36.7196, longitude: -4.4132, name: Hotel, address: Calle 3}",
    )
    assert variant == Variant(
        {"en": ("Here.",), "es": ("Aquí.",)},
        media=(
            Media("image", "https://example.com/a.png"),
            Media("document", "https://example.com/a.pdf", {"en": "Menu", "es": "Carta"}, "menu.pdf"),
        ),
        location=Location(36.7196, -4.4132, "Hotel", "Calle 3"),
    )


IMAGE = Media("image", "https://example.com/a.png")
MENU = (Choice("menu", {"en": "Menu"}),)


@pytest.mark.parametrize(
    ("own", "variants"),
    [
        ("Other.", (Variant({"en": ("Other.",)}, media=(IMAGE,), buttons=MENU, template="come_back"),)),
        (
            "[Other., More.]",
            (Variant({"en": ("Other.", "More.")}, media=(IMAGE,), buttons=MENU, template="come_back"),),
        ),
        ("{es: Otro.}", (Variant({"es": ("Otro.",)}, media=(IMAGE,), buttons=MENU, template="come_back"),)),
        ("{image: null}", (Variant({"en": ("Hi",)}, buttons=MENU, template="come_back"),)),
        ("{buttons: null, template: null}", (Variant({"en": ("Hi",)}, media=(IMAGE,)),)),
        ("{text: null, buttons: null}", (Variant({}, media=(IMAGE,), template="come_back"),)),
        (
            "{image: https://example.com/b.png}",
            (
                Variant(
                    {"en": ("Hi",)},
                    media=(Media("image", "https://example.com/b.png"),),
                    buttons=MENU,
                    template="come_back",
                ),
            ),
        ),
        (
            "[{if: hours.open, text: Open.}, Closed.]",
            (
                Variant({"en": ("Open.",)}, "hours.open", (IMAGE,), None, MENU, "come_back"),
                Variant({"en": ("Closed.",)}, "", (IMAGE,), None, MENU, "come_back"),
            ),
        ),
    ],
)
def test_a_channel_may_differ_in_any_part_and_keeps_the_rest(
    desk: Desk, own: str, variants: tuple[Variant, ...]
) -> None:
    text = said(
        desk,
        "text: Hi",
        "image: https://example.com/a.png",
        "buttons: {menu: Menu}",
        "template: come_back",
        f"whatsapp: {own}",
    )
    assert text.channels == {"whatsapp": variants}
    assert text.variants == (Variant({"en": ("Hi",)}, media=(IMAGE,), buttons=MENU, template="come_back"),)


def test_the_condition_of_a_variant_holds_on_its_channels_too(desk: Desk) -> None:
    text = said(desk, "- {if: hours.open, text: Open., whatsapp: {if: slots, text: Here.}}", "- Closed.")
    assert [variant.condition for variant in text.channels["whatsapp"]] == ["(hours.open) and (slots)", ""]


# ─── what is wrong with it ───

ROW = TOP.count("\n") + 1
NO_PART = "'%s' is none of this bot's languages and no part of a text."
LABEL = "A label is plain text: contacts could not answer with what is computed."


@pytest.mark.parametrize(
    ("lines", "place", "message", "remedy"),
    [
        (("{text: Hi, imgae: https://x}",), (0, 16), "There is no key 'imgae' here.", "Did you mean 'image'?"),
        (("{en: Hi, es: Hola, imgae: https://x}",), (0, 24), NO_PART % "imgae", "Did you mean 'image'?"),
        (("{en: Hi, whatsap: Hi}",), (0, 14), NO_PART % "whatsap", "Did you mean 'whatsapp'?"),
        (
            ("{text: Hi, image: {url: https://x, urls: y}}",),
            (0, 40),
            "There is no key 'urls' here.",
            "Did you mean 'url'?",
        ),
        (("{text: Hi, image: [https://x]}",), (0, 23), "This must be a text, not a list.", None),
        (("{text: Hi, image: {url: https://x, filename: a}}",), (0, 40), "There is no key 'filename' here.", None),
        (("{text: Hi, location: {latitude: 91, longitude: 0}}",), (0, 37), "91 is too much.", "Write 90 or less."),
        (("{text: Hi, location: {latitude: 9}}",), (0, 26), "The key 'longitude' is missing.", "Add longitude: …"),
        (("{buttons: {menu: Menu}}",), (0, 5), "Buttons need words above them.", "Add text: …"),
        (("{text: Hi, buttons: {}}",), (0, 25), "This is empty.", None),
        (
            ("{text: Hi, buttons: {menu: {descripton: x, label: y}}}",),
            (0, 33),
            "There is no key 'descripton' here.",
            None,
        ),
        (
            ("{text: Hi, buttons: {menue: Menu}}",),
            (0, 26),
            "The button 'menue' names no intent and no flow of this bot.",
            "Did you mean 'menu'?",
        ),
        (("{text: Hi, buttons: {menu: '{{ slots }}'}}",), (0, 32), LABEL, "Write it without {{ }}."),
        (("{text: Hi, buttons: {menu: {fr: Carte}}}",), (0, 33), "'fr' is none of this bot's languages.", None),
        (("{text: Hi, buttons: {menu: {label: M, if: slots.x}}}",), (0, 53), "There is no 'x' in 'slots'.", None),
        (("{text: Hi, buttons: {a: {label: M, url: '{{ x }}'}}}",), (0, 49), "There is no 'x' here.", None),
        (("{text: Hi, image: '{{ x }}'}",), (0, 27), "There is no 'x' here.", None),
        (("- {if: nope, text: Hi}", "- Hello"), (0, 12), "There is no 'nope' here.", None),
        (("{text: Hi, whatsapp: {text: '{{ nope }}'}}",), (0, 37), "There is no 'nope' here.", None),
        (("{text: Hi, whatsapp: {whatsapp: Hi}}",), (0, 27), NO_PART % "whatsapp", None),
        (("{text: Hi, template: nope}",), (0, 26), "There is no template 'nope'.", None),
        (("{text: Hi, whatsapp: {template: nope}}",), (0, 37), "There is no template 'nope'.", None),
    ],
)
def test_a_mistake_in_a_text(
    desk: Desk, lines: tuple[str, ...], place: tuple[int, int], message: str, remedy: str | None
) -> None:
    line, column, found, advice = desk.mistake(source(*lines))
    assert (line - ROW, column, found) == (*place, message)
    assert remedy in (None, advice)


def test_a_channel_that_the_bot_is_not_on_has_no_words_of_its_own(desk: Desk) -> None:
    written = "bot: sample\nchannels: [webchat]\nfallback: {text: Hi, whatsapp: Ho}"
    assert desk.mistake(written)[2:] == ("'whatsapp' is none of this bot's channels.", "Known here: webchat.")


@pytest.mark.parametrize("place", ["slots: {size: {ask: %s}}", "flows: {f: {steps: [{confirm: %s, else: {end: no}}]}}"])
def test_the_buttons_of_a_question_are_answers(desk: Desk, place: str) -> None:
    desk.load("bot: sample\nchannels: [webchat]\n" + place % "{text: Which?, buttons: {small: Small, large: Large}}")


@pytest.mark.parametrize("name", ["human", "cancel", "yes"])
def test_a_button_may_stand_for_what_every_bot_understands(desk: Desk, name: str) -> None:
    assert only(desk, f"{{text: Hi, buttons: {{'{name}': Label}}}}").buttons[0].value == name


# ─── what each channel makes of it ───

LINK = "It will be a link in the text."


@pytest.mark.parametrize(
    ("lines", "place", "message", "remedy"),
    [
        (
            ("{text: Hi, buttons: {menu: The menu of this long week}}",),
            (0, 26),
            "The title 'The menu of this long week' is 26 characters, whatsapp, instagram and messenger show 20.",
            "It will become a numbered list.",
        ),
        (
            ("{text: Hi, buttons: {menu: The menu of this week.}}",),
            (0, 26),
            "The title 'The menu of this week.' is 22 characters, whatsapp shows 20.",
            "It will become a list.",
        ),
        (
            ("{text: Hi, buttons: {human: A, cancel: B, menu: C, terrace: D}}",),
            (0, 16),
            "These are 4, whatsapp and webchat show 3 as buttons.",
            "They will become a list.",
        ),
        (
            ("{text: Hi, buttons: {menu: {label: Menu, description: Of today}}}",),
            (0, 26),
            "instagram and messenger show no descriptions.",
            "They will become a numbered list.",
        ),
        (
            ("{text: Hi, buttons: {site: {label: Site, url: https://x}}}",),
            (0, 46),
            "whatsapp, instagram and messenger show no button that opens an address.",
            LINK,
        ),
        (
            ("{text: Hi, document: https://x/a.pdf}",),
            (0, 16),
            "instagram shows no document.",
            "Its address will be shown.",
        ),
        (
            ("{text: Hi, location: {latitude: 1, longitude: 2}}",),
            (0, 16),
            "instagram and messenger show no location.",
            "Its name and a link to a map will be shown.",
        ),
        (
            ("{whatsapp: Hi, instagram: Hi, messenger: Hi}",),
            (-1, 3),
            "Of this text, webchat shows nothing.",
            "Write text: … beside the channels.",
        ),
        (
            ("{text: Hi, buttons: {menu: One, terrace: One}}",),
            (0, 16),
            "Two of these have the same title, of which whatsapp, instagram, messenger and webchat show one.",
            "They will become a numbered list.",
        ),
    ],
)
def test_what_is_shown_otherwise_is_told(
    desk: Desk, lines: tuple[str, ...], place: tuple[int, int], message: str, remedy: str
) -> None:
    found = {(line - ROW, column, words): advice for line, column, words, advice in desk.warnings(source(*lines))}
    assert found.get((*place, message)) == remedy, found


@pytest.mark.parametrize(
    ("length", "said_of"),
    [
        (900, {}),
        (1001, {"instagram": ("1001 bytes", "1000 at once")}),
        (2001, {"instagram": ("2001 bytes", "1000 at once"), "messenger": ("2001 characters", "2000 at once")}),
    ],
)
def test_a_text_that_goes_out_in_parts_is_told(desk: Desk, length: int, said_of: Mapping[str, tuple[str, str]]) -> None:
    found = [words for _, _, words, _ in desk.warnings(source("x" * length)) if words.startswith("This text is ")]
    assert found == [f"This text is {size}, {channel} shows {shown}." for channel, (size, shown) in said_of.items()]


def test_words_above_buttons_may_be_shorter(desk: Desk) -> None:
    found = desk.warnings(source(f"{{text: {'x' * 1025}, buttons: {{menu: Menu}}}}"))
    assert "This text is 1025 characters, whatsapp shows 1024 above buttons." in [words for _, _, words, _ in found]


def test_the_choices_of_a_slot_are_looked_at_like_buttons(desk: Desk) -> None:
    written = """\
    bot: sample
    channels: [webchat]
    slots:
      seat: {type: choice, ask: Where?, choices: {a: A, b: B, c: C, d: D}}
    """
    assert desk.warnings(written)[-1][2:] == ("These are 4, webchat shows 3 as buttons.", "They will become a list.")


@pytest.mark.parametrize(
    "lines",
    [
        ("{text: Hi, buttons: {menu: Menu, terrace: Terrace}}",),
        ("{text: Hi, document: https://x/a.pdf, instagram: {document: null}}",),
        ("{text: Hi, image: https://x/a.png}",),
        ("{text: Hi, buttons: {menu: {label: Menu, if: hours.open}}}",),
    ],
)
def test_what_every_channel_shows_is_no_word_worth(desk: Desk, lines: Any) -> None:
    assert [words for _, _, words, _ in desk.warnings(source(*lines)) if "show" in words] == []


@pytest.mark.parametrize(
    ("lines", "what"), [(("{en: Hi}",), "text"), (("{text: Hi, buttons: {menu: {en: Menu}}}",), "label")]
)
def test_a_missing_translation_is_told(desk: Desk, lines: tuple[str, ...], what: str) -> None:
    assert f"This {what} is missing in 'es'." in [words for _, _, words, _ in desk.warnings(source(*lines))]
