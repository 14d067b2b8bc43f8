"""Is a turn as fast in a store that remembers a million conversations as in an empty one?

    python benchmarks/large_store.py
    python benchmarks/large_store.py --store postgresql://postgres@127.0.0.1/postgres
    python benchmarks/large_store.py --conversations 10000 --lines 100000 --runs 1

The large store has a year of history: lines, and for one in ten of them an answered event, a reply that was sent and a
trace. Two `botkit run`, on it and on an empty store, are sent the same webhooks in turn; a turn's latency is that from
the webhook to the send. Goal: within 1.3 times. Then the retention has a look: how long one pass over the large store
takes, and whether it deletes.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from contenders import Contender, Database, Running
from load import contact
from sink import CHANNEL
from turns import WARM_UP, measure

from botkit.protocols import Store
from botkit.runtime.runtime import FORGOTTEN_AT_ONCE
from botkit.stores.postgres import PostgresStore
from botkit.stores.sqlite import SqliteStore

DAY = 24 * 3600.0
YEAR = 390 * DAY
"""What is remembered is younger than the default retention of 400 days, or botkit would forget it under the probes."""
WEEK = 7 * DAY
"""And answered events are younger than the 8 days for which botkit keeps them."""
CHUNK = 100_000
PROGRESS = 1_000_000
SCATTER = 7_368_787
"""A prime: what belongs to one conversation lies scattered, as it does when a million of them talk."""
LETTERS = "bcdefghijk"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is remembered: one in `every` lines was a turn that left its event, reply and trace behind."""

    conversations: int
    lines: int
    every: int

    @property
    def turns(self) -> int:
        """Events, replies and traces, of each."""
        return self.lines // self.every


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a table, in the order of its numbers, which the database gives."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[tuple[object, ...]]
    number: int


def tables(size: Size, now: float) -> Iterator[Table]:
    """All that is remembered."""
    count, turns = size.conversations, size.turns

    def place(number: int) -> int:
        return number * SCATTER % count

    def age(number: int, of: int, span: float) -> float:
        return now - span * (1 - number / of)

    def line(number: int) -> tuple[object, ...]:
        who, text = ("contact", f"ping {number}, and how are you today?"), ("bot", f"Got ping {number}. We are fine.")
        return (
            place(number // 2) + 1,
            number // size.every,
            *(text if number % 2 else who),
            age(number, size.lines, YEAR),
        )

    def event(number: int) -> tuple[object, ...]:
        here, at = place(number), age(number, turns, WEEK)
        said = {"channel": CHANNEL, "contact": contact(place(here)), "id": f"in-{number}", "text": f"ping {number}"}
        body = orjson.dumps(["MessageReceived", said]).decode()
        return f"{CHANNEL}:message:in-{number}", here + 1, f"in-{number}", body, at, at, number + 1

    def reply(number: int) -> tuple[object, ...]:
        at = age(number, turns, YEAR)
        body = orjson.dumps({"type": "text", "to": contact(place(number)), "text": {"text": f"Got ping {number}."}})
        saying = orjson.dumps({"text": f"Got ping {number}.", "language": "en", "slots": {}}).decode()
        sent = ("sent", 0, 1, 1, at, 1, "/messages", body, f"old-{number}", "delivered", at)
        return place(number) + 1, number + 1, saying, at, at, *sent

    def trace(number: int) -> tuple[object, ...]:
        stages = [
            {"stage": "recognized", "ms": 0.2, "intent": "ping"},
            {"stage": "planned", "ms": 0.3, "plan": "Reply"},
        ]
        return number + 1, place(number) + 1, age(number, turns, YEAR), orjson.dumps({"stages": stages}).decode()

    contacts = ((CHANNEL, contact(place(number)), "Sofia", "en", now - YEAR) for number in range(count))
    yield Table("contact", ("channel", "id", "name", "language", "wrote_at"), contacts, count)
    begun = (("bench", CHANNEL, contact(place(number)), 1) for number in range(count))
    yield Table("conversation", ("bot", "channel", "contact", "arrived"), begun, count)
    heard = ("key", "conversation", "message", "body", "received_at", "ordered_at", "turn")
    yield Table("inbox", heard, map(event, range(turns)), turns)
    yield Table("line", ("conversation", "turn", "who", "text", "at"), map(line, range(size.lines)), size.lines)
    how = ("status", "is_open", "fence", "attempts", "attempted_at", "form", "path", "body", "message_id", "receipt")
    said = ("conversation", "turn", "saying", "said_at", "open_since", *how, "settled_at")
    yield Table("outbox", said, map(reply, range(turns)), turns)
    yield Table("trace", ("turn", "conversation", "at", "body"), map(trace, range(turns)), turns)


def chunks(table: Table) -> Iterator[list[tuple[object, ...]]]:
    """The rows of a table, so many at a time; tells how far it is."""
    rows, done = iter(table.rows), 0
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
        done += len(chunk)
        if done % PROGRESS == 0 or done == table.number:
            print(f"  {table.name}: {done:,} of {table.number:,}", file=sys.stderr)


# ─── filling ───


def fill_sqlite(path: Path, size: Size) -> None:
    """By SQL, in big transactions; the indexes are made at the end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("pragma journal_mode = off")
        database.execute("pragma synchronous = off")
        database.execute("pragma cache_size = -1000000")
        indexes = database.execute("select name, sql from sqlite_master where type = 'index' and sql is not null")
        indexes = indexes.fetchall()
        for name, _ in indexes:
            database.execute(f"drop index {name}")
        for table in tables(size, time.time()):
            places = ", ".join("?" * len(table.columns))
            insert = f"insert into {table.name} ({', '.join(table.columns)}) values ({places})"  # noqa: S608
            for chunk in chunks(table):
                database.execute("begin")
                database.executemany(insert, chunk)
                database.execute("commit")
        for name, statement in indexes:
            print(f"  index {name}", file=sys.stderr)
            database.execute(statement)
        database.execute("pragma journal_mode = wal")


async def fill_postgres(url: str, size: Size) -> None:
    """By COPY; the indexes are made at the end."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("set session_replication_role = replica")
        await connection.execute("set maintenance_work_mem = '1GB'")
        indexes = await connection.fetch(
            "select indexname, indexdef from pg_indexes where schemaname = 'public' and indexname not in"
            " (select conname from pg_constraint)"
        )
        for row in indexes:
            await connection.execute(f'drop index "{row["indexname"]}"')
        for table in tables(size, time.time()):
            for chunk in chunks(table):
                await connection.copy_records_to_table(table.name, records=chunk, columns=table.columns)
        for row in indexes:
            print(f"  index {row['indexname']}", file=sys.stderr)
            await connection.execute(row["indexdef"])
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
    finally:
        await connection.close()


# ─── measuring ───


def probe(python: str, stores: dict[str, str], options: argparse.Namespace) -> None:
    """Both stores in turn, so that what else the machine does is shared out between them."""
    found: dict[str, list[float]] = {name: [] for name in stores}
    cpu: dict[str, list[float]] = {name: [] for name in stores}
    made = {name: Running(Contender("botkit", python, settings={"store": url})) for name, url in stores.items()}
    with made["empty"], made["large"]:
        for running in made.values():
            measure(running, "a", WARM_UP, WARM_UP, 100.0)
        for number, letter in enumerate(LETTERS[: options.runs], 1):
            first = number * max(WARM_UP, options.probes)  # conversations that no run has touched before
            for name, running in made.items():
                measured = measure(running, letter, options.probes, options.probes, options.rate, first)
                found[name].append(measured.reply_50)
                cpu[name].append(measured.cpu)
                print(
                    f"  {name}: {measured.reply_50:.2f} ms, p99 {measured.reply_99:.2f}; {measured.complaints}",
                    file=sys.stderr,
                )
    for name, each in found.items():
        print(f"{name}: median turn {statistics.median(each):.2f} ms, {statistics.median(cpu[name]):.2f} ms CPU")
    ratios = [large / empty for large, empty in zip(found["large"], found["empty"], strict=True)]
    print(f"ratio {statistics.median(ratios):.2f}, runs {min(ratios):.2f} to {max(ratios):.2f} (goal: 1.3)")


async def forget(store: Store, passes: int = 20) -> None:
    """The retention's work, as if half of what is there had become too old."""
    now = time.time()
    await store.open()
    try:
        for limit in (1000, FORGOTTEN_AT_ONCE):
            took, gone = [], 0
            for _ in range(passes):
                began = time.perf_counter()
                gone += await store.forget(now - YEAR / 2, now - WEEK / 2, limit)
                took.append((time.perf_counter() - began) * 1000)
            half, most = statistics.median(took), max(took)
            print(f"forgetting {limit:,} rows of each of four tables takes {half:.0f} ms (most {most:.0f} ms);")
            print(f"  {passes} passes deleted {gone:,} rows")
    finally:
        await store.close()


def parse() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--store", default="sqlite", help="sqlite, or the URL of a PostgreSQL server")
    parser.add_argument("--conversations", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=10_000_000, help="of history")
    parser.add_argument("--every", type=int, default=10, help="one in so many lines left event, reply and trace")
    parser.add_argument("--probes", type=int, default=300, help="webhooks in a run")
    parser.add_argument("--rate", type=float, default=20.0, help="webhooks a second")
    parser.add_argument("--runs", type=int, default=5, choices=range(1, len(LETTERS) + 1))
    parser.add_argument("--folder", type=Path, help="where the large file of SQLite lies meanwhile")
    parser.add_argument("--python", default=sys.executable, help="whose botkit runs")
    return parser.parse_args()


def on(url: str, path: Path | None = None) -> Store:
    """The store that is measured, for what is done to it from here."""
    return SqliteStore(path) if path else PostgresStore(url)


async def prepare(store: Store) -> None:
    """Make the tables."""
    await store.open()
    await store.close()


def measure_all(url: str, path: Path | None, empty: str, fill: Callable[[], Any], options: argparse.Namespace) -> None:
    """Fill, probe, forget."""
    size = Size(options.conversations, options.lines, options.every)
    asyncio.run(prepare(on(url, path)))
    began = time.monotonic()
    fill()
    print(f"{size.conversations:,} conversations and {size.lines:,} lines in {time.monotonic() - began:.0f} s")
    if path:
        print(f"{path.stat().st_size / 1e9:.1f} GB")
    probe(options.python, {"empty": empty, "large": url}, options)
    asyncio.run(forget(on(url, path)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = parse()
    size = Size(options.conversations, options.lines, options.every)
    if options.store == "sqlite":
        with tempfile.TemporaryDirectory(prefix="bench-large-", dir=options.folder) as folder:
            path = Path(folder) / "large.db"
            measure_all(
                f"sqlite:///{path}", path, f"sqlite:///{folder}/empty.db", lambda: fill_sqlite(path, size), options
            )
    else:
        with Database(options.store) as url, Database(options.store) as empty:
            measure_all(url, None, empty, lambda: asyncio.run(fill_postgres(url, size)), options)


if __name__ == "__main__":
    main()
