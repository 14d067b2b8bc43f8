"""What this machine must have."""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from botkit.config import Config
from botkit.doctor import machine
from botkit.doctor.findings import Finding, Level
from botkit.doctor.machine import look_at_disk, look_at_python, look_at_store
from botkit.stores.inspection import inspect
from botkit.stores.sqlite import SqliteStore

Usage = namedtuple("Usage", ["total", "used", "free"])  # noqa: PYI024 (as shutil has it)


def config(folder: Path, store: str = "sqlite:///botkit.db") -> Config:
    made = Config.model_validate({"store": store})
    made.start_from(folder)
    return made


def levels(found: Sequence[Finding]) -> list[Level]:
    return [item.level for item in found]


async def test_python_and_the_libraries_are_told_with_their_versions() -> None:
    (found,) = await look_at_python()
    assert found.level is Level.OK
    for name in ("Python 3.", "SQLite 3.", "aiohttp 3.", "pydantic 2."):
        assert name in found.message


async def test_what_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LIBRARIES", ("aiohttp", "no-such-library"))
    monkeypatch.setattr(machine, "EXTRAS", {"no-such-extra": "metrics"})
    missing, _, extra = await look_at_python()
    assert (missing.level, missing.message) == (Level.PROBLEM, "Not installed: no-such-library.")
    assert (extra.level, "botkit[metrics]" in extra.message) == (Level.SKIPPED, True)


async def test_an_sqlite_that_is_too_old_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "OLDEST_SQLITE", (99, 0))
    assert levels(await look_at_python()) == [Level.PROBLEM, Level.OK]


async def test_room_on_the_disk_is_told_also_for_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    (found,) = await look_at_disk(config(tmp_path / "not/there"))
    assert found.level is Level.OK
    assert found.message.endswith(f"GB are free at {tmp_path}.")


async def test_too_little_room_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(10**12, 10**12, 499 * 1024 * 1024))
    (found,) = await look_at_disk(config(tmp_path))
    assert found.level is Level.PROBLEM
    assert found.message.startswith("Only 499 MB are free at ")


async def test_without_a_file_there_is_no_disk_to_look_at(tmp_path: Path) -> None:
    forgetful = config(tmp_path, "memory").model_copy(update={"gateway": "memory"})
    assert levels(await look_at_disk(forgetful)) == [Level.SKIPPED]
    assert levels(await look_at_store(forgetful)) == [Level.WARNING]


# ─── the store ───


async def test_a_store_elsewhere_is_passed_over(tmp_path: Path) -> None:
    elsewhere = config(tmp_path, "postgresql://botkit:password@db/botkit")
    (found,) = await look_at_store(elsewhere)
    assert found.level is Level.SKIPPED
    assert "password" not in found.message
    (found,) = await look_at_disk(elsewhere)
    assert found.message.endswith(f"GB are free at {tmp_path}.")


async def test_a_store_that_is_not_there_yet_will_be_made(tmp_path: Path) -> None:
    assert levels(await look_at_store(config(tmp_path))) == [Level.OK]
    assert not (tmp_path / "botkit.db").exists()


async def test_a_store_of_this_version_is_good_also_while_a_server_owns_it(tmp_path: Path) -> None:
    owner = SqliteStore(tmp_path / "botkit.db")
    await owner.open()
    (found,) = await look_at_store(config(tmp_path))
    await owner.close()
    assert found.level is Level.OK, found
    assert found.message.endswith("is current.")


async def test_a_store_of_another_version_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "botkit.db"
    for schema, level in ((0, Level.WARNING), (9999, Level.PROBLEM)):
        with closing(sqlite3.connect(path)) as database:
            database.execute(f"pragma user_version = {schema}")
        assert levels(await look_at_store(config(tmp_path))) == [level]
        assert inspect(path).schema == schema


async def test_a_store_that_is_no_database_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "botkit.db").write_text("This is no database. " * 100)
    (found,) = await look_at_store(config(tmp_path))
    assert found.level is Level.PROBLEM
    assert "file is not a database" in found.message


async def test_a_store_that_somebody_holds_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botkit.stores.inspection._PATIENCE", 0.05)
    with closing(sqlite3.connect(tmp_path / "botkit.db", isolation_level=None)) as database:
        database.execute("begin exclusive")
        (found,) = await look_at_store(config(tmp_path))
    assert found.level is Level.PROBLEM
    assert "database is locked" in found.message
