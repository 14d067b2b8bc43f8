"""Lanes: side by side, never more than so many, and nobody dies of a failure."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, ParamSpec

import pytest

from botkit.errors import StoreError
from botkit.runtime.lanes import POLL, Lanes

Parameters = ParamSpec("Parameters")


class _AtOnce(selectors.DefaultSelector):
    """Does not wait for time to pass, but lets it have passed."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout > 0:
            self.passed += timeout
            timeout = 0
        return super().select(timeout)


class _Impatient(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._watch = _AtOnce()
        super().__init__(self._watch)

    def time(self) -> float:
        return self._watch.passed


def without_waiting(
    test: Callable[Parameters, Coroutine[Any, Any, None]],
) -> Callable[Parameters, None]:
    """Run a test on a loop whose time passes at once when everybody waits."""

    @functools.wraps(test)
    def run(*arguments: Parameters.args, **names: Parameters.kwargs) -> None:
        with asyncio.Runner(loop_factory=_Impatient) as runner:
            runner.run(test(*arguments, **names))

    return run


class Work:
    """Items that wait to be taken, and those in hand, which are finished when they are told to."""

    def __init__(self, *items: str, width: int = 2) -> None:
        self.waiting = list(items)
        self.failures: list[Exception] = []
        self.asked: list[int] = []
        self.done: list[str] = []
        self.in_hand: dict[str, asyncio.Event] = {}
        self.cancelled: list[str] = []
        self.lanes = Lanes("test", width, self.take, self.work)

    async def take(self, limit: int) -> Sequence[str]:
        self.asked.append(limit)
        if self.failures:
            raise self.failures.pop(0)
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    async def work(self, item: str) -> None:
        self.in_hand[item] = asyncio.Event()
        try:
            await self.in_hand[item].wait()
        except asyncio.CancelledError:
            self.cancelled.append(item)
            raise
        finally:
            del self.in_hand[item]
        if item.startswith("bad"):
            raise ValueError(item)
        self.done.append(item)

    def finish(self, *items: str) -> None:
        for item in items:
            self.in_hand[item].set()

    async def quiet(self) -> None:
        """Return when everybody waits, before any time has passed."""
        for _ in range(20):
            await asyncio.sleep(0)


@asynccontextmanager
async def running(work: Work) -> AsyncIterator[Work]:
    """The lanes of some work, as long as the block lasts."""
    work.lanes.start()
    await work.quiet()
    yield work
    await work.lanes.stop(grace=0.0)


async def test_there_is_never_more_in_hand_than_there_are_lanes() -> None:
    async with running(Work("a", "b", "c", "d")) as work:
        assert sorted(work.in_hand) == ["a", "b"]
        work.finish("b")
        await work.quiet()
        assert sorted(work.in_hand) == ["a", "c"]
        work.finish("a", "c")
        await work.quiet()
        assert sorted(work.in_hand) == ["d"]
    assert max(work.asked) == 2
    assert min(work.asked) > 0


async def test_who_is_called_looks() -> None:
    async with running(Work()) as work:
        work.waiting.append("a")
        await work.quiet()
        assert not work.in_hand
        work.lanes.call()
        await work.quiet()
        assert list(work.in_hand) == ["a"]


@without_waiting
async def test_after_a_while_one_looks_without_being_called() -> None:
    async with running(Work()) as work:
        work.waiting.append("a")
        await asyncio.sleep(POLL)
        await work.quiet()
        assert list(work.in_hand) == ["a"]


async def test_lanes_are_idle_when_nothing_is_in_hand_and_nobody_has_called_since_the_last_look() -> None:
    async with running(Work("a")) as work:
        idle = [work.lanes.is_idle]
        work.finish("a")
        await work.quiet()
        idle.append(work.lanes.is_idle)
        work.lanes.call()
        idle.append(work.lanes.is_idle)
        await work.quiet()
        idle.append(work.lanes.is_idle)
    assert idle == [False, True, False, True]


def test_lanes_that_have_not_started_are_not_idle() -> None:
    assert not Work().lanes.is_idle


async def test_an_item_that_fails_costs_no_lane(caplog: pytest.LogCaptureFixture) -> None:
    async with running(Work("bad one", "bad two", "c")) as work:
        work.finish("bad one", "bad two")
        await work.quiet()
        assert list(work.in_hand) == ["c"]
    assert [record.getMessage() for record in caplog.records] == ["work failed"] * 2


@pytest.mark.parametrize("failure", [StoreError("The disk is full."), KeyError("an event of a newer botkit")], ids=repr)
@without_waiting
async def test_when_nothing_can_be_taken_it_is_tried_again_a_little_later(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work("a")
    work.failures += [failure, failure]
    async with running(work):
        await asyncio.sleep(POLL / 2)
        assert work.asked == [2]
        await asyncio.sleep(POLL * 5)
        assert list(work.in_hand) == ["a"]
    assert [record.getMessage() for record in caplog.records] == ["store failed"] * 2


async def test_who_stops_takes_nothing_more_and_finishes_what_is_in_hand() -> None:
    async with running(Work("a", "b", "c")) as work:
        stopping = asyncio.create_task(work.lanes.stop(grace=10.0))
        await work.quiet()
        work.finish("a", "b")
        await stopping
        work.lanes.call()
        await work.quiet()
    assert (sorted(work.done), work.waiting, work.cancelled) == (["a", "b"], ["c"], [])


@without_waiting
async def test_what_is_not_finished_within_the_grace_is_cancelled() -> None:
    async with running(Work("a", "b")) as work:
        work.finish("a")
        await work.lanes.stop(grace=10.0)
    assert (work.done, work.cancelled) == (["a"], ["b"])


async def test_lanes_that_have_not_started_can_be_stopped() -> None:
    await Work().lanes.stop(grace=1.0)
