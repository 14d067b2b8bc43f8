"""The text files that a bot is made from: what was read of them is the bot's text, and tells its version."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import orjson

from botkit.errors import close_to, nearest


class Files:
    """Reads text files, each once, and remembers them by their place relative to a folder."""

    def __init__(self, folder: Path, kept: Mapping[str, str] | None = None) -> None:
        """Name the folder. `kept` are the texts of an earlier `Files`: they stand in for the disk."""
        self._folder = os.path.abspath(folder)  # noqa: PTH100 (a link is not to be followed: names must stay the same)
        self._kept = kept
        self.texts: dict[str, str] = {}
        """What was read, by name, in the order of reading."""
        self.asked: set[Path] = set()
        """The files that were asked for, whether they are there or not."""

    def read(self, path: Path) -> str:
        """The text of a file. Raises `OSError`, or `UnicodeDecodeError` for what is not UTF-8."""
        self.asked.add(path)
        name = self._name(path)
        if name not in self.texts:
            self.texts[name] = path.read_text(encoding="utf-8") if self._kept is None else self._text(name)
        return self.texts[name]

    def is_file(self, path: Path) -> bool:
        """Whether there is such a file."""
        self.asked.add(path)
        if self._kept is not None:
            return self._name(path) in self._kept
        return os.path.isfile(path)  # noqa: PTH113 (which knows that a name may be none)

    def below(self, folder: Path) -> Iterator[str]:
        """The names of all files below a folder, relative to it."""
        if self._kept is None:
            yield from (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
            return
        start = f"{self._name(folder)}/"
        yield from (name.removeprefix(start) for name in self._kept if name.startswith(start))

    def is_current(self) -> bool:
        """Whether the disk would give the same again, for every file that was asked for."""
        again = Files(Path(self._folder))
        for path in self.asked:
            with suppress(OSError, ValueError):  # also for a name that no file can have
                again.read(path)
        return again.texts == self.texts

    @property
    def version(self) -> str:
        """A hash of all that was read."""
        return sha256(orjson.dumps(self.texts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]

    def _name(self, path: Path) -> str:
        return os.path.relpath(path, self._folder).replace(os.sep, "/")

    def _text(self, name: str) -> str:
        if self._kept is None or name not in self._kept:
            raise FileNotFoundError(f"{name} was no part of that version")
        return self._kept[name]


def nearest_file(path: Path) -> str:
    """The remedy for a file that is not there: one of its folder with nearly the same name; empty when none has."""
    there = [file.name for file in path.parent.iterdir() if file.is_file()] if path.parent.is_dir() else []
    return nearest(path.name, there) if close_to(path.name, there) else ""
