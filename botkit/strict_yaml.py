"""YAML, read strictly: what is written is what is meant, and every value knows its line and column.

Scalars are YAML 1.2's (only `true` and `false` are booleans; `19:00`, `+34951…`, `0123`, `no` and dates are text).
Duplicate keys, anchors and aliases are errors. Models find every mistake at once and name the nearest known key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Self, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from botkit.errors import Problem, nearest

Location = tuple[str | int, ...]
_Mark = Any  # of libyaml or of PyYAML, which share no class
Model = TypeVar("Model", bound=BaseModel)

_MAX_DEPTH = 50

_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]
    """Scalars as in YAML 1.2's core schema; all else is text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"~|null|", ["~", "n", ""]),
    ("int", r"0|-?[1-9][0-9]{0,17}", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), list(_first))


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file: its data, and where in the file each value stands."""

    path: Path
    data: Any
    node: yaml.Node | None
    problems: tuple[Problem, ...]
    """What is wrong with the file as YAML; `data` holds what could be read all the same."""

    def problem(self, location: Location, message: str, remedy: str = "", *, line: int = 0) -> Problem:
        """A problem at a location such as `('intents', 'wifi', 'reply')`, or as near to it as the file goes.

        `line` counts within a text that stands there, for what is written in another language such as Jinja.
        """
        mark, is_block = self._mark(location)
        if mark is None:
            return Problem(message, remedy, self.path)
        if line and is_block:
            return Problem(message, remedy, self.path, mark.line + 1 + line, 1)
        return Problem(message, remedy, self.path, mark.line + 1, mark.column + 1)

    def at_key(self, location: Location, message: str, remedy: str = "") -> Problem:
        """A problem with a key itself."""
        found = _pair(self.node, location)
        mark = found[0].start_mark if found else None
        if mark is None:
            return self.problem(location, message, remedy)
        return Problem(message, remedy, self.path, mark.line + 1, mark.column + 1)

    def _mark(self, location: Location) -> tuple[_Mark | None, bool]:
        node = self.node
        for part in location:
            node = _child(node, part) or node
        if node is None:
            return None, False
        is_block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
        return node.start_mark, is_block


def _child(node: yaml.Node | None, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item: yaml.Node = node.value[part]
        return item
    return None


def _pair(node: yaml.Node | None, location: Location) -> tuple[yaml.Node, yaml.Node] | None:
    """The key and value nodes of the last part of a location that is a key."""
    found = None
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if pair:
                found, node = pair, pair[1]
        else:
            node = _child(node, part) or node
    return found


def read(path: Path) -> Document:
    """Read a file. What is wrong with it as YAML stands in `problems`; nothing is raised but `OSError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        return Document(
            path, None, None, (Problem(f"This file is not UTF-8: {error.reason}.", "Save it as UTF-8.", path),)
        )
    return parse(text, path)


def parse(text: str, path: Path) -> Document:
    """Read YAML from a text; `path` is only for messages."""
    try:
        if refused := _refused(text, path):
            return Document(path, None, None, (refused,))
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            problems = tuple(_odd_keys(node, path)) if node else ()
            data = loader.construct_document(node) if node else None
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        return Document(path, None, None, (_syntax(error, text, path),))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Document(path, None, None, (Problem(f"This is not YAML: {error}.", path=path),))
    return Document(path, data, node, problems)


def _refused(text: str, path: Path) -> Problem | None:
    """What is part of YAML and not of ours, found before anything is built of it: bombs of aliases, deep nesting."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if getattr(event, "anchor", None):
            message = "Anchors and aliases (& and *) are not supported."
            return _at(event.start_mark, path, message, "Write the value out, or quote the text.")
        if getattr(event, "tag", None):
            return _at(event.start_mark, path, "Tags (!) are not supported.", "Quote the text.")
        if depth > _MAX_DEPTH:
            message = f"This is nested more than {_MAX_DEPTH} levels deep."
            return _at(event.start_mark, path, message, "Close the brackets and braces that were opened before.")
    return None


def _odd_keys(node: yaml.Node, path: Path) -> Iterator[Problem]:
    """Keys that stand twice or are no text, and keys made by an unquoted comma or a braced expression."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _odd_keys(item, path)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        if isinstance(key, yaml.MappingNode):
            remedy = 'Quote a text that begins with {{, as in reply: "{{ … }}".'
            yield _at(key.start_mark, path, "A text in braces is read as a map here.", remedy)
        elif not isinstance(key, yaml.ScalarNode):
            yield _at(key.start_mark, path, "A key must be a text.", "Write a plain word before the colon.")
        elif key.value in seen:
            message = f"The key {key.value!r} stands here a second time (first on line {seen[key.value]})."
            yield _at(key.start_mark, path, message, "Keep one of the two.")
        elif node.flow_style and value.start_mark.index == value.end_mark.index:
            message = f"{key.value!r} is read as a key without a value."
            yield _at(key.start_mark, path, message, "Inside { } a text with a comma needs quotes.")
        else:
            seen[key.value] = key.start_mark.line + 1
            yield from _odd_keys(value, path)


def _syntax(error: yaml.MarkedYAMLError, text: str, path: Path) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
    key, colon, value = line.partition(": ")
    remedy = "Check the indentation and the quotes on this line and the one before."
    if "\t" in line[: len(line) - len(line.lstrip())]:
        remedy = "Indent with spaces, not with tabs."
    elif "expected ','" in str(error.problem):
        remedy = "Close the bracket or the brace that was opened before."
    elif colon and value and not value.lstrip().startswith(('"', "'", "[", "{ ", "|", ">")):
        remedy = f"Quote the text: {key.strip()}: {_quoted(value.strip())}"
    message = f"This is not YAML: {error.problem or error.context}."
    return _at(mark, path, message, remedy) if mark else Problem(message, remedy, path)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _at(mark: _Mark, path: Path, message: str, remedy: str) -> Problem:
    return Problem(message, remedy, path, mark.line + 1, mark.column + 1)


class Strict(BaseModel):
    """A model that knows all its keys, and for an unknown one the nearest."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @model_validator(mode="wrap")
    @classmethod
    def _name_the_nearest_key(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            raise ValidationError.from_exception_data(
                error.title, [cls._explain(item) for item in error.errors()]
            ) from None

    @classmethod
    def _explain(cls, error: Mapping[str, Any]) -> InitErrorDetails:
        location = error["loc"]
        kind = PydanticCustomError(error["type"], "{message}", {"message": error["msg"], **error.get("ctx", {})})
        if error["type"] == "extra_forbidden" and len(location) == 1:
            remedy = nearest(str(location[0]), _keys(cls))
            context = {"message": f"There is no key {str(location[0])!r} here.", "remedy": remedy}
            kind = PydanticCustomError("unknown_key", "{message}", context)
        return InitErrorDetails(type=kind, loc=location, input=error["input"])


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def validate(
    document: Document, model: type[Model], placeholders: Mapping[str, Any] = MappingProxyType({})
) -> tuple[Model | None, list[Problem]]:
    """The document as a model, and every mistake in it.

    Mistaken parts are left out, `placeholders` stand in for required keys of the document itself, and the rest is read,
    so that a caller can check that as well. `None` comes back when even that does not make a whole.
    """
    data, problems = deepcopy(document.data if document.data is not None else {}), list[Problem]()
    for _ in range(_ROUNDS):
        try:
            return model.model_validate(data), problems
        except ValidationError as error:
            mistakes = error.errors()
        if not problems:
            problems = [_problem(document, mistake) for mistake in mistakes]
        if not _prune(data, [_place(mistake) for mistake in mistakes]):
            return None, problems
        if isinstance(data, dict):
            data = {**placeholders, **data}
    return None, problems


_ROUNDS = 10


def _place(mistake: Mapping[str, Any]) -> Location:
    """What to leave out: the mistaken value, or the map in which something is missing."""
    location: Location = mistake["loc"]
    return location[:-1] if mistake["type"] == "missing" else location


def _prune(data: Any, locations: Iterable[Location]) -> bool:
    """Leave out what stands at the locations; tell whether that was possible. The last items of lists go first."""
    holders = [found for location in locations if (found := _holder(data, location))]
    for holder, key in sorted(holders, key=lambda found: (isinstance(found[1], int), found[1]), reverse=True):
        if isinstance(holder, dict):
            holder.pop(key, None)
        elif isinstance(key, int) and key < len(holder):
            del holder[key]
    return isinstance(data, dict)


def _holder(data: Any, location: Location) -> tuple[Any, str | int] | None:
    """The innermost map or list on the way to a location, and the key in it."""
    node, found = data, None
    for part in location:
        is_key = isinstance(node, dict) and part in node
        is_index = isinstance(node, list) and isinstance(part, int) and part < len(node)
        if is_key or is_index:
            found, node = (node, part), node[part]
    return found


_WORDING: Mapping[str, str] = {
    "missing": "The key {key!r} is missing.",
    "string_type": "This must be a text, not {found}.",
    "list_type": "This must be a list, not {found}.",
    "tuple_type": "This must be a list, not {found}.",
    "dict_type": "This must be a map, not {found}.",
    "model_type": "This must be a map, not {found}.",
    "model_attributes_type": "This must be a map, not {found}.",
    "bool_type": "This must be true or false, not {found}.",
    "bool_parsing": "This must be true or false, not {found}.",
    "int_type": "This must be a whole number, not {found}.",
    "int_parsing": "This must be a whole number, not {found}.",
    "float_type": "This must be a number, not {found}.",
    "float_parsing": "This must be a number, not {found}.",
}


def _problem(document: Document, mistake: Mapping[str, Any]) -> Problem:
    location: Location = mistake["loc"]
    context = mistake.get("ctx", {})
    kind = mistake["type"]
    if location and location[-1] == "[key]":
        return document.at_key(
            location[:-1], str(context.get("message") or mistake["msg"]), str(context.get("remedy", ""))
        )
    if kind == "unknown_key":
        return document.at_key(location, context["message"], context["remedy"])
    if kind in ("literal_error", "enum") and isinstance(mistake["input"], str):
        allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        message = f"{mistake['input']!r} is not known here."
        return document.problem(location, message, nearest(mistake["input"], allowed))
    wording = _WORDING.get(kind)
    if wording:
        message = wording.format(key=location[-1] if location else "", found=_describe(mistake["input"]))
    else:
        message = (
            str(context.get("message") or mistake["msg"])
            .removeprefix("Value error, ")
            .replace("Input should", "This must")
        )
        message = message[:1].upper() + message[1:] + ("" if message.endswith((".", "?")) else ".")
    return document.problem(location, message, str(context.get("remedy", "")))


def _describe(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    return repr(value)


def written(pattern: str, meant: str, example: str) -> Any:
    """The type of a text that must be written in a certain way: `meant` says what it is, `example` how it looks."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            context = {"message": f"{value!r} is no {meant}.", "remedy": f"Write it as in {example}."}
            raise PydanticCustomError("written", "{message}", context)
        return value

    return Annotated[str, AfterValidator(check), Field(json_schema_extra={"pattern": f"^({pattern})$"})]


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def _seconds(value: object) -> object:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", value) if isinstance(value, str) else None
    if match:
        return float(match[1]) * _UNITS[match[2]]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise ValueError(f"{value!r} is not a length of time; write 30s, 20m, 8h or 7d")


Seconds = Annotated[float, BeforeValidator(_seconds, json_schema_input_type=str | float)]
"""A length of time, written `30s`, `20m`, `8h` or `7d`; a bare number is in seconds."""
