"""Bursts: what a contact writes in a row is one turn, in the order of sending; what comes late is not answered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from botkit.dialogue.burst import Burst
from botkit.testing import START
from tests.runtime.desk import Answers, Desk, Thinks, a_bot

PATIENT = a_bot(burst=Burst(wait=1.0, at_most=8.0))


async def test_a_message_waits_for_a_quiet_spell_before_it_is_answered() -> None:
    async with Desk(Answers(), bot=PATIENT) as desk:
        assert await desk.say("hello") == []
        assert await desk.advance(0.9) == []
        assert await desk.advance(0.1) == ["re: hello"]


async def test_messages_within_the_quiet_spell_are_one_turn() -> None:
    async with Desk(responder := Answers(), bot=PATIENT) as desk:
        for word in ("where", "is", "it"):
            assert await desk.say(word) == []
            assert await desk.advance(0.5) == []
        assert await desk.advance(0.5) == ["re: where\nis\nit"]
    assert responder.asked == ["where\nis\nit"]


async def test_a_contact_who_does_not_stop_is_answered_after_the_longest_burst() -> None:
    async with Desk(Answers(), bot=PATIENT) as desk:
        for number in range(9):
            assert await desk.say(str(number)) == []
            assert await desk.advance(0.81) == []
        assert await desk.say("9") == []
        assert await desk.advance(0.81) == ["re: " + "\n".join(map(str, range(10)))]


@pytest.mark.parametrize(
    ("words", "waits"),
    [("where is it?", 0.3), ("hello", 1.0), ("I would like to", 2.0), ("my order,", 2.0), ("Thanks.", 1.0)],
)
async def test_the_quiet_spell_fits_the_words(words: str, waits: float) -> None:
    async with Desk(Answers(), bot=PATIENT) as desk:
        assert await desk.say(words) == []
        assert await desk.advance(waits - 0.01) == []
        assert await desk.advance(0.01) == [f"re: {words}"]


async def test_a_tap_is_answered_soon_and_a_picture_waits_for_its_caption() -> None:
    async with Desk(Answers(), bot=PATIENT) as desk:
        await desk.runtime.accept([desk.message("Yes", is_tap=True)], "shop")
        assert await desk.advance(0.3) == ["re: Yes"]
        await desk.runtime.accept([desk.message("", type="image")], "shop")
        assert await desk.advance(1.9) == []
        assert await desk.say("this one?") == []
        assert await desk.advance(0.3) == ["re: this one?"]


async def test_a_message_that_cancels_thinking_waits_for_quiet_again() -> None:
    async with Desk(responder := Thinks(), bot=PATIENT) as desk:
        await desk.accept("where")
        desk.clock.advance(1.0)
        desk.runtime.call()
        await responder.thoughts.reaches(1)
        await desk.accept("is it?")
        responder.answer()
        await desk.settled()
        assert desk.texts() == []
        assert await desk.advance(0.3) == ["re: where\nis it?"]
    assert responder.asked == ["where", "where\nis it?"]


async def test_a_burst_is_read_in_the_order_of_sending_and_of_arrival_where_that_is_equal() -> None:
    async with Desk(Answers()) as desk:
        sent = [("third", 3.0), ("first", 1.0), ("second", 1.0), ("fourth", 3.0)]
        await desk.runtime.accept([desk.message(words, sent_at=START - 9 + at) for words, at in sent], "shop")
        await desk.settled()
        assert desk.texts() == ["re: first\nsecond\nthird\nfourth"]


# ─── late messages ───

LATE = START - 7 * 3600.0


async def test_what_is_older_than_stale_after_is_recorded_and_not_answered() -> None:
    async with Desk(responder := Answers()) as desk:
        await desk.runtime.accept([desk.message("are you there?", sent_at=LATE)], "shop")
        await desk.settled()
        assert desk.texts() == []
        assert await desk.say("hello") == ["re: hello"]
        assert await desk.stages() == ["late"]
    assert responder.asked == ["hello"]


async def test_a_bot_may_have_something_to_say_to_late_messages() -> None:
    async with Desk(Answers(), bot=a_bot(on_late="Sorry, I was away.")) as desk:
        await desk.runtime.accept([desk.message("are you there?", sent_at=LATE)], "shop")
        await desk.settled()
        assert desk.texts() == ["Sorry, I was away."]


async def test_of_a_burst_only_what_is_fresh_is_answered() -> None:
    async with Desk(Answers()) as desk:
        late = desk.message("are you there?", sent_at=LATE)
        await desk.runtime.accept([late, replace(late, id="fresh", text="hello", sent_at=START)], "shop")
        await desk.settled()
        assert desk.texts() == ["re: hello"]


async def test_a_late_stop_is_obeyed() -> None:
    async with Desk(Answers()) as desk:
        await desk.runtime.accept([desk.message("STOP", sent_at=LATE)], "shop")
        await desk.settled()
        (confirmation,) = desk.texts()
        assert confirmation.startswith("All right")
        assert await desk.say("hello") == []
