"""What a bot file must get right about slots: keys that fit the type, bounds that can hold, choices that differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from importlib.util import find_spec
from typing import Any

import regex

from botkit.dialogue.calendar import CALENDARS
from botkit.dialogue.choices import names
from botkit.dialogue.text import Choice, base_language
from botkit.dialogue.values import BOUNDED, limit, shown, stored_default
from botkit.dialogue.words import words
from botkit.errors import Problem, nearest
from botkit.spec import text_checks
from botkit.spec.choices import ChoiceSpec
from botkit.spec.schema import SlotSpec
from botkit.spec.sheet import Sheet
from botkit.spec.slots import choices, default_text
from botkit.spec.words import braced_remedy
from botkit.strict_yaml.document import Location
from botkit.strict_yaml.validation import keys_of

_A_DAY = datetime(2000, 6, 1, 12, tzinfo=UTC)
"""Any time will do to see whether bounds can hold."""

_EXAMPLES: Mapping[str, str] = {
    "date": "2026-12-24, today or 60d",
    "time": "19:00 or now",
    "datetime": "2026-12-24 19:00, now or 3h",
    "duration": "30m, 2h or 3d",
}
_AS_WRITTEN: Mapping[str, str] = {
    "integer": "Write it in digits.",
    "number": "Write it in digits.",
    "boolean": "Write true or false.",
    "date": "Write it as in 2026-12-24.",
    "time": "Write it as in 19:00.",
    "datetime": "Write it as in 2026-12-24 19:00.",
    "duration": "Write it as in 30m, 2h or 3d.",
}
"""By type: how a value is written that does not move with the present."""
_CALENDAR_TYPES = frozenset(_EXAMPLES)

_EXTRAS: Mapping[str, tuple[str, str]] = {"phone": ("phonenumbers", "intl")}
"""By type: the module that reads it, and the extra of botkit in which that comes."""


def problems(sheet: Sheet) -> Iterator[Problem]:
    """What must change about slots."""
    for name, slot in sheet.file.slots.items():
        location: Location = ("slots", name)
        if _is_of_its_type(sheet, name, slot):
            yield from _pattern(sheet, location, slot)
            yield from _bounds(sheet, location, slot)
            yield from _choices(sheet, location, slot)
            yield from _default(sheet, location, slot)
        if slot.condition:
            yield from sheet.expression((*location, "validate"), slot.condition)
        yield from _extra(sheet, location, slot)


def _is_of_its_type(sheet: Sheet, name: str, slot: SlotSpec) -> bool:
    """Whether the type is the one that is meant: not so where it is mistaken, or stands under a misspelt key."""
    written = sheet.document.data["slots"][name] or {}
    return bool(written["type"] == slot.type if "type" in written else set(written) <= set(keys_of(SlotSpec)))


def warnings(sheet: Sheet) -> Iterator[Problem]:
    """What may not be meant about slots."""
    types = {slot.type for slot in sheet.file.slots.values()}
    for index, language in enumerate(sheet.file.languages):
        if types & _CALENDAR_TYPES and base_language(language) not in CALENDARS:
            message = f"botkit knows no days and times in {language!r}: they are read in English and printed as stored."
            remedy = f"It knows them in {', '.join(sorted(CALENDARS))}."
            yield sheet.document.problem(("languages", index), message, remedy)
    for name, slot in sheet.file.slots.items():
        if slot.type == "phone" and sheet.file.country is None:
            message = "Without a country, only phone numbers that begin with + are understood."
            yield sheet.document.at_key(("slots", name), message, "Add country: … to the bot, as in country: ES.")
        if slot.optional and slot.default is not None and not default_text(slot):
            message = "Nobody is asked for a slot that has a default, so nobody can skip it."
            yield sheet.document.at_key(("slots", name, "optional"), message, "Leave out one of the two.")
        if isinstance(slot.choices, Mapping):
            for value, written in slot.choices.items():
                label = written.label if isinstance(written, ChoiceSpec) else written
                if isinstance(label, Mapping):
                    yield from text_checks.missing(sheet, ("slots", name, "choices", value), label, "label")


def no_pattern(sheet: Sheet, location: Location, error: regex.error | RecursionError) -> Problem:
    """An expression that does not compile."""
    if isinstance(error, RecursionError):
        message = "This regular expression has too many groups within groups."
        return sheet.document.problem(location, message, "Make it simpler.")
    message = f"This is no regular expression: {error}."
    return sheet.document.problem(location, message, "Put a backslash before a sign that stands for itself.")


def _pattern(sheet: Sheet, location: Location, slot: SlotSpec) -> Iterator[Problem]:
    if slot.pattern and slot.type != "text":
        message = f"A slot of type {slot.type} has no pattern."
        remedy = "Use min and max, or type: text." if slot.type in BOUNDED else "Leave it out, or write type: text."
        yield sheet.document.at_key((*location, "pattern"), message, remedy)
    elif slot.pattern:
        try:
            regex.compile(slot.pattern)
        except (regex.error, RecursionError) as error:
            yield no_pattern(sheet, (*location, "pattern"), error)


def _bounds(sheet: Sheet, location: Location, slot: SlotSpec) -> Iterator[Problem]:
    bounds = {key: bound for key, bound in (("min", slot.min), ("max", slot.max)) if bound is not None}
    if slot.type not in BOUNDED:
        for key in bounds:
            message = f"A slot of type {slot.type} has no {key}."
            yield sheet.document.at_key((*location, key), message, "Leave it out.")
        return
    sizes: dict[str, Any] = {}
    for key, bound in bounds.items():
        try:
            sizes[key] = limit(slot.type, bound, _A_DAY)
        except (ValueError, OverflowError):
            yield _no_bound(sheet, (*location, key), slot.type, bound)
    is_comparable = len(sizes) == 2 and _is_fixed(slot)  # noqa: PLR2004 (both)
    if is_comparable and not isinstance(sizes["min"], time) and sizes["min"] > sizes["max"]:
        message = f"min {_shown(slot.min)} is above max {_shown(slot.max)}."
        yield sheet.document.problem((*location, "min"), message, "Exchange the two.")


def _is_fixed(slot: SlotSpec) -> bool:
    """Whether both bounds are fixed, or both move with the present: only then can they be compared."""
    moving = [isinstance(bound, str) and not regex.match(r"\d{1,4}[-:]", bound) for bound in (slot.min, slot.max)]
    return moving[0] == moving[1]


def _no_bound(sheet: Sheet, location: Location, type: str, bound: float | str) -> Problem:
    shown = repr(bound) if isinstance(bound, str) else f"{bound:g}"
    if type not in _EXAMPLES:
        return sheet.document.problem(location, f"This must be a number, not {shown}.", "Write it in digits.")
    return sheet.document.problem(location, f"{shown} is no {type}.", f"Write it as in {_EXAMPLES[type]}.")


def _shown(bound: float | str | None) -> str:
    return f"{bound:g}" if isinstance(bound, int | float) else str(bound)


def _choices(sheet: Sheet, location: Location, slot: SlotSpec) -> Iterator[Problem]:
    if slot.type != "choice":
        if slot.choices is not None:
            message = f"A slot of type {slot.type} has no choices."
            yield sheet.document.at_key((*location, "choices"), message, "Write type: choice, or leave them out.")
        return
    if slot.choices is None:
        if not sheet.is_written(*location, "choices"):  # else, what is wrong with them was said
            yield sheet.document.at_key(location, "A choice needs something to choose from.", "Add choices: […].")
        return
    if isinstance(slot.choices, Mapping):
        for value, written in slot.choices.items():
            place = (*location, "choices", value)
            yield from text_checks.labels(sheet, place, written)
            if isinstance(written, ChoiceSpec) and written.url:
                message = "A choice is a value, and opens no address."
                yield sheet.document.at_key((*place, "url"), message, "Show it by buttons of a text.")
            if isinstance(written, ChoiceSpec) and written.condition is not None:
                yield from sheet.expression((*place, "if"), written.condition)
    yield from _told_apart(sheet, location, slot)


def _told_apart(sheet: Sheet, location: Location, slot: SlotSpec) -> Iterator[Problem]:
    """Choices that are called the same cannot be told apart."""
    seen: dict[tuple[str, ...], Choice] = {}
    for index, choice in enumerate(choices(slot, sheet.file.languages[0])):
        place: Location = (*location, "choices", index if isinstance(slot.choices, list) else choice.value)
        called = {tuple(words(name)): name for name in names(choice)}
        if () in called and len(called) == 1:
            message = f"{choice.value!r} has no letter and no digit to answer with."
            yield sheet.document.at_key(place, message, "Give it a label of words.")
        for key, name in called.items():
            if key and seen.setdefault(key, choice) is not choice:
                message = f"{name!r} is what {seen[key].value!r} is called too."
                yield sheet.document.at_key(place, message, "Call one of the two something else.")
                break


def _default(sheet: Sheet, location: Location, slot: SlotSpec) -> Iterator[Problem]:
    if slot.default is None:
        return
    place = (*location, "default")
    if default_text(slot):
        yield from sheet.jinja(place, default_text(slot))
        return
    if slot.type in ("money", "location", "media"):
        yield sheet.document.at_key(place, f"A slot of type {slot.type} has no default.", "Leave it out.")
    else:
        yield from fits(sheet, place, slot, slot.default, "The default ")


def fits(
    sheet: Sheet,
    location: Location,
    slot: SlotSpec,
    value: str | float | bool,  # noqa: FBT001 (a value like any other)
    called: str = "",
) -> Iterator[Problem]:
    """What is wrong with a value for a slot; `called` says what it is."""
    if slot.type == "choice":
        known = list(slot.choices or ())
        if known and value not in known:
            message = f"{shown(value)} is none of the choices."
            yield sheet.document.problem(location, message, nearest(str(value), known))
        return
    try:
        stored_default(slot.type, value)
    except (ValueError, OverflowError):
        message = f"{called}{shown(value)} is no {slot.type}."
        remedy = braced_remedy(value) or _AS_WRITTEN.get(slot.type, "Put it in quotes.")
        yield sheet.document.problem(location, message, remedy)


def _extra(sheet: Sheet, location: Location, slot: SlotSpec) -> Iterator[Problem]:
    module, extra = _EXTRAS.get(slot.type, ("", ""))
    if module and find_spec(module) is None:
        message = f"A slot of type {slot.type} needs the extra {extra!r} of botkit, which is not installed."
        yield sheet.document.problem((*location, "type"), message, f"Run: pip install 'botkit[{extra}]'")
