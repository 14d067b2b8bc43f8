"""Tools of a turn: what cannot be undone is done once, whatever crashes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from botkit import Effects, Router, Steps, Turn
from botkit.errors import StepInDoubt
from botkit.stores.sqlite import SqliteStore
from botkit.tools import Tool
from tests.runtime.desk import PATIENCE, Desk, a_bot

KINDS = ("safe", "idempotent", "irreversible")


@dataclass
class Bookings:
    """A tool of each kind, and a handler that calls them: `book KIND DISH…` books each dish."""

    holds: str = ""
    """Where it is held up until it may go on: `inside` the tools, `after` them, or nowhere."""
    calls: list[str] = field(default_factory=list)
    is_held: asyncio.Event = field(default_factory=asyncio.Event)
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.router = Router()
        self.tools = {kind: self.router.tool(effect=kind)(self._tool()) for kind in KINDS}

        @self.router.intent("book")
        async def book(turn: Turn, steps: Steps) -> str:
            _, kind, *dishes = turn.text.split()
            booked = [await steps.run(self.tools[kind], dish=dish) for dish in dishes]
            await self._pass("after")
            return f"Booked: {booked}."

    def _tool(self) -> Tool:
        async def table(dish: str) -> str:
            self.calls.append(dish)
            await self._pass("inside")
            if dish == "poison":
                raise ValueError("The kitchen refuses.")
            return f"{dish} no. {len(self.calls)}"

        return table

    async def _pass(self, place: str) -> None:
        if place == self.holds:
            self.is_held.set()
            await self.may_go_on.wait()


def desk(bookings: Bookings, path: Path | None = None) -> Desk:
    return Desk(bot=a_bot("book"), router=bookings.router, store=SqliteStore(path))


async def killed(place: str, path: Path, words: str) -> None:
    """A process that dies inside the tools or after them."""
    async with desk(bookings := Bookings(place), path) as dying:
        await dying.accept(words)
        async with asyncio.timeout(PATIENCE):
            await bookings.is_held.wait()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "botkit.db"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_tool_gives_its_result(kind: str) -> None:
    async with desk(bookings := Bookings()) as shop:
        assert await shop.say(f"book {kind} soup fish") == ["Booked: ['soup no. 1', 'fish no. 2']."]
    assert bookings.calls == ["soup", "fish"]


async def test_a_new_turn_calls_anew() -> None:
    async with desk(Bookings()) as shop:
        for number in (1, 2):
            assert await shop.say("book irreversible soup") == [f"Booked: ['soup no. {number}']."]


async def test_what_was_done_before_a_crash_is_not_done_again_and_its_results_are_used(path: Path) -> None:
    await killed("after", path, "book irreversible soup fish")
    async with desk(bookings := Bookings(), path) as shop:
        await shop.settled()
        assert shop.texts() == ["Booked: ['soup no. 1', 'fish no. 2']."]
    assert bookings.calls == []


async def test_a_rerun_with_other_arguments_gets_the_result_of_the_first_run(path: Path) -> None:
    await killed("after", path, "book irreversible soup")
    bookings, router = Bookings(), Router()

    @router.intent("book")
    async def book(steps: Steps) -> str:
        return str(await steps.run(bookings.tools["irreversible"], dish="something else"))

    async with Desk(bot=a_bot("book"), router=router, store=SqliteStore(path)) as shop:
        await shop.settled()
        assert shop.texts() == ["soup no. 1"]


@pytest.mark.parametrize("kind", ["safe", "idempotent"])
async def test_what_may_be_done_again_is_done_again(path: Path, kind: str) -> None:
    await killed("after", path, f"book {kind} soup")
    async with desk(bookings := Bookings(), path) as shop:
        await shop.settled()
        assert shop.texts() == ["Booked: ['soup no. 1']."]
    assert bookings.calls == ["soup"]


async def test_what_was_begun_and_never_told_its_end_is_left_to_a_person(path: Path) -> None:
    await killed("inside", path, "book irreversible soup")
    async with desk(bookings := Bookings(), path) as shop:
        await shop.settled()
        assert shop.texts() == ["Something went wrong."]
        assert "StepInDoubt: table#1 of turn 1 was begun before" in str(await shop.trace())
        assert await shop.say("book irreversible fish") == ["Booked: ['fish no. 1']."]
    assert bookings.calls == ["fish"]


async def test_a_handler_may_settle_the_doubt_itself(path: Path) -> None:
    await killed("inside", path, "book irreversible soup")
    bookings, router = Bookings(), Router()

    @router.intent("book")
    async def book(steps: Steps) -> str:
        try:
            await steps.run(bookings.tools["irreversible"], dish="soup")
        except StepInDoubt:
            return "We call you."
        return "Booked."

    async with Desk(bot=a_bot("book"), router=router, store=SqliteStore(path)) as shop:
        await shop.settled()
        assert shop.texts() == ["We call you."]
    assert bookings.calls == []


async def test_what_arrives_after_something_irreversible_is_the_next_turn() -> None:
    async with desk(bookings := Bookings("inside")) as shop:
        await shop.accept("book irreversible soup")
        await bookings.is_held.wait()
        await shop.accept("book irreversible fish")
        bookings.may_go_on.set()
        await shop.settled()
        assert shop.texts() == ["Booked: ['soup no. 1'].", "Booked: ['fish no. 2']."]
    assert bookings.calls == ["soup", "fish"]


async def test_what_arrives_after_something_safe_is_answered_together() -> None:
    async with desk(bookings := Bookings("inside")) as shop:
        await shop.accept("book safe soup")
        await bookings.is_held.wait()
        await shop.accept("fish")
        bookings.may_go_on.set()
        await shop.settled()
        assert shop.texts() == ["Booked: ['soup no. 2', 'fish no. 3']."]


async def test_a_tool_that_raises_is_an_error_of_its_handler_and_the_next_turn_may_try_again() -> None:
    async with desk(bookings := Bookings()) as shop:
        assert await shop.say("book irreversible poison") == ["Something went wrong."]
        assert await shop.say("book irreversible soup") == ["Booked: ['soup no. 2']."]
    assert bookings.calls == ["poison", "soup"]


async def test_what_is_no_tool_is_not_run() -> None:
    router = Router()
    run = []

    @router.intent("book")
    async def book(steps: Steps) -> Effects:
        async def no_tool() -> None:
            run.append("it")

        await steps.run(no_tool)
        return "Done."

    async with Desk(bot=a_bot("book"), router=router) as shop:
        assert await shop.say("book") == ["Something went wrong."]
        assert "Declare it with @router.tool" in str(await shop.trace())
    assert run == []
