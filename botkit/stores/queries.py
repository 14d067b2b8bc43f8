"""SQL that is written as SQL: files of statements, each under a line `-- name: what_it_is`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources.abc import Traversable


def named(script: Traversable) -> Mapping[str, str]:
    """The statements of a file by their names."""
    _, *parts = re.split(r"^-- name: (\w+)$", script.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: statement.strip() for name, statement in zip(parts[::2], parts[1::2], strict=True)}
