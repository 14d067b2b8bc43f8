"""The outbox: in what form a saying goes, in which order, and what becomes of it when sending fails."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from botkit import Contact, Router, SetSlot, Turn, say
from botkit.dialogue.channel import Channel
from botkit.dialogue.effect import Effects
from botkit.dialogue.template import Template
from botkit.dialogue.window import Policy
from botkit.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    StoreError,
    Unauthorized,
    Unreachable,
    WindowClosed,
)
from botkit.ledger import Posting, Receipt, Request
from botkit.runtime.outbox import IDEMPOTENCY, KEY_WAIT
from botkit.stores.sqlite import SqliteStore
from botkit.testing import Chat, FakeMessagingApi, Sent
from tests.runtime.desk import NEWS, Answers, Desk, SlowApi, a_bot

DAY = 24 * 3600.0
PHONE = "+34600111222"

BOT = """
bot: shop
channels: [whatsapp, instagram, messenger, webchat]
languages: [en, es, de]
responder: []
intents:
  greeting: {keywords: {en: [hello], es: [hola], de: [hallo]}, reply: {en: Hello!, es: ¡Hola!, de: Hallo!}}
templates:
  news:
    text:
      en_US: "Hi {{ contact.first_name or 'there' }}, there is news: {{ held }}"
      es_ES: "Hola {{ contact.first_name }}: {{ held }}"
  bare:
    name: news_for_you
    languages: [en_US]
window: {template: news, template_cooldown: 0s}
fallback: I do not know.
"""


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(BOT, encoding="utf-8")
    return path


async def how_it_stands(chat: Chat | Desk) -> tuple[str, str]:
    """Status and reason of what was said last."""
    posted, *_ = await chat.store.posted()
    return posted.status, posted.reason


# ─── the window ───


@pytest.mark.parametrize("channel", ["whatsapp", "instagram", "messenger", "webchat"])
async def test_within_the_window_words_go_as_they_are(bot: Path, channel: str) -> None:
    async with Chat(bot, channel=channel, phone=PHONE) as chat:
        await chat.say("hello")
        chat.clock.advance(DAY - 1)
        (sent,) = await chat.operator_says("We found it.\n\tGo to  the desk.")
        assert (sent.to, sent.text, sent.template) == ("contact-1", "We found it.\n\tGo to  the desk.", "")


async def test_a_web_chat_is_always_open(bot: Path) -> None:
    async with Chat(bot) as chat:
        await chat.say("hello")
        chat.clock.advance(365 * DAY)
        (sent,) = await chat.operator_says("We found it.")
        assert sent.text == "We found it."


@pytest.mark.parametrize("channel", ["instagram", "messenger"])
async def test_after_a_day_nothing_goes_where_there_are_no_templates(bot: Path, channel: str) -> None:
    async with Chat(bot, channel=channel, phone=PHONE) as chat:
        await chat.say("hello")
        chat.clock.advance(DAY)
        assert await chat.operator_says("We found it.") == []
        status, reason = await how_it_stands(chat)
        assert (status, reason.partition(":")[0]) == ("withheld", "window_closed")
        assert await chat.say("hello") == ["Hello!"]


async def test_after_a_day_the_template_goes_on_whatsapp(bot: Path) -> None:
    async with Chat(bot, channel="whatsapp", name="Ana Ruiz", phone=PHONE) as chat:
        await chat.say("hello")
        chat.clock.advance(DAY)
        (sent,) = await chat.operator_says("We found it.")
        assert replace(sent, key="") == Sent(PHONE, "", "news", "en_US", ("Ana", "We found it."))
        (_, posted) = await chat.outbox()
        assert (posted.text, posted.status, posted.template) == ("We found it.", "held", "news (en_US)")


async def test_a_template_does_not_open_the_window_and_the_contact_does(bot: Path) -> None:
    async with Chat(bot, channel="whatsapp", phone=PHONE) as chat:
        await chat.say("hello")
        chat.clock.advance(DAY)
        assert [sent.template for sent in await chat.operator_says("one")] == ["news"]
        assert [sent.template for sent in await chat.operator_says("two")] == ["news"]
        assert await chat.say("hello") == ["one", "two", "Hello!"]


@pytest.mark.parametrize(("greeting", "language"), [("hello", "en_US"), ("hola", "es_ES"), ("hallo", "en_US")])
async def test_the_template_is_in_the_contacts_language_or_else_in_its_first(
    bot: Path, greeting: str, language: str
) -> None:
    async with Chat(bot, channel="whatsapp", name="Ana", phone=PHONE) as chat:
        await chat.say(greeting)
        chat.clock.advance(DAY)
        (sent,) = await chat.operator_says("AB123456")
        assert sent.language == language


async def test_parameters_are_one_line_without_gaps(bot: Path) -> None:
    async with Chat(bot, channel="whatsapp", name="  Ana\u2003\tRuiz", phone=PHONE) as chat:
        await chat.say("hello")
        chat.clock.advance(DAY)
        (sent,) = await chat.operator_says("We found it.\r\n\r\n\tGo to     the desk.\u2028")
        assert sent.values == ("Ana", "We found it. Go to the desk.")


async def test_what_the_contact_is_called_is_never_jinja(bot: Path) -> None:
    async with Chat(bot, channel="whatsapp", name="{{7*7}} {%", phone=PHONE) as chat:
        await chat.say("hello")
        chat.clock.advance(DAY)
        (sent,) = await chat.operator_says("{{ contact.phone }}")
        assert sent.values == ("{{7*7}}", "{{ contact.phone }}")


async def test_a_parameter_that_comes_out_empty_withholds_the_saying(bot: Path) -> None:
    async with Chat(bot, channel="whatsapp", phone=PHONE) as chat:
        await chat.say("hola")
        chat.clock.advance(DAY)
        assert await chat.operator_says("Lo encontramos.") == []
        assert await how_it_stands(chat) == (
            "withheld",
            "empty_parameter: news (es_ES): contact.first_name, held",
        )


async def test_a_parameter_that_cannot_be_rendered_withholds_the_saying() -> None:
    template = Template("news", "utility", {"en_US": ("1 // 0",)})
    async with Desk(bot=a_bot(templates={"news": template}, window=Policy(("news",))), channel="whatsapp") as desk:
        await desk.runtime.accept([desk.message("hello", phone=PHONE)], "shop")
        await desk.settled()
        desk.clock.advance(DAY)
        await desk.operator_says("We found it.")
        await desk.settled()
        status, reason = await how_it_stands(desk)
        assert status == "withheld"
        assert reason.startswith("empty_parameter: ")
        assert "1 // 0" in reason


async def test_without_a_template_nothing_goes_after_a_day() -> None:
    async with Desk(channel="whatsapp") as desk:
        await desk.say("hello")
        desk.clock.advance(DAY)
        await desk.operator_says("We found it.")
        await desk.settled()
        status, reason = await how_it_stands(desk)
        assert (status, reason.partition(":")[0]) == ("withheld", "no_template")


async def test_a_template_without_parameters_needs_none() -> None:
    template = Template("news", "utility", {"en_US": ()})
    async with Desk(bot=a_bot(templates={"news": template}, window=Policy(("news",))), channel="whatsapp") as desk:
        await desk.runtime.accept([desk.message("hello", phone=PHONE)], "shop")
        await desk.settled()
        desk.clock.advance(DAY)
        await desk.operator_says("We found it.")
        await desk.settled()
        assert desk.api.sent[-1].template == "news"


async def test_a_template_names_the_slots_as_they_were_when_the_words_were_said() -> None:
    router = Router()

    @router.intent("note")
    def note(turn: Turn) -> Effects:
        words = turn.text.partition(" ")[2]
        return [SetSlot("note", words), say(f"Noted: {words}.", template="news")]

    template = Template("news", "utility", {"en_US": ("slots.note", "held")})
    bot = a_bot("note", templates={"news": template}, stale_after=7 * DAY)
    async with Desk(bot=bot, router=router, channel="whatsapp") as desk:
        desk.api.fail_next(Unreachable("down", retry_after=2 * DAY))
        await desk.runtime.accept([desk.message("note one", phone=PHONE)], "shop")
        await desk.settled()
        await desk.say("note two")
        desk.clock.advance(2 * DAY)
        desk.api.fail_next(WindowClosed("131047"))
        await desk.settled()
        assert [sent.values for sent in desk.api.sent] == [("one", "Noted: one."), ("two", "Noted: two.")]


# ─── the address of a template ───


async def test_a_phone_that_is_not_known_is_looked_up_once(bot: Path) -> None:
    async with Chat(bot, channel="whatsapp") as chat:
        await chat.say("hello")
        chat.clock.advance(DAY)
        chat.api.phones["contact-1"] = PHONE
        assert [sent.to for sent in await chat.operator_says("one")] == [PHONE]
        chat.api.phones.clear()
        assert [sent.to for sent in await chat.operator_says("two")] == [PHONE]


async def test_without_a_phone_there_is_no_address_for_a_template(bot: Path) -> None:
    async with Chat(bot, channel="whatsapp") as chat:
        await chat.say("hello")
        chat.clock.advance(DAY)
        assert await chat.operator_says("We found it.") == []
        status, reason = await how_it_stands(chat)
        assert (status, reason.partition(":")[0]) == ("withheld", "no_address")


class WithoutPhones(FakeMessagingApi):
    """A Messaging API that fails to look a phone up."""

    async def phone(self, contact: Contact) -> str:
        await self.send(Request("/conversations", b'{"to": "look-up"}'), "look-up")
        return PHONE


async def test_a_phone_that_cannot_be_looked_up_now_is_looked_up_later() -> None:
    api = WithoutPhones()
    async with Desk(bot=a_bot(templates={"news": NEWS}, window=Policy(("news",))), channel="whatsapp", api=api) as desk:
        await desk.say("hello")
        desk.clock.advance(DAY)
        api.fail_next(Unreachable("down"))
        await desk.operator_says("We found it.")
        await desk.settled()
        assert desk.api.sent[-1].to == "ana"
        await desk.advance(1)
        assert desk.api.sent[-1].to == PHONE


# ─── the platform's refusal ───


async def test_when_the_platform_has_closed_the_window_earlier_the_template_goes(bot: Path) -> None:
    async with Chat(bot, channel="whatsapp", phone=PHONE) as chat:
        chat.api.fail_next(WindowClosed("131047"))
        assert await chat.say("hello") == ["[news]"]
        (posted,) = await chat.outbox()
        assert (posted.status, posted.template) == ("held", "news (en_US)")


async def test_after_a_refusal_templates_go_without_another_try_until_the_contact_writes(bot: Path) -> None:
    async with Chat(bot, channel="whatsapp", phone=PHONE) as chat:
        chat.api.fail_next(WindowClosed("131047"))
        await chat.say("hello")
        assert [sent.template for sent in await chat.operator_says("We found it.")] == ["news"]
        chat.clock.advance(1)
        assert await chat.say("hello") == ["Hello!", "We found it.", "Hello!"]


@pytest.mark.parametrize("channel", ["instagram", "messenger", "webchat"])
async def test_where_there_are_no_templates_a_refused_window_withholds(bot: Path, channel: str) -> None:
    async with Chat(bot, channel=channel) as chat:
        chat.api.fail_next(*[WindowClosed("outside the window")] * 3)
        assert await chat.say("hello") == []
        status, reason = await how_it_stands(chat)
        assert (status, reason.partition(":")[0]) == ("withheld", "window_closed")


async def test_a_template_that_is_refused_as_well_is_withheld(bot: Path) -> None:
    async with Chat(bot, channel="whatsapp", phone=PHONE) as chat:
        chat.api.fail_next(WindowClosed("131047"), WindowClosed("the template is paused"))
        assert await chat.say("hello") == []
        assert await how_it_stands(chat) == ("withheld", "window_closed: the template is paused")


# ─── failures ───


class Keyed(FakeMessagingApi):
    """A Messaging API that remembers the key and body of every attempt."""

    def __init__(self, *channels: Channel) -> None:
        super().__init__(*channels)
        self.attempts: list[tuple[str, bytes]] = []

    async def send(self, request: Request, key: str) -> Receipt:
        self.attempts.append((key, request.body))
        return await super().send(request, key)


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        (RateLimited("slow down", retry_after=7), [7, 7, 7]),
        (RateLimited("slow down"), [1, 2, 4]),
        (RateLimited("come back at once", retry_after=0), [1, 2, 4]),
        (RateLimited("too much for this contact", of_contact=True), [1, 4, 16, 64]),
        (Unreachable("down"), [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]),
        (Unreachable("busy", retry_after=90), [90, 90]),
        (OutcomeUnknown("no answer"), [1, 2, 4, 8, 16, 32, 64]),
        (Unauthorized("wrong key"), [KEY_WAIT, KEY_WAIT]),
    ],
    ids=repr,
)
async def test_what_may_be_repeated_is_repeated_under_the_same_key_with_the_same_bytes(
    error: SendError, waits: Sequence[float]
) -> None:
    async with Desk(Answers(), api=(api := Keyed()), extensions=(IDEMPOTENCY,)) as desk:
        api.fail_next(*[error] * len(waits))
        assert await desk.say("hello") == []
        for seconds in waits[:-1]:
            assert await desk.advance(seconds - 0.5) == []
            assert await desk.advance(0.5) == []
            is_known = not isinstance(error, OutcomeUnknown)
            assert await how_it_stands(desk) == ("waiting" if is_known else "sending", str(error))
        assert await desk.advance(waits[-1] - 0.5) == []
        assert await desk.advance(0.5) == ["re: hello"]
        assert await how_it_stands(desk) == ("sent", "")
    assert len(api.attempts) == len(waits) + 1
    assert len(set(api.attempts)) == 1


@pytest.mark.parametrize("error", [RateLimited("m", of_contact=True), Unreachable("down"), OutcomeUnknown("no answer")])
async def test_followers_wait_for_a_send_that_is_repeated_and_other_conversations_do_not(error: SendError) -> None:
    async with Desk(Answers(lambda words: [f"{words} 1", f"{words} 2"]), extensions=(IDEMPOTENCY,)) as desk:
        desk.api.fail_next(error)
        assert await desk.say("one") == []
        assert await desk.say("two") == []
        assert await desk.say("hello", contact="bea") == ["hello 1", "hello 2"]
        assert await desk.advance(1) == ["one 1", "one 2", "two 1", "two 2"]


async def test_a_send_that_arrived_although_its_answer_did_not_is_not_sent_twice() -> None:
    class LosesAnswers(FakeMessagingApi):
        lost = False

        async def send(self, request: Request, key: str) -> Receipt:
            receipt = await super().send(request, key)
            if not self.lost:
                self.lost = True
                raise OutcomeUnknown("no answer")
            return receipt

    async with Desk(Answers(), api=LosesAnswers(), extensions=(IDEMPOTENCY,)) as desk:
        await desk.say("hello")
        await desk.advance(1)
        assert desk.texts() == ["re: hello"]
        assert await how_it_stands(desk) == ("sent", "")


async def test_an_api_that_was_down_for_very_long_is_tried_again_all_the_same() -> None:
    async with Desk(Answers()) as desk:
        desk.api.fail_next(Unreachable("down"))
        await desk.say("hello")
        for _ in range(1100):
            (posting,) = await desk.store.claim_postings(1, desk.clock.now() + 1)
            await desk.store.retry(posting, desk.clock.now() + 1, "down")
        desk.api.fail_next(Unreachable("down"))
        assert await desk.advance(1) == []
        assert await desk.advance(300) == ["re: hello"]


async def test_a_rejected_send_is_withheld_and_its_followers_go() -> None:
    async with Desk(Answers(lambda words: ["one", "two"])) as desk:
        desk.api.fail_next(Rejected("131026: not on WhatsApp"))
        assert await desk.say("hello") == ["two"]
        assert await desk.outbox() == [("one", "withheld"), ("two", "sent")]
        (withheld,) = await desk.store.posted(status="withheld")
        assert withheld.reason == "rejected: 131026: not on WhatsApp"


async def test_a_saying_that_the_transport_chokes_on_is_tried_again_and_not_forgotten() -> None:
    class Chokes(FakeMessagingApi):
        has_choked = False

        async def send(self, request: Request, key: str) -> Receipt:
            if not self.has_choked:
                self.has_choked = True
                raise ZeroDivisionError("a bug of ours")
            return await super().send(request, key)

    async with Desk(Answers(), api=Chokes(), extensions=(IDEMPOTENCY,)) as desk:
        assert await desk.say("hello") == []
        assert await desk.advance(1) == ["re: hello"]


async def test_a_store_that_fails_for_a_moment_costs_no_saying() -> None:
    class FailsOnce(SqliteStore):
        has_failed = False

        async def sent(self, posting: Posting, receipt: Receipt, at: float, spacing: float = 0.0) -> bool:
            if not self.has_failed:
                self.has_failed = True
                raise StoreError("The disk is full.")
            return await super().sent(posting, receipt, at, spacing)

    async with Desk(Answers(), store=FailsOnce(None)) as desk:
        await desk.say("hello")
        await desk.advance(1)
        assert desk.texts() == ["re: hello"]
        assert await how_it_stands(desk) == ("sent", "")


# ─── who may not hear, and who may not speak ───


async def test_an_operator_does_not_reach_who_opted_out(bot: Path) -> None:
    async with Chat(bot) as chat:
        await chat.say("hello")
        await chat.say("STOP")
        assert await chat.operator_says("But wait!") == []
        status, reason = await how_it_stands(chat)
        assert (status, reason.partition(":")[0]) == ("withheld", "opted_out")
        await chat.say("START")
        assert [sent.text for sent in await chat.operator_says("Good news.")] == ["Good news."]


async def test_what_waits_when_the_contact_opts_out_is_withheld_and_the_confirmation_goes() -> None:
    async with Desk(Answers(lambda words: ["one", "two"])) as desk:
        desk.api.fail_next(Unreachable("down"))
        await desk.say("hello")
        await desk.say("STOP")
        sent = await desk.advance(1)
        assert sent[0].startswith("All right")
        assert (await desk.outbox())[:2] == [("one", "withheld"), ("two", "withheld")]


async def test_what_another_process_has_taken_is_left_to_that_process() -> None:
    class TakenByAnother(SqliteStore):
        async def freeze(self, posting: Posting, at: float) -> bool:
            await self.retry(posting, at, "the lease has ended")
            await self.claim_postings(1, at)
            return await super().freeze(posting, at)

    async with Desk(Answers(), store=TakenByAnother(None)) as desk:
        desk.api.fail_next(
            Unreachable("down")
        )  # the first try needs no freezing of its own: its turn's commit did that
        assert await desk.say("hi") == []
        assert await desk.advance(1) == []
        assert await desk.outbox() == [("re: hi", "waiting")]


@pytest.mark.parametrize("gone", [{"bot": a_bot(name="another")}, {"channel": "instagram"}], ids=["bot", "channel"])
async def test_what_waits_of_a_bot_or_channel_that_is_gone_is_withheld(gone: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "botkit.db"
    async with Desk(Answers(lambda words: ["one", "two"]), store=SqliteStore(path)) as desk:
        desk.api.fail_next(Unreachable("down"))
        await desk.say("hello")
    async with Desk(store=SqliteStore(path), clock=desk.clock, **gone) as later:
        await later.advance(1)
        assert await later.outbox() == [("one", "withheld"), ("two", "withheld")]
        _, reason = await how_it_stands(later)
        assert reason.startswith("bot_gone: ")


# ─── after a crash ───


async def test_a_send_that_was_in_hand_when_the_process_died_is_repeated_under_its_key(tmp_path: Path) -> None:
    api = SlowApi()
    keeps_keys = (IDEMPOTENCY,)
    async with Desk(Answers(), store=SqliteStore(tmp_path / "botkit.db"), api=api, extensions=keeps_keys) as desk:
        await desk.accept("hello")
        await api.calls.reaches(1)
    api.answer()
    async with Desk(store=SqliteStore(tmp_path / "botkit.db"), api=api, extensions=keeps_keys) as desk:
        await desk.settled()
        assert await how_it_stands(desk) == ("sent", "")
    assert desk.texts() == ["re: hello"]
    assert len(api.keys) == 2
    assert len(set(api.keys)) == 1


async def test_no_two_sends_have_a_key_in_common(tmp_path: Path) -> None:
    keys = []
    for name in ("one", "two"):
        store = SqliteStore(tmp_path / f"{name}.db")
        template = a_bot(templates={"news": NEWS}, window=Policy(("news",)))
        async with Desk(Answers(), bot=template, channel="whatsapp", store=store, api=(api := Keyed())) as desk:
            api.fail_next(WindowClosed("131047"))
            await desk.runtime.accept([desk.message("hello", phone=PHONE)], "shop")
            await desk.settled()
            desk.clock.advance(1)
            await desk.say("again")
            keys += [key for key, _ in api.attempts]
    assert len(keys) == len(set(keys)) == 8


# ─── the log ───


async def test_the_log_tells_how_a_send_went_and_no_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="botkit.runtime.outbox")
    async with Desk(Answers()) as desk:
        desk.api.fail_next(Unreachable("down"), Unauthorized("wrong key"), Rejected("too long"))
        await desk.say("a secret")
        await desk.advance(1)
        await desk.advance(KEY_WAIT)
        await desk.say("another secret")
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert told == [
        ("WARNING", "not sent yet"),
        ("ERROR", "not sent yet"),
        ("WARNING", "withheld"),
        ("DEBUG", "sent"),
    ]
    assert "secret" not in str([vars(record) for record in caplog.records])
