"""Whatever is killed, and whenever: an accepted message is there once, and answered once."""

from __future__ import annotations

import asyncio
import random
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from pathlib import Path

import pytest

from botkit.protocols import Store
from tests.conftest import ROOT
from tests.postgres import Postgres
from tests.stores.writer import CONTACTS, answer, message, send, store_of

KILLS = 12


@pytest.fixture(params=["sqlite", "postgres"])
def name(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store's path or URL."""
    if request.param == "sqlite":
        yield str(tmp_path / "botkit.db")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.lend()
    yield url
    postgres.take_back(url)


async def start(name: str, folder: Path, first: int, step: int = 1) -> Process:
    program = ["-m", "tests.stores.writer", name, str(folder / "sent"), str(first), str(step)]
    return await asyncio.create_subprocess_exec(sys.executable, *program, cwd=ROOT, stdout=PIPE)


async def kill_after(writer: Process, steps: int) -> int:
    """Kill a writer after so many steps; the last message that it is known to have accepted."""
    assert writer.stdout is not None
    lines = [await writer.stdout.readline() for _ in range(steps)]
    writer.kill()
    rest, _ = await writer.communicate()
    told = [line.decode().split() for line in (*lines, *rest.splitlines())]
    return max((int(line[1]) for line in told if line[0] == "accepted"), default=0)


def quietly(step: str) -> None:
    """Tell nobody."""


async def finish(name: str, folder: Path) -> Store:
    """Answer and send what the dead left."""
    store = store_of(name)
    await store.open()
    await answer(store, quietly)
    with (folder / "sent").open("a", encoding="utf-8") as sent:
        while await send(store, sent, quietly):
            pass
    return store


async def test_every_accepted_message_is_answered_exactly_once_however_often_the_process_is_killed(
    name: str, tmp_path: Path
) -> None:
    chance = random.Random(7)
    accepted = 0
    for _ in range(KILLS):
        writer = await start(name, tmp_path, accepted)  # the last one is delivered again, as the platform would
        accepted = await kill_after(writer, steps=chance.randint(1, 15)) or accepted
    store = await finish(name, tmp_path)
    posted = await store.posted(limit=100_000)
    numbers = [int(item.text.removeprefix("re: ")) for item in posted]
    assert len(numbers) == len(set(numbers))
    assert set(range(accepted + 1)) <= set(numbers) <= set(range(accepted + 2))
    assert {item.status for item in posted} == {"sent"}
    assert await store.waiting() == 0
    await store.close()
    sends = dict(line.split(" ", 1) for line in (tmp_path / "sent").read_text().splitlines())
    assert len(sends) == len(numbers)
    for contact in range(CONTACTS):
        answers = [sent for sent in sends.values() if sent.startswith(f"contact-{contact} ")]
        ours = sorted(number for number in numbers if message(number).contact == f"contact-{contact}")
        assert answers == [f"contact-{contact} re: {number}" for number in ours]


WORKERS = 2


async def work(name: str, folder: Path, first: int) -> set[int]:
    """A worker that is killed and started again; the messages that it is known to have accepted."""
    chance, accepted = random.Random(first), first
    for _ in range(KILLS // 2):
        worker = await start(name, folder, accepted, WORKERS)
        accepted = await kill_after(worker, steps=chance.randint(1, 20)) or accepted
    return set(range(first, accepted + 1, WORKERS))


async def test_processes_that_take_all_from_each_other_and_die_still_answer_each_message_once(
    postgres: Postgres, tmp_path: Path
) -> None:
    url = postgres.lend()
    known = await asyncio.gather(*(work(url, tmp_path, first) for first in range(1, WORKERS + 1)))
    store = await finish(url, tmp_path)
    posted = await store.posted(limit=100_000)
    assert await store.waiting() == 0
    await store.close()
    postgres.take_back(url)
    numbers = [int(item.text.removeprefix("re: ")) for item in reversed(posted)]
    assert len(numbers) == len(set(numbers))
    assert set().union(*known) <= set(numbers)
    sends: dict[str, str] = {}
    for line in (tmp_path / "sent").read_text().splitlines():
        key, content = line.split(" ", 1)
        assert sends.setdefault(key, content) == content
    assert len(sends) == len(numbers)
    for contact in range(CONTACTS):
        for first in range(WORKERS):
            mine = [each for each in numbers if each % CONTACTS == contact and each % WORKERS == first]
            assert mine == sorted(mine)
