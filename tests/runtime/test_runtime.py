"""The runtime as a whole: how much it takes in, and when it is settled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from botkit.dialogue.event import DeliveryChanged, MessageAnnounced
from botkit.errors import Overloaded, StoreError, Unreachable
from botkit.ledger import Arrival
from botkit.runtime.turns import ECHO_WAIT
from botkit.stores.sqlite import SqliteStore
from tests.runtime.desk import Answers, Desk, SlowApi, Thinks

# ─── overload ───


async def test_when_too_much_waits_the_caller_is_told_to_come_back() -> None:
    async with Desk(responder := Thinks(), pending=2) as desk:
        await desk.accept("one")
        await desk.accept("two", contact="bea")
        await responder.thoughts.reaches(2)
        with pytest.raises(Overloaded, match="2 events wait already") as refusal:
            await desk.accept("three", contact="eva")
        assert refusal.value.status == 503
        assert refusal.value.retry_after > 0
        responder.answer()
        await desk.settled()
        assert await desk.say("three", contact="eva") == ["re: three"]
        assert await desk.store.waiting() == 0


async def test_a_call_that_carries_too_much_is_refused_as_a_whole() -> None:
    async with Desk(Answers(), pending=2) as desk:
        with pytest.raises(Overloaded):
            await desk.accept("one", "two", "three")
        assert await desk.store.waiting() == 0
        assert await desk.say("one", "two") == ["re: one\ntwo"]


async def test_what_needs_no_turn_is_taken_however_much_waits() -> None:
    async with Desk(responder := Thinks(), pending=1) as desk:
        await desk.accept("one")
        await responder.thoughts.reaches(1)
        assert await desk.runtime.accept([DeliveryChanged(desk.channel.id, "ana", "m", "read")], "shop") == 1
        assert await desk.runtime.accept([], "shop") == 0


async def test_redeliveries_do_not_use_the_room_up() -> None:
    async with Desk(responder := Thinks(), pending=2) as desk:
        message = desk.message("one")
        for _ in range(5):
            await desk.runtime.accept([message], "shop")
        await responder.thoughts.reaches(1)
        await desk.accept("two", contact="bea")


async def test_a_store_that_fails_does_not_use_the_room_up() -> None:
    class Fails(SqliteStore):
        is_broken = True

        async def accept(self, arrivals: Sequence[Arrival]) -> Sequence[bool]:
            if self.is_broken:
                raise StoreError("The disk is full.")
            return await super().accept(arrivals)

    async with Desk(Answers(), store=(store := Fails(None)), pending=1) as desk:
        for _ in range(3):
            with pytest.raises(StoreError):
                await desk.accept("one")
        store.is_broken = False
        assert await desk.say("one") == ["re: one"]


async def test_what_is_given_back_still_uses_room() -> None:
    async with Desk(Answers(), pending=1) as desk:
        await desk.runtime.accept([MessageAnnounced(desk.channel.id, "ana", "thin")], "shop")
        await desk.settled()
        with pytest.raises(Overloaded):
            await desk.accept("hello", contact="bea")
        desk.api.messages["thin"] = desk.message("here", id="thin")
        assert await desk.advance(1) == ["re: here"]
        assert await desk.say("hello", contact="bea") == ["re: hello"]


async def test_a_possible_echo_still_uses_room() -> None:
    async with Desk(Answers(), pending=1, api=(api := SlowApi())) as desk:
        await desk.accept("hello")
        await api.calls.reaches(1)
        await desk.accept("re: hello")
        api.answer()
        await desk.settled()
        with pytest.raises(Overloaded):
            await desk.accept("hello", contact="bea")
        await desk.advance(ECHO_WAIT)
        await desk.accept("hello", contact="bea")


async def test_what_waited_in_the_store_uses_room_for_messages_and_not_for_statuses(tmp_path: Path) -> None:
    path = tmp_path / "botkit.db"
    async with Desk(responder := Thinks(), store=SqliteStore(path)) as desk:
        await desk.accept("one", "two")
        await responder.thoughts.reaches(1)
    async with Desk(responder := Thinks(), store=SqliteStore(path), pending=1) as desk:
        with pytest.raises(Overloaded):
            await desk.accept("two", contact="bea")
        assert await desk.runtime.accept([DeliveryChanged(desk.channel.id, "ana", "m", "read")], "shop") == 1


# ─── opening and closing ───


async def test_what_waited_in_the_store_is_answered_when_the_runtime_opens(tmp_path: Path) -> None:
    path = tmp_path / "botkit.db"
    async with Desk(responder := Thinks(), store=SqliteStore(path)) as desk:
        await desk.accept("one")
        await responder.thoughts.reaches(1)
    async with Desk(Answers(), store=SqliteStore(path)) as desk:
        await desk.settled()
        assert desk.texts() == ["re: one"]


async def test_a_runtime_that_is_closed_takes_nothing() -> None:
    async with Desk(Answers()) as desk:
        await desk.runtime.close()
        with pytest.raises(Overloaded, match="stopping or not ready"):
            await desk.accept("hello")
        assert await desk.store.waiting() == 0


async def test_what_somebody_else_put_into_the_store_is_found_when_the_runtime_is_called() -> None:
    async with Desk(Answers()) as desk:
        await desk.store.accept([Arrival(desk.message("hello"), "shop", desk.clock.now())])
        await desk.settled()
        assert desk.texts() == ["re: hello"]


# ─── settled ───


async def test_settled_waits_for_what_is_in_hand() -> None:
    async with Desk(responder := Thinks()) as desk:
        await desk.accept("hello")
        await responder.thoughts.reaches(1)
        settling = asyncio.create_task(desk.settled())
        await asyncio.sleep(0)
        assert not settling.done()
        responder.answer()
        await settling
        assert desk.texts() == ["re: hello"]


async def test_settled_does_not_wait_for_what_is_due_later() -> None:
    async with Desk(Answers()) as desk:
        desk.api.fail_next(Unreachable("down"))
        await desk.accept("hello")
        await desk.runtime.accept([MessageAnnounced(desk.channel.id, "bea", "thin")], "shop")
        await desk.settled()
        assert desk.texts() == []
