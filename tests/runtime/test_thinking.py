"""Who answers, and what is said when something goes wrong; bots are written as files and talked to through `Chat`."""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from botkit import Ask, Effects, Router, SetSlot, Slot, Turn
from botkit.dialogue.effect import Effect
from botkit.dialogue.event import MessageReceived, OperatorSaid
from botkit.errors import ResponderError
from botkit.logs import JSONLines
from botkit.protocols import Responder
from botkit.testing import Chat, ScriptedLLM
from tests.runtime.desk import Answers, Desk, a_bot

BOT = """
bot: shop
channels: [webchat, whatsapp]
languages: [en, es]
responder: [llm]
intents:
  greeting:
    keywords: {en: [hello], es: [hola]}
    reply:
      en: ["Hello!", "Hi!", "Good day!"]
      es: ["¡Hola!", "¡Buenas!"]
  hours:
    keywords: {en: [hours], es: [horario]}
    reply: {en: "From 9 to 7.", es: "De 9 a 7."}
  unhandled: {keywords: [mystery]}
  broken: {keywords: [broken], reply: "It is {{ 1 // conversation.failures }}."}
fallback: {en: "I do not know.", es: "No lo sé."}
on_error: {en: "Something went wrong.", es: "Algo ha fallado."}
on_unsupported: {en: "I read only text.", es: "Solo leo texto."}
"""


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(BOT, encoding="utf-8")
    return path


# ─── languages and wordings ───


async def test_variants_take_turns(bot: Path) -> None:
    async with Chat(bot) as chat:
        said = [await chat.say("hello") for _ in range(4)]
    assert {words for (words,) in said} <= {"Hello!", "Hi!", "Good day!"}
    assert all(one != other for one, other in pairwise(said))


async def test_the_language_is_the_one_written_in(bot: Path) -> None:
    async with Chat(bot) as chat:
        assert await chat.say("horario") == ["De 9 a 7."]
        assert await chat.say("hours") == ["From 9 to 7."]
        assert await chat.say("¿dónde está mi pedido?") == ["No lo sé."]
        assert await chat.say("where is my order?") == ["I do not know."]


async def test_the_language_is_remembered_where_words_tell_none(bot: Path) -> None:
    async with Chat(bot) as chat:
        assert await chat.say("AB123456") == ["I do not know."]
        await chat.say("hola")
        assert await chat.say("AB123456") == ["No lo sé."]
        assert await chat.say("?!") == ["No lo sé."]
        (sent,) = await chat.operator_says("Hemos encontrado su pedido.")
        assert sent.text == "Hemos encontrado su pedido."
        assert await chat.say("AB123456") == ["No lo sé."]


# ─── opting out ───


@pytest.mark.parametrize(
    ("stop", "confirmed", "start", "welcome"),
    [
        ("STOP", "All right", "START", "Welcome back!"),
        ("Unsubscribe!", "All right", "subscribe", "Welcome back!"),
        ("baja", "De acuerdo", "alta", "¡Bienvenido"),
        ("Darme de baja.", "De acuerdo", "¡REANUDAR!", "¡Bienvenido"),
    ],
)
async def test_a_contact_who_says_stop_hears_nothing_more_until_start(
    bot: Path, stop: str, confirmed: str, start: str, welcome: str
) -> None:
    async with Chat(bot) as chat:
        (said,) = await chat.say(stop)
        assert said.startswith(confirmed)
        assert await chat.say("AB123456") == []
        assert await chat.say("1", "2") == []
        assert await chat.say("", kind="image") == []
        (said,) = await chat.say(start)
        assert said.startswith(welcome)
        assert await chat.say("hours") == ["From 9 to 7."]


async def test_stop_is_confirmed_in_the_contacts_language(bot: Path) -> None:
    async with Chat(bot) as chat:
        await chat.say("hola")
        (confirmation,) = await chat.say("stop")
        assert confirmation.startswith("De acuerdo")
        (welcome,) = await chat.say("alta")
        assert welcome.startswith("¡Bienvenido")


@pytest.mark.parametrize("words", ["abmelden", "please stop the order", "STOP it", "start"])
async def test_words_that_only_look_like_stop_or_start_are_answered_as_any_others(bot: Path, words: str) -> None:
    async with Chat(bot) as chat:
        assert await chat.say(words) == ["I do not know."]
        assert await chat.say("hours") == ["From 9 to 7."]


# ─── what the bot cannot read ───


@pytest.mark.parametrize("kind", ["image", "audio", "unknown"])
async def test_what_cannot_be_read_is_said_at_most_once_an_hour(bot: Path, kind: str) -> None:
    async with Chat(bot) as chat:
        assert await chat.say("", kind=kind) == ["I read only text."]
        assert await chat.say("", "", kind=kind) == []
        chat.clock.advance(3599)
        assert await chat.say("", kind=kind) == []
        chat.clock.advance(1)
        assert await chat.say("", kind=kind) == ["I read only text."]


async def test_the_caption_of_a_picture_is_answered(bot: Path) -> None:
    async with Chat(bot) as chat:
        assert await chat.say("hours", kind="image") == ["From 9 to 7."]


async def test_words_beside_a_picture_are_answered(bot: Path) -> None:
    async with Chat(bot) as chat:
        message = MessageReceived("channel-webchat", "contact-1", "m1", text="hours")
        (sent,) = await chat.receive(message, replace(message, id="m2", type="image", text=""))
        assert sent.text == "From 9 to 7."
        assert await chat.say("", kind="image") == ["I read only text."]


async def test_a_message_without_words_is_not_answered(bot: Path) -> None:
    async with Chat(bot) as chat:
        assert await chat.say(" \n ") == []


# ─── responders and the fallback ───


async def test_responders_are_asked_in_turn_until_one_answers() -> None:
    silent, answers, unasked = Answers(lambda _: None), Answers(), Answers()
    async with Desk(silent, answers, unasked) as desk:
        assert await desk.say("hello") == ["re: hello"]
    assert (silent.asked, unasked.asked) == (["hello"], [])


def fails(error: Exception) -> Responder:
    def answer(_: str) -> Effects:
        raise error

    return Answers(answer)


@pytest.mark.parametrize("error", [ResponderError("The model is away."), ZeroDivisionError("a plug-in's own")])
async def test_when_a_responder_fails_the_next_one_is_asked(error: Exception) -> None:
    async with Desk(fails(error), Answers()) as desk:
        assert await desk.say("hello") == ["re: hello"]
        assert await desk.stages() == ["planned", "responder failed", "responded"]
        (note,) = [stage for stage in await desk.trace() if stage["stage"] == "responder failed"]
        assert str(error) in str(note)


@pytest.mark.parametrize(
    "returned",
    [42, [Ask("nothing")], [SetSlot("nothing", 1)], [SetSlot("note", object())], [42]],  # type: ignore[arg-type]
    ids=repr,
)
async def test_what_a_responder_may_not_return_is_a_failure(returned: Effects) -> None:
    async with Desk(Answers(lambda _: returned), Answers()) as desk:
        assert await desk.say("hello") == ["re: hello"]
        assert await desk.stages() == ["planned", "responder failed", "responded"]


async def test_when_nobody_answers_the_fallback_is_said() -> None:
    async with Desk(Answers(lambda _: None), fails(ResponderError("The model is away."))) as desk:
        assert await desk.say("hello") == ["I do not know."]
        assert await desk.stages() == ["planned", "responder failed", "fell back"]


async def test_a_responder_that_says_nothing_on_purpose_has_answered() -> None:
    async with Desk(Answers(lambda _: []), Answers()) as desk:
        assert await desk.say("hello") == []
        assert await desk.store.waiting() == 0


async def test_a_fallback_handler_stands_in_for_the_fallback() -> None:
    router = Router()

    @router.fallback
    def fallback(turn: Turn) -> str:
        return f"Nobody knows {turn.text}."

    async with Desk(router=router) as desk:
        assert await desk.say("hello") == ["Nobody knows hello."]


async def test_a_fallback_handler_that_fails_is_an_error_like_any_other() -> None:
    router = Router()

    @router.fallback
    def fallback() -> Effects:
        return SetSlot("nothing", 1)

    async with Desk(router=router) as desk:
        assert await desk.say("hello") == ["Something went wrong."]
        assert "names the slot 'nothing'" in str(await desk.trace())


async def test_an_intent_that_nobody_answers_goes_to_the_responders_and_is_noted() -> None:
    async with Desk(Answers(), bot=a_bot("mystery")) as desk:
        assert await desk.say("mystery tour") == ["re: mystery tour"]
        assert await desk.stages() == ["recognized", "planned", "unhandled", "responded"]


# ─── handlers ───


def failing(effect: Effect | None = None) -> Router:
    router = Router()

    @router.intent("order")
    def order(note: Slot[str]) -> Effects:
        if effect is None:
            raise ZeroDivisionError(f"no {note}")
        return effect

    return router


async def test_a_handler_that_raises_is_told_to_the_contact_the_log_and_the_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Desk(bot=a_bot("order"), router=failing()) as desk:
        assert await desk.say("order") == ["Which note?"]
        assert await desk.say("ink") == ["Something went wrong.", "Which note?"]
        (failure,) = [stage for stage in await desk.trace(turn=2) if stage["stage"] == "handler failed"]
        assert "ZeroDivisionError: no ink" in str(failure["traceback"])
        assert "in order" in str(failure["traceback"])
        assert await desk.say("cancel") == []
        assert await desk.say("hello") == ["I do not know."]
    (record,) = [record for record in caplog.records if record.getMessage() == "handler failed"]
    assert record.levelno == logging.ERROR
    assert record.exc_info


@pytest.mark.parametrize("effect", [SetSlot("nothing", 1), Ask("nothing"), 42], ids=repr)
async def test_a_handler_that_returns_what_it_may_not_has_failed(effect: Effect) -> None:
    async with Desk(bot=a_bot("order"), router=failing(effect)) as desk:
        await desk.say("order")
        assert await desk.say("ink") == ["Something went wrong.", "Which note?"]


async def test_the_log_tells_what_a_handler_asked_that_cannot_be_and_no_words_of_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert "the bot does not have. Did you mean 'note'?" in await logged(failing(Ask("not")), caplog)
    number = await logged(failing(42), caplog)  # type: ignore[arg-type]
    assert "botkit.errors.HandlerError: The handler of 'order' returned a value of the type int" in number
    assert (await logged(failing(), caplog)).endswith("builtins.ZeroDivisionError")


async def logged(router: Router, caplog: pytest.LogCaptureFixture) -> str:
    """The traceback that a pipe is given of a handler that fails."""
    caplog.clear()
    async with Desk(bot=a_bot("order"), router=router) as desk:
        await desk.say("order")
        await desk.say("ink")
    (record,) = [record for record in caplog.records if record.getMessage() == "handler failed"]
    traceback: str = orjson.loads(JSONLines(texts=False).format(record))["traceback"]
    return traceback


# ─── texts that cannot be rendered ───


@pytest.fixture
def counting(bot: Path) -> Path:
    """A bot of which one flow cannot go on."""
    begins = 'begins: {keywords: [count], reply: [{set: {n: "{{ 1 // conversation.failures }}"}}]}'
    slots = "slots: {n: {type: number, ask: How many?}}"
    bot.write_text(BOT.replace("intents:\n", f"intents:\n  {begins}\n") + slots, encoding="utf-8")
    return bot


async def test_a_flow_that_fails_is_logged_with_the_source_and_without_values(
    counting: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Chat(counting) as chat:
        await chat.say("count")
        assert "flow failed" in str(await chat.store.account("1"))
    (record,) = [record for record in caplog.records if record.getMessage() == "flow failed"]
    facts = vars(record)
    assert (record.levelno, facts["bot"], facts["turn"], facts["flow"]) == (logging.ERROR, "shop", 1, "begins")
    assert facts["reason"] == "'1 // conversation.failures' cannot be evaluated: ZeroDivisionError"


async def test_a_text_that_cannot_be_rendered_is_an_error_like_any_other(bot: Path) -> None:
    async with Chat(bot) as chat:
        (said,) = await chat.say("broken")
        assert said.startswith("I am sorry, something went wrong")
        assert "conversation.failures" in str(await chat.store.account("1"))
        assert await chat.say("hours") == ["From 9 to 7."]


async def test_a_text_that_cannot_be_rendered_takes_nothing_from_what_the_team_says(bot: Path) -> None:
    async with Chat(bot) as chat:
        message = MessageReceived("channel-webchat", "contact-1", "m1", text="broken")
        said, sorry = await chat.receive(message, OperatorSaid("channel-webchat", "contact-1", "o1", "One moment."))
        assert said.text == "One moment."
        assert sorry.text.startswith("I am sorry, something went wrong")


# ─── the team ───


async def test_the_team_speaks_for_itself_and_is_part_of_the_history(bot: Path) -> None:
    async with Chat(bot, llm=(llm := ScriptedLLM("I see."))) as chat:
        await chat.say("hello")
        (sent,) = await chat.operator_says("{{ 7 * 7 }} is found.")
        assert sent.text == "{{ 7 * 7 }} is found."
        await chat.say("Great, what else?")
    assert "{{ 7 * 7 }} is found." in llm.asked[0][2].content


async def test_what_the_team_says_goes_before_what_the_bot_answers_in_the_same_turn(bot: Path) -> None:
    async with Chat(bot) as chat:
        message = MessageReceived("channel-webchat", "contact-1", "m1", text="hours")
        sent = await chat.receive(message, OperatorSaid("channel-webchat", "contact-1", "o1", "One moment."))
        assert [item.text for item in sent] == ["One moment.", "From 9 to 7."]


async def test_an_open_question_stays_open_when_the_team_speaks() -> None:
    router = Router()

    @router.intent("order")
    def order(note: Slot[str]) -> str:
        return f"Ordered: {note}."

    async with Desk(bot=a_bot("order"), router=router) as desk:
        await desk.say("order")
        await desk.operator_says("Take your time.")
        await desk.settled()
        assert await desk.say("ink") == ["Ordered: ink."]
