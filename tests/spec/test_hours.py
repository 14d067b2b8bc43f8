"""The opening hours of a bot file: what they become, and which mistakes in them are found."""

from __future__ import annotations

import sys
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from botkit.dialogue.hours import Spans
from botkit.dialogue.limits import Quota
from tests.spec.written import Desk

HEAD = "bot: sample\nchannels: [webchat]\n"
WRITE = "Write it as in 9:00-18:00, or closed."
DAYS = "Write mon, mon-fri, holidays, or a date as in 2026-12-24."
NINE: Spans = ((540, 1080),)


@pytest.mark.parametrize(
    ("hours", "week"),
    [
        ("{mon-fri: 9:00-18:00}", (NINE,) * 5 + ((), ())),
        ("{mon: 9:00-18:00, tue: closed, sat-mon: closed}", None),
        ("{fri-mon: 09:00-18:00}", (NINE, (), (), (), NINE, NINE, NINE)),
        ("{sun: [20:00-2:00, 9:00-14:00]}", ((),) * 6 + (((540, 840), (1200, 1560)),)),
        ("{mon-sun: 0:00-24:00}", (((0, 1440),),) * 7),
        ("{mon: [9:00-12:00, 12:00-18:00]}", (((540, 720), (720, 1080)),) + ((),) * 6),
        ("{}", ((),) * 7),
    ],
)
def test_the_hours_of_a_week(desk: Desk, hours: str, week: tuple[Spans, ...] | None) -> None:
    source = f"{HEAD}timezone: Europe/Madrid\nhours: {hours}"
    if week is None:
        assert desk.mistake(source)[2] == "'sat-mon' and 'mon' name the same day."
        return
    loaded = desk.load(source)
    assert loaded.bot.hours is not None
    assert loaded.bot.hours.week == week
    assert loaded.bot.hours.zone == ZoneInfo("Europe/Madrid")
    assert not loaded.warnings


def test_holidays_and_dates_go_before_the_days_of_the_week(desk: Desk) -> None:
    hours = "{mon-sun: 9:00-18:00, holidays: closed, 2026-12-24: 9:00-12:00}"
    found = desk.load(f"{HEAD}timezone: Europe/Madrid\ncountry: ES\nhours: {hours}").bot.hours
    assert found is not None
    days = [date(2026, 12, 23), date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 6)]
    assert [found.spans(day) for day in days] == [NINE, ((540, 720),), (), ()]
    assert found.opens(datetime(2026, 12, 24, 13, tzinfo=found.zone)) == datetime(2026, 12, 26, 9, tzinfo=found.zone)


def test_holidays_are_days_like_any_other_where_nothing_is_said_of_them(desk: Desk) -> None:
    found = desk.load(f"{HEAD}country: ES\nhours: {{mon-sun: 9:00-18:00}}").bot.hours
    assert found is not None
    assert found.spans(date(2026, 12, 25)) == NINE


def test_a_bot_without_hours_has_none(desk: Desk) -> None:
    assert desk.load(HEAD).bot.hours is None


@pytest.mark.parametrize(
    ("hours", "column", "message", "remedy"),
    [
        ("{mo: 9:00-18:00}", 9, "'mo' is no day.", "Did you mean 'mon'?"),
        ("{weekdays: 9:00-18:00}", 9, "'weekdays' is no day.", "Did you mean 'mon-fri'?"),
        ("{mon-fry: 9:00-18:00}", 9, "'mon-fry' is no day.", "Did you mean 'mon-fri'?"),
        ("{2026-02-30: closed}", 9, "There is no day 2026-02-30.", "Write it as in 2026-12-24."),
        (
            "{mon-fri: 9:00-18:00, fri: closed}",
            30,
            "'fri' and 'mon-fri' name the same day.",
            "Write each day of the week once.",
        ),
        ("{mon: 25:00-26:00}", 14, "'25:00-26:00' is no opening time.", WRITE),
        ("{mon: 9:60-18:00}", 14, "'9:60-18:00' is no opening time.", WRITE),
        ("{mon: 9:00-24:30}", 14, "'9:00-24:30' is no opening time.", WRITE),
        ("{mon: 24:00-3:00}", 14, "'24:00-3:00' is no opening time.", WRITE),
        ("{mon: 9-18}", 14, "'9-18' is no opening time.", "Did you mean '9:00-18:00'?"),
        ("{mon: 9.30 - 18}", 14, "'9.30 - 18' is no opening time.", "Did you mean '9:30-18:00'?"),
        ("{mon: open}", 14, "'open' is no opening time.", WRITE),
        ("{mon: [closed]}", 15, "'closed' is no opening time.", WRITE),
        (
            "{mon: 9:00-9:00}",
            14,
            "'9:00-9:00' ends when it begins.",
            "Write 0:00-24:00 for the whole day, or closed.",
        ),
        (
            "{mon: [13:00-15:00, 9:00-14:00]}",
            15,
            "13:00-15:00 begins before 9:00-14:00 ends.",
            "Make one of the two.",
        ),
        (
            "{holidays: closed}",
            9,
            "Nobody knows which days are holidays as long as the bot has no country.",
            "Add country: … to the bot, as in country: ES.",
        ),
        (
            "{holidays: closed}\ncountry: null",
            9,
            "Nobody knows which days are holidays as long as the bot has no country.",
            "Add country: … to the bot, as in country: ES.",
        ),
    ],
)
def test_a_mistake_in_the_hours(desk: Desk, hours: str, column: int, message: str, remedy: str) -> None:
    assert desk.mistake(f"{HEAD}hours: {hours}") == (3, column, message, remedy)


def test_a_country_whose_holidays_nobody_knows(desk: Desk) -> None:
    message, remedy = "The holidays of XX are not known.", "Leave out holidays, and write the dates themselves."
    assert desk.mistake(f"{HEAD}country: XX\nhours: {{holidays: closed}}") == (4, 9, message, remedy)


def test_holidays_need_an_extra(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "holidays", raising=False)
    message = "Hours of holidays need the extra 'holidays' of botkit, which is not installed."
    source = f"{HEAD}country: ES\nhours: {{holidays: closed}}"
    assert desk.mistake(source) == (4, 9, message, "Run: pip install 'botkit[holidays]'")


def test_a_long_night_may_be_written_the_wrong_way_round(desk: Desk) -> None:
    message = "This is open over night, for 15 hours."
    remedy = "Exchange the two; or write 18:00-24:00 and, on the next day, 0:00-9:00."
    assert desk.warnings(f"{HEAD}hours: {{mon: 18:00-9:00, tue: 20:00-8:00}}") == [(3, 14, message, remedy)]


# ─── limits ───


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        ("", Quota(30, 3600.0)),
        ("limits: {replies: 5/m}", Quota(5, 60.0)),
        ("limits: {replies: 100/d}", Quota(100, 86400.0)),
        ("limits: {replies: unlimited}", None),
    ],
)
def test_what_one_contact_gets(desk: Desk, limits: str, limit: Quota | None) -> None:
    assert desk.load(HEAD + limits).bot.limits.replies == limit


@pytest.mark.parametrize("written", ["0/h", "30", "30/y", "many"])
def test_a_limit_is_a_rate(desk: Desk, written: str) -> None:
    message = f"'{written}' is no rate."
    assert desk.mistake(f"{HEAD}limits: {{replies: '{written}'}}") == (
        3,
        19,
        message,
        "Write it as in 30/h, or unlimited.",
    )
