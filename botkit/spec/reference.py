"""The reference of the bot file in Markdown: every key of the JSON Schema, with type, default, meaning and example."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botkit.spec.json_schema import Schema, examples_of, json_schema

_HEAD = """\
# Reference of the bot file

Every key that a bot file may have. This page is written by `botkit schema --reference` from the source that also checks
bot files and makes the JSON Schema for editors. [bot-file.md](bot-file.md) explains how they work together.

Where a default is given, the key may be left out; so it may where the default is empty.
"""
_SIMPLE = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "string": "string",
}
_FIRST = "BotFile"


def reference() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_page(json_schema())])


def _page(schema: Schema) -> Iterator[str]:
    tables = {_FIRST: {**schema, "title": "bot file"}, **schema["$defs"]}
    for name in _in_order_of_mention(tables):
        table = tables[name]
        yield f"## {_heading(table['title'])}\n"
        yield f"{table['description']}\n"
        if "anyOf" in table:
            yield f"It is written as {_alternatives(table, tables)}.\n"
        else:
            yield from _table(name, table, tables)
            yield ""


def _in_order_of_mention(tables: Mapping[str, Schema]) -> list[str]:
    """The tables as one meets them: those that a table names follow it."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name in found:
            return
        found.append(name)
        for mentioned in _mentioned(tables[name]):
            visit(mentioned)

    visit(_FIRST)
    return sorted(found, key=lambda name: "anyOf" in tables[name])


def _mentioned(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for item in schema:
            yield from _mentioned(item)
    elif isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference.rpartition("/")[2]
        for key, value in schema.items():
            if key not in ("$defs", "examples", "default", "required"):
                yield from _mentioned(value)


def _table(name: str, table: Schema, tables: Mapping[str, Schema]) -> Iterator[str]:
    yield "| key | type | default | meaning | example |"
    yield "| --- | --- | --- | --- | --- |"
    for key, value in table["properties"].items():
        default = "required" if key in table.get("required", ()) else _default(value)
        example = "; ".join(_code(written) for _, written in examples_of(name, key))
        cells = (_code(key), _type(value, tables), default, value["description"], example)
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
    for form in table.get("patternProperties", {}).values():
        yield f"| a language | {_cell(_type(form, tables))} | | The words in that language. | |"


def _default(schema: Schema) -> str:
    if "default" not in schema:
        return ""
    default = schema["default"]
    return _code(f"[{', '.join(map(str, default))}]" if isinstance(default, list) else _scalar(default))


def _scalar(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _type(schema: Schema, tables: Mapping[str, Schema]) -> str:
    """What a value may be, in words."""
    if "$ref" in schema:
        title = tables[schema["$ref"].rpartition("/")[2]]["title"]
        return f"[{title}](#{_heading(title).lower().replace(' ', '-')})"
    if values := schema.get("enum", [schema["const"]] if "const" in schema else ()):
        return ", ".join(map(_code, values))
    if "anyOf" in schema:
        return _alternatives(schema, tables)
    if schema.get("type") == "array":
        return f"list of {_inside(schema.get('items', {}), tables)}"
    if schema.get("type") == "object":
        inside = next(iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties"))
        return f"map of names to {_inside(inside, tables)}" if isinstance(inside, dict) else "map"
    return str(schema.get("title", _SIMPLE.get(schema.get("type", ""), "any value")))


def _inside(schema: Schema, tables: Mapping[str, Schema]) -> str:
    told = _type(schema, tables)
    return f"({told})" if "anyOf" in schema else told


def _alternatives(schema: Schema, tables: Mapping[str, Schema]) -> str:
    return " or ".join(dict.fromkeys(_type(option, tables) for option in schema["anyOf"]))


def _heading(title: str) -> str:
    return title[:1].upper() + title[1:]


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
