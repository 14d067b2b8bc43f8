"""Opening hours: open or not, since when, until when, and how that is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from botkit.dialogue.hours import Hours
from botkit.dialogue.names import names
from botkit.dialogue.state import State
from botkit.prompts import evaluate, render_text
from tests.given import bot, turn

MADRID = ZoneInfo("Europe/Madrid")
NINE_TO_SIX = ((540, 1080),)
LATE = ((540, 840), (1200, 1560))
"""Until 14:00, and from 20:00 until 2:00."""

SHOP = Hours(
    MADRID,
    (NINE_TO_SIX, NINE_TO_SIX, NINE_TO_SIX, NINE_TO_SIX, LATE, LATE, ()),
    holidays=((600, 720),),
    dates={date(2026, 12, 24): (), date(2026, 12, 27): ((0, 1440),)},
    is_holiday={date(2026, 12, 8), date(2026, 12, 24)}.__contains__,
)
ALWAYS = Hours(MADRID, (((0, 1440),),) * 7)
NEVER = Hours(MADRID, ((),) * 7)


def at(written: str) -> datetime:
    """A time in Madrid."""
    return datetime.fromisoformat(written).replace(tzinfo=MADRID)


def written(moment: datetime | None) -> str:
    return moment.astimezone(MADRID).strftime("%a %d %H:%M") if moment else "never"


@pytest.mark.parametrize(
    ("now", "is_open", "opens", "closes", "since"),
    [
        ("2026-12-01 08:59:59", False, "Tue 01 09:00", "Tue 01 18:00", "Mon 30 18:00"),
        ("2026-12-01 09:00", True, "Wed 02 09:00", "Tue 01 18:00", ""),
        ("2026-12-01 17:59:59", True, "Wed 02 09:00", "Tue 01 18:00", ""),
        ("2026-12-01 18:00", False, "Wed 02 09:00", "Wed 02 18:00", "Tue 01 18:00"),
        ("2026-12-04 15:00", False, "Fri 04 20:00", "Sat 05 02:00", "Fri 04 14:00"),
        ("2026-12-04 23:00", True, "Sat 05 09:00", "Sat 05 02:00", ""),
        ("2026-12-05 01:59", True, "Sat 05 09:00", "Sat 05 02:00", ""),
        ("2026-12-05 02:00", False, "Sat 05 09:00", "Sat 05 14:00", "Sat 05 02:00"),
        ("2026-12-06 12:00", False, "Mon 07 09:00", "Mon 07 18:00", "Sun 06 02:00"),
        ("2026-12-08 09:30", False, "Tue 08 10:00", "Tue 08 12:00", "Mon 07 18:00"),
        ("2026-12-08 11:00", True, "Wed 09 09:00", "Tue 08 12:00", ""),
        ("2026-12-23 19:00", False, "Fri 25 09:00", "Fri 25 14:00", "Wed 23 18:00"),
        ("2026-12-24 11:00", False, "Fri 25 09:00", "Fri 25 14:00", "Wed 23 18:00"),
        ("2026-12-26 22:00", True, "Mon 28 09:00", "Mon 28 00:00", ""),
    ],
)
def test_the_hours_of_a_shop(now: str, is_open: bool, opens: str, closes: str, since: str) -> None:  # noqa: FBT001
    moment = at(now)
    assert SHOP.is_open(moment) is is_open
    assert SHOP.open_at(moment) is is_open
    assert (written(SHOP.opens(moment)), written(SHOP.closes(moment))) == (opens, closes)
    began = SHOP.closed_since(moment)
    assert ("" if began is None else written(datetime.fromtimestamp(began, MADRID))) == since


def test_the_whole_closed_period_has_one_name() -> None:
    began = {SHOP.closed_since(at("2026-12-23 18:00") + timedelta(minutes=17 * step)) for step in range(130)}
    assert began == {at("2026-12-23 18:00").timestamp()}


@pytest.mark.parametrize(
    ("hours", "told"), [(ALWAYS, (True, None, None, None)), (NEVER, (False, None, None, 0.0))], ids=["always", "never"]
)
def test_hours_without_a_change(hours: Hours, told: tuple[object, ...]) -> None:
    now = at("2026-12-01 12:00")
    assert (hours.is_open(now), hours.opens(now), hours.closes(now), hours.closed_since(now)) == told


@pytest.mark.parametrize(
    ("day", "opens"), [(date(2026, 12, 1), True), (date(2026, 12, 6), False), (date(2026, 12, 24), False)]
)
def test_a_day_is_open_when_anything_of_it_is(day: date, opens: bool) -> None:  # noqa: FBT001
    assert SHOP.open_at(day) is opens


def test_a_moment_without_a_timezone_is_one_of_the_bot() -> None:
    assert SHOP.open_at(datetime(2026, 12, 1, 9))  # noqa: DTZ001 (that is what is tested)
    assert SHOP.open_at(datetime.fromisoformat("2026-12-01T08:00+00:00"))
    assert not SHOP.open_at(datetime.fromisoformat("2026-12-01T17:30+00:00"))


NIGHT = Hours(MADRID, (((1200, 1590),),) * 7)
"""From 20:00 until 2:30."""
EARLY = Hours(MADRID, (((150, 600),),) * 7)
"""From 2:30 until 10:00."""


@pytest.mark.parametrize(
    ("hours", "instant", "is_open"),
    [
        # In the night to 25 October 2026 Madrid's clocks show the hour from 2:00 to 3:00 twice.
        (NIGHT, "2026-10-25T02:29+02:00", True),
        (NIGHT, "2026-10-25T02:45+02:00", True),
        (NIGHT, "2026-10-25T02:29+01:00", True),
        (NIGHT, "2026-10-25T02:30+01:00", False),
        (EARLY, "2026-10-25T02:29+02:00", False),
        (EARLY, "2026-10-25T02:30+02:00", True),
        (EARLY, "2026-10-25T02:10+01:00", True),
        # In the night to 29 March 2026 they show it not at all.
        (NIGHT, "2026-03-29T01:59+01:00", True),
        (NIGHT, "2026-03-29T03:29+02:00", True),
        (NIGHT, "2026-03-29T03:30+02:00", False),
        (EARLY, "2026-03-29T01:59+01:00", False),
        (EARLY, "2026-03-29T03:45+02:00", True),
        (EARLY, "2026-03-29T09:59+02:00", True),
        (EARLY, "2026-03-29T10:00+02:00", False),
    ],
)
def test_hours_are_those_of_the_clock_on_the_wall_also_when_it_is_changed(
    hours: Hours,
    instant: str,
    is_open: bool,  # noqa: FBT001
) -> None:
    now = datetime.fromisoformat(instant)
    assert hours.is_open(now) is is_open
    assert (hours.closed_since(now) is None) is is_open
    closes, opens = hours.closes(now), hours.opens(now)
    assert closes is not None
    assert opens is not None
    assert closes > now
    assert opens > now
    assert (closes < opens) is is_open


def test_a_day_of_25_hours_is_open_from_its_beginning_to_its_end() -> None:
    day = Hours(MADRID, ((), (), (), (), (), (), ((0, 1440),)))
    now = datetime.fromisoformat("2026-10-25T12:00+01:00")
    assert written(day.closes(now)) == "Mon 26 00:00"
    minutes = (datetime.fromisoformat("2026-10-25T00:00+02:00") + timedelta(minutes=step) for step in range(25 * 60))
    assert all(map(day.is_open, minutes))


@pytest.mark.parametrize(
    ("language", "now", "opens", "closes"),
    [
        ("en", "2026-12-01 08:00", "at 9:00", "18:00"),
        ("en", "2026-12-01 19:00", "tomorrow at 9:00", "tomorrow at 18:00"),
        ("en", "2026-12-05 22:00", "on Monday at 9:00", "tomorrow at 2:00"),
        ("es", "2026-12-01 08:00", "a las 9:00", "las 18:00"),
        ("es_MX", "2026-12-01 19:00", "mañana a las 9:00", "mañana a las 18:00"),
        ("es", "2026-12-05 22:00", "el lunes a las 9:00", "mañana a las 2:00"),
        ("de", "2026-12-05 22:00", "am Montag um 9:00 Uhr", "morgen um 2:00 Uhr"),
        ("fr", "2026-12-05 22:00", "lundi à 9:00", "demain à 2:00"),
        ("it", "2026-12-05 22:00", "lunedì alle 9:00", "domani alle 2:00"),
        ("nl", "2026-12-05 22:00", "op maandag om 9:00", "morgen om 2:00"),
        ("pt", "2026-12-05 22:00", "segunda-feira às 9:00", "amanhã às 2:00"),
        ("fi", "2026-12-01 19:00", "2026-12-02T09:00+01:00", "2026-12-02T18:00+01:00"),
    ],
)
def test_when_it_opens_is_said_as_one_says_it(language: str, now: str, opens: str, closes: str) -> None:
    here = replace(turn(of=bot(hours=SHOP), language=language), now=at(now))
    assert render_text("{{ hours.opens }}|{{ hours.closes }}", names(here, State())) == f"{opens}|{closes}"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "on Wednesday 16 December at 1:00"), ("es", "el miércoles 16 de diciembre a la 1:00")],
)
def test_what_is_far_away_is_said_with_its_date(language: str, said: str) -> None:
    once = Hours(MADRID, ((),) * 7, dates={date(2026, 12, 16): ((60, 120),)})
    here = replace(turn(of=bot(hours=once), language=language), now=at("2026-12-01 12:00"))
    assert render_text("{{ hours.opens }}", names(here, State())) == said


@pytest.mark.parametrize(
    ("expression", "given"),
    [
        ("hours.open", True),
        ("hours.closes > '17:00'", True),
        ("hours.closes - now", 21600.0),
        ("hours.open_at('2026-12-06 12:00')", False),
        ("hours.open_at('2026-12-07')", True),
        ("hours.open_at('19:00')", False),
        ("hours.open_at(now + duration('8h'))", False),
        ("hours.open_at(today)", True),
        ("hours.open_at(none)", False),
    ],
)
def test_hours_in_expressions(expression: str, given: object) -> None:
    here = replace(turn(of=bot(hours=SHOP)), now=at("2026-12-01 12:00"))
    assert evaluate(expression, names(here, State())) == given
