"""The floor: the smallest program that makes botkit's promise with botkit's libraries, and without a framework.

    python benchmarks/floor.py PORT API_URL FILE TOKEN

A message answered with 200 is durable (SQLite, one writer thread, group commit, synchronous=FULL) and known by its id.
A conversation's turns are in order, what waits together is one turn, its state and reply are one commit, and the reply
is sent under an idempotency key until the API has taken or refused it. Whatever crashes, a restart goes on. There is
one bot, one rule (an echo that counts), no window, no history, no trace, no configuration, no log.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import sys
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import aiohttp
import orjson
from aiohttp import web

Work = Callable[[sqlite3.Connection], Any]

SCHEMA = """
create table if not exists conversation (id text primary key, count integer not null) without rowid;
create table if not exists inbox (
    seq integer primary key, key text not null unique, conversation text not null, text text not null,
    turn integer, received_at real not null default (unixepoch()));
create index if not exists inbox_waiting on inbox (seq) where turn is null;
create table if not exists outbox (
    seq integer primary key, conversation text not null, body blob not null, is_open integer not null default 1);
create index if not exists outbox_open on outbox (seq) where is_open = 1;
"""
ACCEPT = "insert into inbox (key, conversation, text) values (?, ?, ?) on conflict do nothing returning seq"
REMEMBER = "insert into conversation values (?, ?) on conflict do update set count = excluded.count"
ANSWER = "update inbox set turn = ? where seq = ?"
POST = "insert into outbox (conversation, body) values (?, ?) returning seq"
SETTLE = "update outbox set is_open = 0 where seq = ?"


class Store:
    """A file written by one thread: what waits together is committed together; of a bad batch, each piece alone."""

    def __init__(self, path: str) -> None:
        """Open the file."""
        self.reader = self._connect(path)
        self.reader.executescript(SCHEMA)
        self._queue: queue.SimpleQueue[tuple[Work, asyncio.Future[Any]]] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._serve, args=(path,), daemon=True).start()

    def run(self, work: Work) -> asyncio.Future[Any]:
        """Do a piece of work in a transaction; once it is awaited, it is durable."""
        done = self._loop.create_future()
        self._queue.put((work, done))
        return done

    def _connect(self, path: str) -> sqlite3.Connection:
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = full")
        return database

    def _serve(self, path: str) -> None:
        database = self._connect(path)
        while True:
            batch = [self._queue.get()]
            while len(batch) < 256 and not self._queue.empty():  # noqa: PLR2004
                batch.append(self._queue.get_nowait())
            try:
                results = self._commit(database, batch)
            except Exception:  # noqa: BLE001 (whose fault it was shows when each stands alone)
                results = [result for piece in batch for result in self._commit_alone(database, piece)]
            self._loop.call_soon_threadsafe(self._tell, results)

    def _commit(self, database: sqlite3.Connection, batch: list[Any]) -> list[Any]:
        try:
            database.execute("begin immediate")
            results = [(done, work(database), None) for work, done in batch]
            database.execute("commit")
        except BaseException:
            if database.in_transaction:
                database.execute("rollback")
            raise
        return results

    def _commit_alone(self, database: sqlite3.Connection, piece: Any) -> list[Any]:
        try:
            return self._commit(database, [piece])
        except Exception as error:  # noqa: BLE001 (it is raised where the work was asked for)
            return [(piece[1], None, error)]

    def _tell(self, results: list[Any]) -> None:
        for done, result, error in results:
            if not done.done():
                done.set_exception(error) if error else done.set_result(result)


class Bot:
    """Conversations side by side, each in order: what was said before is sent, then what waits is one turn."""

    def __init__(self, store: Store, session: aiohttp.ClientSession, url: str) -> None:
        """Go on with what the file says is not finished."""
        self._store, self._session, self._url = store, session, url
        self._waiting: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._unsent: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
        self._lanes: dict[str, asyncio.Task[None]] = {}
        for seq, conversation, body in store.reader.execute(
            "select seq, conversation, body from outbox where is_open = 1 order by seq"
        ):
            self._unsent[conversation].append((seq, body))
        for seq, conversation, text in store.reader.execute(
            "select seq, conversation, text from inbox where turn is null order by seq"
        ):
            self._waiting[conversation].append((seq, text))
        for conversation in {*self._unsent, *self._waiting}:
            self._open_lane(conversation)

    async def receive(self, request: web.Request) -> web.Response:
        """The webhook: durable before the 200, once for each id."""
        try:
            event = orjson.loads(await request.read())
            conversation, message = event["conversation"]["id"], event["message"]
            identity, text = message["id"], message["text"]
        except (ValueError, KeyError, TypeError):
            return web.json_response({"error": "This is no message."}, status=400)
        row = (f"{event['channel']['id']}:message:{identity}", conversation, text)
        if accepted := await self._store.run(lambda database: database.execute(ACCEPT, row).fetchone()):
            self._waiting[conversation].append((accepted[0], text))
            self._open_lane(conversation)
        return web.json_response({"accepted": int(bool(accepted))})

    def _open_lane(self, conversation: str) -> None:
        if conversation not in self._lanes:
            self._lanes[conversation] = asyncio.create_task(self._lane(conversation))

    async def _lane(self, conversation: str) -> None:
        try:
            for seq, body in self._unsent.pop(conversation, ()):
                await self._send(seq, body)
            while rows := self._waiting.pop(conversation, None):
                await self._turn(conversation, rows)
        finally:
            del self._lanes[conversation]

    async def _turn(self, conversation: str, rows: list[tuple[int, str]]) -> None:
        found = self._store.reader.execute("select count from conversation where id = ?", (conversation,)).fetchone()
        count = (found[0] if found else 0) + len(rows)
        reply = f"Number {count}: {' '.join(text for _, text in rows)}"  # the rule
        body = orjson.dumps({"type": "text", "to": conversation, "text": {"text": reply}})

        def commit(database: sqlite3.Connection) -> int:
            database.execute(REMEMBER, (conversation, count))
            database.executemany(ANSWER, [(rows[0][0], seq) for seq, _ in rows])
            posted: int = database.execute(POST, (conversation, body)).fetchone()[0]
            return posted

        await self._send(await self._store.run(commit), body)

    async def _send(self, seq: int, body: bytes) -> None:
        headers = {"Idempotency-Key": f"floor-{seq}.1", "Content-Type": "application/json"}
        for attempt in range(1_000_000):
            try:
                async with self._session.post(f"{self._url}/messages", data=body, headers=headers) as response:
                    await response.read()
                if response.status < 500 and response.status != 429:  # noqa: PLR2004 (taken, or refused for good)
                    break
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            await asyncio.sleep(min(2**attempt, 300))
        await self._store.run(lambda database: database.execute(SETTLE, (seq,)).rowcount)


async def main(port: str, url: str, path: str, token: str) -> None:
    """Serve until the process is ended, by whatever."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
        bot = Bot(Store(path), session, url)
        app = web.Application(client_max_size=3 * 1024 * 1024)
        app.router.add_post(f"/webhooks/{token}", bot.receive)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(port)).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
