"""What is the SQLite store's own: one owner for a file, and others who only look and put something in."""

from __future__ import annotations

import asyncio
import re
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from botkit.errors import StoreError
from botkit.ledger import Arrival
from botkit.stores.queries import migrations, named
from botkit.stores.sqlite import SqliteStore
from tests.conftest import ROOT
from tests.stores.writer import message

OWNER = """
import asyncio, sys
from pathlib import Path
from botkit.stores.queries import migrations, named
from botkit.stores.sqlite import SqliteStore

async def own():
    store = SqliteStore(Path(sys.argv[1]))
    await store.open()
    print("open", flush=True)
    await asyncio.Event().wait()

asyncio.run(own())
"""
REFUSAL = r"Another botkit is running on .*botkit\.db\. Stop it, or set another `store:` in config\.yaml\."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "botkit.db"


@asynccontextmanager
async def opened(path: Path, *, owner: bool = True) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(path, owner=owner)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def another_process(path: Path) -> AsyncIterator[Process]:
    """A process that owns the store."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", OWNER, str(path), cwd=ROOT, stdout=PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"open\n"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


# ─── one owner ───


async def test_a_second_process_is_refused_in_a_sentence(path: Path) -> None:
    async with another_process(path):
        with pytest.raises(StoreError, match=REFUSAL):
            await SqliteStore(path).open()


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM], ids=str)
async def test_a_process_that_has_died_owns_nothing(path: Path, death: signal.Signals) -> None:
    async with another_process(path) as process:
        process.send_signal(death)
        await process.wait()
        async with opened(path) as store:
            assert await store.waiting() == 0


async def test_two_stores_of_one_process_do_not_share_a_file_either(path: Path) -> None:
    async with opened(path):
        with pytest.raises(StoreError, match=REFUSAL):
            await SqliteStore(path).open()


async def test_who_was_refused_may_own_the_file_later(path: Path) -> None:
    late = SqliteStore(path)
    async with opened(path):
        with pytest.raises(StoreError):
            await late.open()
    await late.open()
    assert await late.waiting() == 0
    await late.close()


async def test_who_could_not_open_the_file_does_not_own_it(path: Path) -> None:
    write(path, b"This is no database. " * 100)
    remedy = r"file is not a database\. Restore it from a backup, or move it away to begin with an empty one\."
    with pytest.raises(StoreError, match=f"cannot be opened: {remedy}"):
        await SqliteStore(path).open()
    write(path, b"")
    async with opened(path) as store:
        assert await store.waiting() == 0


async def test_a_store_in_memory_is_for_its_process_alone() -> None:
    first, second = SqliteStore(None), SqliteStore(None)
    await first.open()
    await second.open()
    await first.accept([Arrival(message(1), "shop", 1.0)])
    assert (await first.waiting(), await second.waiting()) == (1, 0)
    await first.close()
    await second.close()


async def test_a_folder_that_cannot_be_made_is_said_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/botkit\.db cannot be opened: .+\."):
        await SqliteStore(tmp_path / "file" / "botkit.db").open()


# ─── those who only look ───


async def test_others_may_look_and_put_something_in_while_a_process_owns_the_file(path: Path) -> None:
    async with opened(path) as owner, opened(path, owner=False) as other:
        assert await other.accept([Arrival(message(1), "shop", 1.0)]) == [True]
        assert await owner.accept([Arrival(message(1), "shop", 1.0)]) == [False]
        assert await owner.waiting() == await other.waiting() == 1
        (claim,) = await owner.claim(10, 1.0)
        assert claim.events == (message(1),)


async def test_who_only_looks_takes_nothing_over(path: Path) -> None:
    async with opened(path) as owner:
        await owner.accept([Arrival(message(1), "shop", 1.0)])
        await owner.claim(10, 1.0)
        async with opened(path, owner=False):
            assert await owner.claim(10, 1.0) == []


async def test_who_only_looks_keeps_nobody_from_owning(path: Path) -> None:
    async with opened(path, owner=False), opened(path) as owner:
        assert await owner.waiting() == 0


# ─── statements ───


def test_no_statement_reads_a_whole_table(path: Path) -> None:
    """But for those who look at all there is, and for the one at the start. Rows made up, given or found are none."""
    folder = ROOT / "botkit/stores"
    statements = {**named(folder / "both.sql"), **named(folder / "sqlite.sql")}
    with closing(sqlite3.connect(path)) as database:
        for _, script in sorted(migrations(folder / "migrations/sqlite").items()):
            database.executescript(script)
        reading = set()
        for name, statement in statements.items():
            places = dict.fromkeys(re.findall(r"(?<![:\w]):([a-z_]+)", statement), 1)
            parts = (f"explain query plan {part}" for part in statement.split(";\n"))
            plan = [row[3] for part in parts for row in database.execute(part, places)]
            if any(re.match(r"SCAN (?!.*USING|CONSTANT ROW|anyway|wanted|latest)", step) for step in plan):
                reading.add(name)
    assert reading == {"posted", "notes", "take_over_conversations"}


# ─── a file that is spoilt ───


async def test_a_database_that_lacks_a_table_is_said_and_can_be_owned_when_it_is_mended(path: Path) -> None:
    async with opened(path):
        pass
    rename(path, "outbox", "elsewhere")
    async with asyncio.timeout(5):
        with pytest.raises(StoreError, match=r"botkit\.db refused: no such table: outbox\."):
            await SqliteStore(path).open()
    rename(path, "elsewhere", "outbox")
    async with opened(path) as store:
        assert await store.waiting() == 0


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def rename(path: Path, table: str, name: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"alter table {table} rename to {name}")
