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


async def start(name: str, folder: Path, first: int) -> Process:
    program = ["-m", "tests.stores.writer", name, str(folder / "sent"), str(first)]
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
