"""What this machine must have: Python and its libraries, room on the disk, and a store that can be written."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from botkit import __version__
from botkit.config import EMBEDDED, POSTGRESQL, SQLITE, Config
from botkit.doctor.findings import Finding, ok, problem, skipped, warning
from botkit.errors import StoreError
from botkit.stores.inspection import inspect

OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 35)  # `returning`
LIBRARIES = ("aiohttp", "click", "jinja2", "openai", "orjson", "pydantic", "pyyaml", "regex")
EXTRAS = {"prometheus-client": "metrics"}
NEEDED = 500 * 1024 * 1024
"""Bytes that should be free where the store lies."""

_MB = 1024 * 1024


async def look_at_python() -> Sequence[Finding]:
    """Python, SQLite and the libraries, with their versions."""
    return list(_of_python())


def _of_python() -> Iterator[Finding]:
    found = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, botkit {__version__}"
    if sys.version_info[:2] < OLDEST_PYTHON or sqlite3.sqlite_version_info[:2] < OLDEST_SQLITE:
        yield problem(f"{found} is too old.", "botkit needs Python 3.11 and SQLite 3.35, or newer.")
    versions = {name: _version(name) for name in LIBRARIES}
    if missing := [name for name, number in versions.items() if not number]:
        yield problem(f"Not installed: {', '.join(missing)}.", "Install botkit anew: pip install --upgrade botkit")
    yield ok(f"{found}; " + ", ".join(f"{name} {number}" for name, number in versions.items() if number))
    for name, extra in EXTRAS.items():
        if not _version(name):
            yield skipped(f"{name} is not installed, so nothing is counted (pip install 'botkit[{extra}]').")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


async def look_at_disk(config: Config) -> Sequence[Finding]:
    """The room where the stores lie."""
    urls = [config.store] if config.store_kind == SQLITE else []
    urls += [config.gateway] if config.api.url == EMBEDDED else []
    folders = {_existing(path.parent) for path in map(config.store_path, urls) if path}
    return [_free(folder) for folder in sorted(folders)] or [skipped("Nothing is kept on a disk.")]


def _free(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    if free < NEEDED:
        remedy = "Make room: when the disk is full, webhooks are refused and nothing is answered."
        return problem(f"Only {free // _MB} MB are free at {folder.resolve()}.", remedy)
    return ok(f"{free / _MB / 1024:.1f} GB are free at {folder.resolve()}.")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that exists."""
    folder = folder.absolute()
    return next(here for here in (folder, *folder.parents) if here.is_dir())


async def look_at_store(config: Config) -> Sequence[Finding]:
    """The store: whether it can be written, and is of this version. A server that is running is not disturbed."""
    if config.store_kind == POSTGRESQL:
        return [skipped("The store is in PostgreSQL, which is not looked at yet.")]
    path = config.store_path(config.store)
    if path is None:
        return [warning("The store is in memory: all is forgotten when the server ends.", "Set `store:` to a file.")]
    if not path.exists():
        folder = _existing(path.parent)
        if os.access(folder, os.W_OK | os.X_OK):
            return [ok(f"{path} is not there yet; `botkit run` makes it.")]
        return [problem(f"{path} cannot be made: {folder} may not be written.", f"Give this user {folder}.")]
    return [await asyncio.to_thread(_of_file, path)]


def _of_file(path: Path) -> Finding:
    try:
        found = inspect(path)
    except StoreError as error:
        return problem(str(error), "See that this user may write it, and that it is a store of botkit's.")
    if found.schema > found.current:
        message = f"{path} was written by a newer botkit (schema {found.schema}; this one knows {found.current})."
        return problem(message, "Update botkit.")
    if found.schema < found.current:
        message = f"{path} was written by an older botkit (schema {found.schema} of {found.current})."
        return warning(message, "`botkit run` brings it up to date when it starts. Make a copy before.")
    return ok(f"{path} can be written; schema {found.schema} is current.")
