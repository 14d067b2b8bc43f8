"""Turns: bursts, replans, order, echoes, thin events, and what fails on the way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from botkit import Contact, Effects, Router, Steps, Turn
from botkit.dialogue.event import MessageAnnounced
from botkit.dialogue.turn import Line
from botkit.errors import StoreError
from botkit.ledger import Claim, Outcome, Posting
from botkit.runtime.turns import ECHO_WAIT, REPLANS
from botkit.stores.sqlite import SqliteStore
from botkit.testing import START
from tests.runtime.desk import Answers, Desk, SlowApi, Thinks, a_bot

# ─── bursts and replans ───


async def test_messages_that_come_together_are_one_turn() -> None:
    async with Desk(responder := Answers()) as desk:
        assert await desk.say("where", "is", "it?") == ["re: where\nis\nit?"]
    assert responder.asked == ["where\nis\nit?"]


async def test_messages_one_after_the_other_are_answered_in_their_order() -> None:
    async with Desk(Answers(lambda words: [f"{words}, first", f"{words}, second"])) as desk:
        await desk.say("one")
        await desk.say("two")
        assert desk.texts() == ["one, first", "one, second", "two, first", "two, second"]


async def test_what_arrives_while_a_responder_thinks_is_answered_together_with_what_came_before() -> None:
    async with Desk(responder := Thinks()) as desk:
        await desk.accept("where")
        await responder.thoughts.reaches(1)
        await desk.accept("is it?")
        responder.answer()
        await desk.settled()
        assert await desk.outbox() == [("re: where\nis it?", "sent")]
    assert responder.asked == ["where", "where\nis it?"]


async def test_a_redelivery_while_a_responder_thinks_changes_nothing() -> None:
    async with Desk(responder := Thinks()) as desk:
        message = desk.message("where")
        await desk.runtime.accept([message], "shop")
        await responder.thoughts.reaches(1)
        assert await desk.runtime.accept([message], "shop") == 0
        responder.answer()
        await desk.settled()
        assert desk.texts() == ["re: where"]
    assert responder.asked == ["where"]


async def test_who_never_stops_writing_is_answered_after_some_replans_and_the_rest_is_the_next_turn() -> None:
    async with Desk(responder := Thinks()) as desk:
        await desk.accept("0")
        for number in range(1, REPLANS + 2):
            await responder.thoughts.reaches(number)
            await desk.accept(str(number))
            responder.answer_and_think_again()
        await responder.thoughts.reaches(REPLANS + 2)
        responder.answer()
        await desk.settled()
        assert desk.texts() == ["re: 0\n1\n2\n3", "re: 4"]
    assert responder.asked == ["0", "0\n1", "0\n1\n2", "0\n1\n2\n3", "4"]


async def test_a_conversation_has_one_turn_at_a_time_and_others_do_not_wait_for_it() -> None:
    async with Desk(responder := Thinks()) as desk:
        await desk.accept("one", contact="ana")
        await responder.thoughts.reaches(1)
        await desk.accept("two", contact="ana")
        await desk.accept("hello", contact="bea")
        await responder.thoughts.reaches(2)
        await responder.thoughts.reaches(3)
        assert sorted(responder.asked) == ["hello", "one", "one\ntwo"]
        responder.answer()
        await desk.settled()


async def test_conversations_are_answered_while_one_still_thinks() -> None:
    router = Router()

    @router.intent("quick")
    def quick(contact: Contact) -> str:
        return f"at once, {contact.id}"

    api = SlowApi()
    api.answer()
    async with Desk(responder := Thinks(), bot=a_bot("quick"), router=router, api=api) as desk:
        await desk.accept("slow", contact="ana")
        await responder.thoughts.reaches(1)
        await desk.accept("quick", contact="bea")
        await api.calls.reaches(1)
        assert desk.texts() == ["at once, bea"]
        responder.answer()
        await desk.settled()
        assert desk.texts(to="ana") == ["re: slow"]


async def test_more_conversations_than_lanes_wait_for_a_lane() -> None:
    async with Desk(responder := Thinks(), thinking=2) as desk:
        for contact in ("ana", "bea", "eva"):
            await desk.accept("hello", contact=contact)
        await responder.thoughts.reaches(2)
        assert len(responder.asked) == 2
        responder.answer()
        await desk.settled()
        assert sorted(sent.to for sent in desk.api.sent) == ["ana", "bea", "eva"]


async def test_a_turn_in_hand_is_finished_when_the_runtime_closes() -> None:
    async with Desk(responder := Thinks()) as desk:
        await desk.accept("hello")
        await responder.thoughts.reaches(1)
        closing = asyncio.create_task(desk.runtime.close())
        await asyncio.sleep(0)
        responder.answer()
        await closing
        assert await desk.store.waiting() == 0
        assert [words for words, _ in await desk.outbox()] == ["re: hello"]


async def test_a_turn_that_takes_too_long_to_finish_stays_in_the_inbox() -> None:
    async with Desk(responder := Thinks()) as desk:
        await desk.accept("hello")
        await responder.thoughts.reaches(1)
        await desk.runtime.close(grace=0.0)
        assert await desk.store.waiting() == 1
        assert await desk.outbox() == []


# ─── what a turn knows ───


async def test_the_history_tells_who_said_what_and_when() -> None:
    histories: list[Sequence[Line]] = []

    class Looks:
        async def respond(self, turn: Turn, steps: Steps) -> Effects:
            histories.append(turn.conversation.history)
            return "I see."

    async with Desk(Looks()) as desk:
        await desk.runtime.accept([desk.message("the cat", type="image", sent_at=START - 9)], "shop")
        await desk.runtime.accept([desk.message("cute?", sent_at=None)], "shop")
        await desk.settled()
        await desk.operator_says("Very!")
        await desk.advance(60)
        await desk.say("thanks")
    assert histories[0] == ()
    assert list(histories[-1]) == [
        Line("contact", "[image] the cat", START - 9),
        Line("contact", "cute?", START),
        Line("bot", "I see.", START),
        Line("team", "Very!", START + 60),
    ]


async def test_a_turn_knows_the_name_that_came_with_its_messages() -> None:
    router = Router()

    @router.intent("hello")
    def hello(contact: Contact) -> str:
        return f"Hello {contact.name}!"

    async with Desk(bot=a_bot("hello"), router=router) as desk:
        desk.api.messages["thin"] = desk.message("hello", id="thin", name="Ana")
        await desk.runtime.accept([announced(desk)], "shop")
        await desk.settled()
        assert await desk.say("hello") == ["Hello Ana!"]
        assert desk.texts() == ["Hello Ana!"] * 2


# ─── failures ───


async def test_a_store_that_fails_for_a_moment_costs_no_turn_and_answers_none_twice() -> None:
    class FailsOnce(SqliteStore):
        has_failed = False

        async def commit(self, claim: Claim, outcome: Outcome, *, frozen: bool = False) -> Posting | None:
            if not self.has_failed:
                self.has_failed = True
                raise StoreError("The disk is full.")
            return await super().commit(claim, outcome, frozen=frozen)

    async with Desk(responder := Answers(), store=FailsOnce(None)) as desk:
        assert await desk.say("hello") == []
        assert await desk.advance(0.9) == []
        assert await desk.advance(0.1) == ["re: hello"]
    assert responder.asked == ["hello", "hello"]


async def test_a_turn_that_was_taken_again_before_it_was_quite_let_go_is_still_in_hand(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class LetsGoSlowly(SqliteStore):
        may_return = asyncio.Event()

        async def release(self, claim: Claim, ready_at: float, *, failed: bool) -> None:
            await super().release(claim, ready_at, failed=failed)
            await self.may_return.wait()

    async with Desk(responder := Thinks(), store=(store := LetsGoSlowly(None))) as desk:
        await desk.accept("one")
        await responder.thoughts.reaches(1)
        await desk.accept("two")
        await asyncio.sleep(0.05)
        await desk.accept("elsewhere", contact="eva")  # which has the lanes look for work
        await responder.thoughts.reaches(3)
        store.may_return.set()
        await asyncio.sleep(0.05)
        await desk.accept("three")
        await responder.thoughts.reaches(4)
        responder.answer()
        await desk.settled()
        assert sorted(desk.texts()) == ["re: elsewhere", "re: one\ntwo\nthree"]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_what_waits_for_a_bot_that_is_gone_is_told_to_an_operator(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "botkit.db"
    async with Desk(responder := Thinks(), store=SqliteStore(path)) as desk:
        await desk.accept("hello")
        await responder.thoughts.reaches(1)
        await desk.operator_says("We found it.")
    async with Desk(bot=a_bot(name="another"), store=SqliteStore(path)) as later:
        await later.settled()
        assert await later.store.waiting() == 0
        (posted,) = await later.store.posted()
        assert (posted.bot, posted.text, posted.status) == ("shop", "We found it.", "withheld")
        assert posted.reason.startswith("bot_gone: ")
    assert "bot or channel gone" in caplog.messages


# ─── echoes ───


async def test_an_echo_of_ours_starts_no_turn_and_is_no_line_of_the_contact() -> None:
    async with Desk(responder := Answers()) as desk:
        await desk.say("hello")
        await desk.runtime.accept([desk.message("re: hello", id="sent-1")], "shop")
        await desk.runtime.accept([desk.message("re: hello", id="provider-1")], "shop")
        assert await desk.say("bye") == ["re: bye"]
    assert responder.asked == ["hello", "bye"]


async def test_a_thin_echo_of_ours_is_not_even_fetched() -> None:
    async with Desk(Answers()) as desk:
        await desk.say("hello")
        await desk.runtime.accept([MessageAnnounced(desk.channel.id, "ana", "sent-1")], "shop")
        await desk.settled()
        assert await desk.store.waiting() == 0
        assert desk.texts() == ["re: hello"]


@pytest.mark.parametrize(("id", "answered"), [("sent-1", []), ("m-of-the-contact", ["re: re: hello"])])
async def test_a_message_with_the_words_of_a_send_on_its_way_waits_for_the_answer_to_that_send(
    id: str, answered: list[str]
) -> None:
    async with Desk(responder := Answers(), api=(api := SlowApi())) as desk:
        await desk.accept("hello")
        await api.calls.reaches(1)
        await desk.runtime.accept([desk.message("re: hello", id=id)], "shop")
        await desk.accept("another", contact="bea")
        await api.calls.reaches(2)
        assert responder.asked == ["hello", "another"]
        api.answer()
        await desk.settled()
        assert await desk.advance(ECHO_WAIT) == answered


async def test_a_message_with_other_words_than_those_on_their_way_does_not_wait() -> None:
    async with Desk(responder := Answers(), api=(api := SlowApi())) as desk:
        await desk.accept("hello")
        await api.calls.reaches(1)
        await desk.accept("and bye")
        api.answer()
        await desk.settled()
    assert responder.asked == ["hello", "and bye"]


# ─── thin events ───


def announced(desk: Desk, id: str = "thin") -> MessageAnnounced:
    return MessageAnnounced(desk.channel.id, "ana", id, START - 60)


async def test_a_thin_event_is_fetched_before_it_is_answered() -> None:
    async with Desk(Answers()) as desk:
        desk.api.messages["thin"] = desk.message("hello", id="thin", name="Ana", phone="+34600111222")
        await desk.runtime.accept([announced(desk)], "shop")
        await desk.settled()
        assert desk.texts() == ["re: hello"]
        ((_, contact),) = await desk.store.contacts("ana")
        assert (contact.name, contact.phone, contact.wrote_at) == ("Ana", "+34600111222", START - 60)


async def test_thin_and_full_events_of_a_burst_are_one_turn_in_the_order_of_sending() -> None:
    async with Desk(Answers()) as desk:
        desk.api.messages["thin"] = desk.message("second", id="thin")
        await desk.runtime.accept([desk.message("first"), announced(desk), desk.message("third")], "shop")
        await desk.settled()
        assert desk.texts() == ["re: second\nfirst\nthird"]  # it was sent a minute ago


async def test_a_thin_event_that_cannot_be_fetched_is_tried_again_ever_more_slowly_and_holds_up_nobody_else() -> None:
    async with Desk(Answers()) as desk:
        await desk.runtime.accept([announced(desk)], "shop")
        await desk.settled()
        assert await desk.say("hello", contact="bea") == ["re: hello"]
        for seconds in (1, 2):
            assert await desk.advance(seconds) == []
        desk.api.messages["thin"] = desk.message("here", id="thin")
        assert await desk.advance(3.9) == []
        assert await desk.advance(0.1) == ["re: here"]
