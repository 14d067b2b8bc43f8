"""A YAML file → its data, and where in the file each value stands.

Scalars are YAML 1.2's (only `true` and `false` are booleans; `19:00`, `+34951…`, `0123`, `no` and dates are text).
Keys that stand twice, anchors, aliases and tags are errors, and so is what nests too deeply.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from botkit.errors import Problem
from botkit.files import Files
from botkit.marks import placed
from botkit.strict_yaml.syntax import syntax_problem

Location = tuple[str | int, ...]
_Mark = Any  # of libyaml or of PyYAML, which share no class

_MAX_DEPTH = 50
_CONTROL = "([^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff])"  # slow to compile, and seldom needed

_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]
    """Makes a tree without tags: what a scalar is, its style and its text tell."""

    def resolve(self, *_: object) -> str:
        return ""

    descend_resolver = ascend_resolver = resolve


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file: its data, and where in the file each value stands."""

    path: Path
    data: Any
    node: yaml.Node | None
    problems: tuple[Problem, ...]
    """What is wrong with the file as YAML; `data` holds what could be read all the same."""
    source: str = ""
    """The text of the file, where it could be read."""
    others: Mapping[Location, Document] = field(default_factory=dict)
    """The files in which some of the data stand, where that is not this one, by the beginning of their location."""

    def home(self, location: Location) -> Document:
        """The file in which a location stands: this one, or one that it includes."""
        return self.others.get(location[:2], self)

    def problem(self, location: Location, message: str, remedy: str = "", *, line: int = 0) -> Problem:
        """A problem at a location such as `('intents', 'wifi', 'reply')`, or as near to it as the file goes.

        `line` counts within a text that stands there, for what is written in another language such as Jinja.
        """
        if (home := self.home(location)) is not self:
            return home.problem(location, message, remedy, line=line)
        node = self._node(location)
        if node is None:
            return Problem(message, remedy, self.path)
        if line and isinstance(node, yaml.ScalarNode) and node.style == "|":
            return Problem(message, remedy, self.path, node.start_mark.line + 1 + line, 1)
        return _of(node, self.path, message, remedy)

    def inside(self, location: Location, problem: Problem) -> Problem:
        """A problem of the text that stands at a location, with its place in the file; see `botkit.marks`."""
        if (home := self.home(location)) is not self:
            return home.inside(location, problem)
        node = self._node(location)
        start = node.start_mark if isinstance(node, yaml.ScalarNode) else None
        raw = self.written(location) if start else ""
        found = placed(problem, raw, self.path, start.line + 1, start.column + 1) if start else None
        return found or self.problem(location, problem.message, problem.remedy, line=problem.line)

    def at_key(self, location: Location, message: str, remedy: str = "") -> Problem:
        """A problem with a key itself; an item of a list is its own key."""
        if (home := self.home(location)) is not self:
            return home.at_key(location, message, remedy)
        found = None if location and isinstance(location[-1], int) else _pair(self.node, location)
        return _of(found[0], self.path, message, remedy) if found else self.problem(location, message, remedy)

    def names(self, table: str) -> list[str]:
        """The keys of a map of the file as written, also those whose content is faulty."""
        found = value_at(self.data, (table,))
        return [str(name) for name in found] if isinstance(found, Mapping) else []

    def written(self, location: Location) -> str:
        """What stands at a location, as it is written there."""
        if (home := self.home(location)) is not self:
            return home.written(location)
        node = self._node(location)
        return self.source[node.start_mark.index : node.end_mark.index] if node else ""

    def _node(self, location: Location) -> yaml.Node | None:
        node = self.node
        for part in location:
            node = child(node, part) or node
        return node


def value_at(data: Any, location: Iterable[str | int]) -> Any:
    """What data have at a location; `None` where nothing is."""
    for part in location:
        is_there = part in data if isinstance(data, dict) else isinstance(data, list) and isinstance(part, int)
        data = data[part] if is_there else None
    return data


def child(node: yaml.Node | None, part: str | int) -> yaml.Node | None:
    """The node of a key or an item of another, if there is one."""
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
            node = child(node, part) or node
    return found


def read(path: Path, files: Files | None = None) -> Document:
    """Read a file. What is wrong with it, as YAML or on the disk, stands in `problems`; nothing is raised."""
    try:
        text = (files or Files(path.parent)).read(path)
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8")
        problem = _after(before, path, f"This file is not UTF-8: {error.reason}.", "Save it as UTF-8.")
        return Document(path, None, None, (problem,))
    except OSError as error:
        problem = Problem(f"This file cannot be read: {error.strerror}.", "Let botkit read it.", path, 1, 1)
        return Document(path, None, None, (problem,))
    return parse(text, path)


def parse(text: str, path: Path) -> Document:
    """Read YAML from a text; `path` is only for messages."""
    try:
        if not (_MAY_REFER.search(text) and (refused := _refused(text, path))):
            return _read(text, path)
    except _TooDeepError as error:
        refused = _too_deep(error.mark, path)
    except yaml.MarkedYAMLError as error:
        refused = _wrong(error, text, path)
    except yaml.reader.ReaderError:
        before, control, _ = re.split(_CONTROL, text, maxsplit=1)
        message = f"The character {control!r} has no place in YAML."
        refused = _after(before, path, message, "Delete it.")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        refused = Problem(f"This is not YAML: {error}.", path=path)
    return Document(path, None, None, (refused,))


def _read(text: str, path: Path) -> Document:
    loader = _Loader(text)
    try:
        reading, node = _Reading(path), loader.get_single_node()
        data = reading.data(node) if node else None
        return Document(path, data, node, tuple(reading.problems), text)
    finally:
        loader.dispose()


def _wrong(error: yaml.MarkedYAMLError, text: str, path: Path) -> Problem:
    if "maximum nesting depth" in str(error.problem):  # libyaml may read ahead, and stop before our own bound is seen
        with suppress(yaml.MarkedYAMLError):
            if refused := _refused(text, path):
                return refused
        return _too_deep(error.problem_mark or error.context_mark, path)
    return syntax_problem(error, text, path)


_MAY_REFER = re.compile(r"[&*!](?<![^\s\[{,:].)")
"""How every anchor, alias and tag begins, and behind what: a file without need not be looked through for them."""


def _refused(text: str, path: Path) -> Problem | None:
    """What is part of YAML and not of ours, found before anything is built of it, such as bombs of aliases."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            return _too_deep(event.start_mark, path)
        if getattr(event, "anchor", None):
            message = "Anchors and aliases (& and *) are not supported."
            return _at(event.start_mark, path, message, "Write the value out, or quote the text.")
        if getattr(event, "tag", None):
            return _at(event.start_mark, path, "Tags (!) are not supported.", "Quote the text.")
    return None


class _TooDeepError(Exception):
    """Something is nested too deeply; `mark` is where."""

    def __init__(self, mark: _Mark) -> None:
        super().__init__()
        self.mark = mark


_PLAIN = re.compile(
    r"(?P<bool>true|false)|(?P<null>~|null|)|(?P<int>0|-?[1-9][0-9]{0,17})"
    r"|(?P<float>-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?)"
)
"""What is no text where it stands without quotes, as in YAML 1.2's core schema."""

_VALUES: Mapping[str | None, Callable[[str], Any]] = {
    "bool": "true".__eq__,
    "null": lambda _: None,
    "int": int,
    "float": float,
}


def _scalar(node: yaml.ScalarNode) -> Any:
    found = None if node.style else _PLAIN.fullmatch(node.value)
    return _VALUES[found.lastgroup](node.value) if found else node.value


def _too_deep(mark: _Mark, path: Path) -> Problem:
    message = f"This is nested more than {_MAX_DEPTH} levels deep."
    return _at(mark, path, message, "Close the brackets and braces that were opened before.")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A tree while its data are read; `problems` are what is wrong with its keys."""

    path: Path
    problems: list[Problem] = field(default_factory=list)

    def data(self, node: yaml.Node, depth: int = 1) -> Any:
        """What a tree says. Odd keys are taken out of it, so that the rest can be read. Raises `_TooDeepError`."""
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if depth > _MAX_DEPTH:
            raise _TooDeepError(node.start_mark)
        if isinstance(node, yaml.MappingNode):
            return self._map(node, depth)
        return [self.data(item, depth + 1) for item in node.value]

    def _map(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        kept: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            if problem := self._odd_key(node, key, value, kept):
                self.problems.append(problem)
                continue
            if not isinstance(_scalar(key), str):
                message = f"The key {key.value!r} is not a text."
                self.problems.append(_of(key, self.path, message, "Put it in quotes."))
            kept[key.value] = key, value
            found[key.value] = self.data(value, depth + 1)
        node.value = list(kept.values())
        return found

    def _odd_key(
        self,
        node: yaml.MappingNode,
        key: yaml.Node,
        value: yaml.Node,
        before: Mapping[str, tuple[yaml.Node, yaml.Node]],
    ) -> Problem | None:
        """A key that stands twice or is no scalar, or was made by an unquoted comma or a braced expression."""
        if isinstance(key, yaml.MappingNode):
            remedy = 'Quote a text that begins with {{, as in reply: "{{ … }}".'
            return _of(node, self.path, "A text in braces is read as a map here.", remedy)
        if not isinstance(key, yaml.ScalarNode):
            return _of(key, self.path, "A key must be a text.", "Write a plain word before the colon.")
        if node.flow_style and value.start_mark.index == value.end_mark.index:
            message = f"{key.value!r} is read as a key without a value."
            return _of(key, self.path, message, "Inside { } a text with a comma needs quotes.")
        if key.value in before:
            first = before[key.value][0].start_mark.line + 1
            message = f"The key {key.value!r} stands here a second time (first on line {first})."
            return _of(key, self.path, message, "Keep one of the two.")
        return None


def _of(node: yaml.Node, path: Path, message: str, remedy: str) -> Problem:
    """A problem with a node, whose end is known where it stands on the same line."""
    start, end = node.start_mark, node.end_mark
    end_column = end.column + 1 if end.line == start.line and end.column > start.column else 0
    return Problem(message, remedy, path, start.line + 1, start.column + 1, end_column)


def _at(mark: _Mark, path: Path, message: str, remedy: str) -> Problem:
    return Problem(message, remedy, path, mark.line + 1, mark.column + 1)


def _after(before: str, path: Path, message: str, remedy: str) -> Problem:
    """A problem right behind the part of a file that could be read."""
    return Problem(message, remedy, path, before.count("\n") + 1, len(before) - before.rfind("\n"))


def in_order(*stages: Iterable[Problem]) -> list[Problem]:
    """The problems of all stages in the order of the file, each once.

    What a later stage finds where an earlier one has found something follows from that, and is left out.
    """
    found: dict[Problem, None] = {}
    for stage in stages:
        places = {_place_of(problem) for problem in found if problem.line}
        found |= dict.fromkeys(problem for problem in stage if _place_of(problem) not in places)
    return sorted(found, key=_place_of)


def _place_of(problem: Problem) -> tuple[str, int, int]:
    return str(problem.path), problem.line, problem.column
