"""The JSON Schema that editors complete bot files with, and the reference that is written from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from botkit.spec.json_schema import Schema, examples_of, json_schema, title_of
from botkit.spec.reference import reference
from botkit.strict_yaml.document import parse, read
from botkit.strict_yaml.validation import shown_time
from tests.conftest import ROOT

SCHEMA = json_schema()
TABLES: dict[str, Schema] = {"BotFile": SCHEMA, **SCHEMA["$defs"]}
KEYS = [(name, key) for name, table in TABLES.items() for key in table.get("properties", {})]


def mistakes(data: Any, schema: Schema = SCHEMA) -> list[str]:
    validator = Draft202012Validator({"$defs": SCHEMA["$defs"], **schema})
    return [error.message for error in validator.iter_errors(data)]


def schemas(node: Any) -> Iterator[Schema]:
    """Every map and list in a schema, but for its examples and defaults."""
    if isinstance(node, dict):
        yield node
        for key, value in node.items():
            if key not in ("examples", "default"):
                yield from schemas(value)
    elif isinstance(node, list):
        for item in node:
            yield from schemas(item)


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_file_that_the_samples_name_is_current() -> None:
    written = json.loads((ROOT / "botkit/spec/bot.schema.json").read_text(encoding="utf-8"))
    assert written == SCHEMA, "Run: botkit schema > botkit/spec/bot.schema.json"


def test_the_reference_is_current() -> None:
    written = (ROOT / "docs/reference.md").read_text(encoding="utf-8")
    assert written == reference(), "Run: botkit schema --reference > docs/reference.md"


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_described(table: str) -> None:
    assert TABLES[table]["description"].endswith(".")
    assert TABLES[table]["title"]


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_every_key_has_a_description_and_an_example_that_is_right(table: str, key: str) -> None:
    schema = TABLES[table]["properties"][key]
    assert schema["description"].endswith((".", "}}.", ")."))
    assert schema["examples"]
    for example in schema["examples"]:
        assert mistakes(example, schema) == []


def test_every_example_is_of_a_key_that_there_is() -> None:
    examples = read(ROOT / "botkit/spec/examples.yaml").data
    any_of = {key for _, key in KEYS}
    strange = [
        (table, key)
        for table, keys in examples.items()
        if table != "like"
        for key in keys
        if (table, key) not in KEYS and not (table == "any" and key in any_of)
    ]
    assert strange == []


def test_examples_are_written_in_one_line() -> None:
    assert not any("\n" in written for table, key in KEYS for _, written in examples_of(table, key))


# ─── the samples ───


@pytest.mark.parametrize("path", sorted((ROOT / "bots").glob("*.yaml")), ids=lambda path: path.name)
def test_the_samples_are_right(path: Path) -> None:
    assert mistakes(read(path).data) == []


BOT = "bot: cafe\nchannels: [webchat]\n"


@pytest.mark.parametrize(
    "source",
    [
        BOT,
        BOT + "stale_after: 90\n",
        BOT + "fallback: [a, b]\n",
        BOT + "fallback: {en: a, es: [b, c], template: news}\n",
        BOT + "responder: [llm, {knowledge: {threshold: 0.4}}, 'shop:Answers', {mine: {deep: [1]}}]\n",
        BOT + "slots: {when: {type: time, min: 19:00, max: 22:30, remember: 7d}}\n",
        BOT + "on_late: null\n",
    ],
)
def test_what_is_right_is_right_in_an_editor(source: str) -> None:
    assert mistakes(parse(source, Path("cafe.yaml")).data) == []


@pytest.mark.parametrize(
    "source",
    [
        "bot: cafe\n",
        "channels: [webchat]\n",
        "bot: My Café\nchannels: [webchat]\n",
        BOT + "chanels: []\n",
        BOT + "languages: [English]\n",
        BOT + "stale_after: soon\n",
        BOT + "stale_after: -1\n",
        BOT + "intents: {Order: {}}\n",
        BOT + "intents: {order: {keywords: hello}}\n",
        BOT + "intents: {order: {reply: {english: hello}}}\n",
        BOT + "intents: {order: {reply: {text: hello, butons: {}}}}\n",
        BOT + "slots: {when: {type: tme}}\n",
        BOT + "window: {hold: fold}\n",
    ],
)
def test_what_is_wrong_is_wrong_in_an_editor(source: str) -> None:
    assert mistakes(parse(source, Path("cafe.yaml")).data)


# ─── kindness to editors ───


def test_alternatives_may_overlap_and_hold_no_alternatives_themselves() -> None:
    for schema in schemas(SCHEMA):
        assert "oneOf" not in schema
        assert "discriminator" not in schema
        assert not any(set(option) == {"anyOf"} for option in schema.get("anyOf", ()) if isinstance(option, dict))


def test_what_stands_in_many_places_has_a_name() -> None:
    assert SCHEMA["properties"]["stale_after"]["$ref"] == "#/$defs/time"
    assert SCHEMA["$defs"]["IntentSpec"]["properties"]["keywords"]["$ref"] == "#/$defs/phrases"


def test_languages_that_botkit_speaks_are_suggested() -> None:
    assert {"en", "es", "de"} <= set(SCHEMA["properties"]["languages"]["items"]["examples"])


def test_defaults_are_written_as_one_would_write_them() -> None:
    assert SCHEMA["properties"]["stale_after"]["default"] == "6h"
    assert SCHEMA["properties"]["languages"]["default"] == ["en"]
    assert not any(schema.get("default", 1) in (None, [], {}) for schema in schemas(SCHEMA))


@pytest.mark.parametrize(
    ("model", "title"),
    [("IntentSpec", "intent"), ("SayStep", "say step"), ("LLMOptions", "LLM options"), ("TextParts", "text parts")],
)
def test_tables_are_called_by_words(model: str, title: str) -> None:
    assert title_of(model) == title


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.5, "0.5s"), (0, "0s"), (1, "1s"), (90, "90s"), (120, "2m"), (21600, "6h"), (86400, "1d"), (1.5, "1.5s")],
)
def test_times_are_shown_with_the_largest_unit_that_divides_them(seconds: float, shown: str) -> None:
    assert shown_time(seconds) == shown
