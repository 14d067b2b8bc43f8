"""A document → a model of pydantic, or every mistake in it at once, each with its place and what to write instead."""

from __future__ import annotations

import ast
import inspect
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import pairwise, takewhile
from textwrap import dedent
from types import MappingProxyType
from typing import Annotated, Any, Self, TypeVar

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

from botkit.errors import Problem, nearest
from botkit.strict_yaml.document import Document, Location, child, value_at

Model = TypeVar("Model", bound=BaseModel)


class Strict(BaseModel):
    """A model that knows all its keys, and for an unknown one the nearest."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

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
        if error["type"] == "extra_forbidden" and len(location) == 1:
            return cls._unknown(str(location[0]))
        kind = PydanticCustomError(error["type"], "{message}", {"message": error["msg"], **error.get("ctx", {})})
        return InitErrorDetails(type=kind, loc=location, input=error["input"])

    @classmethod
    def _unknown(cls, key: str) -> InitErrorDetails:
        return unknown_key(key, f"There is no key {key!r} here.", nearest(key, keys_of(cls)))

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe each key by its docstring. Pydantic can do so itself, but reads the source whenever one starts."""
        schema = handler.resolve_ref_schema(handler(core_schema))
        for model in reversed(cls.__mro__):
            for name, words in _docstrings(model) if issubclass(model, Strict) else ():
                schema["properties"][cls.model_fields[name].alias or name]["description"] = words
        return schema


def refusal(message: str, remedy: str, kind: str = "written") -> PydanticCustomError:
    """What to raise of a value that is written in a wrong way; `kind` is only for those who look through mistakes."""
    return PydanticCustomError(kind, "{message}", {"message": message, "remedy": remedy})


def unknown_key(key: str, message: str, remedy: str, kind: str = "unknown_key") -> InitErrorDetails:
    """The mistake of a key that does not belong where it stands."""
    return InitErrorDetails(type=refusal(message, remedy, kind), loc=(key,), input=key)


def one_value(value: object) -> object:
    """A value as it is, where it is one: no list, no map, and not nothing."""
    if value is None or isinstance(value, dict | list):
        raise PydanticCustomError("string_type", "")
    return value


def _docstrings(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """The attributes of a class that have a docstring, each with it."""
    (written,) = ast.parse(dedent(inspect.getsource(model))).body
    for attribute, below in pairwise(written.body if isinstance(written, ast.ClassDef) else ()):
        words = below.value if isinstance(below, ast.Expr) else None
        if isinstance(attribute, ast.AnnAssign) and isinstance(words, ast.Constant):
            yield ast.unparse(attribute.target), inspect.cleandoc(str(words.value))


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a map, as they are written."""
    return [field.alias or name for name, field in model.model_fields.items()]


def keys_set(model: BaseModel) -> list[str]:
    """The keys that were written of a model."""
    fields = type(model).model_fields
    return [(fields[name].alias or name) if name in fields else name for name in model.model_fields_set]


def validate(
    document: Document, model: type[Model], placeholders: Mapping[str, Any] = MappingProxyType({})
) -> tuple[Model | None, list[Problem]]:
    """The document as a model, and every mistake in it.

    Mistaken parts are left out, `placeholders` stand in for required keys of the document itself, and the rest is read,
    so that a caller can check that as well. `None` comes back when even that does not make a whole.
    """
    data, problems = document.data if document.data is not None else {}, list[Problem]()
    for _ in range(_ROUNDS):
        try:
            return model.model_validate(data), problems
        except ValidationError as error:
            mistakes = _without_what_is_not_indented(error.errors(), data)
        if not problems:
            data = deepcopy(data)  # what is left out here stays in the document
        told = [mistake for mistake in mistakes if not problems or mistake["type"] == "unknown_key"]
        problems += [
            _problem(document, mistake)
            for mistake in told
            if mistake["type"] != "follows" and not _is_misspelt(mistake, mistakes)
        ]
        if not _prune(data, document.node, [mistake["loc"] for mistake in mistakes]):
            return None, problems
        if isinstance(data, dict):
            data = {**placeholders, **data}
    return None, problems


_ROUNDS = 10


def _is_misspelt(mistake: Mapping[str, Any], mistakes: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a key is missing only because it stands there under a similar name."""
    *place, key = mistake["loc"] or ("",)
    return mistake["type"] == "missing" and any(
        other["type"] == "unknown_key"
        and [*other["loc"][:-1]] == place
        and f"{key!r}" in other["ctx"]["remedy"]
        and other["ctx"]["remedy"].startswith("Did")
        for other in mistakes
    )


def _without_what_is_not_indented(mistakes: Sequence[Any], data: Any) -> Sequence[Any]:
    """Where a body stands beside its name and not below it, one mistake in place of those that follow from that."""
    found, within = list[Any](), set[Location]()
    for mistake in mistakes:
        *place, name = mistake["loc"] or ("",)
        table = value_at(data, place)
        if mistake["type"] == "model_type" and mistake["input"] is None and isinstance(table, dict):
            body = _body(name, [*table], _keys_of_model(mistake["ctx"]["class_name"]))
            within |= {(*place, key) for key in body}
            if body:
                message = f"{name!r} has nothing in it: what is meant to stand in it stands beside it."
                remedy = f"Indent {body[0]}: … by two more spaces" + (", and what follows it." if body[1:] else ".")
                found.append({**mistake, "type": "not_indented", "ctx": {"message": message, "remedy": remedy}})
                continue
        found.append(mistake)
    is_part = [any(mistake["loc"][: len(place)] == place for place in within) for mistake in found]
    return [{**mistake, "type": "follows"} if part else mistake for mistake, part in zip(found, is_part, strict=True)]


def _body(name: str | int, keys: Sequence[str], known: Collection[str]) -> Sequence[str]:
    """The keys right behind a name that belong into it."""
    behind = keys[keys.index(name) + 1 :] if name in keys else ()
    return list(takewhile(known.__contains__, behind))


def _keys_of_model(name: str) -> Collection[str]:
    """The keys of a model that is called so."""
    waiting = [Strict]
    while waiting:
        model = waiting.pop()
        if model.__name__ == name:
            return keys_of(model)
        waiting += model.__subclasses__()
    return ()


def _prune(data: Any, tree: yaml.Node | None, locations: Iterable[Location]) -> bool:
    """Leave out what stands at the locations, or the map in which it is missing; tell whether that was possible.

    The last items of lists go first; the tree loses them too, so that the others are still found by their number.
    """
    holders = [found for location in locations if (found := _holder(data, tree, location))]
    gone = set[tuple[int, str | int]]()
    for holder, key, node in sorted(holders, key=lambda found: (isinstance(found[1], int), found[1]), reverse=True):
        if isinstance(holder, dict):
            holder.pop(key, None)
        elif isinstance(key, int) and (id(holder), key) not in gone:
            gone.add((id(holder), key))
            del holder[key]
            if isinstance(node, yaml.SequenceNode):
                del node.value[key]
    return isinstance(data, dict)


def _holder(data: Any, tree: yaml.Node | None, location: Location) -> tuple[Any, str | int, yaml.Node | None] | None:
    """The innermost map or list on the way to a location, the key in it, and where it stands in the tree."""
    value, node, found = data, tree, None
    for part in location:
        is_key = isinstance(value, dict) and part in value
        is_index = isinstance(value, list) and isinstance(part, int) and part < len(value)
        if is_key or is_index:
            found, value, node = (value, part, node), value[part], child(node, part)
    return found


_AS_TEXT = "Write a text, in quotes if it looks like something else."
_AS_MAP = "Write it as `key: value`, or leave it out."
_AS_NUMBER = "Write it in digits."
_WORDING: Mapping[str, tuple[str, str]] = {
    "missing": ("The key {key!r} is missing.", "Add {key}: …"),
    "string_type": ("This must be a text, not {found}.", _AS_TEXT),
    "union_tag_invalid": ("This must be a text or a list, not {found}.", _AS_TEXT),
    "list_type": ("This must be a list, not {found}.", "Write it in brackets: […]."),
    "dict_type": ("This must be a map, not {found}.", _AS_MAP),
    "model_type": ("This must be a map, not {found}.", _AS_MAP),
    "bool_type": ("This must be true or false, not {found}.", "Write true or false."),
    "bool_parsing": ("This must be true or false, not {found}.", "Write true or false."),
    "int_type": ("This must be a whole number, not {found}.", _AS_NUMBER),
    "int_parsing": ("This must be a whole number, not {found}.", _AS_NUMBER),
    "int_from_float": ("This must be a whole number, not {found}.", _AS_NUMBER),
    "float_type": ("This must be a number, not {found}.", _AS_NUMBER),
    "float_parsing": ("This must be a number, not {found}.", _AS_NUMBER),
    "greater_than_equal": ("{found} is too little.", "Write {ge:g} or more."),
    "less_than_equal": ("{found} is too much.", "Write {le:g} or less."),
    "string_too_short": ("This text is empty.", "Write something, or leave it out."),
    "too_short": ("This is empty.", "Write something, or leave it out."),
    "too_long": ("At most {max_length} entry fits here.", "Leave out the rest."),
}


def _problem(document: Document, mistake: Mapping[str, Any]) -> Problem:
    location: Location = mistake["loc"]
    context = mistake.get("ctx", {})
    kind, found = mistake["type"], mistake["input"]
    is_key = location[-1:] == ("[key]",)
    location = location[:-1] if is_key else location
    place = document.at_key if is_key or kind in ("unknown_key", "not_indented", "astray") else document.problem
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", context["expected"])
        return place(location, f"{described(found)} is not known here.", nearest(str(found), allowed))
    wording = _WORDING.get(kind)
    if wording:
        facts = {**context, "key": location[-1] if location else "", "found": described(found)}
        message, remedy = (part.format(**facts) for part in wording)
        return place(location, message, remedy)
    return place(location, context.get("message", mistake["msg"]), context.get("remedy", ""))


def described(value: object) -> str:
    """A value as a message names it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    return repr(value)


def written(pattern: str, meant: str, example: str, known_as: Callable[[str], str | None] = lambda _: None) -> Any:
    """The type of a text that must be written in a certain way: `meant` says what it is, `example` how it looks.

    `known_as` gives what to write for something that is known by another name.
    """

    def check(value: object) -> object:
        one_value(value)
        if not (isinstance(value, str) and re.fullmatch(pattern, value)):
            near = next((guess for guess in _guesses(str(value)) if re.fullmatch(pattern, guess)), None)
            remedy = f"Did you mean {near!r}?" if near else f"Write it as in {example}."
            remedy = f"Write {code}." if (code := known_as(str(value))) else remedy
            raise refusal(f"{described(value)} is no {meant}.", remedy)
        return value

    shown: dict[str, Any] = {"title": meant, "pattern": f"^({pattern})$"}
    return Annotated[str, BeforeValidator(check), Field(json_schema_extra=shown)]


def _guesses(value: str) -> Iterator[str]:
    """How a text may have been meant that is written in another way."""
    plain = unicodedata.normalize("NFKD", value.casefold()).encode("ascii", "ignore").decode()
    yield from (value.lower(), value.upper(), re.sub(r"\W+", "_", plain).strip("_"))
    yield re.split(r"[-_]", value.lower())[0]


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(value: object) -> float:
    """A length of time as it is written, in seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", value) if isinstance(value, str) else None
    if match:
        return float(match[1]) * _UNITS[match[2]]
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    raise refusal(f"{described(value)} is no length of time.", "Write it as in 30s, 20m, 8h or 7d.")


def shown_time(seconds: float) -> str:
    """A length of time as it is written: 21600 is `6h`."""
    unit = next((unit for unit, size in reversed(_UNITS.items()) if seconds >= size and not seconds % size), "s")
    return f"{seconds / _UNITS[unit]:g}{unit}"


LENGTH_OF_TIME = {
    "title": "time",
    "anyOf": [{"type": "string", "pattern": r"^\d+(\.\d+)?(ms|s|m|h|d)$"}, {"type": "number", "minimum": 0}],
}
"""The JSON Schema of a length of time."""

Seconds = Annotated[float, BeforeValidator(seconds), WithJsonSchema(LENGTH_OF_TIME)]
"""A length of time, written `30s`, `20m`, `8h` or `7d`; a bare number is in seconds."""


UNLIMITED = "unlimited"


def _seconds_apart(value: object) -> object:
    if value == UNLIMITED:
        return 0.0
    match = re.fullmatch(r"(\d+(?:\.\d+)?)/(s|m|h)", value) if isinstance(value, str) else None
    if match and (count := float(match[1])):
        return _UNITS[match[2]] / count
    raise refusal(f"{described(value)} is no rate.", "Write it as in 80/s, 10/m, 30/h or unlimited.")


Rate = Annotated[float, BeforeValidator(_seconds_apart, json_schema_input_type=str)]
"""How often something may happen, written `80/s`, `10/m`, `30/h` or `unlimited`: the seconds from one to the next."""
