"""Phrases as contacts write them, type by type and language by language, and what is made of each.

The tables are `tables/*.yaml`. The expected word is a value in its stored form, `ambiguous` for what is asked back, or
`refused`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from botkit.dialogue.bot import Slot
from botkit.dialogue.plan import Filled
from botkit.dialogue.said import Said
from botkit.dialogue.text import Choice
from botkit.dialogue.values import Value
from botkit.slots.readers import PYTHON_TYPES, read_slot

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=ZoneInfo("Europe/Madrid"))
NUMERIC = ("text", "integer", "number", "money")
CHOICES = (
    Choice("terrace", {"en": "Terrace", "es": "Terraza"}),
    Choice(
        "indoors", {"en": "Indoors", "es": "Interior"}, {}, {"en": ("inside", "dining room"), "es": ("dentro", "salón")}
    ),
    Choice("bar", {"en": "At the bar", "es": "En la barra"}),
)


def cases() -> Iterator[Any]:
    for path in sorted(Path(__file__).with_name("tables").glob("*.yaml")):
        for table in yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader):  # noqa: S506 (it makes only texts)
            for phrase, expected in table["phrases"].items():
                yield pytest.param(table, phrase, expected, id=f"{table['slot']['type']}-{phrase}")


def slot_of(table: Mapping[str, Any]) -> Slot:
    written = dict(table["slot"])
    if written["type"] in NUMERIC:
        written |= {key: float(written[key]) for key in ("min", "max") if key in written}
    return Slot("s", **written, choices=CHOICES if written["type"] == "choice" else ())


def outcome(table: Mapping[str, Any], phrase: str, *, asked: bool = True) -> str:
    said = Said(phrase, NOW, tuple(table["languages"]), table.get("country", ""))
    reading = read_slot(slot_of(table), said, asked)
    if isinstance(reading, Filled):
        return written(reading.value)
    return "ambiguous" if reading.means else "refused"


def written(value: Value) -> str:
    if isinstance(value, Mapping):
        return " ".join(map(str, value.values()))
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("table", "phrase", "expected"), list(cases()))
def test_a_phrase_means_what_people_mean_by_it(table: Mapping[str, Any], phrase: str, expected: str) -> None:
    assert outcome(table, phrase) == expected


def test_every_type_has_ten_phrases_in_english_and_in_spanish() -> None:
    counts = Counter(case.values[0]["slot"]["type"] for case in cases())
    assert sum(counts.values()) >= 200
    written_elsewhere = {"media"}  # is sent, not written
    assert {type for type in PYTHON_TYPES if counts[type] < 10} == written_elsewhere
    languages = {
        (case.values[0]["slot"]["type"], language) for case in cases() for language in case.values[0]["languages"]
    }
    assert {type for type in PYTHON_TYPES if not {(type, "en"), (type, "es")} <= languages} == written_elsewhere
