"""The writer: whatever waits together is committed together, in one transaction and few round trips.

Work names its lanes: all that belongs to one contact, say. In a transaction no two pieces share a lane, and across
processes the lanes are locked, in one order. So a piece runs as if it were alone with what it touches.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from botkit.errors import StoreError
from botkit.stores.postgres_link import PostgresLink, is_lost
from botkit.stores.postgres_work import STATEMENTS, Done, SpoiltError, run, run_together
from botkit.stores.work import Piece, Result, ask_first

if TYPE_CHECKING:
    from asyncpg import Connection

AT_ONCE = 128
"""Pieces in one transaction: each holds a lock or two, and the server's table of locks is finite."""
_LOOK_AHEAD = 4 * AT_ONCE


@dataclass(frozen=True, slots=True)
class _Job:
    lanes: AbstractSet[str]
    piece: Piece[Any]
    done: asyncio.Future[Any]


@dataclass(slots=True)
class _Batch:
    """Jobs of one transaction. `ended` is how they ended when the outcome of their commit is not known."""

    jobs: Sequence[_Job]
    id: UUID = field(default_factory=uuid4)
    ended: list[Done] | None = None

    @property
    def lanes(self) -> list[int]:
        """The numbers of what the jobs lock, in the order in which everybody locks."""
        return sorted({_number(lane) for job in self.jobs for lane in job.lanes})


class PostgresWriter:
    """One connection that writes for a whole process."""

    def __init__(self, link: PostgresLink, me: str) -> None:
        """Take the way to the database, and the name under which others are told that something has changed."""
        self._link = link
        self._me = me
        self._waiting: deque[_Job] = deque()
        self._called = asyncio.Event()
        self._connection: Connection | None = None
        self._serving: asyncio.Task[None] | None = None
        self._is_closing = False

    def open(self) -> None:
        """Begin to serve."""
        self._is_closing = False
        self._serving = asyncio.create_task(self._serve(), name="postgres writer")

    async def close(self) -> None:
        """Commit what is waiting, take nothing more, and close."""
        self._is_closing = True
        self._called.set()
        serving, self._serving = self._serving, None
        if serving:
            await serving
        self._drop()

    async def run(self, lanes: AbstractSet[str], piece: Piece[Result]) -> Result:
        """Run a piece of work in a transaction. When this returns, it survives a power cut."""
        if self._serving is None or self._is_closing:
            raise self._link.not_open()
        job = _Job(lanes, piece, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._called.set()
        result: Result = await job.done
        return result

    # ─── in the task ───

    async def _serve(self) -> None:
        while self._waiting or not self._is_closing:
            if not self._waiting:
                self._called.clear()
                await self._called.wait()
            elif jobs := self._next():
                await self._commit(jobs)

    def _next(self) -> list[_Job]:
        """What can be committed together: no two in one lane, and nobody overtakes in his lane."""
        jobs, left, lanes = list[_Job](), list[_Job](), set[str]()
        while self._waiting and len(jobs) < AT_ONCE and len(left) < _LOOK_AHEAD:
            job = self._waiting.popleft()
            (jobs if lanes.isdisjoint(job.lanes) else left).append(job)
            lanes |= job.lanes
        self._waiting.extendleft(reversed(left))
        return jobs

    async def _commit(self, jobs: Sequence[_Job]) -> None:
        """Commit together; where that fails, each alone, so that a bad one fails alone."""
        batch = _Batch(jobs)
        try:
            ended = await self._link.persist(lambda: self._attempt(batch))
        except Exception as error:  # noqa: BLE001 (whatever it is, somebody waits for the answer)
            if len(jobs) > 1 and not isinstance(error, StoreError):
                for job in jobs:
                    await self._commit([job])
                return
            ended = [Done(error=self._explained(error))] * len(jobs)
        for job, done in zip(jobs, ended, strict=True):
            if job.done.done():  # its caller was cancelled
                continue
            if done.error is None:
                job.done.set_result(done.result)
            else:
                job.done.set_exception(done.error)

    def _explained(self, error: Exception) -> Exception:
        if isinstance(error, SpoiltError) and isinstance(error.__cause__, Exception):
            return error.__cause__
        return self._link.explained(error)

    async def _attempt(self, batch: _Batch) -> list[Done]:
        """One transaction. After a commit of unknown outcome, only if that one is found not to have been kept."""
        try:
            connection = self._connection = self._connection or await self._link.connect()
            if batch.ended is not None and await self._was_committed(connection, batch):
                return batch.ended
            batch.ended = None
            transaction = connection.transaction()
            await transaction.start()
            try:
                await connection.execute(*_filled("enter_lanes", batch=batch.id, lanes=batch.lanes))
                ended = await run_together(connection, [job.piece() for job in batch.jobs])
                await connection.execute(*_filled("notify", me=self._me))
            except BaseException:
                if not connection.is_closed():
                    await transaction.rollback()
                raise
            batch.ended = ended
            await transaction.commit()
        except BaseException as error:
            if isinstance(error, Exception) and not is_lost(error):
                batch.ended = None  # the server's answer is an answer: nothing was kept
            else:
                self._drop()
            raise
        return ended

    async def _was_committed(self, connection: Connection, batch: _Batch) -> bool:
        """Whether a transaction was kept. Once we have its lanes, it has come to its end one way or the other."""
        async with connection.transaction():
            await connection.execute(*_filled("lock_lanes", lanes=batch.lanes))
            return await run(connection, ask_first("was_committed", batch=batch.id)) is not None

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.terminate()


def _filled(name: str, **values: object) -> tuple[object, ...]:
    statement = STATEMENTS[name]
    return statement.text, *statement.arguments(values)


def _number(lane: str) -> int:
    return int.from_bytes(blake2b(lane.encode(errors="replace"), digest_size=8).digest(), signed=True)
