"""SQL that is written as SQL: files of statements, each under a line `-- name: what_it_is`, and numbered migrations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources.abc import Traversable


def named(script: Traversable) -> Mapping[str, str]:
    """The statements of a file by their names."""
    _, *parts = re.split(r"^-- name: (\w+)$", script.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: statement.strip() for name, statement in zip(parts[::2], parts[1::2], strict=True)}


def migrations(folder: Traversable) -> Mapping[int, str]:
    """The scripts of a folder, `0001_….sql` and so on, by their numbers."""
    return {
        int(match[1]): script.read_text(encoding="utf-8")
        for script in folder.iterdir()
        if (match := re.fullmatch(r"(\d{4})_\w+\.sql", script.name))
    }
