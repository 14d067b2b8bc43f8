"""Outside the window: templates that say the same, words that are held until the contact comes back, and refusals."""

from __future__ import annotations

import pytest

from botkit import Effects, Router, say
from botkit.dialogue.bot import Bot
from botkit.dialogue.event import DeliveryChanged
from botkit.dialogue.template import Template
from botkit.dialogue.window import Hold, Policy
from botkit.errors import TemplateRefused, WindowClosed
from botkit.testing import ScriptedLLM
from tests.runtime.desk import Answers, Desk, a_bot

DAY = 24 * 3600.0
PHONE = "+34600111222"
TEMPLATES = {
    "waiting": Template("waiting_v2", "utility", {"en_US": ("contact.first_name or 'there'",)}),
    "another": Template("another", "utility", {"en_US": (), "es_ES": ()}),
    "booked": Template("table_booked", "utility", {"en_US": ("held",)}),
}


def bot(*names: str, **policy: object) -> Bot:
    return a_bot("book", templates=TEMPLATES, window=Policy(names or ("waiting",), **policy))  # type: ignore[arg-type]


def desk_with(bot: Bot, **facts: object) -> Desk:
    router = Router()

    @router.intent("book")
    def book() -> Effects:
        return say("Booked.", template="booked")

    return Desk(Answers(), bot=bot, router=router, channel="whatsapp", **facts)  # type: ignore[arg-type]


async def after_a_day(desk: Desk, *operator: str) -> list[str]:
    """The contact has written, a day has passed, and the team has something to say; what goes out then."""
    await desk.runtime.accept([desk.message("hello", phone=PHONE)], "shop")
    await desk.settled()
    desk.clock.advance(DAY)
    before = len(desk.api.sent)
    for words in operator:
        await desk.operator_says(words)
        await desk.settled()
    return desk.texts()[before:]


async def says(desk: Desk, words: str) -> list[str]:
    """What goes out when the contact writes: to the conversation, or as templates to the phone."""
    return await desk.say(words)


async def test_the_template_asks_once_and_the_words_wait_for_the_contact() -> None:
    async with desk_with(bot()) as desk:
        assert await after_a_day(desk, "We found it.", "It was under the bed.") == ["[waiting_v2]"]
        assert (await desk.outbox())[1:] == [("We found it.", "held"), ("It was under the bed.", "held")]
        assert await says(desk, "yes?") == ["We found it.", "It was under the bed.", "re: yes?"]
        assert {status for _, status in await desk.outbox()} == {"sent"}


async def test_what_was_held_goes_out_once() -> None:
    async with desk_with(bot()) as desk:
        await after_a_day(desk, "We found it.")
        await says(desk, "yes?")
        assert await says(desk, "thanks") == ["re: thanks"]


async def test_a_saying_with_a_template_of_its_own_goes_as_that_and_nothing_is_held() -> None:
    async with desk_with(bot()) as desk:
        desk.api.fail_next(WindowClosed("131047"))
        await desk.runtime.accept([desk.message("book", phone=PHONE)], "shop")
        await desk.settled()
        assert desk.texts() == ["[table_booked]"]
        assert desk.api.sent[0].values == ("Booked.",)
        assert await desk.outbox() == [("Booked.", "sent")]


async def test_a_template_that_is_refused_gives_way_to_the_next() -> None:
    async with desk_with(bot("waiting", "another")) as desk:
        desk.api.fail_next(WindowClosed("131047"), TemplateRefused("132015: paused"))
        await desk.runtime.accept([desk.message("book", phone=PHONE)], "shop")
        await desk.settled()
        assert desk.texts() == ["[waiting_v2]"]
        assert await desk.outbox() == [("Booked.", "held")]
        desk.clock.advance(DAY)
        desk.api.fail_next(TemplateRefused("132001: no such template"))
        await desk.operator_says("We found it.")
        await desk.settled()
        assert desk.texts() == ["[waiting_v2]", "[another]"]


async def test_when_every_template_is_refused_the_words_are_withheld() -> None:
    async with desk_with(bot("waiting", "another")) as desk:
        desk.api.fail_next(TemplateRefused("132015: paused"))
        assert await after_a_day(desk) == []
        desk.api.fail_next(TemplateRefused("132015: paused"), TemplateRefused("132016: disabled"))
        await desk.operator_says("We found it.")
        await desk.settled()
        (_, posted) = reversed(await desk.store.posted())
        assert (posted.status, posted.reason.partition(":")[0]) == ("withheld", "template_refused")


async def test_no_second_template_goes_while_one_is_unanswered_until_the_cooldown_has_passed() -> None:
    async with desk_with(bot(cooldown=DAY, expires=7 * DAY)) as desk:
        assert await after_a_day(desk, "one") == ["[waiting_v2]"]
        desk.clock.advance(DAY - 1)
        await desk.operator_says("two")
        await desk.settled()
        assert desk.texts()[1:] == ["[waiting_v2]"]
        desk.clock.advance(1)
        await desk.operator_says("three")
        await desk.settled()
        assert desk.texts()[1:] == ["[waiting_v2]", "[waiting_v2]"]
        assert await says(desk, "yes?") == ["one", "two", "three", "re: yes?"]


async def test_a_contact_who_wrote_in_the_meantime_may_be_asked_again() -> None:
    async with desk_with(bot()) as desk:
        assert await after_a_day(desk, "one") == ["[waiting_v2]"]
        await says(desk, "yes?")
        desk.clock.advance(DAY)
        await desk.operator_says("two")
        await desk.settled()
        assert desk.texts()[-1] == "[waiting_v2]"


async def test_what_waits_too_long_expires_and_an_operator_sees_it() -> None:
    async with desk_with(bot(expires=3 * DAY)) as desk:
        await after_a_day(desk, "We found it.")
        desk.clock.advance(3 * DAY + 1)
        assert await says(desk, "yes?") == ["re: yes?"]
        assert await desk.store.expire_held(desk.clock.now()) == 1
        (posted,) = await desk.store.posted(status="withheld")
        assert (posted.text, posted.reason.partition(":")[0]) == ("We found it.", "expired")


async def test_a_bot_that_holds_nothing_withholds() -> None:
    async with desk_with(bot(hold=Hold.NEVER)) as desk:
        assert await after_a_day(desk, "We found it.") == []
        (posted,) = await desk.store.posted(status="withheld")
        assert posted.reason.partition(":")[0] == "not_held"


async def test_a_contact_who_answers_stop_gets_the_confirmation_and_nothing_that_was_held() -> None:
    async with desk_with(bot()) as desk:
        await after_a_day(desk, "We found it.")
        (confirmation,) = await says(desk, "STOP")
        assert confirmation.startswith("All right")
        assert await says(desk, "hello") == []
        assert await says(desk, "START") != []


async def test_held_words_can_go_into_the_answer_of_a_model() -> None:
    from botkit.knowledge.index import QuestionIndex  # noqa: PLC0415
    from botkit.responders.llm import LLMResponder  # noqa: PLC0415

    llm = ScriptedLLM("Hello!", lambda messages: f"We found it, by the way. ({'We found it.' in messages[0].content})")
    folding = LLMResponder(llm, lambda known: "You are a bot.", QuestionIndex([]))
    async with Desk(folding, bot=bot(hold=Hold.FOLD), channel="whatsapp") as desk:
        assert await after_a_day(desk, "We found it.") == ["[waiting_v2]"]
        assert await says(desk, "yes?") == ["We found it, by the way. (True)"]
        assert ("We found it.", "folded") in await desk.outbox()
        assert await says(desk, "thanks") != []


async def test_held_words_that_no_answer_takes_in_go_out_themselves() -> None:
    async with desk_with(bot(hold=Hold.FOLD)) as desk:
        await after_a_day(desk, "We found it.")
        assert await says(desk, "book") == ["We found it.", "Booked."]


# ─── what the platform tells later ───


async def status(desk: Desk, message: str, status: str, cause: str = "") -> None:
    told = DeliveryChanged(desk.channel.id, "ana", message, status, "told late", desk.clock.now(), cause)
    await desk.runtime.accept([told], "shop")
    await desk.settled()


async def test_a_refusal_of_the_window_that_comes_late_holds_the_words_and_asks_by_template() -> None:
    async with desk_with(bot()) as desk:
        await desk.runtime.accept([desk.message("hello", phone=PHONE)], "shop")
        await desk.settled()
        assert desk.texts() == ["re: hello"]
        await status(desk, "sent-1", "failed", "window")
        assert desk.texts() == ["re: hello", "[waiting_v2]"]
        assert await desk.outbox() == [("re: hello", "held")]
        desk.clock.advance(1)
        assert await says(desk, "again") == ["re: hello", "re: again"]


async def test_a_template_that_fails_late_gives_way_to_the_next() -> None:
    async with desk_with(bot("waiting", "another")) as desk:
        assert await after_a_day(desk, "We found it.") == ["[waiting_v2]"]
        await status(desk, "sent-2", "failed", "template")
        assert desk.texts()[1:] == ["[waiting_v2]", "[another]"]
        assert ("We found it.", "held") in await desk.outbox()


async def test_words_that_could_not_be_delivered_are_a_dead_letter() -> None:
    async with desk_with(bot()) as desk:
        await desk.say("hello")
        await status(desk, "sent-1", "failed")
        (posted,) = await desk.store.posted(status="withheld")
        assert (posted.text, posted.reason) == ("re: hello", "undelivered: told late")


@pytest.mark.parametrize("reached", ["delivered", "read"])
async def test_what_was_delivered_is_not_sent_again_whatever_is_told_later(reached: str) -> None:
    async with desk_with(bot()) as desk:
        await desk.say("hello")
        await status(desk, "sent-1", reached)
        await status(desk, "sent-1", "failed", "window")
        assert desk.texts() == ["re: hello"]
        (posted,) = await desk.store.posted()
        assert (posted.status, posted.receipt) == ("sent", reached)
