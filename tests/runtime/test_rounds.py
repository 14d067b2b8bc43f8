"""Work that is done again and again."""

from __future__ import annotations

import asyncio

from botkit.runtime.rounds import Rounds


class Work:
    """Counts its rounds; the test waits for them."""

    def __init__(self, wanted: float | None = None) -> None:
        self.rounds = 0
        self.wanted = wanted
        self.fails = False
        self._done = asyncio.Event()

    async def __call__(self) -> float | None:
        self.rounds += 1
        self._done.set()
        if self.fails:
            raise ZeroDivisionError("a bug")
        return self.wanted

    async def next(self) -> None:
        self._done.clear()
        async with asyncio.timeout(5):
            await self._done.wait()


async def test_a_round_is_done_at_once_and_when_called() -> None:
    rounds = Rounds("test", work := Work(), every=3600)
    rounds.start()
    await work.next()
    rounds.call()
    await work.next()
    assert work.rounds == 2
    await rounds.stop()


async def test_a_round_is_done_when_it_asked_for_it_but_not_later_than_every() -> None:
    for wanted, every in ((0.001, 3600.0), (3600.0, 0.001), (None, 0.001)):
        rounds = Rounds("test", work := Work(wanted), every)
        rounds.start()
        await work.next()
        await work.next()
        await rounds.stop()
        assert work.rounds >= 2


async def test_a_round_that_fails_is_not_the_last() -> None:
    rounds = Rounds("test", work := Work(), every=3600)
    work.fails = True
    rounds.start()
    await work.next()
    rounds.call()
    await work.next()
    await rounds.stop()


async def test_it_is_idle_when_a_round_is_over_and_nobody_has_called() -> None:
    rounds = Rounds("test", work := Work(), every=3600)
    seen = [rounds.is_idle]
    rounds.start()
    await work.next()
    await asyncio.sleep(0)
    seen.append(rounds.is_idle)
    rounds.call()
    seen.append(rounds.is_idle)
    await rounds.stop()
    assert seen == [False, True, False]
