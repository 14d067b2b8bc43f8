"""Connections to PostgreSQL: when one counts as lost, how long to try again, and the migrations of the tables."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from botkit.errors import StoreError
from botkit.stores.queries import migrations

if TYPE_CHECKING:
    from asyncpg import Connection, Pool

log = logging.getLogger(__name__)

Result = TypeVar("Result")

PATIENCE = 30.0
"""Seconds for which an operation is tried again while the database is away."""
CONNECTIONS = 6
"""At most, for claims and for looking; the writer and the listener have one more each."""

_CONNECT_SECONDS = 10.0
_COMMAND_SECONDS = 30.0
_CLOSING_PATIENCE = 2.0
_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_MIGRATION_LOCK = 0x626F746B6974


def is_lost(error: BaseException) -> bool:
    """Whether an error means that the connection was lost or the database is away, and not that it refused."""
    import asyncpg  # noqa: PLC0415 (only who uses PostgreSQL needs it)

    if isinstance(error, asyncpg.DataError):
        return False
    lost = (
        OSError,
        TimeoutError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        asyncpg.PostgresConnectionError,
        asyncpg.AdminShutdownError,
        asyncpg.CrashShutdownError,
        asyncpg.CannotConnectNowError,
        asyncpg.TooManyConnectionsError,
    )
    return isinstance(error, lost)


def is_to_repeat(error: BaseException) -> bool:
    """Whether nothing was kept, and the same may well succeed: it was lost, or two waited for each other."""
    import asyncpg  # noqa: PLC0415 (only who uses PostgreSQL needs it)

    return is_lost(error) or isinstance(error, asyncpg.DeadlockDetectedError | asyncpg.SerializationError)


class PostgresLink:
    """The way to one database."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        """Name the database; nothing is opened yet."""
        self._url = url
        self._usual_patience = self._patience = patience
        self._pool: Pool | None = None

    @property
    def name(self) -> str:
        """The database for people, without the password."""
        parts = urlsplit(self._url)
        return f"{parts.hostname or 'localhost'}{parts.path}"

    async def open(self, folder: Traversable) -> None:
        """Connect, and bring the tables up to date. Raises `StoreError`."""
        self._patience = self._usual_patience
        try:
            import asyncpg  # noqa: PLC0415 (only who uses PostgreSQL needs it)
        except ImportError as error:
            raise StoreError("PostgreSQL needs asyncpg: install botkit[postgres].") from error
        try:
            connection = await self.connect()
            try:
                await self._migrate(connection, migrations(folder))
            finally:
                connection.terminate()
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=CONNECTIONS,
                timeout=_CONNECT_SECONDS,
                command_timeout=_COMMAND_SECONDS,
                reset=_leave_as_it_is,
            )
        except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise StoreError(f"The database {self.name} cannot be opened: {_reason(error)}.") from error

    def hurry(self) -> None:
        """Wait no longer than a closing process may for a database that is away."""
        self._patience = min(self._patience, _CLOSING_PATIENCE)

    async def close(self) -> None:
        """Close all connections of the pool."""
        pool, self._pool = self._pool, None
        if pool:
            await pool.close()

    async def connect(self) -> Connection:
        """A connection of one's own."""
        import asyncpg  # noqa: PLC0415 (only who uses PostgreSQL needs it)

        return await asyncpg.connect(self._url, timeout=_CONNECT_SECONDS, command_timeout=_COMMAND_SECONDS)

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[Connection]:
        """A connection of the pool."""
        if self._pool is None:
            raise self.not_open()
        async with self._pool.acquire() as connection:
            yield connection

    def not_open(self) -> StoreError:
        """The error of who comes too early or too late."""
        return StoreError(f"The store {self.name} is not open.")

    async def persist(self, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """Try until it succeeds, is refused, or the database has been away for too long.

        Refusals of the database are raised as they are, a loss as `StoreError`.
        """
        clock, pause = asyncio.get_running_loop().time, _PAUSE
        began = clock()
        while True:
            try:
                return await attempt()
            except Exception as error:
                if not is_to_repeat(error):
                    raise
                if clock() + pause > began + self._patience:
                    raise StoreError(f"The database {self.name} is away: {_reason(error)}.") from error
                if pause == _PAUSE:
                    log.warning("trying the database again", extra={"reason": _reason(error)})
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def explained(self, error: Exception) -> Exception:
        """What the database refused, in a sentence; anything else is as it is."""
        import asyncpg  # noqa: PLC0415 (only who uses PostgreSQL needs it)

        if not isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError):
            return error
        return StoreError(f"The database {self.name} refused: {_reason(error)}.")

    async def _migrate(self, connection: Connection, scripts: Mapping[int, str]) -> None:
        """Apply what is new in one transaction, and only once when several processes open a new database."""
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", _MIGRATION_LOCK)
            await connection.execute("create table if not exists migration (number integer primary key)")
            version = await connection.fetchval("select coalesce(max(number), 0) from migration")
            if version > max(scripts):
                raise StoreError(
                    f"{self.name} was written by a newer botkit (schema {version}); this one knows {max(scripts)}."
                )
            for number in sorted(number for number in scripts if number > version):
                await connection.execute(scripts[number])
                await connection.execute("insert into migration (number) values ($1)", number)


async def _leave_as_it_is(connection: Connection) -> None:
    """Nothing in a session of ours needs to be reset, and resetting costs a round trip."""


def _reason(error: BaseException) -> str:
    return (str(error) or type(error).__name__).rstrip(".")
