"""Looking at a store's file without changing it, not even bringing its tables up to date."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from botkit.errors import StoreError

_PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Inspected:
    """The schema that a file has, and the one that this botkit would give it."""

    schema: int
    current: int


def inspect(path: Path) -> Inspected:
    """See whether a file can be opened and written. Raises `StoreError`; the file is left as it was."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=_PATIENCE)) as database:
            database.isolation_level = None
            schema: int = database.execute("pragma user_version").fetchone()[0]
            database.execute("begin immediate")
            database.execute(f"pragma user_version = {schema}")
            database.execute("rollback")
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be opened and written: {error}.") from error
    return Inspected(schema, _newest())


def _newest() -> int:
    scripts = (script.name for script in (files(__package__) / "migrations" / "sqlite").iterdir())
    return max(int(match[1]) for name in scripts if (match := re.match(r"(\d{4})_\w+\.sql$", name)))
