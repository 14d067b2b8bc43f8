"""The JSON Schema of bot files, as kind to editors as it can be made.

Its form comes from the models of `schema.py`, its descriptions from their docstrings, its examples from examples.yaml.
Pydantic's own schema is exact, and editors make little of it: they want alternatives that are named, defaults as they
are written in YAML, and no title that only repeats a key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from botkit.dialogue.phrases import BUILT_IN
from botkit.spec.choices import Phrases
from botkit.spec.schema import BotFile
from botkit.spec.texts import TextSpec
from botkit.spec.words import LANGUAGE, LANGUAGE_CODE
from botkit.strict_yaml.document import Document, parse
from botkit.strict_yaml.validation import Seconds, shown_time

Schema = dict[str, Any]

NAMED: Mapping[str, tuple[Any, str]] = {
    "phrases": (Phrases, "A list of phrases, or one by language."),
    "text": (TextSpec, "Something to say, in Jinja: a text, a list of variants, or a map of languages and parts."),
    "time": (Seconds, "A length of time: 30s, 20m, 8h or 7d; a bare number is in seconds."),
}
"""What stands in many places under no name of its own: its type, and what it is."""

_WORDS: Mapping[str, str] = {
    "StepSpec": "One step: what it does is named by its verb.",
    "StepsSpec": "A list of steps, one step by itself, or a text, which is said.",
}
"""What the other names mean that have no docstring which can be read."""

_SUGGESTED: Mapping[str, Sequence[str]] = {LANGUAGE_CODE: sorted(BUILT_IN["fallback"])}
"""What editors suggest for a value that may be another as well, by its title."""

_ABOUT = ("title", "description", "default", "examples")
"""What is said about a value, beside what it may be."""


def json_schema() -> Schema:
    """The JSON Schema of a bot file."""
    written = BotFile.model_json_schema()
    named: dict[str, Schema] = {}
    for name, (kind, _) in NAMED.items():
        named[name] = _Gentle(named).of(_form_of(kind))
    schema = _Gentle(named).of({**written, "title": "botkit bot file"})
    tables = schema.pop("$defs")
    words = {name: {"title": name, "description": NAMED[name][1], **form} for name, form in named.items()}
    schema["$defs"] = {**tables, **words}
    for name, table in [("BotFile", schema), *tables.items()]:
        table.setdefault("title", title_of(name))
        if name in _WORDS:
            table["description"] = _WORDS[name]
        properties, required = table.get("properties", {}), table.get("required", ())
        for key in sorted(properties, key=lambda key: key not in required):
            examples = [example for example, _ in examples_of(name, key)]
            properties[key] = _in_order({**properties.pop(key), "examples": examples})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def title_of(model: str) -> str:
    """The name of a model in words: `IntentSpec` is 'intent', `SayStep` is 'say step'."""
    words = re.findall("[A-Z]+(?![a-z])|[A-Z][a-z]*", model.removesuffix("Spec"))
    return " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in words)


def examples_of(model: str, key: str) -> Iterator[tuple[Any, str]]:
    """Examples of a key: each as data and as it is written. What many models share stands under `any`."""
    document = _examples()
    tables = (model, *document.data["like"].get(model, ()), "any")
    table = next((name for name in tables if key in document.data.get(name, {})), None)
    if table is not None:
        yield document.data[table][key], document.written((table, key))


@cache
def _examples() -> Document:
    file = files("botkit.spec") / "examples.yaml"
    return parse(file.read_text(encoding="utf-8"), Path("examples.yaml"))


def _form_of(kind: Any) -> Schema:
    schema = TypeAdapter(kind).json_schema()
    return {key: value for key, value in schema.items() if key not in ("$defs", *_ABOUT)}


def _in_order(schema: Schema) -> Schema:
    return {key: schema[key] for key in (*_ABOUT, *schema) if key in schema}


class _Gentle:
    """Rewrites a schema for editors; `named` are the forms that get a name in place of being repeated."""

    def __init__(self, named: Mapping[str, Schema]) -> None:
        self._named = named

    def of(self, schema: Schema) -> Schema:
        """The schema rewritten, with all that lies in it."""
        made = _with_children(schema, self.of)
        if "anyOf" in made:
            made["anyOf"] = _flat(made["anyOf"])
        if isinstance(made.get("additionalProperties"), dict) and "properties" in made:
            made["patternProperties"] = {f"^({LANGUAGE})$": made["additionalProperties"]}
            made["additionalProperties"] = False
        if "patternProperties" in made:
            made.setdefault("additionalProperties", False)
        if made.get("title") in _SUGGESTED:
            made["examples"] = list(_SUGGESTED[made["title"]])
        form = {key: value for key, value in made.items() if key not in _ABOUT}
        for name, known in self._named.items():
            if form == known:
                about = {key: made[key] for key in _ABOUT if key in made and key != "title"}
                return _without_odd_defaults({**about, "$ref": f"#/$defs/{name}"})
        return _without_odd_defaults(made)


def _with_children(schema: Schema, rewrite: Callable[[Schema], Schema]) -> Schema:
    made: Schema = {}
    for key, value in schema.items():
        if key in ("properties", "patternProperties", "$defs"):
            made[key] = {name: _without_own_name(name, rewrite(_meant(name, item))) for name, item in value.items()}
        elif key in ("anyOf", "oneOf"):
            made["anyOf"] = [rewrite(item) for item in value]
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            made[key] = rewrite(value)
        elif key != "discriminator":
            made[key] = value
    return made


def _meant(name: str, schema: Schema) -> Schema:
    """What one would write under a key: `null` only where it means something else than leaving the key out."""
    null = {"type": "null"}
    is_said = name.startswith("on_") or "null" in schema.get("description", "")
    if is_said or schema.get("default", null) is not None or null not in schema.get("anyOf", ()):
        return schema
    others = [option for option in schema["anyOf"] if option != null]
    form = {"anyOf": others} if len(others) > 1 else others[0]
    return {**{key: value for key, value in schema.items() if key != "anyOf"}, **form}


def _without_own_name(name: str, schema: Schema) -> Schema:
    """A title that only repeats the key, or the name of the class, says nothing."""
    if schema.get("title") in (name.replace("_", " ").title(), name):
        return {key: value for key, value in schema.items() if key != "title"}
    return schema


def _flat(options: list[Schema]) -> list[Schema]:
    """The alternatives with those of alternatives that are nothing else, each once."""
    found: list[Schema] = []
    for option in options:
        found += [item for item in (option["anyOf"] if set(option) == {"anyOf"} else [option]) if item not in found]
    return found


def _without_odd_defaults(schema: Schema) -> Schema:
    """Defaults as they are written: times with their unit, and none that is empty or a whole map."""
    default = schema.get("default")
    if default in (None, "", [], {}) or isinstance(default, dict):
        return {key: value for key, value in schema.items() if key != "default"}
    if isinstance(default, float) and schema.get("$ref") == "#/$defs/time":
        return {**schema, "default": shown_time(default)}
    return schema
