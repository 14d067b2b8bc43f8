"""The stores that are held to the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from botkit.protocols import Store
from botkit.stores.postgres import PostgresStore
from botkit.stores.sqlite import SqliteStore
from tests.contracts.stores import opened
from tests.postgres import Postgres

STORES = ("sqlite-file", "sqlite-memory", "postgres")
DURABLE = ("sqlite-file", "postgres")
"""Those that remember when they are opened again."""


@pytest.fixture
def databases(postgres: Postgres) -> Iterator[Callable[[Path], str]]:
    """Gives each folder a database of its own."""
    made: dict[Path, str] = {}

    def database(folder: Path) -> str:
        if folder not in made:
            made[folder] = postgres.lend()
        return made[folder]

    yield database
    for url in made.values():
        postgres.take_back(url)


def maker(name: str, request: pytest.FixtureRequest, lease: float = 10.0) -> Callable[[Path], Store]:
    """Makes a store of a kind for a folder; the same folder means the same store."""
    match name:
        case "postgres":
            database: Callable[[Path], str] = request.getfixturevalue("databases")
            return lambda folder: PostgresStore(database(folder), lease=lease)
        case "sqlite-file":
            return lambda folder: SqliteStore(folder / "botkit.db")
        case _:
            return lambda folder: SqliteStore(None)


@pytest.fixture(params=STORES)
def make(request: pytest.FixtureRequest) -> Callable[[Path], Store]:
    return maker(request.param, request)


@pytest.fixture
async def store(make: Callable[[Path], Store], tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(make(tmp_path)) as store:
        yield store


@pytest.fixture(params=DURABLE)
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Store]]:
    """Opens a store, and later another one on what it remembers; no lease of the first one lasts."""
    make = maker(request.param, request, lease=0.0)
    return lambda: opened(make(tmp_path))
