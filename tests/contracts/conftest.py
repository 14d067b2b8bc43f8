"""The stores that are held to the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from botkit.protocols import Store
from botkit.stores.sqlite import SqliteStore
from tests.contracts.stores import opened

STORES = ("sqlite-file", "sqlite-memory")
DURABLE = ("sqlite-file",)
"""Those that remember when they are opened again."""


def maker(name: str, request: pytest.FixtureRequest) -> Callable[[Path], Store]:
    """Makes a store of a kind for a folder; the same folder means the same store."""
    match name:
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
    """Opens a store, and later another one on what it remembers."""
    make = maker(request.param, request)
    return lambda: opened(make(tmp_path))
