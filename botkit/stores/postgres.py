"""The store in PostgreSQL, for any number of processes.

A claim is a lease: who does not renew it loses it to the next who asks, and its fence tells then that it is old. Leases
go by the database's own clock, all else by the clock of meaning.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING
from uuid import uuid4

from botkit.errors import StoreError
from botkit.ledger import Claim, Posting
from botkit.stores.postgres_bell import PostgresBell
from botkit.stores.postgres_link import PATIENCE, PostgresLink
from botkit.stores.postgres_work import run
from botkit.stores.postgres_writer import PostgresWriter
from botkit.stores.sql import Load, SqlStore
from botkit.stores.work import Piece, Result, Work, ask

if TYPE_CHECKING:
    from asyncpg import Connection

LEASE = 10.0
_ALONE = 30.0
"""Seconds after which who wants to be alone goes on all the same."""


class PostgresStore(SqlStore):
    """A store in a PostgreSQL database. `botkit.protocols.Store` says what a method promises."""

    def __init__(self, url: str, *, lease: float = LEASE, patience: float = PATIENCE) -> None:
        """Name the database, `postgresql://user:password@host:port/database`.

        A claim lasts `lease` seconds unless renewed; while the database is away, work is tried again for `patience`.
        """
        self._me = me = uuid4().hex
        self._lease = lease
        self._link = PostgresLink(url, patience)
        self._writer = PostgresWriter(self._link, me)
        self._bell = PostgresBell(self._link, me)

    @property
    def lease(self) -> float | None:
        """The seconds that a claim lasts unless renewed."""
        return self._lease

    async def open(self) -> None:
        """Connect and bring the tables up to date; what a dead process had is free when its lease ends."""
        await self._link.open(files(__package__) / "migrations" / "postgres")
        self._writer.open()
        self._bell.open()

    async def close(self) -> None:
        """Commit what is waiting and close all connections."""
        self._link.hurry()
        with suppress(StoreError):
            await self._read(lambda: ask("be_gone", me=self._me))
        await self._bell.close()
        await self._writer.close()
        await self._link.close()

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` when another process has put something in."""
        self._bell.watch(changed)

    async def renew(self, claims: Sequence[Claim], postings: Sequence[Posting]) -> Sequence[Claim]:
        """Prolong the leases, and be seen; the claims that somebody else has by now."""
        lease = timedelta(seconds=self._lease)
        ids = [claim.conversation.id for claim in claims]

        def work() -> Work[dict[int, int]]:
            yield from ask("be_seen", me=self._me)
            fences = [claim.fence for claim in claims]
            yield from ask("renew_claims", ids=ids, fences=fences, lease=lease)
            rows = [posting.row for posting in postings]
            yield from ask("renew_postings", rows=rows, fences=[posting.fence for posting in postings], lease=lease)
            return {row["id"]: row["fence"] for row in (yield from ask("fences", ids=ids))}

        present = await self._read(work)
        return [claim for claim in claims if present.get(claim.conversation.id) != claim.fence]

    async def peers(self) -> int:
        """How many have renewed within the time of a lease; who has not is gone."""

        def work() -> Work[int]:
            yield from ask("forget_unseen", lease=timedelta(seconds=self._lease))
            (row,) = yield from ask("peers")
            number: int = row["number"]
            return max(1, number)

        return await self._read(work)

    @asynccontextmanager
    async def alone(self, what: str) -> AsyncIterator[None]:
        """Hold a lock of the database, on a connection of its own: it is free again when that is gone."""
        connection = await self._link.connect()
        try:
            with suppress(TimeoutError):
                await connection.execute("select pg_advisory_lock(hashtextextended($1, 0))", what, timeout=_ALONE)
            yield
        finally:
            connection.terminate()

    async def forget(self, before: float, events_before: float, limit: int = 1000) -> int:
        """Delete what is old and settled, a limited number of each."""
        await self._read(lambda: ask("forget_batches"))
        return await super().forget(before, events_before, limit)

    # ─── how work is run ───

    async def _write(self, lanes: AbstractSet[str], piece: Piece[Result]) -> Result:
        return await self._writer.run(lanes, piece)

    async def _read(self, piece: Piece[Result]) -> Result:
        async def work(connection: Connection) -> Result:
            result: Result = await run(connection, piece())
            return result

        return await self._with_connection(work)

    async def _take(self, statement: str, limit: int, now: float, load: Load[Result]) -> list[Result]:
        lease = timedelta(seconds=self._lease)

        async def work(connection: Connection) -> list[Result]:
            async with connection.transaction():
                rows = await run(connection, ask(statement, limit=limit, now=now, lease=lease))
                taken: list[Result] = await run(connection, load(sorted(rows, key=lambda row: row["rank"])))
                return taken

        return await self._with_connection(work)

    async def _with_connection(self, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        async def attempt() -> Result:
            async with self._link.borrow() as connection:
                return await work(connection)

        try:
            return await self._link.persist(attempt)
        except Exception as error:
            explained = self._link.explained(error)
            if explained is error:
                raise
            raise explained from error
