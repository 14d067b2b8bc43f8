"""One SQLite file, written by one thread: what waits together is committed together.

With `synchronous=FULL` every commit is a wait for the disk. Callers each get their own transaction's promise, and share
the wait: many conversations, one fsync.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from botkit.errors import StoreError
from botkit.stores.queries import migrations

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]

_BATCH = 256
_BUSY_SECONDS = 10.0
_CACHE_KIB = 16 * 1024
_LOG_PAGES = 4000
"""After so many pages (of 4 KiB) the log is written into the file: what was changed often is written once."""


class SqliteFile:
    """A file (or memory, when there is no path) with numbered migrations."""

    def __init__(self, path: Path | None, folder: Traversable) -> None:
        """Name the file and the folder of its migrations, `0001_….sql` and so on; nothing is opened yet."""
        self._path = path
        self._migrations = folder
        self._queue: SimpleQueue[tuple[Work[Any], asyncio.Future[Any]] | None] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None

    async def open(self) -> None:
        """Open the file and bring its tables up to date. Raises `StoreError`."""
        self._loop = asyncio.get_running_loop()
        self._queue = SimpleQueue()
        opened: asyncio.Future[None] = self._loop.create_future()
        self._thread = Thread(target=self._serve, args=(opened,), name=f"sqlite {self._path or 'memory'}", daemon=True)
        self._thread.start()
        try:
            await opened
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Commit what is waiting, take nothing more, and close."""
        thread, self._thread = self._thread, None
        if thread:
            self._queue.put(None)
            await asyncio.to_thread(thread.join)

    async def run(self, work: Work[Result]) -> Result:
        """Run `work` in a transaction. When this returns, what it wrote survives a power cut.

        What `work` raises is raised here, and nothing of it is kept; SQLite's own errors come as `StoreError`. It is
        run anew when it shared its transaction with work that failed.
        """
        if self._loop is None or self._thread is None:
            raise StoreError(f"The store {self._path or 'memory'} is not open.")
        done: asyncio.Future[Result] = self._loop.create_future()
        self._queue.put((work, done))
        try:
            return await done
        except sqlite3.Error as error:
            raise StoreError(f"The database {self._path or 'memory'} refused: {error}.{_remedy(error)}") from error

    # ─── in the thread ───

    def _serve(self, opened: asyncio.Future[None]) -> None:
        try:
            database = self._connect()
        except Exception as error:  # noqa: BLE001 (whatever it is, somebody waits for the answer)
            reason = f"{self._path} cannot be opened: {error}.{_remedy(error)}"
            self._tell([(opened, None, error if isinstance(error, StoreError) else StoreError(reason))])
            return
        self._tell([(opened, None, None)])
        open_for_work = True
        while open_for_work:
            batch, open_for_work = self._next_batch()
            if batch:
                self._tell(_commit(database, batch))
        database.close()

    def _connect(self) -> sqlite3.Connection:
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
        database = sqlite3.connect(self._path or ":memory:", isolation_level=None, timeout=_BUSY_SECONDS)
        try:
            database.row_factory = sqlite3.Row
            _write_ahead(database)
            database.execute("pragma synchronous = full")
            database.execute("pragma foreign_keys = on")
            database.execute(f"pragma cache_size = -{_CACHE_KIB}")
            database.execute(f"pragma wal_autocheckpoint = {_LOG_PAGES}")
            self._migrate(database)
        except BaseException:
            database.close()
            raise
        return database

    def _migrate(self, database: sqlite3.Connection) -> None:
        """Apply what is new, each script in one transaction, and only once when several processes open a new file."""
        scripts = migrations(self._migrations)
        if (version := _version(database)) > max(scripts):
            raise StoreError(
                f"{self._path} was written by a newer botkit (schema {version}); this one knows {max(scripts)}."
            )
        for number in sorted(number for number in scripts if number > version):
            database.execute("begin immediate")
            if _version(database) < number:
                for statement in _statements(scripts[number]):
                    database.execute(statement)
                database.execute(f"pragma user_version = {number}")
            database.execute("commit")

    def _next_batch(self) -> tuple[list[tuple[Work[Any], asyncio.Future[Any]]], bool]:
        """What waits now, at least one piece of work; and whether to go on afterwards."""
        batch = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) == _BATCH:
                return batch, True
            try:
                item = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _tell(self, results: list[tuple[asyncio.Future[Any], object, BaseException | None]]) -> None:
        def resolve() -> None:
            for future, result, error in results:
                if future.done():  # its caller was cancelled
                    continue
                if error is None:
                    future.set_result(result)
                else:
                    future.set_exception(error)

        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(resolve)


def _remedy(error: Exception) -> str:
    """What to do about a file that is no database, or no longer one."""
    damage = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
    is_damaged = getattr(error, "sqlite_errorname", "").startswith(damage)
    return " Restore it from a backup, or move it away to begin with an empty one." if is_damaged else ""


def _write_ahead(database: sqlite3.Connection) -> None:
    """Turn on the log. SQLite does not wait by itself when another process is just doing the same."""
    patience = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            database.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > patience:
                raise
            time.sleep(0.01)
        else:
            return


def _version(database: sqlite3.Connection) -> int:
    version: int = database.execute("pragma user_version").fetchone()[0]
    return version


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would end the transaction that they belong to."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement


class _SpoiltError(Exception):
    """A piece failed after it had written: its transaction must not be kept."""


def _commit(
    database: sqlite3.Connection, batch: list[tuple[Work[Any], asyncio.Future[Any]]]
) -> list[tuple[asyncio.Future[Any], object, BaseException | None]]:
    """Run a batch in one transaction; where that is spoilt, each piece in its own, so that a bad one fails alone."""
    try:
        database.execute("begin immediate")
        results = [_attempt(database, work, future) for work, future in batch]
        database.execute("commit")
    except _SpoiltError as spoilt:
        _roll_back(database)
        if len(batch) == 1:
            return [(future, None, spoilt.__cause__) for _, future in batch]
        return [result for piece in batch for result in _commit(database, [piece])]
    except sqlite3.Error as error:
        _roll_back(database)
        return [(future, None, error) for _, future in batch]
    return results


def _attempt(
    database: sqlite3.Connection, work: Work[Any], future: asyncio.Future[Any]
) -> tuple[asyncio.Future[Any], object, BaseException | None]:
    """Run one piece. One that fails before it has written anything fails alone."""
    before = database.total_changes
    try:
        return future, work(database), None
    except Exception as error:
        if database.total_changes != before or not database.in_transaction:  # SQLite may have ended it by itself
            raise _SpoiltError from error
        return future, None, error


def _roll_back(database: sqlite3.Connection) -> None:
    if database.in_transaction:
        database.execute("rollback")
