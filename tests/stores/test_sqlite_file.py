"""One SQLite file and its thread: who waits together is committed together, and what fails, fails alone."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from botkit.errors import StoreError
from botkit.stores.sqlite_file import SqliteFile, Work

PATIENCE = 5.0
"""Seconds after which a test takes it that nothing will ever come."""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_notes.sql").write_text("create table note (text text unique not null);")
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notes.db"


@asynccontextmanager
async def opened(path: Path | None, migrations: Path) -> AsyncIterator[SqliteFile]:
    file = SqliteFile(path, migrations)
    async with asyncio.timeout(PATIENCE):
        await file.open()
        try:
            yield file
        finally:
            await file.close()


@pytest.fixture(params=["file", "memory"])
async def file(request: pytest.FixtureRequest, path: Path, migrations: Path) -> AsyncIterator[SqliteFile]:
    async with opened(path if request.param == "file" else None, migrations) as file:
        yield file


def write(text: str | None, database: sqlite3.Connection) -> None:
    database.execute("insert into note values (?)", (text,))


def notes(database: sqlite3.Connection) -> list[str]:
    return [row["text"] for row in database.execute("select text from note order by rowid")]


def look(path: Path, query: str) -> list[tuple[object, ...]]:
    """What another process would see."""
    database = sqlite3.connect(path)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


# ─── opening ───


async def test_the_file_is_made_with_its_folder_and_is_for_its_owner_only(tmp_path: Path, migrations: Path) -> None:
    path = tmp_path / "deep" / "down" / "notes.db"
    async with opened(path, migrations) as file:
        await file.run(partial(write, "one"))
        assert {stat.S_IMODE(part.stat().st_mode) for part in path.parent.iterdir()} == {0o600}


async def test_migrations_are_applied_once_and_in_their_order(path: Path, migrations: Path) -> None:
    (migrations / "0002_first.sql").write_text("insert into note values ('second; and'\n|| ' last') -- no end")
    (migrations / "README.md").write_text("This is no migration.")
    async with opened(path, migrations) as file:
        assert await file.run(notes) == ["second; and last"]
    (migrations / "0010_tenth.sql").write_text("insert into note values ('tenth');")
    (migrations / "0009_ninth.sql").write_text("insert into note values ('ninth');")
    for _ in range(2):
        async with opened(path, migrations) as file:
            assert await file.run(notes) == ["second; and last", "ninth", "tenth"]


async def test_a_migration_that_fails_is_undone_and_said(path: Path, migrations: Path) -> None:
    broken = migrations / "0002_broken.sql"
    broken.write_text("insert into note values ('half');\ninsert into missing values (1);")
    with pytest.raises(StoreError, match=r"notes\.db cannot be opened: no such table: missing\."):
        await SqliteFile(path, migrations).open()
    assert look(path, "select * from note") == []
    broken.write_text("insert into note values ('whole');")
    async with opened(path, migrations) as file:
        assert await file.run(notes) == ["whole"]


async def test_a_file_of_a_newer_botkit_is_left_alone(path: Path, migrations: Path) -> None:
    newer = migrations / "0002_newer.sql"
    newer.write_text("create table newer (id);")
    async with opened(path, migrations):
        pass
    newer.unlink()
    with pytest.raises(StoreError, match=r"notes\.db was written by a newer botkit \(schema 2\); this one knows 1\."):
        await SqliteFile(path, migrations).open()


def make_garbage(path: Path) -> None:
    path.write_bytes(b"This is no database. " * 100)


def make_nothing(path: Path) -> None:
    path.unlink()


def make_folder(path: Path) -> None:
    path.mkdir()


def make_file_of_the_folder(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("")


@pytest.mark.parametrize("spoil", [make_garbage, make_folder, make_file_of_the_folder])
async def test_what_cannot_be_opened_is_said_with_its_name(
    tmp_path: Path, migrations: Path, spoil: Callable[[Path], None]
) -> None:
    path = tmp_path / "folder" / "notes.db"
    path.parent.mkdir()
    spoil(path)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(StoreError, match=r"notes\.db cannot be opened: .+\."):
            await SqliteFile(path, migrations).open()


async def test_an_unforeseen_failure_to_open_is_raised_and_nobody_waits_for_ever(path: Path, migrations: Path) -> None:
    (migrations / "0002_latin.sql").write_bytes(b"-- \xff")
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(StoreError, match="cannot be opened"):
            await SqliteFile(path, migrations).open()


async def test_processes_that_open_a_new_file_at_the_same_time_all_succeed(tmp_path: Path, migrations: Path) -> None:
    (migrations / "0002_first.sql").write_text("insert into note values ('made once');")
    for number in range(20):
        files = [SqliteFile(tmp_path / f"{number}.db", migrations) for _ in range(4)]
        await asyncio.gather(*(file.open() for file in files))
        await asyncio.gather(*(file.run(partial(write, str(index))) for index, file in enumerate(files)))
        assert sorted(await files[0].run(notes)) == ["0", "1", "2", "3", "made once"]
        await asyncio.gather(*(file.close() for file in files))


# ─── working ───


async def test_what_was_run_is_on_disk_when_it_returns(path: Path, migrations: Path) -> None:
    async with opened(path, migrations) as file:
        await file.run(partial(write, "one"))
        assert look(path, "select text from note") == [("one",)]
        assert await file.run(lambda database: database.execute("pragma synchronous").fetchone()[0]) == 2  # FULL


@asynccontextmanager
async def held_up(file: SqliteFile) -> AsyncIterator[None]:
    """Keep the file's thread busy, so that everything that is asked for meanwhile waits together."""
    gate, is_held, loop = threading.Event(), asyncio.Event(), asyncio.get_running_loop()

    def hold(_: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(is_held.set)
        gate.wait(PATIENCE)

    busy = asyncio.create_task(file.run(hold))
    await is_held.wait()
    yield
    await asyncio.sleep(0)
    gate.set()
    await busy


async def test_callers_who_wait_together_share_a_commit(file: SqliteFile) -> None:
    statements: list[str] = []
    await file.run(lambda database: database.set_trace_callback(statements.append))
    async with held_up(file):
        statements.clear()
        writing = asyncio.gather(*(file.run(partial(write, str(number))) for number in range(100)))
    await writing
    assert statements.count("commit") == 2  # of the piece that held everything up, and of the hundred
    assert len(await file.run(notes)) == 100


async def test_more_than_fits_into_one_commit_is_done_all_the_same(file: SqliteFile) -> None:
    async with held_up(file):
        writing = asyncio.gather(*(file.run(partial(write, str(number))) for number in range(1000)))
    await writing
    assert await file.run(notes) == [str(number) for number in range(1000)]


async def test_a_piece_that_the_database_refuses_fails_alone(file: SqliteFile) -> None:
    async with held_up(file):
        pieces = [partial(write, text) for text in ("one", "one", "two", None, "three")]
        writing = asyncio.gather(*map(file.run, pieces), return_exceptions=True)
    errors = [str(error) for error in await writing if isinstance(error, StoreError)]
    assert errors[0].endswith("refused: UNIQUE constraint failed: note.text.")
    assert errors[1].endswith("refused: NOT NULL constraint failed: note.text.")
    assert await file.run(notes) == ["one", "two", "three"]


async def test_a_piece_that_raises_leaves_nothing_and_raises_where_it_was_asked_for(file: SqliteFile) -> None:
    def half(database: sqlite3.Connection) -> None:
        write("half", database)
        raise LookupError("no more")

    async with held_up(file):
        writing = asyncio.gather(file.run(half), file.run(partial(write, "one")), return_exceptions=True)
    error, _ = await writing
    assert isinstance(error, LookupError)
    assert await file.run(notes) == ["one"]


async def test_when_the_commit_itself_fails_everybody_in_it_is_told_and_nothing_is_kept(
    path: Path, migrations: Path
) -> None:
    (migrations / "0002_reply.sql").write_text("create table reply (note text references note (text));")

    def reply_to_nothing(database: sqlite3.Connection) -> None:
        database.execute("pragma defer_foreign_keys = on")
        database.execute("insert into reply values ('missing')")

    async with opened(path, migrations) as file:
        async with held_up(file):
            pieces: list[Work[None]] = [partial(write, "one"), reply_to_nothing, partial(write, "two")]
            writing = asyncio.gather(*map(file.run, pieces), return_exceptions=True)
        assert [type(error) for error in await writing] == [StoreError] * 3
        await file.run(partial(write, "three"))
        assert await file.run(notes) == ["three"]


async def test_a_caller_who_no_longer_waits_disturbs_nobody(file: SqliteFile) -> None:
    async with held_up(file):
        gone = asyncio.create_task(file.run(partial(write, "one")))
        waiting = asyncio.create_task(file.run(partial(write, "two")))
        await asyncio.sleep(0)
        gone.cancel()
    await waiting
    assert await file.run(notes) == ["one", "two"]


# ─── closing ───


async def test_closing_finishes_what_waits(path: Path, migrations: Path) -> None:
    async with opened(path, migrations) as file:
        async with held_up(file):
            writing = asyncio.gather(*(file.run(partial(write, str(number))) for number in range(300)))
            await asyncio.sleep(0)
            closing = asyncio.create_task(file.close())
        await closing
        await writing
    assert look(path, "select count(*) from note") == [(300,)]


async def test_a_file_that_is_not_open_says_so(path: Path, migrations: Path) -> None:
    file = SqliteFile(path, migrations)
    with pytest.raises(StoreError, match=r"notes\.db is not open\."):
        await file.run(notes)
    async with opened(path, migrations) as file:
        pass
    with pytest.raises(StoreError, match=r"notes\.db is not open\."):
        await file.run(notes)


async def test_a_file_that_is_closing_takes_nothing_more(file: SqliteFile) -> None:
    async with asyncio.timeout(PATIENCE):
        async with held_up(file):
            closing = asyncio.create_task(file.close())
            await asyncio.sleep(0)
            late = asyncio.create_task(file.run(notes))
        with pytest.raises(StoreError, match="is not open"):
            await late
        await closing


async def test_a_file_that_could_not_be_opened_can_be_opened_later(path: Path, migrations: Path) -> None:
    make_garbage(path)
    file = SqliteFile(path, migrations)
    with pytest.raises(StoreError):
        await file.open()
    make_nothing(path)
    async with asyncio.timeout(PATIENCE):
        await file.open()
        assert await file.run(notes) == []
        await file.close()


async def test_a_file_that_could_not_be_opened_is_not_open(path: Path, migrations: Path) -> None:
    make_garbage(path)
    file = SqliteFile(path, migrations)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(StoreError):
            await file.open()
        with pytest.raises(StoreError, match="is not open"):
            await file.run(notes)
        await file.close()


async def test_closing_twice_is_closing(file: SqliteFile) -> None:
    await file.close()
    await file.close()


async def test_a_closed_file_can_be_opened_again(path: Path, migrations: Path) -> None:
    async with opened(path, migrations) as file:
        await file.run(partial(write, "one"))
        await file.close()
        await file.open()
        assert await file.run(notes) == ["one"]
