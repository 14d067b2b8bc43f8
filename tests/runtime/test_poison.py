"""Turns that fail again and again, take for ever, or bring the process down are quarantined; the conversation lives."""

from __future__ import annotations

import asyncio
from pathlib import Path

from botkit import Effects, Steps, Turn
from botkit.errors import StoreError
from botkit.ledger import Claim, Outcome, Posting
from botkit.stores.sqlite import SqliteStore
from botkit.testing import FrozenClock
from tests.runtime.desk import Answers, Desk, Thinks


class Hangs:
    """A responder that never answers to poison."""

    def __init__(self) -> None:
        self.asked = 0

    async def respond(self, turn: Turn, steps: Steps) -> Effects:
        if "poison" in turn.text:
            self.asked += 1
            await asyncio.Event().wait()
        return f"re: {turn.text}"


async def test_a_turn_that_takes_for_ever_is_quarantined_after_some_attempts() -> None:
    async with Desk(responder := Hangs(), turn=0.01, attempts=3) as desk:
        assert await desk.say("poison") == []
        for _ in range(3):
            await desk.advance(300)
        assert desk.texts() == ["Something went wrong."]
        assert await desk.stages() == ["quarantined"]
        assert await desk.say("hello") == ["re: hello"]
    assert responder.asked == 3


async def test_what_the_team_says_in_a_turn_that_is_quarantined_goes_out() -> None:
    async with Desk(Hangs(), turn=0.01, attempts=1) as desk:
        await desk.accept("poison")
        await desk.operator_says("One moment.")
        await desk.settled()
        await desk.advance(300)
        assert desk.texts() == ["One moment.", "Something went wrong."]


async def test_a_turn_that_brings_the_process_down_is_quarantined(tmp_path: Path) -> None:
    clock = FrozenClock()
    for _ in range(3):  # the process dies in the middle of the turn
        async with Desk(
            responder := Thinks(), store=SqliteStore(tmp_path / "botkit.db"), clock=clock, attempts=3
        ) as desk:
            if await desk.store.waiting() == 0:
                await desk.accept("poison")
            await responder.thoughts.reaches(1)
    async with Desk(Answers(), store=SqliteStore(tmp_path / "botkit.db"), clock=clock, attempts=3) as desk:
        await desk.settled()
        assert desk.texts() == ["Something went wrong."]
        assert await desk.say("hello") == ["re: hello"]


async def test_a_contact_who_keeps_writing_does_not_poison_the_turn() -> None:
    async with Desk(responder := Thinks(), attempts=1) as desk:
        await desk.accept("one")
        await responder.thoughts.reaches(1)
        await desk.accept("two")
        await responder.thoughts.reaches(2)
        responder.answer()
        await desk.settled()
        assert desk.texts() == ["re: one\ntwo"]


async def test_what_cannot_be_committed_is_quarantined_too() -> None:
    class Refuses(SqliteStore):
        async def commit(self, claim: Claim, outcome: Outcome, *, frozen: bool = False) -> Posting | None:
            if outcome.settled and any("poison" in saying.text for saying in outcome.settled.sayings):
                raise StoreError("This cannot be stored.")
            return await super().commit(claim, outcome, frozen=frozen)

    async with Desk(Answers(), store=Refuses(None), attempts=3) as desk:
        await desk.say("poison")
        for _ in range(3):
            await desk.advance(300)
        assert desk.texts() == ["Something went wrong."]
