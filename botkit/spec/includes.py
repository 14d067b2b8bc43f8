"""What a bot file includes: the tables of other files are added to its own, and its own entries win.

An included file is a part of a bot file: nothing but tables, and perhaps further includes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from botkit.errors import Problem, nearest
from botkit.files import Files, nearest_file
from botkit.strict_yaml.document import Document, Location, read, value_at

TABLES = ("intents", "slots", "flows", "texts", "tools", "templates")
"""The keys of a bot file whose entries may come from other files."""

INCLUDE = "include"


class _Entry(NamedTuple):
    """An entry of a table, and the file in which it stands."""

    value: Any
    document: Document


_Entries = dict[Location, _Entry]
"""Entries by table and name."""


def with_includes(document: Document, files: Files) -> Document:
    """A bot file with what it includes; each problem found later names the file in which the mistake stands."""
    reader = _Reader(files)
    included = reader.included(document, (document.path,))
    if not included and not reader.problems:
        return document
    data = dict(document.data)
    for (table, name), entry in included.items():
        if isinstance(own := data.get(table) or {}, Mapping):
            data[table] = {**own, name: entry.value}
    others = {place: entry.document for place, entry in included.items()}
    return replace(document, data=data, problems=(*document.problems, *reader.problems), others=others)


class _Reader:
    """Reads what files include, and collects what is wrong with that."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._documents: dict[Path, Document] = {}
        self.problems: list[Problem] = []

    def included(self, document: Document, way: tuple[Path, ...]) -> _Entries:
        """What the includes of a file add to it; `way` are the files that led there, itself the last."""
        own = _own(document)
        found: _Entries = {}
        for place, path in _named(document):
            if path in way:
                around = " → ".join(file.name for file in (*way[way.index(path) :], path))
                self.problems.append(
                    document.problem(place, f"This goes round in a circle: {around}.", "Leave it out.")
                )
            elif not self._files.is_file(path):
                message = f"There is no file {path.name!r} in {path.parent}."
                remedy = nearest_file(path) or "Files start from the folder of the file that names them."
                self.problems.append(document.problem(place, message, remedy))
            else:
                other = self._read(path)
                entries = {**self.included(other, (*way, path)), **_own(other)}
                self._add(found, {key: entry for key, entry in entries.items() if key not in own}, document.path)
        return found

    def _add(self, found: _Entries, entries: _Entries, wins: Path) -> None:
        for place, entry in entries.items():
            first = found.setdefault(place, entry)
            if first.value != entry.value:
                table, name = place
                where = first.document.at_key(place, "")
                message = f"{name!r} of `{table}` is another one in {where.path}:{where.line}:{where.column}."
                remedy = f"Keep one of the two, or write it in {wins}, which wins."
                self.problems.append(entry.document.at_key(place, message, remedy))

    def _read(self, path: Path) -> Document:
        """An included file; what is wrong with it is said once."""
        if path not in self._documents:
            self._documents[path] = document = read(path, self._files)
            self.problems += [*document.problems, *_misplaced(document)]
        return self._documents[path]


def _named(document: Document) -> Iterator[tuple[Location, Path]]:
    """The files that a file includes, each with its place."""
    written = value_at(document.data, (INCLUDE,))
    listed = written if isinstance(written, list) else [written]
    for index, name in enumerate(listed):
        if isinstance(name, str) and name:
            place: Location = (INCLUDE, index) if isinstance(written, list) else (INCLUDE,)
            yield place, _lexical(document.path.parent / name)


def _lexical(path: Path) -> Path:
    """A path without `a/..`, so that one file has one name."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] not in ("..", path.anchor):
            parts.pop()
        else:
            parts.append(part)
    return Path(*parts)


def _own(document: Document) -> _Entries:
    """The entries of all tables that a file itself has."""
    return {
        (table, name): _Entry(value, document)
        for table in TABLES
        if isinstance(entries := value_at(document.data, (table,)), Mapping)
        for name, value in entries.items()
    }


def _misplaced(document: Document) -> Iterator[Problem]:
    """What an included file may not hold."""
    if not isinstance(document.data, Mapping):
        if not document.problems:
            found = document.problem(
                (), "An included file must be a map of tables.", f"It may hold {', '.join(TABLES)}."
            )
            yield replace(found, line=found.line or 1, column=found.column or 1)  # an empty file has no places
        return
    for key, value in document.data.items():
        if key not in (*TABLES, INCLUDE):
            message = f"An included file has tables only, and {key!r} is none."
            yield document.at_key((key,), message, nearest(str(key), (*TABLES, INCLUDE)))
        elif key != INCLUDE and value is not None and not isinstance(value, Mapping):
            yield document.problem((key,), "This must be a map.", "Write it as `key: value`, or leave it out.")
        elif key == INCLUDE and not isinstance(value, str | list):
            yield document.problem(
                (key,), "This must be the name of a file, or a list of names.", "Write [shared.yaml]."
            )
