"""Handoff: what was thought before a person took over is not said, and the bot is silent until it is handed back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from botkit import Effects, Router, say
from botkit.dialogue.bot import Bot
from botkit.dialogue.channel import Channel
from botkit.dialogue.effect import HandOff, Notify, Schedule
from botkit.dialogue.event import MessageAnnounced, MessageReceived
from botkit.dialogue.flow import saying
from botkit.dialogue.handoff import HandoffPolicy
from botkit.dialogue.turn import TEAM
from botkit.dialogue.window import Policy
from botkit.errors import OutcomeUnknown, RateLimited, Rejected, SendError, Unauthorized, Unreachable
from botkit.ledger import NoteInHand
from botkit.runtime.handoffs import NOTE_EXPIRES
from botkit.stores.sqlite import SqliteStore
from botkit.testing import FakeMessagingApi, FrozenClock
from tests.runtime.desk import NEWS, PATIENCE, Answers, Desk, SlowApi, Thinks, a_bot, text

HOUR = 3600.0
WEBCHAT = Channel("channel-webchat", "webchat")


def router() -> Router:
    router = Router()

    @router.intent("person")
    def person() -> Effects:
        return [say("Goodbye."), HandOff("Ana wants a person")]

    @router.intent("order")
    def order() -> Effects:
        return [Notify("An order", to="kitchen"), say("Ordered.")]

    @router.intent("remind")
    def remind() -> Effects:
        return [Schedule("reminder", HOUR)]

    @router.timer("reminder")
    def reminder() -> str:
        return "Remember!"

    return router


def bot(**changes: object) -> Bot:
    """A bot that passes on to a person, for 8 hours, and says when it is back."""
    plain = a_bot("person", "order", "remind", handoff=HandoffPolicy(to="desk", timeout=8 * HOUR))
    return replace(plain, on={**plain.on, "on_handback": saying(text("I am back."))}, **changes)  # type: ignore[arg-type]


class Told:
    """Teams that are told: all that was, by key; the errors given come first."""

    def __init__(self, *failures: SendError) -> None:
        self._failures = list(failures)
        self.notes: list[NoteInHand] = []
        self.keys: list[str] = []

    async def tell(self, note: NoteInHand, key: str) -> bool:
        self.keys.append(key)
        if self._failures:
            raise self._failures.pop(0)
        self.notes.append(note)
        return True


async def taken(desk: Desk) -> None:
    """Wait until a person has a conversation."""
    while True:
        if await desk.store.handed_over():
            return
        await asyncio.sleep(0)


# ─── races ───


async def test_a_reply_that_was_being_thought_when_a_person_took_over_never_leaves() -> None:
    async with Desk(responder := Thinks(), bot=bot()) as desk:
        await desk.accept("hello")
        await responder.thoughts.reaches(1)
        await desk.take_over()
        responder.answer()
        await desk.settled()
        assert desk.texts() == []
        assert await desk.outbox() == [("re: hello", "superseded")]
        assert await desk.say("anybody?") == []
        assert responder.asked == ["hello"]


async def test_a_reply_that_was_being_thought_when_a_person_wrote_elsewhere_never_leaves() -> None:
    async with Desk(responder := Thinks(), bot=bot()) as desk:
        await desk.accept("hello")
        await responder.thoughts.reaches(1)
        await desk.person_writes("Eva here, how can I help?")
        responder.answer()
        await desk.settled()
        assert desk.texts() == []


async def test_a_reply_that_waits_for_its_time_never_leaves() -> None:
    async with Desk(Answers(), bot=bot()) as desk:
        desk.api.fail_next(RateLimited("slow"))
        assert await desk.say("hello") == []
        await desk.take_over()
        assert await desk.advance(HOUR) == []
        assert await desk.outbox() == [("re: hello", "superseded")]


async def test_a_take_over_returns_once_a_send_that_is_under_way_has_settled() -> None:
    async with Desk(Answers(), bot=bot(), api=(api := SlowApi(WEBCHAT))) as desk:
        await desk.accept("hello")
        await api.calls.reaches(1)
        taking = asyncio.create_task(desk.take_over())
        await taken(desk)
        assert not taking.done()
        api.answer()
        await taking
        assert await desk.outbox() == [("re: hello", "sent")]


async def test_a_send_of_unknown_end_is_not_repeated_when_a_person_has_taken_over() -> None:
    async with Desk(Answers(), bot=bot()) as desk:
        desk.api.fail_next(OutcomeUnknown("no answer"))
        await desk.say("hello")
        await desk.take_over()
        assert await desk.advance(60) == []
        assert await desk.outbox() == [("re: hello", "superseded")]


async def test_a_refusal_after_the_take_over_opens_no_other_form() -> None:
    api = SlowApi(Channel("channel-whatsapp", "whatsapp"))
    templates = {"news": NEWS}
    shop = bot(templates=templates, window=Policy(("news",)), channels=("whatsapp",))
    async with Desk(Answers(), bot=shop, channel="whatsapp", api=api) as desk:
        await desk.accept("hello")
        await api.calls.reaches(1)
        taking = asyncio.create_task(desk.take_over())
        await taken(desk)
        api.answer()
        await taking
        await desk.settled()
        assert [sent.template for sent in api.sent] == [""]


async def test_a_turn_that_was_overtaken_remembers_what_was_heard_and_nothing_that_was_not_said() -> None:
    async with Desk(responder := Thinks(), bot=bot()) as desk:
        await desk.accept("hello")
        await responder.thoughts.reaches(1)
        await desk.take_over()
        responder.answer()
        await desk.settled()
        await desk.runtime.hand_back("shop", desk.contact())
        assert await desk.say("again") == ["I am back.", "re: again"]
        (claim,) = [await desk.store.account("1")]
        assert claim
        assert [posted.status for posted in claim.said] == ["superseded"]


# ─── while a person has it ───


async def test_the_bot_says_goodbye_and_then_nothing_but_stop_is_obeyed() -> None:
    async with Desk(Answers(), bot=bot(), router=router()) as desk:
        assert (await desk.say("person"))[0] == "Goodbye."
        assert await desk.say("hello?", "anybody?") == []
        assert await desk.say("order") == []
        assert len(await desk.say("stop")) == 1
        assert await desk.advance(9 * HOUR) == []


async def test_what_comes_late_is_not_answered_either() -> None:
    shop = bot()
    shop = replace(shop, on={**shop.on, "on_late": saying(text("I was away."))})
    async with Desk(Answers(), bot=shop, router=router()) as desk:
        await desk.say("person")
        said = len(desk.texts())
        late = [desk.message("hello?", sent_at=desk.clock.now() - 7 * HOUR)]
        await desk.runtime.accept(late, "shop")
        await desk.settled()
        assert len(desk.texts()) == said
        late = [desk.message("stop", sent_at=desk.clock.now() - 7 * HOUR)]
        await desk.runtime.accept(late, "shop")
        await desk.settled()
        assert len(desk.texts()) == said + 1


async def test_a_turn_that_fails_is_not_apologized_for() -> None:
    class Forgetful(FakeMessagingApi):
        async def fetch(self, announced: MessageAnnounced) -> MessageReceived:
            raise Rejected("There is no such message.")

    async with Desk(Answers(), bot=bot(), router=router(), api=Forgetful(WEBCHAT), attempts=1) as desk:
        await desk.say("person")
        said = len(desk.texts())
        gone = MessageAnnounced(desk.channel.id, "ana", "gone")
        await desk.runtime.accept([gone], "shop")
        for _ in range(20):
            await desk.advance(600)
        assert len(desk.texts()) == said
        assert "quarantined" in await desk.stages(2)


async def test_what_a_person_says_goes_out_in_between() -> None:
    async with Desk(Answers(), bot=bot(), router=router()) as desk:
        await desk.say("person")
        before = len(desk.texts())
        await desk.operator_says("Eva here.")
        await desk.settled()
        assert desk.texts()[before:] == ["Eva here."]


async def test_a_persons_words_without_taking_over_leave_the_bot_its_conversation() -> None:
    async with Desk(Answers(), bot=bot()) as desk:
        await desk.say("hello")
        await desk.operator_says("By the way.")
        await desk.settled()
        assert await desk.say("thanks") == ["re: thanks"]


async def test_timers_of_the_bot_do_nothing_meanwhile() -> None:
    async with Desk(Answers(), bot=bot(), router=router()) as desk:
        await desk.say("remind")
        await desk.take_over()
        assert await desk.advance(HOUR) == []


async def test_what_was_said_before_the_bots_own_handoff_goes_first() -> None:
    async with Desk(Answers(), bot=bot(), router=router()) as desk:
        desk.api.fail_next(RateLimited("slow", retry_after=5.0))
        assert await desk.say("hello") == []
        assert await desk.say("person") == []
        assert (await desk.advance(10))[:2] == ["re: hello", "Goodbye."]


# ─── back to the bot ───


async def test_after_its_time_the_bot_has_the_conversation_again_and_says_so_once() -> None:
    async with Desk(Answers(), bot=bot(), router=router()) as desk:
        await desk.say("person")
        assert await desk.advance(8 * HOUR - 1) == []
        assert await desk.advance(1) == ["I am back."]
        assert await desk.say("hello") == ["re: hello"]
        assert await desk.advance(24 * HOUR) == []


async def test_after_a_restart_it_is_handed_back_as_well(tmp_path: Path) -> None:
    clock, path = FrozenClock(), tmp_path / "botkit.db"
    async with Desk(Answers(), bot=bot(), router=router(), store=SqliteStore(path), clock=clock) as desk:
        await desk.say("person")
    clock.advance(9 * HOUR)
    async with Desk(Answers(), bot=bot(), router=router(), store=SqliteStore(path), clock=clock) as desk:
        await desk.settled()
        assert desk.texts() == ["I am back."]
        assert await desk.say("hello") == ["re: hello"]


async def test_handed_back_by_hand_the_bot_says_so_and_not_again_later() -> None:
    async with Desk(Answers(), bot=bot(), router=router()) as desk:
        before = len(await desk.say("person"))
        assert await desk.runtime.hand_back("shop", desk.contact())
        await desk.settled()
        assert desk.texts()[before:] == ["I am back."]
        assert not await desk.runtime.hand_back("shop", desk.contact())
        assert await desk.advance(24 * HOUR) == []


async def test_a_person_who_writes_has_the_conversation_and_each_message_prolongs_it() -> None:
    async with Desk(Answers(), bot=bot()) as desk:
        await desk.say("hello")
        await desk.advance(HOUR)
        await desk.person_writes("Eva here.")
        assert await desk.say("hello Eva") == []
        await desk.advance(7 * HOUR)
        await desk.person_writes("Still there?")
        assert await desk.advance(7 * HOUR) == []
        assert await desk.advance(HOUR) == ["I am back."]


async def test_the_bots_own_words_told_back_do_not_silence_it() -> None:
    async with Desk(Answers(), bot=bot()) as desk:
        await desk.say("hello")
        await desk.person_writes("re: hello")
        assert await desk.say("more") == ["re: more"]


async def test_an_operator_who_takes_over_with_a_saying_silences_the_bot() -> None:
    async with Desk(Answers(), bot=bot()) as desk:
        await desk.say("hello")
        await desk.operator_says("Eva here.", takes_over=True)
        await desk.settled()
        assert desk.texts() == ["re: hello", "Eva here."]
        assert await desk.say("hello Eva") == []
        assert await desk.advance(8 * HOUR) == ["I am back."]


async def test_nobody_takes_over_what_is_not_there() -> None:
    async with Desk(Answers(), bot=bot()) as desk:
        assert not await desk.runtime.take_over("shop", desk.contact("nobody"))
        assert not await desk.runtime.hand_back("shop", desk.contact("nobody"))


# ─── teams ───


async def test_a_team_is_told_with_all_that_it_needs() -> None:
    async with Desk(Answers(), bot=bot(), router=router(), teams=(told := Told())) as desk:
        await desk.say("hello")
        await desk.say("person")
        (note,) = told.notes
        assert (note.note.text, note.note.to, note.note.handoff) == ("Ana wants a person", "desk", True)
        assert [line.text for line in note.note.transcript][:3] == ["hello", "re: hello", "person"]
        assert note.note.channel == "webchat"
        assert [kept.status for kept in await desk.store.notes()] == ["delivered"]


async def test_a_note_leaves_the_bot_its_conversation() -> None:
    async with Desk(Answers(), bot=bot(), router=router(), teams=(told := Told())) as desk:
        assert await desk.say("order") == ["Ordered."]
        assert await desk.say("hello") == ["re: hello"]
        assert [(note.note.to, note.note.handoff) for note in told.notes] == [("kitchen", False)]


@pytest.mark.parametrize(
    "failure", [Unreachable("gone"), OutcomeUnknown("late"), RateLimited("slow"), Unauthorized("who?")], ids=repr
)
async def test_a_team_that_cannot_be_told_is_told_later_under_the_same_key(failure: SendError) -> None:
    async with Desk(Answers(), bot=bot(), router=router(), teams=(told := Told(failure))) as desk:
        await desk.say("order")
        assert told.notes == []
        await desk.advance(5)
        assert len(told.notes) == 1
        assert len(set(told.keys)) == 1
        assert len(told.keys) == 2


async def test_a_team_that_asks_for_patience_gets_it() -> None:
    async with Desk(
        Answers(), bot=bot(), router=router(), teams=(told := Told(RateLimited("", retry_after=50)))
    ) as desk:
        await desk.say("order")
        await desk.advance(49)
        assert told.notes == []
        await desk.advance(1)
        assert len(told.notes) == 1


async def test_what_a_team_refuses_is_a_dead_letter(caplog: pytest.LogCaptureFixture) -> None:
    refused = Rejected("404", code="HTTP 404")
    async with Desk(Answers(), bot=bot(), router=router(), teams=(told := Told(refused))) as desk:
        await desk.say("order")
        await desk.advance(HOUR)
        (kept,) = await desk.store.notes()
        assert (kept.status, kept.reason, told.notes) == ("failed", "404", [])
    (record,) = [record for record in caplog.records if record.getMessage() == "team not told"]
    assert vars(record)["reason"] == "Rejected HTTP 404"


async def test_a_note_is_not_tried_for_ever() -> None:
    told = Told(*[Unreachable("gone")] * 3)
    async with Desk(Answers(), bot=bot(), router=router(), teams=told) as desk:
        await desk.say("order")
        await desk.advance(NOTE_EXPIRES)
        (kept,) = await desk.store.notes()
        assert (kept.status, kept.reason) == ("failed", "gone")


async def test_a_note_of_a_team_without_an_address_is_kept() -> None:
    async with Desk(Answers(), bot=bot(), router=router()) as desk:
        await desk.say("order")
        (kept,) = await desk.store.notes()
        assert (kept.status, kept.note.text) == ("kept", "An order")


async def test_a_note_survives_a_restart(tmp_path: Path) -> None:
    clock, path = FrozenClock(), tmp_path / "botkit.db"
    failing = Told(*[Unreachable("gone")] * 9)
    async with Desk(Answers(), bot=bot(), router=router(), store=SqliteStore(path), clock=clock, teams=failing) as desk:
        await desk.say("order")
    clock.advance(60)
    async with Desk(bot=bot(), store=SqliteStore(path), clock=clock, teams=(told := Told())) as desk:
        await desk.settled()
        assert [note.note.text for note in told.notes] == ["An order"]
    assert set(told.keys) == set(failing.keys)


async def test_who_has_what_can_be_seen() -> None:
    async with Desk(Answers(), bot=bot(), router=router()) as desk:
        await desk.say("person")
        (handed,) = await desk.store.handed_over()
        assert handed.note
        assert (handed.contact.id, handed.note.text) == ("ana", "Ana wants a person")
        assert handed.until == desk.clock.now() + 8 * HOUR
        async with asyncio.timeout(PATIENCE):
            await desk.runtime.hand_back("shop", desk.contact())
        assert await desk.store.handed_over() == []
        assert TEAM not in [line.status for line in await desk.store.notes()]
