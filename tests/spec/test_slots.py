"""Mistakes in the slots of a bot file: where they are, what they are, and what to write instead."""

from __future__ import annotations

import sys

import pytest

from botkit.dialogue.text import Choice
from tests.spec.written import Desk

HEAD = "bot: sample\nchannels: [webchat]\n"
TWO = "bot: sample\nchannels: [webchat]\nlanguages: [en, es]\n"
DIGITS = "Write it in digits."
LEAVE = "Leave it out."
FOR_HOW_LONG = "This must be true, false or a length of time, not 'sometimes'."
JINJA = "Check the braces and the words between them."
BRACED_TODAY = 'An expression stands here in braces and quotes: "{{ today }}".'
ONLY_VALUE = "It is the new value in `validate`, `invalid` and `on_correct`."


@pytest.mark.parametrize(
    ("slot", "column", "message", "remedy"),
    [
        (
            "{type: integer, pattern: x}",
            28,
            "A slot of type integer has no pattern.",
            "Use min and max, or type: text.",
        ),
        ("{type: email, pattern: x}", 26, "A slot of type email has no pattern.", "Leave it out, or write type: text."),
        ("{type: email, min: 3}", 26, "A slot of type email has no min.", LEAVE),
        ("{type: boolean, min: 0}", 28, "A slot of type boolean has no min.", LEAVE),
        ("{type: choice, choices: [a], max: 3}", 41, "A slot of type choice has no max.", LEAVE),
        ("{type: money, min: cheap}", 31, "This must be a number, not 'cheap'.", DIGITS),
        ("{type: integer, min: today}", 33, "This must be a number, not 'today'.", DIGITS),
        ("{type: integer, min: true}", 33, "This must be a number, not true.", DIGITS),
        (
            "{min: [1]}",
            18,
            "This must be a text, not a list.",
            "Write a text, in quotes if it looks like something else.",
        ),
        ("{type: date, min: soon}", 30, "'soon' is no date.", "Write it as in 2026-12-24, today or 60d."),
        ("{type: date, max: 2026-02-30}", 30, "'2026-02-30' is no date.", "Write it as in 2026-12-24, today or 60d."),
        ("{type: date, min: 3}", 30, "3 is no date.", "Write it as in 2026-12-24, today or 60d."),
        ("{type: time, min: '7 pm'}", 30, "'7 pm' is no time.", "Write it as in 19:00 or now."),
        ("{type: time, max: today}", 30, "'today' is no time.", "Write it as in 19:00 or now."),
        ("{type: datetime, min: later}", 34, "'later' is no datetime.", "Write it as in 2026-12-24 19:00, now or 3h."),
        ("{type: duration, max: 90}", 34, "90 is no duration.", "Write it as in 30m, 2h or 3d."),
        ("{type: integer, min: 5, max: 1}", 33, "min 5 is above max 1.", "Exchange the two."),
        ("{type: date, min: 60d, max: today}", 30, "min 60d is above max today.", "Exchange the two."),
        ("{type: duration, min: 3h, max: 30m}", 34, "min 3h is above max 30m.", "Exchange the two."),
        ("{type: choice}", 9, "A choice needs something to choose from.", "Add choices: […]."),
        ("{type: choice, choices: null}", 9, "A choice needs something to choose from.", "Add choices: […]."),
        ("{choices: [a]}", 13, "A slot of type text has no choices.", "Write type: choice, or leave them out."),
        ("{type: choice, choices: []}", 36, "This is empty.", "Write something, or leave it out."),
        (
            "{type: choice, choices: [a, A]}",
            40,
            "'A' is what 'a' is called too.",
            "Call one of the two something else.",
        ),
        (
            "{type: choice, choices: {a: One, b: {label: Two, synonyms: [one]}}}",
            45,
            "'one' is what 'a' is called too.",
            "Call one of the two something else.",
        ),
        (
            "{type: choice, choices: ['!', b]}",
            37,
            "'!' has no letter and no digit to answer with.",
            "Give it a label of words.",
        ),
        (
            "{type: choice, choices: {a: {lable: One}}}",
            41,
            "'lable' is none of this bot's languages.",
            "Known here: en.",
        ),
        ("{type: choice, choices: {a: {de: Eins}}}", 41, "'de' is none of this bot's languages.", "Known here: en."),
        ("{type: choice, choices: {a: {synonyms: [x]}}}", 40, "The key 'label' is missing.", "Add label: …"),
        (
            "{type: choice, choices: {a: {label: One, colour: red}}}",
            53,
            "There is no key 'colour' here.",
            "Known here: description, if, label, synonyms, url.",
        ),
        (
            "{type: choice, choices: {a: '{{ vars.x }}'}}",
            40,
            "A label is plain text: contacts could not answer with what is computed.",
            "Write it without {{ }}.",
        ),
        (
            "{type: choice, choices: [red, blue], default: bleu}",
            58,
            "'bleu' is none of the choices.",
            "Did you mean 'blue'?",
        ),
        ("{type: integer, default: many}", 37, "The default 'many' is no integer.", DIGITS),
        ("{type: integer, default: 1.5}", 37, "The default 1.5 is no integer.", DIGITS),
        ("{type: date, default: tomorrow}", 34, "The default 'tomorrow' is no date.", "Write it as in 2026-12-24."),
        ("{type: date, default: today}", 34, "The default 'today' is no date.", BRACED_TODAY),
        ("{type: boolean, default: 'yes'}", 37, "The default 'yes' is no boolean.", "Write true or false."),
        ("{default: '{{ contact.nme }}'}", 34, "There is no 'nme' in 'contact'.", "Did you mean 'name'?"),
        (
            "{default: '{{ contact.name'}",
            22,
            "This is not Jinja: {{ is not closed.",
            "Write }} where it ends.",
        ),
        ("{validate: 'value >'}", 23, "This is not Jinja: something is missing at the end of this.", JINJA),
        ("{validate: valu}", 23, "There is no 'valu' here.", "Did you mean 'value'?"),
        ("{validate: '{{ value }}'}", 23, "An expression stands here without braces.", "Write: value"),
        ("{type: time, validate: value > '25:00'}", 44, "'25:00' is no time, as 'a' is.", "Write it as in '19:00'."),
        ("{type: time, invalid: '{{ value > 3 }}'}", 34, "3 is no time, as 'a' is.", "Write it as in '19:00'."),
        ("{ask: '{{ value }}'}", 22, "There is no 'value' here.", ONLY_VALUE),
        ("{optional: sometimes}", 23, "This must be true or false, not 'sometimes'.", "Write true or false."),
        ("{private: 1}", 22, "This must be true or false, not 1.", "Write true or false."),
        ("{type: media, default: x}", 26, "A slot of type media has no default.", "Leave it out."),
        ("{remember: sometimes}", 23, FOR_HOW_LONG, "Write it as in true or 7d."),
        ("{remember: 7x}", 23, "'7x' is no length of time.", "Write it as in 30s, 20m, 8h or 7d."),
        ("{type: datum}", 19, "'datum' is not known here.", "Did you mean 'date'?"),
    ],
)
def test_a_mistake_in_a_slot(desk: Desk, slot: str, column: int, message: str, remedy: str) -> None:
    assert desk.mistake(HEAD + f"slots: {{a: {slot}}}") == (3, column, message, remedy)


@pytest.mark.parametrize(
    ("country", "remedy"),
    [("es", "Did you mean 'ES'?"), ("Spain", "Write it as in ES."), ("ESP", "Write it as in ES.")],
)
def test_a_country_is_a_code(desk: Desk, country: str, remedy: str) -> None:
    found = (3, 10, f"'{country}' is no country code (ISO 3166).", remedy)
    assert desk.mistake(HEAD + f"country: {country}") == found


def test_an_extra_that_is_missing_is_named_with_the_command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "phonenumbers", raising=False)
    assert desk.mistake(HEAD + "country: ES\nslots: {a: {type: phone}}") == (
        4,
        19,
        "A slot of type phone needs the extra 'intl' of botkit, which is not installed.",
        "Run: pip install 'botkit[intl]'",
    )


def test_a_phone_without_a_country_may_not_be_meant(desk: Desk) -> None:
    message = "Without a country, only phone numbers that begin with + are understood."
    remedy = "Add country: … to the bot, as in country: ES."
    assert desk.warnings(HEAD + "slots: {a: {type: phone}}") == [(3, 9, message, remedy)]


def test_days_in_a_language_that_botkit_does_not_know(desk: Desk) -> None:
    found = desk.warnings("bot: sample\nchannels: [webchat]\nlanguages: [en, pl]\nslots: {a: {type: date}}")
    message = "botkit knows no days and times in 'pl': they are read in English and printed as stored."
    assert (3, 17, message, "It knows them in de, en, es, fr, it, nl, pt.") in found


def test_a_label_that_is_missing_in_a_language(desk: Desk) -> None:
    found = desk.warnings(TWO + "slots: {a: {type: choice, choices: {x: {en: One}, y: Two}}}")
    assert found == [(4, 37, "This label is missing in 'es'.", "Add es: …")]


def test_what_is_declared_is_what_the_bot_has(desk: Desk) -> None:
    slots = desk.load(
        TWO
        + """country: ES
slots:
  size: {type: choice, choices: [small, large], default: large}
  seat:
    type: choice
    choices: {in: {label: In, synonyms: [indoors], description: {en: warm, es: cálido}}, out: {en: Out, es: Fuera}}
  day: {type: date, min: today, max: 60d, remember: 7d}
  late: {type: time, min: 22:00, max: 02:00, default: 23:00}
  stay: {type: duration, min: 30m, default: 2h}
  count: {type: integer, min: 1, default: 2}
"""
    ).bot.slots
    assert slots["size"].choices == (Choice("small", {"en": "small"}), Choice("large", {"en": "large"}))
    assert slots["seat"].choices == (
        Choice("in", {"en": "In"}, {"en": "warm", "es": "cálido"}, {"en": ("indoors",)}),
        Choice("out", {"en": "Out", "es": "Fuera"}),
    )
    assert (slots["day"].min, slots["day"].max, slots["day"].remember) == ("today", "60d", 7 * 86400)
    assert [slots[name].default for name in ("size", "late", "stay", "count")] == ["large", "23:00", 7200, 2]


def test_what_has_a_default_cannot_be_skipped(desk: Desk) -> None:
    message = "Nobody is asked for a slot that has a default, so nobody can skip it."
    found = desk.warnings(HEAD + "slots: {a: {optional: true, default: x}}")
    assert found == [(3, 13, message, "Leave out one of the two.")]
    assert not desk.warnings(HEAD + "slots: {a: {optional: true, default: '{{ contact.name }}'}}")


def test_a_slot_may_have_a_condition_a_computed_default_and_be_optional_and_private(desk: Desk) -> None:
    slot = "{type: datetime, validate: hours.open_at(value), default: '{{ now }}', optional: true, private: true}"
    found = desk.load(f"{HEAD}slots: {{when: {slot}}}").bot.slots["when"]
    assert (found.validate, found.default, found.default_text) == ("hours.open_at(value)", None, "{{ now }}")
    assert found.optional
    assert found.private


def test_a_text_that_is_said_within_itself(desk: Desk) -> None:
    texts = "{a: 'x {{ texts.b }}', b: [y, '{{ texts.c }}'], c: {en: '{{ texts.a }}'}, d: '{{ texts.a }}'}"
    line, _, message, remedy = desk.mistake(HEAD + f"texts: {texts}")
    assert (line, remedy) == (3, "Leave it out of one of them.")
    assert message.startswith("The text ")
    assert message.endswith((": a, b, c, a.", ": b, c, a, b.", ": c, a, b, c."))
