"""How fast messages leave: the throughput of a channel, the pace of a contact, and what the platform asks for."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from botkit.dialogue.channel import Channel
from botkit.dialogue.pace import Pace
from botkit.errors import RateLimited, Unauthorized
from botkit.ledger import Posting, Receipt, Request
from botkit.runtime.outbox import KEY_WAIT
from botkit.runtime.world import Delivery
from botkit.stores.sqlite import SqliteStore
from botkit.testing import FakeMessagingApi, FrozenClock
from tests.runtime.desk import Answers, Desk, Thinks

TEN_A_SECOND = Delivery(rates={"whatsapp": Pace(0.1)})
PAIRS = Delivery(pairs={"whatsapp": Pace(6.0, burst=3)})


async def test_a_channel_sends_as_fast_as_its_throughput_and_no_faster() -> None:
    async with Desk(Answers(), channel="whatsapp", delivery=TEN_A_SECOND) as desk:
        for number in range(12):
            await desk.accept("hello", contact=f"contact {number}")
        await desk.settled()
        assert len(desk.texts()) == 1
        await desk.advance(0.5)
        assert len(desk.texts()) == 6
        await desk.advance(0.6)
        assert len(desk.texts()) == 12


async def test_processes_share_the_throughput_of_a_channel() -> None:
    class Shared(SqliteStore):
        async def peers(self) -> int:
            return 2

        @property
        def lease(self) -> float:
            return 10.0

    async with Desk(Answers(), channel="whatsapp", delivery=TEN_A_SECOND, store=Shared(None)) as desk:
        for number in range(12):
            await desk.accept("hello", contact=f"contact {number}")
        await desk.settled()
        assert len(desk.texts()) == 1
        await desk.advance(0.5)
        assert len(desk.texts()) == 3


class StaysOpen(SqliteStore):
    """A store that stays open, whoever has opened it."""

    _is_open = False

    async def open(self) -> None:
        if not self._is_open:
            await super().open()
        self._is_open = True

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(("opens_later", "sent"), [(False, 4), (True, 2)])
async def test_a_time_that_was_given_holds_whoever_sends_then_unless_nobody_was_there_when_it_came(
    *, opens_later: bool, sent: int
) -> None:
    store, clock, api = StaysOpen(None), FrozenClock(), FakeMessagingApi(Channel("channel-whatsapp", "whatsapp"))

    def desk() -> Desk:
        return Desk(Answers(), channel="whatsapp", delivery=TEN_A_SECOND, store=store, clock=clock, api=api)

    async with AsyncExitStack() as opened:
        other = desk()
        if not opens_later:
            await opened.enter_async_context(other)
        async with desk() as first:
            for number in range(4):
                await first.accept("hello", contact=f"contact {number}")
            await first.settled()
            assert len(api.sent) == 1
        clock.advance(0.5)
        if opens_later:
            await opened.enter_async_context(other)
        await other.settled()
        assert len(api.sent) == sent
    await SqliteStore.close(store)


async def test_while_an_answer_is_on_its_way_the_pace_of_its_contact_is_not_known() -> None:
    class Slow(FakeMessagingApi):
        arrives = asyncio.Event()

        async def send(self, request: Request, key: str) -> Receipt:
            receipt = await super().send(request, key)
            await self.arrives.wait()
            return receipt

    thinks, api = Thinks(), Slow(Channel("channel-whatsapp", "whatsapp"))
    async with Desk(thinks, channel="whatsapp", delivery=PAIRS, api=api) as desk:
        for number in range(4):
            await desk.accept(f"hello {number}")
            await thinks.thoughts.reaches(number + 1)
            api.arrives.set()  # what was said before arrives while this is thought
            await asyncio.sleep(0.01)
            api.arrives = asyncio.Event()
            thinks.answer_and_think_again()
            await asyncio.sleep(0.05)
        api.arrives.set()
        await desk.settled()
        assert len(api.sent) == 3


async def test_what_is_within_its_pace_is_on_its_way_with_its_turn() -> None:
    class Counts(SqliteStore):
        frozen = 0

        async def freeze(self, posting: Posting, at: float) -> bool:
            self.frozen += 1
            return await super().freeze(posting, at)

    store, paces = Counts(None), replace(TEN_A_SECOND, pairs=PAIRS.pairs)
    async with Desk(Answers(), channel="whatsapp", delivery=paces, store=store) as desk:
        for _ in range(3):
            assert await desk.say("hello") == ["re: hello"]
            assert await desk.advance(0.1) == []
        assert store.frozen == 0
        assert await desk.say("hello") == []
        assert await desk.advance(6.0) == ["re: hello"]
        assert store.frozen == 1


async def test_other_channels_do_not_wait() -> None:
    async with Desk(Answers(), channel="webchat", delivery=TEN_A_SECOND) as desk:
        for number in range(12):
            await desk.accept("hello", contact=f"contact {number}")
        await desk.settled()
        assert len(desk.texts()) == 12


async def test_a_contact_gets_a_burst_and_then_one_after_the_other() -> None:
    said = [str(number) for number in range(1, 6)]
    async with Desk(Answers(lambda words: said), channel="whatsapp", delivery=PAIRS) as desk:
        assert await desk.say("count") == ["1", "2", "3"]
        assert await desk.advance(5.9) == []
        assert await desk.advance(0.1) == ["4"]
        assert await desk.advance(6.0) == ["5"]


async def test_the_pace_of_one_contact_holds_up_nobody_else() -> None:
    said = [str(number) for number in range(1, 6)]
    async with Desk(Answers(lambda words: said), channel="whatsapp", delivery=PAIRS) as desk:
        await desk.say("count", contact="ana")
        assert await desk.say("count", contact="bea") == ["1", "2", "3"]


async def test_a_contact_who_gets_too_much_waits_4_to_the_n_seconds_alone() -> None:
    async with Desk(Answers(), channel="whatsapp") as desk:
        desk.api.fail_next(*[RateLimited("131056", of_contact=True)] * 3)
        assert await desk.say("hello", contact="ana") == []
        assert await desk.say("hello", contact="bea") == []  # the second refusal
        desk.api._failures.clear()
        assert await desk.say("hello", contact="eva") == ["re: hello"]
        assert sorted(await desk.advance(1)) == ["re: hello", "re: hello"]


async def test_a_limited_channel_is_left_alone_as_a_whole() -> None:
    async with Desk(Answers(), channel="whatsapp") as desk:
        desk.api.fail_next(RateLimited("130429", retry_after=7.0))
        assert await desk.say("hello", contact="ana") == []
        assert await desk.say("hello", contact="bea") == []
        assert await desk.advance(6.9) == []
        assert await desk.advance(0.1) == ["re: hello", "re: hello"]


async def test_a_limited_channel_goes_on_as_fast_as_its_throughput_and_no_faster() -> None:
    async with Desk(Answers(), channel="whatsapp", delivery=TEN_A_SECOND) as desk:
        for number in range(12):
            await desk.accept("hello", contact=f"contact {number}")
        await desk.settled()
        assert len(desk.texts()) == 1
        desk.api.fail_next(RateLimited("130429", retry_after=7.0))
        assert await desk.advance(0.1) == []
        assert await desk.advance(6.9) == []
        assert len(await desk.advance(0.1)) == 1
        assert len(await desk.advance(0.5)) == 5


async def test_a_channel_whose_key_is_refused_is_stopped_and_says_so(caplog: object) -> None:
    async with Desk(Answers(), channel="whatsapp") as desk:
        desk.api.fail_next(Unauthorized("190: the token has expired"))
        assert await desk.say("hello", contact="ana") == []
        assert await desk.say("hello", contact="bea") == []
        assert await desk.advance(KEY_WAIT - 1) == []
        assert await desk.advance(1) == ["re: hello", "re: hello"]
