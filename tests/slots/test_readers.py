"""Text → a typed value, or what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime
from time import perf_counter

import pytest

from botkit.dialogue.bot import Slot
from botkit.dialogue.plan import Filled, Refused
from botkit.dialogue.said import Said
from botkit.dialogue.text import Choice
from botkit.dialogue.values import Value
from botkit.slots.readers import PATTERN_CHARACTERS, PYTHON_TYPES, read_slot
from tests.given import START


def read(slot: Slot, text: str, *, asked: bool = True) -> Value:
    """The value, or the reason why there is none."""
    reading = read_slot(slot, said(text), asked)
    return reading.value if isinstance(reading, Filled) else reading.reason


NOW = datetime.fromtimestamp(START, UTC)


def said(text: str) -> Said:
    return Said(text, NOW)


ORDER = Slot("order_id", pattern="[A-Z]{2}[0-9]{6}")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("AB123456", "AB123456"),
        ("it is ab123456, thanks", "AB123456"),
        ("(AB123456)", "AB123456"),
        ("AB123456\nor CD123456", "AB123456"),
    ],
)
@pytest.mark.parametrize("asked", [True, False])
def test_a_pattern_is_found_as_whole_words_as_typed_or_in_upper_case(text: str, value: str, *, asked: bool) -> None:
    assert read(ORDER, text, asked=asked) == value


@pytest.mark.parametrize("text", ["", "no idea", "AB1234567", "XAB123456", "AB 123456", "AB12345_"])
def test_what_does_not_fit_the_pattern_is_refused(text: str) -> None:
    assert read_slot(ORDER, said(text), True) == Refused("does not fit the pattern")


def test_alternatives_of_a_pattern_are_whole_words_too() -> None:
    assert read(Slot("size", pattern="S|M|XL"), "an xl please") == "XL"
    assert read(Slot("size", pattern="S|M|XL"), "small") == "does not fit the pattern"


def test_bounds_hold_for_what_a_pattern_found() -> None:
    digits = Slot("code", pattern="[0-9]+", min=4, max=6)
    assert [read(digits, text) for text in ("123", "1234", "1234567")] == ["below 4", "1234", "above 6"]


def test_only_the_beginning_of_a_long_text_is_searched() -> None:
    assert read(ORDER, " " * (PATTERN_CHARACTERS - 8) + "AB123456") == "AB123456"
    assert read(ORDER, " " * PATTERN_CHARACTERS + "AB123456") == "does not fit the pattern"


def test_a_pattern_that_takes_too_long_is_a_refusal() -> None:
    assert read(Slot("slow", pattern=r"(a|aa|b?a)+[^a]\1"), "a" * PATTERN_CHARACTERS) == "does not fit the pattern"


NAME = Slot("name")


def test_a_free_text_is_taken_whole_when_asked_for() -> None:
    assert read(NAME, "  Sofia\nMartinez ") == "Sofia\nMartinez"


@pytest.mark.parametrize(("text", "asked"), [("Sofia", False), ("", True), (" \n", True)])
def test_a_free_text_is_not_taken_in_passing_nor_when_it_is_blank(text: str, *, asked: bool) -> None:
    assert isinstance(read_slot(NAME, said(text), asked), Refused)


def test_the_bounds_of_a_text_are_its_length() -> None:
    short = Slot("name", min=2, max=5)
    assert [read(short, text) for text in ("S", "So", " Sofia ", "Sofia M")] == ["below 2", "So", "Sofia", "above 5"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3.0),
        ("it is 3.", 3.0),
        ("about 2.5 kg", 2.5),
        ("2,5", 2.5),
        ("-4", -4.0),
        ("€12", 12.0),
        ("12€", 12.0),
        ("0.125", 0.125),
        ("0,125", 0.125),
        ("1.234.567", 1234567.0),
        ("1,234,567", 1234567.0),
        ("+30", 30.0),
        ("007", 7.0),
    ],
)
@pytest.mark.parametrize("asked", [True, False])
def test_a_number_is_found_with_either_decimal_sign(text: str, value: float, *, asked: bool) -> None:
    assert read(Slot("weight", "number"), text, asked=asked) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no number"),
        ("many", "no number"),
        ("AB12", "no number"),
        ("12h", "no number"),
        ("1.2.3", "no number"),
        ("1,234.56", "no number"),
        ("12:30", "more than one number"),
        ("2 or 3", "more than one number"),
        ("2-3", "more than one number"),
        ("9" * 16, "no number"),
    ],
)
@pytest.mark.parametrize("type", ["number", "integer"])
def test_what_is_no_one_number_is_refused(type: str, text: str, reason: str) -> None:
    assert read_slot(Slot("n", type), said(text), True) == Refused(reason)


@pytest.mark.parametrize("text", ["1,000", "1.000", "3.500"])
def test_a_thousand_is_never_silently_read_as_one(text: str) -> None:
    thousand = int(text.replace(",", "").replace(".", ""))
    assert read(Slot("n", "integer"), text) == thousand
    assert read(Slot("n", "number"), text) == "a number that can be read in two ways"


def test_bounds_settle_what_can_be_read_in_two_ways() -> None:
    assert read(Slot("n", "number", max=10), "1,250") == 1.25
    assert read(Slot("n", "number", min=10), "1,250") == 1250.0
    assert read(Slot("n", "number", min=5000), "1,250") == "below 5000"


def test_an_integer_is_an_int() -> None:
    value = read(Slot("n", "integer"), "3,0")
    assert (value, type(value)) == (3, int)
    assert read(Slot("n", "integer"), "2.5") == "not a whole number"


@pytest.mark.parametrize("type", ["number", "integer"])
@pytest.mark.parametrize(
    ("text", "value"), [("0", "below 1"), ("1", 1), ("12", 12), ("13", "above 12"), ("-3", "below 1")]
)
def test_bounds_belong_to_what_they_allow(type: str, text: str, value: Value) -> None:
    assert read(Slot("n", type, min=1, max=12), text) == value


def test_every_whole_number_that_can_be_read_can_be_stored() -> None:
    assert read(Slot("n", "integer"), "999.999.999.999.999") == 10**15 - 1
    assert read(Slot("n", "integer"), "999.999.999.999.999.999.999") == "no number"


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "YES!",
        "yep",
        "ok, fine",
        "sí",
        "claro que sí",
        "ja bitte",
        "d'accord",
        "D\u2019accord",
        "oui",
        "sim",
        "1",
    ],
)
def test_yes_is_known_in_every_language(text: str) -> None:
    assert read(Slot("gift", "boolean"), text) is True


@pytest.mark.parametrize("text", ["no", "No!", "nope", "nein danke", "non", "nee", "não", "false", "0", "no, not now"])
def test_no_is_known_in_every_language(text: str) -> None:
    assert read(Slot("gift", "boolean"), text) is False


@pytest.mark.parametrize("text", ["", "maybe", "yes and no", "not sure", "nicht ok", "pas d'accord", "not", "10"])
def test_what_is_neither_yes_nor_no_is_refused(text: str) -> None:
    assert read(Slot("gift", "boolean"), text) == "neither yes nor no"


def test_a_yes_in_passing_answers_no_question() -> None:
    assert read(Slot("gift", "boolean"), "yes", asked=False) == "neither yes nor no"


@pytest.mark.parametrize(("type", "text"), [("text", "x"), ("integer", "1"), ("number", "1"), ("boolean", "yes")])
def test_a_handler_is_given_the_python_type_that_is_promised(type: str, text: str) -> None:
    assert type in PYTHON_TYPES
    assert isinstance(read(Slot("s", type), text), PYTHON_TYPES[type])


@pytest.mark.parametrize("type", sorted(set(PYTHON_TYPES) - {"choice"}))
@pytest.mark.parametrize("words", ["a", "1.", "a@", "1 1 1 ", "https://", "a.", "x.a@b.", "8 and 9 at 3pm ", "1,"])
def test_no_message_is_too_long_to_be_read_at_once(type: str, words: str) -> None:
    began = perf_counter()
    read_slot(Slot("s", type), said(words * 2000), True)
    assert perf_counter() - began < 0.5


@pytest.mark.parametrize(
    ("slot", "text"),
    [
        (Slot("day", "date"), "12"),
        (Slot("hour", "time"), "8"),
        (Slot("party", "integer"), "una mesa a las ocho"),
        (Slot("site", "url"), "see example.com"),
        (Slot("seat", "choice", choices=(Choice("in", {"en": "Inside"}), Choice("out", {"en": "Outside"}))), "2"),
        (Slot("price", "money"), "25"),
    ],
)
def test_what_only_an_answer_means_is_not_found_in_passing(slot: Slot, text: str) -> None:
    assert isinstance(read_slot(slot, Said(text, NOW, ("es", "en"), "ES"), False), Refused)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("table for two at eight pm", "20:00"),
        ("at eight pm for two", "20:00"),
        ("table for two, half past eight pm", "20:30"),
        ("for five people at eight pm", "20:00"),
        ("eight thirty in the evening", "20:30"),
        ("una mesa para dos a las 20:00", "20:00"),
        ("table for two eight pm", "a time with more to it"),
        ("no, five people", "no time"),
        ("by five people", "no time"),
        ("at five persons", "no time"),
        ("las cinco personas", "no time"),
        ("las 5 personas", "no time"),
    ],
)
def test_a_time_in_passing_is_apart_from_who_comes(text: str, value: str) -> None:
    reading = read_slot(Slot("hour", "time"), Said(text, NOW, ("en", "es")), False)
    assert (reading.value if isinstance(reading, Filled) else reading.reason) == value


@pytest.mark.parametrize("text", ["no, five people", "by five people", "tomorrow, we are five", "somos cinco mañana"])
@pytest.mark.parametrize("asked", [True, False])
def test_people_are_no_moment(text: str, *, asked: bool) -> None:
    reading = read_slot(Slot("at", "datetime"), Said(text, NOW, ("en", "es")), asked)
    assert isinstance(reading, Refused)
    assert not reading.means


TUESDAY = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("slot", "text", "means"),
    [
        (Slot("at", "datetime", max="10h"), "taxi tomorrow at 7", ()),
        (Slot("at", "datetime", min="2d"), "taxi tomorrow at 7", ()),
        (Slot("at", "datetime", max="1d"), "taxi tomorrow at 7", "2026-12-02T07:00+00:00"),
        (Slot("at", "datetime", max="1d"), "sunday at 10", ()),
        (Slot("at", "datetime", min="now", max="8h"), "today at 7", ()),
        (Slot("at", "datetime", max="now"), "at 11", ()),
        (Slot("at", "datetime"), "sunday at 10", ("2026-12-06T10:00+00:00", "2026-12-06T22:00+00:00")),
    ],
)
def test_bounds_hold_for_all_that_a_moment_may_mean(slot: Slot, text: str, means: tuple[str, ...] | str) -> None:
    reading = read_slot(slot, Said(text, TUESDAY, ("en",)), True)
    if isinstance(reading, Filled):
        assert reading.value == means
    else:
        assert (reading.means, reading.is_outside) == (means, not means)
