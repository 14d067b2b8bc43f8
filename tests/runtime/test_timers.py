"""Timers: durable, once, late after downtime, dropped when the contact writes; and the window that is closing."""

from __future__ import annotations

from pathlib import Path

from botkit import Effects, Router, Schedule, TimerDue, Unschedule, say
from botkit.dialogue.window import Policy
from botkit.stores.sqlite import SqliteStore
from botkit.testing import Chat, FrozenClock
from tests.runtime.desk import Answers, Desk, a_bot

DAY = 24 * 3600.0


def router(*, unless_written: bool = False) -> Router:
    router = Router()

    @router.intent("remind")
    def remind() -> Effects:
        return [say("I will."), Schedule("reminder", 3600.0, data="the keys", unless_written=unless_written)]

    @router.intent("forget")
    def forget() -> Effects:
        return [say("Forgotten."), Unschedule("reminder")]

    @router.timer("reminder")
    def reminder(timer: TimerDue) -> str:
        return f"Do not forget {timer.data}!"

    return router


BOT = a_bot("remind", "forget")


async def test_a_timer_fires_when_it_is_due_and_once() -> None:
    async with Desk(bot=BOT, router=router()) as desk:
        assert await desk.say("remind") == ["I will."]
        assert await desk.advance(3599) == []
        assert await desk.advance(1) == ["Do not forget the keys!"]
        assert await desk.advance(7200) == []


async def test_a_timer_that_was_due_while_nothing_ran_fires_late(tmp_path: Path) -> None:
    clock = FrozenClock()
    async with Desk(bot=BOT, router=router(), store=SqliteStore(tmp_path / "botkit.db"), clock=clock) as desk:
        await desk.say("remind")
    clock.advance(DAY)
    async with Desk(bot=BOT, router=router(), store=SqliteStore(tmp_path / "botkit.db"), clock=clock) as desk:
        await desk.settled()
        assert desk.texts() == ["Do not forget the keys!"]
        assert await desk.advance(DAY) == []


async def test_a_new_timer_takes_the_place_of_the_one_of_its_name() -> None:
    async with Desk(bot=BOT, router=router()) as desk:
        await desk.say("remind")
        await desk.advance(1800)
        await desk.say("remind")
        assert await desk.advance(1800) == []
        assert await desk.advance(1800) == ["Do not forget the keys!"]
        assert await desk.advance(DAY) == []


async def test_a_timer_can_be_dropped() -> None:
    async with Desk(bot=BOT, router=router()) as desk:
        await desk.say("remind")
        await desk.say("forget")
        assert await desk.advance(DAY) == []


async def test_a_timer_is_dropped_when_the_contact_writes_where_it_says_so() -> None:
    async with Desk(Answers(), bot=BOT, router=router(unless_written=True)) as desk:
        await desk.say("remind")
        assert await desk.say("done") == ["re: done"]
        assert await desk.advance(DAY) == []


async def test_another_contact_has_timers_of_its_own() -> None:
    async with Desk(Answers(), bot=BOT, router=router(unless_written=True)) as desk:
        await desk.say("remind", contact="ana")
        await desk.say("hello", contact="bea")
        assert await desk.advance(3600) == ["Do not forget the keys!"]
        assert desk.texts(to="bea") == ["re: hello"]


async def test_a_timer_whose_handler_is_gone_is_noted(tmp_path: Path) -> None:
    clock = FrozenClock()
    async with Desk(bot=BOT, router=router(), store=SqliteStore(tmp_path / "botkit.db"), clock=clock) as desk:
        await desk.say("remind")
    async with Desk(bot=BOT, store=SqliteStore(tmp_path / "botkit.db"), clock=clock) as desk:
        assert await desk.advance(3600) == []
        assert await desk.stages(2) == ["timer without a handler"]


async def test_a_timer_whose_handler_fails_is_noted_and_the_conversation_goes_on() -> None:
    failing = Router()

    @failing.intent("remind")
    def remind() -> Effects:
        return Schedule("reminder", 60.0)

    @failing.timer("reminder")
    def reminder() -> str:
        raise ZeroDivisionError("a bug of the user's")

    async with Desk(Answers(), bot=a_bot("remind"), router=failing) as desk:
        await desk.say("remind")
        assert await desk.advance(60) == []
        assert await desk.stages(2) == ["timer failed"]
        assert await desk.say("hello") == ["re: hello"]


# ─── the window that closes ───

CLOSING = a_bot(on_window_closing="Are you still there?", window=Policy(closing=3600.0))


async def test_a_bot_may_write_before_the_window_closes_once_for_each_silence() -> None:
    async with Desk(Answers(), bot=CLOSING, channel="whatsapp") as desk:
        await desk.say("hello")
        assert await desk.advance(DAY - 3601) == []
        assert await desk.advance(1) == ["Are you still there?"]
        assert await desk.advance(DAY) == []


async def test_a_contact_who_writes_again_moves_the_closing() -> None:
    async with Desk(Answers(), bot=CLOSING, channel="whatsapp") as desk:
        await desk.say("hello")
        await desk.advance(DAY - 7200)
        await desk.say("hello again")
        assert await desk.advance(3600) == []
        assert await desk.advance(DAY - 7200) == ["Are you still there?"]


async def test_a_contact_who_opted_out_is_not_asked() -> None:
    async with Desk(Answers(), bot=CLOSING, channel="whatsapp") as desk:
        await desk.say("hello")
        await desk.say("STOP")
        assert await desk.advance(DAY) == []


async def test_a_channel_without_a_window_has_no_closing() -> None:
    async with Desk(Answers(), bot=CLOSING) as desk:
        await desk.say("hello")
        assert await desk.advance(DAY) == []


WAITING = """\
bot: waiting
channels: [webchat]
intents: {order: {keywords: [order]}, wait: {keywords: [wait]}, pass_on: {keywords: [pass]}}
slots: {rooms: {type: integer, ask: Rooms?}, beds: {type: integer, ask: Beds?}}
flows:
  order: {remind: 1h, steps: [{collect: rooms}, {say: "{{ slots.rooms }} rooms."}]}
  wait: {steps: [{wait: 1h}, {collect: beds}, {say: "{{ slots.beds }} beds."}]}
  pass_on: {steps: [{wait: 59m}, {handoff: Call them}]}
"""


async def test_what_timers_that_are_due_together_begin_is_all_kept(tmp_path: Path) -> None:
    (tmp_path / "waiting.yaml").write_text(WAITING)
    async with Chat(tmp_path / "waiting.yaml") as chat:
        await chat.say("wait")
        assert await chat.say("order") == ["Rooms?"]
        assert [sent.text for sent in await chat.advance(3600)] == ["Beds?"]
        assert await chat.say("8") == ["8 beds.", "Rooms?"]
        assert await chat.say("9") == ["9 rooms."]


async def test_behind_a_timer_that_hands_over_no_other_is_answered(tmp_path: Path) -> None:
    (tmp_path / "waiting.yaml").write_text(WAITING)
    async with Chat(tmp_path / "waiting.yaml") as chat:
        await chat.say("pass")
        await chat.say("wait")
        (said,) = await chat.advance(3600)
        assert "colleague" in said.text
