"""Sends whose answer is missing: looked up before they are repeated, and left to a person where nobody can tell."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from botkit.dialogue.contact import Contact
from botkit.errors import OutcomeUnknown, Unreachable
from botkit.ledger import Receipt, Request
from botkit.runtime.outbox import IDEMPOTENCY, SURELY_LISTED
from botkit.runtime.world import Delivery
from botkit.testing import FakeMessagingApi
from tests.runtime.desk import Answers, Desk


class Forgetful(FakeMessagingApi):
    """An API that ignores keys and loses answers: before or after it has done what it was asked."""

    def __init__(self, *, arrives: bool, listed: Sequence[str] | None = ()) -> None:
        super().__init__()
        self._arrives = arrives
        self._listed = listed
        self.loses = 1
        self.calls = 0

    async def send(self, request: Request, key: str) -> Receipt:
        self.calls += 1
        if self.loses <= 0:
            return await super().send(request, f"call {self.calls}")
        self.loses -= 1
        if self._arrives:
            await super().send(request, f"call {self.calls}")
        raise OutcomeUnknown("no answer")

    async def find_sent(self, contact: Contact, text: str, since: float) -> Sequence[Receipt] | None:
        if self._listed is None:
            return None
        listed = [Receipt(id) for id in self._listed]
        return [*listed, *(await super().find_sent(contact, text, since) or ())]


async def test_a_message_that_is_found_is_not_sent_again() -> None:
    async with Desk(Answers(), api=Forgetful(arrives=True)) as desk:
        assert await desk.say("hello") == ["re: hello"]
        assert await desk.advance(1) == []
        (posted,) = await desk.store.posted()
        assert posted.status == "sent"


async def test_a_message_that_is_not_found_in_ten_seconds_is_sent_again() -> None:
    async with Desk(Answers(), api=Forgetful(arrives=False)) as desk:
        assert await desk.say("hello") == []
        assert await desk.advance(1) == []
        assert await desk.advance(SURELY_LISTED - 1.1) == []
        assert await desk.advance(0.1) == ["re: hello"]


async def test_what_belongs_to_another_row_is_not_taken_for_it() -> None:
    api = Forgetful(arrives=False)
    api.loses = 0
    async with Desk(Answers(lambda words: "the same"), api=api) as desk:
        assert await desk.say("one") == ["the same"]
        api.loses = 1
        assert await desk.say("two") == []
        assert await desk.advance(1) == []
        assert await desk.advance(SURELY_LISTED) == ["the same"]


@pytest.mark.parametrize("listed", [None, ("one", "two")], ids=["no look-up", "several"])
async def test_where_nobody_can_tell_a_person_is_told(listed: Sequence[str] | None) -> None:
    async with Desk(Answers(), api=Forgetful(arrives=False, listed=listed)) as desk:
        await desk.say("hello")
        assert await desk.advance(1) == []
        assert await desk.advance(SURELY_LISTED) == []
        (posted,) = await desk.store.posted(status="withheld")
        assert posted.reason.startswith("uncertain: ")
        assert await desk.say("again") == ["re: again"]


async def test_where_nobody_can_tell_it_may_be_sent_again_all_the_same() -> None:
    resends = Delivery(on_uncertain="resend")
    async with Desk(Answers(), api=Forgetful(arrives=False, listed=None), delivery=resends) as desk:
        await desk.say("hello")
        assert await desk.advance(1) == ["re: hello"]


async def test_where_keys_are_honoured_it_is_repeated_under_the_same_key_at_once() -> None:
    api = Forgetful(arrives=False, listed=None)
    async with Desk(Answers(), api=api, extensions=(IDEMPOTENCY,)) as desk:
        await desk.say("hello")
        assert await desk.advance(1) == ["re: hello"]
    assert api.calls == 2


async def test_a_look_up_that_fails_is_tried_again() -> None:
    class NotNow(Forgetful):
        fails = True

        async def find_sent(self, contact: Contact, text: str, since: float) -> Sequence[Receipt] | None:
            if self.fails:
                self.fails = False
                raise Unreachable("down")
            return await super().find_sent(contact, text, since)

    async with Desk(Answers(), api=NotNow(arrives=True)) as desk:
        await desk.say("hello")
        await desk.advance(1)
        await desk.advance(2)
        (posted,) = await desk.store.posted()
        assert posted.status == "sent"
        assert desk.texts() == ["re: hello"]


async def test_what_never_gets_an_answer_is_left_to_a_person_when_it_no_longer_fits() -> None:
    api = Forgetful(arrives=False)
    api.loses = 1000
    async with Desk(Answers(), api=api, extensions=(IDEMPOTENCY,)) as desk:
        await desk.say("hello")
        for _ in range(100):
            await desk.advance(300)
        (posted,) = await desk.store.posted()
        assert (posted.status, posted.reason) == ("withheld", "uncertain: no answer")


async def test_a_head_that_cannot_be_sent_gives_way_when_it_is_stale() -> None:
    async with Desk(Answers(lambda words: [f"{words} 1", f"{words} 2"])) as desk:
        desk.api.fail_next(*[Unreachable("down")] * 1000)
        await desk.say("hello")
        for _ in range(75):
            await desk.advance(300)
        assert await desk.outbox() == [("hello 1", "withheld"), ("hello 2", "withheld")]
        (_, posted) = await desk.store.posted(status="withheld")
        assert posted.reason == "stale: down"
