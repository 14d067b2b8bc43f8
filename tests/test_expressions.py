"""Expressions: slots compare and add up as what they are, an empty one is never an error, and mistakes are found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from botkit.checking import check, check_expression, typed_names
from botkit.dialogue.bot import Bot, Slot
from botkit.dialogue.comparing import fitted
from botkit.dialogue.names import KNOWN as EVERYWHERE
from botkit.dialogue.names import STEPS, names, value
from botkit.dialogue.state import State
from botkit.dialogue.text import Choice, Text, Variant
from botkit.dialogue.values import Value, as_stored
from botkit.errors import PromptError
from botkit.prompts import evaluate, holds, render_text, value_of
from tests.given import bot, message, text, turn

MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 12, 1, 10, 0, tzinfo=MADRID)
SEATS = (Choice("terrace", {"en": "Terrace", "es": "Terraza"}), Choice("bar", {"en": "Bar"}))
TYPES = {
    "party": "integer",
    "weight": "number",
    "room": "text",
    "note": "text",
    "when": "datetime",
    "day": "date",
    "time": "time",
    "checkout": "time",
    "gift": "boolean",
    "price": "money",
    "tip": "money",
    "fare": "money",
    "stay": "duration",
    "items": "integer",
    "photo": "media",
}
HELD: Mapping[str, Value] = {
    "party": 12,
    "weight": 2.5,
    "room": "305",
    "seating": "terrace",
    "when": "2026-12-04T20:00+01:00",
    "day": "2026-12-04",
    "time": "20:00",
    "gift": False,
    "price": {"amount": "25.00", "currency": "EUR"},
    "tip": {"amount": "2.50", "currency": "EUR"},
    "fare": {"amount": "8.00", "currency": "USD"},
    "stay": 5400,
    "items": 3,
}
BOT: Bot = bot(
    slots=[*(Slot(name, type) for name, type in TYPES.items()), Slot("seating", "choice", choices=SEATS)],
    languages=("en", "es"),
    vars={"late_fee": 25, "values": "x"},
    texts={
        "weather": text("Bring a jacket, {{ contact.first_name or 'dear guest' }}.", name="texts.weather"),
        "plain": text(en="Plain.", es="Llano.", name="texts.plain"),
        "twice": text("{{ texts.weather }} {{ texts.weather }}", name="texts.twice"),
        "ring": text("{{ texts.circle }}", name="texts.ring"),
        "circle": text("{{ texts.ring }}", name="texts.circle"),
        "by_day": Text(
            "texts.by_day",
            (Variant({"en": ("Many.",)}, condition="slots.party > 9"), Variant({"en": ("Few.",)})),
        ),
    },
)


def known(language: str = "en", **extra: object) -> Mapping[str, object]:
    """The names of a turn."""
    state = State(slots=HELD)
    return names(replace(turn("Hello", of=BOT, state=state, language=language), now=NOW), state, extra)


# ─── what expressions give ───


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "slots.party > 9",
        "slots.party > '9'",
        "slots.party == '12' and 1 < slots.party <= 12",
        "-3 < slots.party",
        "slots.party in [11, 12]",
        "slots.weight == 2.5",
        "slots.weight is gt(2)",
        "slots.room == 305",
        "slots.room > 50",
        "slots.seating == 'terrace'",
        "slots.seating in ['terrace', 'inside']",
        "slots.seating not in ['bar']",
        "slots.time > '9:00'",
        "'19:30' < slots.time",
        "slots.time in ['20:00']",
        "slots.time != '25:00'",
        "slots.day > '2026-11-30'",
        "slots.day > today",
        "today == '2026-12-01'",
        "now > '9:59'",
        "now < '2026-12-01 10:01'",
        "slots.when > now",
        "slots.when == slots.day",
        "slots.when == '2026-12-04'",
        "slots.when >= '2026-12-04 19:00'",
        "slots.when > '2026-12-04T18:30+00:00'",
        "slots.when - now > duration('3d')",
        "slots.when > now + duration('3d')",
        "slots.price > 20",
        "slots.price == '25'",
        "slots.price == 25.0",
        "slots.price > slots.tip",
        "slots.stay > '1h'",
        "slots.stay == duration('90m')",
        "slots.stay > 5000",
        "not slots.gift",
        "slots.gift == false",
        "slots.gift is false",
        "slots.gift is boolean",
        "slots.items == 3",
        "vars.values == 'x'",
        "result is none",
        "result is not false",
        "hours.open and hours.open_at(slots.when)",
        "hours.opens is none",
        "message.media is none",
        "'ell' in message.text",
    ],
)
def test_a_condition_that_holds(condition: str) -> None:
    assert holds(condition, known(result=None))


@pytest.mark.parametrize(
    ("condition", "does"),
    [
        ("slots.checkout > '14:00'", False),
        ("slots.checkout < '14:00'", False),
        ("slots.checkout >= slots.time", False),
        ("slots.checkout == '14:00'", False),
        ("slots.checkout != '14:00'", True),
        ("slots.checkout == none", True),
        ("slots.checkout is none", True),
        ("slots.checkout == slots.note", True),
        ("none < 3", False),
        ("3 > none", False),
        ("1 < none < 3", False),
        ("slots.note in ['a']", False),
        ("'a' in slots.note", False),
        ("'a' not in slots.note", True),
        ("slots.checkout + duration('3h') > '9:00'", False),
        ("(slots.note + 1) is none", True),
        ("slots.checkout is gt('9:00')", False),
    ],
)
def test_what_is_empty_is_neither_less_nor_more_than_anything(condition: str, does: bool) -> None:  # noqa: FBT001
    assert holds(condition, known()) is does


@pytest.mark.parametrize(
    ("expression", "stored", "english", "spanish"),
    [
        (
            "slots.when - duration('3h')",
            "2026-12-04T17:00+01:00",
            "Friday 4 December at 17:00",
            "viernes 4 de diciembre a las 17:00",
        ),
        ("slots.day + duration('1d')", "2026-12-05", "Saturday 5 December", "sábado 5 de diciembre"),
        (
            "slots.day + duration('20h')",
            "2026-12-04T20:00+01:00",
            "Friday 4 December at 20:00",
            "viernes 4 de diciembre a las 20:00",
        ),
        ("slots.day - today", 259200, "3 days", "3 días"),
        ("slots.when - today", 259200, "3 days", "3 días"),
        ("slots.time - duration('90m')", "18:30", "18:30", "18:30"),
        ("slots.time + duration('5h')", "01:00", "01:00", "01:00"),
        ("duration('1h') + slots.time", "21:00", "21:00", "21:00"),
        ("slots.stay + duration('30m')", 7200, "2 hours", "2 horas"),
        ("slots.stay / 60", 90.0, "90.0", "90.0"),
        ("slots.weight * 2", 5.0, "5", "5"),
        ("slots.weight / 2", 1.25, "1.25", "1,25"),
        ("slots.price * 2", {"amount": "50.00", "currency": "EUR"}, "€50.00", "50,00 €"),
        ("slots.price - slots.tip", {"amount": "22.50", "currency": "EUR"}, "€22.50", "22,50 €"),
        ("slots.price / slots.tip", 10.0, "10.0", "10.0"),
        ("slots.seating", "terrace", "Terrace", "Terraza"),
        ("slots.gift", False, "no", "no"),
        ("slots.party + 1", 13, "13", "13"),
        ("vars.late_fee * 2", 50, "50", "50"),
        ("now", "2026-12-01T10:00+01:00", "Tuesday 1 December at 10:00", "martes 1 de diciembre a las 10:00"),
        ("slots.when.hour", 20, "20", "20"),
        ("today.replace(day=24)", "2026-12-24", "Thursday 24 December", "jueves 24 de diciembre"),
        ("slots.time.replace(hour=9)", "09:00", "09:00", "09:00"),
        (
            "slots.when.replace(hour=9)",
            "2026-12-04T09:00+01:00",
            "Friday 4 December at 09:00",
            "viernes 4 de diciembre a las 09:00",
        ),
        ("slots.when.date()", "2026-12-04", "2026-12-04", "2026-12-04"),
        (
            "slots.when.astimezone(now.tzinfo)",
            "2026-12-04T20:00+01:00",
            "Friday 4 December at 20:00",
            "viernes 4 de diciembre a las 20:00",
        ),
        ("slots.day ~ ''", "2026-12-04", "2026-12-04", "2026-12-04"),
        ("slots.gift ~ ''", "false", "false", "false"),
        ("slots.checkout", None, "", ""),
    ],
)
def test_what_is_reckoned_is_stored_and_printed_like_what_it_comes_from(
    expression: str, stored: Value, english: str, spanish: str
) -> None:
    assert as_stored(evaluate(expression, known())) == stored  # type: ignore[arg-type]
    source = f"{{{{ {expression} }}}}"
    assert (render_text(source, known()), render_text(source, known("es"))) == (english, spanish)


@pytest.mark.parametrize(
    ("expression", "at"),
    [
        ("moment + duration('1d')", "2026-10-25T12:00+01:00"),
        ("moment + duration('24h')", "2026-10-25T12:00+01:00"),
        ("moment + duration('25h')", "2026-10-25T12:00+01:00"),
        ("moment + duration('26h')", "2026-10-25T13:00+01:00"),
        ("moment - duration('1d')", "2026-10-23T12:00+02:00"),
    ],
)
def test_whole_days_leave_the_time_on_the_clock_and_hours_do_not(expression: str, at: str) -> None:
    extra = known()["duration"]
    moment = datetime(2026, 10, 24, 12, tzinfo=MADRID)
    slot = Slot("moment", "datetime")
    state = State(slots={"moment": moment.isoformat()})
    given = names(replace(turn(of=bot(slots=[slot])), now=moment), state, {"duration": extra})
    assert as_stored(evaluate(expression.replace("moment", "slots.moment"), given)) == at  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        ("{{ slots.party }}", 12),
        (" {{ slots.gift }} ", False),
        ("{{ slots.checkout }}", None),
        ("{{ slots.party }} people", "12 people"),
        ("{{ slots.party }}{{ slots.items }}", "123"),
        ("{{ slots.seating }}", "terrace"),
        ("{{ slots.seating }}!", "Terrace!"),
        ("inside", "inside"),
        ("{{ '}}' }}", "}}"),
        ("{# nothing #}", ""),
    ],
)
def test_a_text_that_is_one_expression_keeps_its_type(source: str, meant: Value) -> None:
    assert as_stored(value_of(source, known())) == meant  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("slots.zzz", "has no attribute 'zzz'"),
        ("zzz", "'zzz' is undefined"),
        ("zzz < none", "'zzz' is undefined"),
        ("zzz + none", "'zzz' is undefined"),
        ("slots.party >", "unexpected 'end of template'"),
        ("slots.party slots.room", "'slots' is left over behind the expression"),
        ("slots.time > '25:00'", "a text in it is no time"),
        ("slots.time > [1]", "not supported between"),
        ("slots.when + slots.day", "two days or times cannot be added up"),
        ("slots.when - 3", "only a length of time is added to a day or a time"),
        ("duration('3x')", "this is no length of time"),
        ("'x' * 10 ** 9", "it makes more than"),
        ("slots.price + slots.fare", "EUR and USD cannot be reckoned together"),
        ("contact.__class__", "unsafe"),
        ("texts.ring", "the text 'ring' is said within itself"),
    ],
)
def test_what_cannot_be_evaluated_is_one_kind_of_error(expression: str, reason: str) -> None:
    with pytest.raises(PromptError) as caught:
        evaluate(expression, known())
    assert str(caught.value).startswith(f"{expression!r} cannot be evaluated: ")
    assert reason.lower() in str(caught.value).lower()


# ─── names ───


def test_a_text_is_reused_in_another_one_with_its_names() -> None:
    assert render_text("Hi. {{ texts.weather }}", known()) == "Hi. Bring a jacket, dear guest."
    assert (
        render_text("{{ texts.twice | upper }}", known()) == "BRING A JACKET, DEAR GUEST. BRING A JACKET, DEAR GUEST."
    )
    assert render_text("{{ texts.plain }}", known("es")) == "Llano."
    assert render_text("{{ texts.by_day }}", known()) == "Many."
    assert evaluate("texts.plain == 'Plain.'", known())


def test_a_slot_or_a_variable_may_have_the_name_of_a_method() -> None:
    assert render_text("{{ slots.items }} {{ vars.values }}", known()) == "3 x"


def test_what_is_judged_is_typed_like_its_slot() -> None:
    here = replace(turn(of=BOT), now=NOW)
    given = names(here, State(), value(here, BOT.slots["time"], "21:00"))
    assert holds("value > '9:00' and value < '22:00'", given)
    assert render_text("Not {{ value }}.", given) == "Not 21:00."


def test_a_picture_is_the_media_of_a_message() -> None:
    given = names(turn(message("look", kind="image"), "and?"), State())
    assert evaluate("message.media.type", given) == "image"


def test_a_model_is_given_the_mask_of_what_is_private_and_a_contact_the_value() -> None:
    here = turn("Hi", of=bot(slots=[Slot("pin", private=True), Slot("room")]))
    state = State(slots={"pin": "1234", "room": "12"})
    source = "{{ slots.pin }} {{ slots.room }}"
    assert render_text(source, names(here, state)) == "1234 12"
    assert render_text(source, names(here, state, for_model=True)) == "••• 12"


# ─── what slots take of it ───


@pytest.mark.parametrize(
    ("type", "given", "stored"),
    [
        ("text", 12, "12"),
        ("text", "", None),
        ("choice", "bar", "bar"),
        ("integer", "4", 4),
        ("integer", 4.0, 4),
        ("number", "2.5", 2.5),
        ("boolean", "true", True),
        ("boolean", False, False),
        ("date", NOW, "2026-12-01"),
        ("date", "2026-12-24", "2026-12-24"),
        ("time", "9:00", "09:00"),
        ("time", NOW, "10:00"),
        ("datetime", "2026-12-24 19:00", "2026-12-24T19:00+01:00"),
        ("duration", "90m", 5400.0),
        ("duration", 60, 60),
        ("money", {"amount": "1.00", "currency": "EUR"}, {"amount": "1.00", "currency": "EUR"}),
        ("time", None, None),
    ],
)
def test_a_slot_takes_a_value_in_its_stored_form(type: str, given: object, stored: Value) -> None:
    assert fitted(type, given, NOW) == stored


@pytest.mark.parametrize(
    ("type", "given"),
    [
        ("integer", "many"),
        ("integer", 2.5),
        ("integer", True),
        ("integer", "1e99999999"),
        ("integer", math.inf),
        ("number", math.nan),
        ("number", "Infinity"),
        ("number", "sNaN"),
        ("duration", math.inf),
        ("boolean", 1),
        ("boolean", "yes"),
        ("time", "25:00"),
        ("date", 5),
        ("money", "cheap"),
        ("text", {"a": 1}),
    ],
)
def test_a_slot_refuses_what_is_no_value_of_its_type(type: str, given: object) -> None:
    with pytest.raises(ValueError, match="is no "):
        fitted(type, given, NOW)


# ─── checks before anyone evaluates ───

DECLARED = {"slots": frozenset(BOT.slots), "vars": frozenset(BOT.vars), "texts": frozenset(BOT.texts)}
KNOWN = {**EVERYWHERE, **DECLARED, **STEPS}


@pytest.mark.parametrize(
    "source",
    [
        "slots.party > 12 and slots.seating == 'terrace' and slots['time'] > '9:00'",
        "slots.when > '14:00' or slots.when > '2026-12-24' or slots.when > '2026-12-24 19:00'",
        "slots.price > 20 and slots.stay > '1h' and slots.stay > 60 and slots.gift == true",
        "slots.room == 305 or 'x' in slots.note or slots.checkout == none",
        "result is false or wait.replied or vars.late_fee > 3 or texts.weather",
        "hours.open_at(slots.when - duration('3h'))",
        "today > '2026-12-24' and now > '9:00'",
    ],
)
def test_an_expression_in_which_nothing_is_wrong(source: str) -> None:
    assert list(check_expression(source, KNOWN, typed_names(BOT.slots))) == []


@pytest.mark.parametrize(
    ("source", "message", "remedy"),
    [
        ("slots.prty > 12", "There is no 'prty' in 'slots'.", "Did you mean 'party'?"),
        ("slots.time > '25:00'", "'25:00' is no time, as 'time' is.", "Write it as in '19:00'."),
        ("'25:00' < slots.time", "'25:00' is no time, as 'time' is.", "Write it as in '19:00'."),
        ("1 < slots.party <= 'x'", "'x' is no integer, as 'party' is.", "Write it as in 12."),
        ("slots.seating == 'terace'", "'terace' is none of the choices of 'seating'.", "Did you mean 'terrace'?"),
        ("slots.seating in ['bar', 'barr']", "'barr' is none of the choices of 'seating'.", "Did you mean 'bar'?"),
        ("slots.gift == 'yes'", "'yes' is no boolean, as 'gift' is.", "Write it as in true or false."),
        ("slots.party == true", "true is no integer, as 'party' is.", "Write it as in 12."),
        ("slots.day > 5", "5 is no date, as 'day' is.", "Write it as in '2026-12-24'."),
        ("slots.photo == 'x'", "'x' is no media, as 'photo' is.", "Leave it out."),
        ("now > '25:00'", "'25:00' is no datetime, as 'now' is.", "Write it as in '2026-12-24 19:00'."),
        ("value > '2x'", "'2x' is no duration, as 'stay' is.", "Write it as in '90m'."),
        (
            "slots.when - '3h'",
            "'3h' is no length of time that can be added to a day or a time.",
            "Write it as in duration('3h').",
        ),
        ("duration('3x')", "'3x' is no length of time.", "Write it as in duration('3h'): 30m, 8h or 7d."),
        ("duration(3)", "3 is no length of time.", "Write it as in duration('3h'): 30m, 8h or 7d."),
        ("{{ slots.day }}", "An expression stands here without braces.", "Write: slots.day"),
        ("slots.party | uper", "There is no filter 'uper'.", "Did you mean 'upper'?"),
        ("wait.replid", "There is no 'replid' in 'wait'.", "Did you mean 'replied'?"),
        ("vars.late_fe", "There is no 'late_fe' in 'vars'.", "Did you mean 'late_fee'?"),
        (
            "slots.party >",
            "This is not Jinja: something is missing at the end of this.",
            "Check the braces and the words between them.",
        ),
        (
            "a b",
            "This is not Jinja: 'b' is left over behind the expression.",
            "Check the braces and the words between them.",
        ),
    ],
)
def test_a_mistake_in_an_expression(source: str, message: str, remedy: str) -> None:
    typed = typed_names(BOT.slots, BOT.slots["stay"])
    (problem,) = check_expression(source, {**KNOWN, "value": None}, typed)
    assert (problem.message, problem.remedy, problem.line) == (message, remedy, 1)


def test_texts_are_checked_for_the_same_with_their_line() -> None:
    source = "Hello\n{% if slots.time > '25:00' %}x{% endif %}"
    (problem,) = check(source, KNOWN, typed_names(BOT.slots))
    assert (problem.message, problem.line) == ("'25:00' is no time, as 'time' is.", 2)
    assert list(check(source, KNOWN)) == []
