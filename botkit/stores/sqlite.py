"""The store in one SQLite file, or in memory: inbox, conversations, outbox and journal.

One process owns the file and everything that is claimed in it, so a claim needs no lease: what a dead process left
claimed is free again as soon as the file is opened. Others may look, and put events into the inbox.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

from botkit.ledger import Claim, Posting
from botkit.stores.ownership import Ownership
from botkit.stores.queries import named
from botkit.stores.sql import Load, SqlStore
from botkit.stores.sqlite_file import SqliteFile
from botkit.stores.work import Piece, Result, Row, Work, ask

_SQL = {
    name: tuple(written.split(";\n"))
    for file in ("both.sql", "sqlite.sql")
    for name, written in named(files(__package__) / file).items()
}


class SqliteStore(SqlStore):
    """A store in a file, or in memory when there is no path. `botkit.protocols.Store` says what a method promises."""

    def __init__(self, path: Path | None, *, owner: bool = True) -> None:
        """Name the file. The owner answers and sends; others only look and put events in."""
        self._file = SqliteFile(path, files(__package__) / "migrations" / "sqlite")
        self._ownership = Ownership(path if owner else None, "store")
        self._owner = owner

    @property
    def lease(self) -> float | None:
        """A claim lasts as long as the process that owns the file."""
        return None

    async def open(self) -> None:
        """Open the file; raises `StoreError`, also when another process owns it."""
        try:
            self._ownership.take()
            await self._file.open()
            if self._owner:
                await self._read(_take_over)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the file and let others own it."""
        await self._file.close()
        self._ownership.give_up()

    def watch(self, changed: Callable[[], None]) -> None:
        """Nobody tells a process that another one has written into a file: who needs to know must look."""

    async def renew(self, claims: Sequence[Claim], postings: Sequence[Posting]) -> Sequence[Claim]:
        """Nothing is lost while this process owns the file."""
        return ()

    async def peers(self) -> int:
        """The process that owns the file is alone."""
        return 1

    @asynccontextmanager
    async def alone(self, what: str) -> AsyncIterator[None]:
        """Whoever owns the file is alone anyway."""
        yield

    # ─── how work is run ───

    async def _write(self, lanes: AbstractSet[str], piece: Piece[Result]) -> Result:
        return await self._read(piece)

    async def _read(self, piece: Piece[Result]) -> Result:
        return await self._file.run(lambda database: _run(database, piece()))

    async def _take(self, statement: str, limit: int, now: float, load: Load[Result]) -> list[Result]:
        def work() -> Work[list[Result]]:
            rows = yield from ask(statement, limit=limit, now=now)
            return (yield from load(sorted(rows, key=lambda row: row["rank"]))) if rows else []

        return await self._read(work)


def _take_over() -> Work[None]:
    yield from ask("take_over_conversations")
    yield from ask("take_over_postings")


def _run(database: sqlite3.Connection, work: Work[Result]) -> Result:
    """Give a piece of work the rows that it asks for, up to its result."""
    answer: list[Row] | None = None
    try:
        while True:
            query = work.send(answer)  # type: ignore[arg-type]  # a generator begins with None
            statements, answer = _SQL[query.name], []
            for values in query.values:
                for statement in statements:
                    answer += database.execute(statement, values)
    except StopIteration as end:
        result: Result = end.value
        return result
