"""Names of days and months, and how dates, times and numbers are written in each language that botkit speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Calendar:
    """The ways of a language. Forms are those of `str.format`, with `weekday`, `day`, `month`, `year`."""

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    """From Monday on."""
    date: str
    year: str
    """What is put behind a date that is not in the present year."""
    moment: str
    """A date and a time, `{0}` and `{1}`."""
    units: Mapping[str, tuple[str, str]]
    """One and several of each unit of time."""
    point: str
    thousands: str
    money: str
    """An amount `{0}` and the sign of its currency `{1}`."""
    either: str
    """The word between the last two of what it may be."""
    yes: str
    no: str


def _calendar(
    months: str, weekdays: str, date: str, year: str, moment: str, units: str, signs: str, *last: str
) -> Calendar:
    names = [tuple(unit.split("/")) for unit in units.split()]
    named = {key: (one, several) for key, (one, several) in zip(("day", "hour", "minute"), names, strict=True)}
    return Calendar(
        tuple(months.split()), tuple(weekdays.split()), date, year, moment, named, signs[0], signs[1], *last
    )


CALENDARS: Mapping[str, Calendar] = {
    "en": _calendar(
        "January February March April May June July August September October November December",
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        "{weekday} {day} {month}",
        " {year}",
        "{0} at {1}",
        "day/days hour/hours minute/minutes",
        ".,",
        "{1}{0}",
        "or",
        "yes",
        "no",
    ),
    "es": _calendar(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "lunes martes miércoles jueves viernes sábado domingo",
        "{weekday} {day} de {month}",
        " de {year}",
        "{0} a las {1}",
        "día/días hora/horas minuto/minutos",
        ",.",
        "{0} {1}",
        "o",
        "sí",
        "no",
    ),
    "de": _calendar(
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
        "{weekday}, {day}. {month}",
        " {year}",
        "{0} um {1}",
        "Tag/Tage Stunde/Stunden Minute/Minuten",
        ",.",
        "{0} {1}",
        "oder",
        "ja",
        "nein",
    ),
    "fr": _calendar(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "{weekday} {day} {month}",
        " {year}",
        "{0} à {1}",
        "jour/jours heure/heures minute/minutes",
        ",\u202f",
        "{0} {1}",
        "ou",
        "oui",
        "non",
    ),
    "it": _calendar(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
        "{weekday} {day} {month}",
        " {year}",
        "{0} alle {1}",
        "giorno/giorni ora/ore minuto/minuti",
        ",.",
        "{0} {1}",
        "o",
        "sì",
        "no",
    ),
    "nl": _calendar(
        "januari februari maart april mei juni juli augustus september oktober november december",
        "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
        "{weekday} {day} {month}",
        " {year}",
        "{0} om {1}",
        "dag/dagen uur/uur minuut/minuten",
        ",.",
        "{1} {0}",
        "of",
        "ja",
        "nee",
    ),
    "pt": _calendar(
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
        "{weekday}, {day} de {month}",
        " de {year}",
        "{0} às {1}",
        "dia/dias hora/horas minuto/minutos",
        ",.",
        "{0} {1}",
        "ou",
        "sim",
        "não",
    ),
}
"""By language."""
