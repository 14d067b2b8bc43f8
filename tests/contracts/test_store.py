"""What every store promises (`botkit.protocols.Store`), whatever database is behind it: events, turns and sends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from botkit.dialogue.channel import Channel
from botkit.dialogue.event import (
    DeliveryChanged,
    Event,
    MessageAnnounced,
    MessageReceived,
    MessageSent,
    OperatorSaid,
)
from botkit.dialogue.settle import Saying, Settled
from botkit.dialogue.state import Frame, State
from botkit.dialogue.turn import BOT, CONTACT, TEAM, Line
from botkit.dialogue.words import clean
from botkit.errors import Conflict, StoreError
from botkit.ledger import Claim, Outcome, Receipt, Request, Step, Subscription
from botkit.protocols import Store
from tests.contracts.stores import (
    NOW,
    REQUEST,
    WEBCHAT,
    accept,
    again,
    claim,
    contact_of,
    head,
    message,
    opened,
    outcome,
    say,
    send,
    sent_once,
    texts_of,
)

HOSTILE = {
    "emoji": "👩‍👩‍👧‍👦 ¿qué tal? 🇲🇽 مرحبا",
    "sql": "'; drop table inbox; --",
    "json": '{"text": [null, "\\u0000"]}',
    "markers": "%s {0} :row ? $1 {{ 7 * 7 }}",
    "cleaned": clean("a\x00b\ud800c"),
    "controls": "\x01\x1b[31m\r\n\t\u202e\ufeff",
    "long": "ñandú " * 20_000,
}


# ─── settings ───


async def test_the_name_of_an_installation_is_made_once(store: Store) -> None:
    names = await asyncio.gather(*(store.installation() for _ in range(5)))
    assert len(set(names)) == 1
    assert names[0]


async def test_two_installations_have_two_names(store: Store, make: Callable[[Path], Store], tmp_path: Path) -> None:
    async with opened(make(tmp_path / "another")) as other:
        assert await other.installation() != await store.installation()


async def test_a_subscription_comes_back_as_it_was(store: Store) -> None:
    channel = Channel("wa-1", "whatsapp", "Shop 📱", simulated=True, bot="shop", extensions=("typing", "statuses"))
    subscription = Subscription(channel, "token", "https://shop.example/webhooks/token", "w1", "secret")
    await store.remember_subscription("https://api.example", subscription)
    assert await store.subscriptions("https://api.example") == [subscription]


async def test_a_channel_has_one_subscription_for_each_api(store: Store) -> None:
    first = Subscription(Channel("wa-1", "whatsapp"), "token", id="first")
    second, elsewhere = replace(first, id="second"), replace(first, id="elsewhere")
    await store.remember_subscription("api", first)
    await store.remember_subscription("api", second)
    await store.remember_subscription("another api", elsewhere)
    assert await store.subscriptions("api") == [second]
    assert await store.subscriptions("another api") == [elsewhere]


# ─── the inbox ───


@pytest.mark.parametrize(
    "event",
    [
        MessageReceived(WEBCHAT, "ana", "m1", "image", "a caption", "Ana", "+34600111222", NOW - 1),
        MessageAnnounced(WEBCHAT, "ana", "m1", NOW - 1),
        OperatorSaid(WEBCHAT, "ana", "o1", "We found it."),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_an_event_that_wants_a_turn_comes_back_as_it_was(store: Store, event: Event) -> None:
    assert await accept(store, event) == [True]
    claimed = await claim(store)
    assert claimed.events == (event,)
    assert claimed.conversation.bot == "shop"
    assert (claimed.conversation.contact.channel, claimed.conversation.contact.id) == (WEBCHAT, "ana")


@pytest.mark.parametrize(
    "event", [MessageSent(WEBCHAT, "ana", "m1", "hi"), DeliveryChanged(WEBCHAT, "ana", "m1", "read")]
)
async def test_an_event_that_wants_no_turn_is_new_once_and_waits_for_nothing(store: Store, event: Event) -> None:
    await say(store)
    assert await accept(store, event) == [True]
    assert await accept(store, event) == [False]
    assert await store.waiting() == 0
    assert await store.claim(10, NOW) == []


async def test_a_redelivery_is_a_no_op(store: Store) -> None:
    assert await accept(store, message("m1"), message("m1", "edited on the way"), message("m2")) == [True, False, True]
    assert await accept(store, message("m2")) == [False]
    assert await store.waiting() == 2
    assert (await claim(store)).events == (message("m1"), message("m2"))


async def test_redeliveries_at_the_same_time_are_accepted_once(store: Store) -> None:
    answers = await asyncio.gather(*(accept(store, message("m1")) for _ in range(50)))
    assert sorted(map(list, answers)) == [[False]] * 49 + [[True]]
    assert len((await claim(store)).events) == 1


async def test_a_redelivery_after_the_answer_is_a_no_op(store: Store) -> None:
    await accept(store, message("m1"))
    await store.commit(await claim(store), outcome("hi"))
    assert await accept(store, message("m1"), at=NOW + 6 * 86_400) == [False]
    assert await store.claim(10, NOW + 6 * 86_400) == []


async def test_a_thin_event_and_its_message_are_one(store: Store) -> None:
    assert await accept(store, MessageAnnounced(WEBCHAT, "ana", "m1"), message("m1")) == [True, False]


@pytest.mark.parametrize(
    "other",
    [
        replace(message("m1"), channel="webchat-2"),
        MessageSent(WEBCHAT, "ana", "m1"),
        DeliveryChanged(WEBCHAT, "ana", "m1", "sent"),
        OperatorSaid(WEBCHAT, "ana", "m1", "hi"),
        message("M1"),
        message("m1 "),
    ],
    ids=repr,
)
async def test_an_id_is_known_only_for_its_channel_and_kind(store: Store, other: Event) -> None:
    assert await accept(store, message("m1"), other) == [True, True]


async def test_statuses_of_one_message_are_different_events(store: Store) -> None:
    statuses = [DeliveryChanged(WEBCHAT, "ana", "m1", status) for status in ("sent", "read", "sent")]
    assert await accept(store, *statuses) == [True, True, False]


async def test_what_waits_is_counted_until_its_turn_has_ended(store: Store) -> None:
    await accept(store, message("m1"), message("m2"), message("m3", contact="bea"))
    assert await store.waiting() == 3
    first, second = await store.claim(10, NOW)
    assert await store.waiting() == 3
    await store.commit(first, outcome())
    await store.commit(second, outcome())
    assert await store.waiting() == 0


# ─── claims ───


async def test_events_that_wait_in_a_conversation_are_one_turn_in_their_order(store: Store) -> None:
    await accept(store, message("m1", "where"), message("x", contact="bea"), message("m2", "is my order"))
    ana, bea = sorted(await store.claim(10, NOW), key=lambda claimed: claimed.conversation.contact.id)
    assert [event.id for event in ana.events if isinstance(event, MessageReceived)] == ["m1", "m2"]
    assert ana.turn == ana.rows[0] < ana.rows[1]
    assert len(bea.events) == 1


async def test_bots_have_conversations_of_their_own_with_one_contact(store: Store) -> None:
    await accept(store, message("m1"), bot="shop")
    await accept(store, message("m2"), bot="hotel")
    first, second = await store.claim(10, NOW)
    assert {first.conversation.bot, second.conversation.bot} == {"shop", "hotel"}
    assert first.conversation.contact == second.conversation.contact
    assert first.conversation.id != second.conversation.id


async def test_a_claimed_conversation_is_nobody_elses(store: Store) -> None:
    await accept(store, message("m1"))
    await claim(store)
    await accept(store, message("m2"))
    assert await store.claim(10, NOW + 3600) == []


async def test_claims_at_the_same_time_share_no_conversation(store: Store) -> None:
    for number in range(40):
        await accept(store, message(f"m{number}", contact=f"contact-{number}"))
    claims = await asyncio.gather(*(store.claim(7, NOW) for _ in range(10)))
    assert max(map(len, claims)) == 7
    conversations = [claimed.conversation.id for claimed_together in claims for claimed in claimed_together]
    assert len(conversations) == len(set(conversations)) == 40


async def test_who_has_waited_longest_is_claimed_first(store: Store) -> None:
    for contact, at in {"bea": NOW + 2, "ana": NOW, "eva": NOW + 1}.items():
        await accept(store, message(contact, contact=contact), at=at)
    await accept(store, message("again", contact="ana"), at=NOW + 3)
    claims = [*await store.claim(1, NOW + 20), *await store.claim(1, NOW + 20)]
    assert [claimed.conversation.contact.id for claimed in claims] == ["ana", "eva"]


async def test_a_released_conversation_is_claimed_again_when_it_is_ready_and_not_before(store: Store) -> None:
    await accept(store, message("m1"))
    await store.release(await claim(store), NOW + 30, failed=True)
    assert await store.claim(10, NOW + 29) == []
    assert (await claim(store, NOW + 30)).events == (message("m1"),)


async def test_what_arrives_meanwhile_makes_a_released_conversation_no_earlier(store: Store) -> None:
    await accept(store, message("m1"))
    await store.release(await claim(store), NOW + 30, failed=True)
    await accept(store, message("m2"), at=NOW + 1)
    assert await store.claim(10, NOW + 29) == []


async def test_a_rerun_is_the_same_turn_with_a_new_fence_one_more_attempt_and_all_that_has_arrived(
    store: Store,
) -> None:
    await accept(store, message("m1"))
    first = await claim(store)
    await accept(store, message("m2"))
    await store.release(first, NOW, failed=True)
    second = await claim(store)
    assert second.turn == first.turn
    assert second.fence > first.fence
    assert second.arrived > first.arrived
    assert (first.attempts, second.attempts) == (1, 2)
    assert second.events == (message("m1"), message("m2"))


async def test_attempts_begin_anew_with_the_next_turn(store: Store) -> None:
    await accept(store, message("m1"))
    await store.release(await claim(store), NOW, failed=True)
    await store.commit(await claim(store), outcome())
    await accept(store, message("m2"))
    assert (await claim(store)).attempts == 1


async def test_an_old_claim_cannot_release_what_somebody_else_has(store: Store) -> None:
    await accept(store, message("m1"))
    old = await claim(store)
    await store.release(old, NOW, failed=True)
    await claim(store)
    await store.release(old, NOW, failed=True)
    assert await store.claim(10, NOW) == []


async def test_a_turn_that_has_ended_cannot_be_released_back_into_the_inbox(store: Store) -> None:
    await accept(store, message("m1"))
    claimed = await claim(store)
    await store.commit(claimed, outcome())
    await store.release(claimed, NOW, failed=True)
    assert await store.claim(10, NOW) == []
    await accept(store, message("m2"))
    assert (await claim(store)).events == (message("m2"),)


# ─── the one commit ───


async def test_a_commit_ends_the_turn_and_remembers_the_state(store: Store) -> None:
    frames = (
        Frame("book", 2, "v1", is_open=True, slot="party", refused=1, kept={"day": None}, trail=(0, 1)),
        Frame("x"),
    )
    state = State({"order_id": "AB123456", "count": 3, "rate": 0.5, "vip": True}, frames, 2)
    state = replace(state, said={"greeting": 1}, unsupported_at=NOW)
    await accept(store, message("m1"))
    await store.commit(await claim(store), outcome(state=state, language="es_MX", muted=True))
    assert await store.claim(10, NOW) == []
    await accept(store, message("m2"))
    conversation = (await claim(store)).conversation
    assert conversation.state == state
    assert (conversation.contact.language, conversation.contact.muted) == ("es_MX", True)


async def test_a_turn_in_which_nothing_happens_leaves_everything_as_it_is(store: Store) -> None:
    state = State({"order_id": "AB123456"}, (Frame("book", is_open=True, slot="party"),))
    await accept(store, message("m1"))
    await store.commit(await claim(store), outcome(state=state, language="es", muted=True))
    await accept(store, message("m2"))
    await store.commit(await claim(store), Outcome(NOW, (), None, {}))
    await accept(store, message("m3"))
    conversation = (await claim(store)).conversation
    assert (conversation.state, conversation.contact.language, conversation.contact.muted) == (state, "es", True)
    assert await store.posted() == []


async def test_language_and_opt_out_belong_to_the_contact_whichever_bot_learned_them(store: Store) -> None:
    await accept(store, message("m1"), bot="shop")
    await store.commit(await claim(store), outcome(language="es", muted=True))
    await accept(store, message("m2"), bot="hotel")
    contact = (await claim(store)).conversation.contact
    assert (contact.language, contact.muted) == ("es", True)


async def test_history_is_what_was_heard_and_said_oldest_first(store: Store) -> None:
    await accept(store, message("m1", "where"), message("m2", "is it?"))
    claimed = await claim(store)
    assert claimed.conversation.history == ()
    said = [Saying("Which order?", "en", {}), Saying("I ask for you.", "en", {}, who=TEAM)]
    heard = [Line(CONTACT, "where", NOW - 2), Line(CONTACT, "is it?", NOW - 1)]
    await store.commit(claimed, Outcome(NOW, heard, Settled(State(), tuple(said), "en", muted=False), {}))
    await accept(store, message("m3"))
    history = (await claim(store)).conversation.history
    assert list(history) == [*heard, Line(BOT, "Which order?", NOW), Line(TEAM, "I ask for you.", NOW)]


async def test_of_a_long_history_the_latest_lines_are_given(store: Store) -> None:
    lines = [Line(CONTACT, f"line {number}", NOW + number) for number in range(200)]
    await accept(store, message("m1"))
    await store.commit(await claim(store), outcome(heard=lines))
    await accept(store, message("m2"))
    history = (await claim(store)).conversation.history
    assert 20 <= len(history) < 200
    assert list(history) == lines[-len(history) :]


async def test_history_is_that_of_one_conversation(store: Store) -> None:
    await say(store, "for ana", to="ana")
    await say(store, "of the hotel", to="ana", bot="hotel")
    await accept(store, message("m", contact="bea"))
    assert (await claim(store)).conversation.history == ()


async def test_an_outcome_tells_the_contacts_name_and_phone(store: Store) -> None:
    await accept(store, MessageAnnounced(WEBCHAT, "ana", "m1", NOW - 1))
    known = replace(outcome(), name="Ana", phone="+34600111222")
    await store.commit(await claim(store), known)
    contact = await contact_of(store)
    assert (contact.name, contact.phone, contact.wrote_at) == ("Ana", "+34600111222", NOW - 1)


async def assert_nothing_is_kept_of(store: Store, claimed: Claim, waiting: int) -> None:
    """Of an attempt to end a turn."""
    assert await store.waiting() == waiting
    assert await store.posted() == []
    account = await store.account("m1")
    assert account is not None
    assert (account.turn, account.trace) == (claimed.turn, {})
    assert (await contact_of(store)).language == ""
    await store.release(claimed, NOW, failed=True)
    rerun = await claim(store)
    assert (rerun.conversation.state, rerun.conversation.history) == (State(), ())
    assert len(rerun.events) == waiting


FULL = Outcome(
    NOW,
    [Line(CONTACT, "hello", NOW)],
    Settled(State({"a": 1}), (Saying("hi", "es", {}),), "es", muted=True),
    {"stages": ["said"]},
)


async def test_a_turn_in_which_more_arrived_is_a_conflict_and_nothing_is_kept_of_it(store: Store) -> None:
    await accept(store, message("m1"))
    claimed = await claim(store)
    await accept(store, message("m2"))
    with pytest.raises(Conflict):
        await store.commit(claimed, FULL)
    await assert_nothing_is_kept_of(store, claimed, waiting=2)


async def test_a_commit_that_fails_at_its_end_leaves_nothing_behind(store: Store) -> None:
    await accept(store, message("m1"))
    claimed = await claim(store)
    unwritable: Mapping[str, object] = {"stages": {(1, 2): "a key that is no text"}}
    with pytest.raises((TypeError, StoreError)):
        await store.commit(claimed, replace(FULL, trace=unwritable))
    await assert_nothing_is_kept_of(store, claimed, waiting=1)


async def test_a_redelivery_is_nothing_more(store: Store) -> None:
    await accept(store, message("m1"))
    claimed = await claim(store)
    await accept(store, message("m1"))
    await store.commit(claimed, outcome("hi"))
    assert texts_of(await store.posted()) == ["hi"]


async def test_a_status_is_nothing_more(store: Store) -> None:
    await accept(store, message("m1"))
    claimed = await claim(store)
    await accept(store, DeliveryChanged(WEBCHAT, "ana", "earlier", "read"))
    await store.commit(claimed, outcome("hi"))
    assert texts_of(await store.posted()) == ["hi"]


async def test_a_frozen_turn_ends_although_more_arrived_and_the_rest_is_the_next_turn(store: Store) -> None:
    await accept(store, message("m1"))
    claimed = await claim(store)
    await accept(store, message("m2"), at=NOW + 5)
    await store.commit(claimed, outcome("to the first"), frozen=True)
    assert await store.waiting() == 1
    following = await claim(store)
    assert following.events == (message("m2"),)
    assert following.turn != claimed.turn
    assert texts_of(await store.posted()) == ["to the first"]


@pytest.mark.parametrize("frozen", [False, True])
async def test_a_claim_that_somebody_else_has_taken_over_cannot_commit(store: Store, *, frozen: bool) -> None:
    await accept(store, message("m1"))
    old = await claim(store)
    await store.release(old, NOW, failed=True)
    present = await claim(store)
    with pytest.raises(Conflict):
        await store.commit(old, outcome("from the old one"), frozen=frozen)
    await store.commit(present, outcome("from the present one"), frozen=frozen)
    assert texts_of(await store.posted()) == ["from the present one"]


@pytest.mark.parametrize("frozen", [False, True])
async def test_a_released_claim_cannot_commit(store: Store, *, frozen: bool) -> None:
    await accept(store, message("m1"))
    claimed = await claim(store)
    await store.release(claimed, NOW, failed=True)
    with pytest.raises(Conflict):
        await store.commit(claimed, outcome("late"), frozen=frozen)
    assert await store.waiting() == 1


@pytest.mark.parametrize("frozen", [False, True])
async def test_a_turn_ends_once(store: Store, *, frozen: bool) -> None:
    await accept(store, message("m1"))
    claimed = await claim(store)
    await store.commit(claimed, outcome("once"), frozen=frozen)
    with pytest.raises(Conflict):
        await store.commit(claimed, outcome("twice"), frozen=frozen)
    assert texts_of(await store.posted()) == ["once"]


async def test_of_commits_at_the_same_time_one_wins(store: Store) -> None:
    await accept(store, message("m1"))
    claimed = await claim(store)
    ended = await asyncio.gather(
        *(store.commit(claimed, outcome(f"try {number}")) for number in range(10)), return_exceptions=True
    )
    assert [type(error) for error in ended if error] == [Conflict] * 9
    assert len(await store.posted()) == 1


# ─── contacts ───


@pytest.mark.parametrize(
    ("sent_at", "received_at", "wrote_at"),
    [
        (NOW - 60, NOW, NOW - 60),
        (None, NOW, NOW),
        (NOW + 3600, NOW, NOW),
        (0.0, NOW, NOW),
    ],
    ids=["as the sender tells", "untold", "from the future", "nonsense"],
)
@pytest.mark.parametrize("is_thin", [False, True], ids=["full", "thin"])
async def test_a_message_tells_when_the_contact_wrote(
    store: Store, sent_at: float | None, received_at: float, wrote_at: float, *, is_thin: bool
) -> None:
    thin = MessageAnnounced(WEBCHAT, "ana", "m1", sent_at)
    await accept(store, thin if is_thin else message(sent_at=sent_at), at=received_at)
    assert (await contact_of(store)).wrote_at == wrote_at


async def test_when_the_contact_wrote_only_moves_forward(store: Store) -> None:
    for number, sent_at in enumerate([NOW - 50, NOW - 10, NOW - 3600]):
        await accept(store, message(f"m{number}", sent_at=sent_at))
    assert (await contact_of(store)).wrote_at == NOW - 10


async def test_a_redelivered_message_says_nothing_new_of_the_contact(store: Store) -> None:
    await accept(store, message("m1", name="Ana"), at=NOW)
    await accept(store, message("m1", name="Somebody else"), at=NOW + 86_400)
    contact = await contact_of(store)
    assert (contact.name, contact.wrote_at) == ("Ana", NOW)


async def test_only_the_contacts_own_messages_open_the_window(store: Store) -> None:
    await accept(store, OperatorSaid(WEBCHAT, "ana", "o1", "hi"))
    await accept(store, MessageSent(WEBCHAT, "ana", "s1", "hi"))
    await accept(store, DeliveryChanged(WEBCHAT, "ana", "s1", "read"))
    assert (await contact_of(store)).wrote_at is None


async def test_name_and_phone_are_renewed_and_never_erased(store: Store) -> None:
    await accept(store, message("m1", name="Ana", phone="+34600111222"))
    await accept(store, message("m2", name="", phone=""))
    await accept(store, OperatorSaid(WEBCHAT, "ana", "o1", "hi"))
    contact = await contact_of(store)
    assert (contact.name, contact.phone) == ("Ana", "+34600111222")
    await accept(store, message("m3", name="Ana Ruiz", phone="+34600333444"))
    contact = await contact_of(store)
    assert (contact.name, contact.phone) == ("Ana Ruiz", "+34600333444")


async def test_a_phone_can_be_learned_later(store: Store) -> None:
    await accept(store, message("m1", name="Ana"))
    await store.learn_phone(await contact_of(store), "+34600111222")
    contact = await contact_of(store)
    assert (contact.name, contact.phone) == ("Ana", "+34600111222")


async def test_a_refused_window_is_remembered(store: Store) -> None:
    await accept(store, message("m1"))
    await store.refused_window(await contact_of(store), NOW + 5)
    contact = await contact_of(store)
    assert (contact.wrote_at, contact.refused_at) == (NOW, NOW + 5)


async def test_contacts_are_found_by_id_with_the_bots_that_talk_to_them(store: Store) -> None:
    await accept(store, message("m1", contact="ana"), bot="shop")
    await accept(store, message("m2", contact="ana"), bot="hotel")
    await accept(store, message("m3", contact="bea"), bot="shop")
    found = await store.contacts("ana")
    assert [(bot, contact.id) for bot, contact in found] == [("shop", "ana"), ("hotel", "ana")]
    assert await store.contacts("nobody") == []


# ─── the outbox ───


async def test_a_posting_carries_what_sending_needs(store: Store) -> None:
    await accept(store, message("m1", name="Ana", phone="+34600111222"))
    claimed = await claim(store)
    shows = {"buttons": [{"value": "status", "label": "Where is it? 📦"}]}
    saying = Saying("Order AB123456 is on its way.", "en_US", {"order_id": "AB123456"}, anyway=True, shows=shows)
    await store.commit(claimed, Outcome(NOW, (), Settled(State(), (saying,), "en", muted=False), {}))
    posting = await head(store)
    assert (posting.bot, posting.conversation, posting.saying) == ("shop", claimed.conversation.id, saying)
    assert (posting.contact.name, posting.contact.phone, posting.contact.wrote_at) == ("Ana", "+34600111222", NOW)
    assert (posting.form, posting.request, posting.template, posting.attempts) == (0, None, "", 1)


async def test_sayings_of_a_conversation_go_one_at_a_time_in_their_order(store: Store) -> None:
    await say(store, "one", "two")
    await say(store, "three")
    sent = []
    for _ in range(3):
        posting = await head(store)
        assert await store.claim_postings(10, NOW) == []
        await store.sent(posting, Receipt(), NOW)
        sent.append(posting.saying.text)
    assert sent == ["one", "two", "three"]
    assert await store.claim_postings(10, NOW) == []


async def test_conversations_are_sent_side_by_side_the_oldest_saying_first(store: Store) -> None:
    for contact in ("bea", "ana", "eva"):
        await say(store, f"to {contact}", "and more", to=contact)
    assert texts_of(await store.claim_postings(2, NOW)) == ["to bea", "to ana"]
    assert texts_of(await store.claim_postings(2, NOW)) == ["to eva"]


async def test_postings_claimed_at_the_same_time_are_not_shared(store: Store) -> None:
    for number in range(20):
        await say(store, "hi", to=f"contact-{number}")
    claims = await asyncio.gather(*(store.claim_postings(3, NOW) for _ in range(10)))
    rows = [posting.row for postings in claims for posting in postings]
    assert len(rows) == len(set(rows)) == 20


async def test_a_head_that_is_retried_holds_up_its_followers_and_nobody_else(store: Store) -> None:
    await say(store, "one", "two", to="ana")
    posting = await head(store)
    await store.retry(posting, NOW + 60, "busy")
    await say(store, "hi", to="bea")
    assert texts_of(await store.claim_postings(10, NOW + 59)) == ["hi"]
    (retried,) = await store.claim_postings(10, NOW + 60)
    assert (retried.row, retried.attempts) == (posting.row, 2)
    assert retried.fence > posting.fence
    waiting = next(item for item in await store.posted() if item.row == posting.row)
    assert (waiting.status, waiting.reason) == ("waiting", "busy")


async def test_a_withheld_saying_lets_its_followers_go(store: Store) -> None:
    await say(store, "one", "two")
    await store.withhold(await head(store), "rejected: too long", NOW)
    assert (await head(store)).saying.text == "two"
    (withheld,) = await store.posted(status="withheld")
    assert (withheld.text, withheld.reason) == ("one", "rejected: too long")


async def test_form_and_request_are_frozen_for_every_repetition(store: Store) -> None:
    await say(store, "one")
    request = Request("/messages", b'{"text":"\xf0\x9f\x91\x8b \x00"}')
    frozen = replace(await head(store), form=1, request=request, template="news (es)")
    await store.freeze(frozen, NOW)
    assert (await sent_once(store)).status == "sending"
    await store.retry(replace(frozen, attempted_at=NOW), NOW + 1, "no answer")
    assert await head(store, NOW + 1) == again(frozen)


async def test_the_next_form_takes_the_place_of_the_last(store: Store) -> None:
    await say(store, "one")
    await store.retry(await head(store), NOW, "busy")
    first = replace(await head(store), form=1, request=Request("/messages", b"{}"))
    assert first.attempts == 2
    await store.freeze(first, NOW - 9)
    second = replace(first, form=2, request=Request("/templates", b"[]"), template="news (en)")
    await store.freeze(second, NOW)
    await store.retry(replace(second, attempted_at=NOW), NOW, "no answer")
    assert await head(store) == again(second)


async def test_what_was_sent_has_no_reason_left_and_the_receipt_of_the_api(store: Store) -> None:
    await say(store, "one")
    await store.retry(await head(store), NOW, "busy")
    await send(store, Receipt("id-1", "wamid-1", "accepted"))
    posted = await sent_once(store)
    assert (posted.status, posted.reason, posted.receipt) == ("sent", "", "accepted")


async def test_the_outbox_is_shown_newest_first(store: Store) -> None:
    await say(store, "one", "two", at=NOW)
    await say(store, "three", to="bea", bot="hotel", at=NOW + 1)
    posted = await store.posted()
    assert texts_of(posted) == ["three", "two", "one"]
    assert [(item.bot, item.contact.id, item.said_at) for item in posted[:2]] == [
        ("hotel", "bea", NOW + 1),
        ("shop", "ana", NOW),
    ]
    assert texts_of(await store.posted(limit=2)) == ["three", "two"]


async def test_the_outbox_is_shown_by_status(store: Store) -> None:
    await say(store, "sent")
    await send(store, Receipt())
    await say(store, "withheld")
    await store.withhold(await head(store), "no", NOW)
    await say(store, "sending", "waiting")
    posting = await head(store)
    await store.freeze(replace(posting, form=1, request=Request("/messages", b"{}")), NOW)
    for status in ("sent", "withheld", "sending", "waiting"):
        assert texts_of(await store.posted(status=status)) == [status]


async def test_what_was_said_in_a_turn_is_found_by_any_of_its_events(store: Store) -> None:
    first, second, other = message("m1"), message("m2"), message("m3", contact="bea")
    await accept(store, first, second)
    assert await store.said_in(first.key) == []
    claimed = await claim(store)
    assert await store.said_in(first.key) == []
    await store.commit(claimed, outcome("one", "two"))
    await say(store, "later")
    await accept(store, other)
    for event in (first, second):
        assert sorted(texts_of(await store.said_in(event.key))) == ["one", "two"]
    assert await store.said_in(other.key) == []
    assert await store.said_in("an unknown key") == []


async def test_nothing_was_said_in_an_event_without_a_turn(store: Store) -> None:
    await say(store, "hi")
    status = DeliveryChanged(WEBCHAT, "ana", "m1", "read")
    await accept(store, status)
    assert await store.said_in(status.key) == []


# ─── receipts ───


@pytest.mark.parametrize(
    ("told", "receipt"),
    [
        ([], "accepted"),
        (["sent"], "sent"),
        (["sent", "delivered", "read"], "read"),
        (["read", "delivered", "sent"], "read"),
        (["failed", "sent"], "failed"),
        (["sent", "failed", "delivered"], "failed"),
        (["delivered", "failed"], "delivered"),
        (["nonsense"], "accepted"),
    ],
    ids=str,
)
@pytest.mark.parametrize("named", ["id-1", "wamid-1"])
async def test_a_receipt_only_moves_forward(store: Store, told: list[str], receipt: str, named: str) -> None:
    await say(store, "hi")
    await send(store, Receipt("id-1", "wamid-1", "accepted"))
    for status in told:
        await accept(store, DeliveryChanged(WEBCHAT, "ana", named, status))
    assert (await sent_once(store)).receipt == receipt


async def test_a_failure_tells_why_for_good(store: Store) -> None:
    await say(store, "hi")
    await send(store, Receipt("id-1"))
    await accept(store, DeliveryChanged(WEBCHAT, "ana", "id-1", "failed", "131026: not on WhatsApp"))
    await accept(store, DeliveryChanged(WEBCHAT, "ana", "id-1", "sent"))
    posted = await sent_once(store)
    assert (posted.status, posted.receipt) == ("withheld", "failed")
    assert posted.reason == "undelivered: 131026: not on WhatsApp"


@pytest.mark.parametrize(
    "status",
    [DeliveryChanged("webchat-2", "ana", "id-1", "read"), DeliveryChanged(WEBCHAT, "ana", "id-2", "read")],
    ids=["another channel", "another message"],
)
async def test_a_status_of_something_else_changes_nothing(store: Store, status: DeliveryChanged) -> None:
    await say(store, "hi")
    await send(store, Receipt("id-1", "", "accepted"))
    await accept(store, status)
    assert (await sent_once(store)).receipt == "accepted"


async def test_messages_without_ids_share_no_status(store: Store) -> None:
    await say(store, "one", "two")
    await send(store, Receipt())
    await send(store, Receipt())
    await accept(store, DeliveryChanged(WEBCHAT, "ana", "", "read"))
    assert [posted.receipt for posted in await store.posted()] == ["accepted", "accepted"]


@pytest.mark.parametrize(
    ("told", "receipt"),
    [(["read", "delivered"], "read"), (["delivered", "failed"], "delivered"), (["failed", "delivered"], "failed")],
    ids=str,
)
@pytest.mark.parametrize("named", ["id-1", "wamid-1"])
async def test_statuses_that_overtake_the_answer_to_the_send_are_not_lost(
    store: Store, told: list[str], receipt: str, named: str
) -> None:
    await say(store, "hi")
    posting = await head(store)
    await accept(store, *(DeliveryChanged(WEBCHAT, "ana", named, status) for status in told))
    await store.sent(posting, Receipt("id-1", "wamid-1", "accepted"), NOW)
    assert (await sent_once(store)).receipt == receipt


async def test_a_failure_that_overtakes_the_answer_to_the_send_tells_why(store: Store) -> None:
    await say(store, "hi")
    posting = await head(store)
    await accept(store, DeliveryChanged(WEBCHAT, "ana", "id-1", "failed", "131026: not on WhatsApp"))
    await accept(store, DeliveryChanged(WEBCHAT, "ana", "id-10", "read"))
    await store.sent(posting, Receipt("id-1"), NOW)
    posted = await sent_once(store)
    assert (posted.receipt, posted.reason) == ("failed", "undelivered: 131026: not on WhatsApp")


# ─── echoes ───


@pytest.mark.parametrize("named", ["id-1", "wamid-1"])
async def test_a_message_with_the_id_of_a_send_is_ours(store: Store, named: str) -> None:
    await say(store, "hi")
    await send(store, Receipt("id-1", "wamid-1"))
    await accept(store, message(named, "hi"), message("m2", "hi yourself"))
    assert (await claim(store)).ours == {named}


async def test_a_thin_event_with_the_id_of_a_send_is_ours(store: Store) -> None:
    await say(store, "hi")
    await send(store, Receipt("id-1", "wamid-1"))
    await accept(store, MessageAnnounced(WEBCHAT, "ana", "id-1"))
    assert (await claim(store)).ours == {"id-1"}


async def test_a_message_with_the_id_of_a_send_elsewhere_is_not_ours(store: Store) -> None:
    await say(store, "hi", to="bea")
    await send(store, Receipt("id-1"))
    await accept(store, message("id-1", contact="ana"))
    assert (await claim(store)).ours == frozenset()


@pytest.mark.parametrize("is_answered", [True, False], ids=["after the answer", "before the answer"])
async def test_an_echo_without_a_direction_does_not_open_the_window(store: Store, *, is_answered: bool) -> None:
    await say(store, "hi", "bye", at=NOW)
    posting = await head(store)
    await store.freeze(replace(posting, form=1, request=Request("/messages", b"{}")), NOW)
    if is_answered:
        await store.sent(posting, Receipt("id-1"), NOW)
    await accept(store, message("id-1", "hi", name="Shop"), at=NOW + 60)
    assert (await contact_of(store)).wrote_at == NOW
    await accept(store, message("m2", "bye"), at=NOW + 90)
    assert (await contact_of(store)).wrote_at == NOW + 90


async def test_words_on_their_way_are_in_flight_from_freezing_to_the_answer(store: Store) -> None:
    await say(store, "hi")
    posting = replace(await head(store), form=1, request=Request("/messages", b"{}"))
    seen = []
    for number, step in enumerate(
        [
            store.freeze(posting, NOW),
            store.retry(replace(posting, attempted_at=NOW), NOW + 10, "no answer"),
            store.sent(posting, Receipt("id-1"), NOW),
        ]
    ):
        await step
        await accept(store, message(f"m{number}"))
        claimed = await claim(store)
        seen.append(claimed.in_flight)
        await store.commit(claimed, outcome())
    assert seen == [("hi",), ("hi",), ()]


async def history(store: Store) -> list[tuple[str, str]]:
    await accept(store, message("look"))
    return [(line.who, line.text) for line in (await claim(store)).conversation.history]


async def test_what_the_team_wrote_elsewhere_belongs_to_the_history(store: Store) -> None:
    await say(store)
    await accept(store, MessageSent(WEBCHAT, "ana", "s1", "I take over. Eva", NOW + 1))
    assert await history(store) == [(TEAM, "I take over. Eva")]


async def test_a_message_of_the_team_without_words_is_no_line(store: Store) -> None:
    await say(store)
    await accept(store, MessageSent(WEBCHAT, "ana", "s1"))
    assert await history(store) == []


@pytest.mark.parametrize("named", ["id-1", "wamid-1"])
async def test_what_we_sent_ourselves_is_no_line_twice(store: Store, named: str) -> None:
    await say(store, "hi")
    await send(store, Receipt("id-1", "wamid-1"))
    await accept(store, MessageSent(WEBCHAT, "ana", named, "hi"))
    assert await history(store) == [(BOT, "hi")]


async def test_an_echo_that_overtakes_the_answer_to_its_send_is_no_line_either(store: Store) -> None:
    await say(store, "hi")
    await store.freeze(replace(await head(store), form=1, request=Request("/messages", b"{}")), NOW)
    await accept(store, MessageSent(WEBCHAT, "ana", "id-1", "hi"))
    assert await history(store) == [(BOT, "hi")]


async def test_a_person_who_writes_to_somebody_unknown_begins_a_conversation_once(store: Store) -> None:
    assert await accept(store, MessageSent(WEBCHAT, "stranger", "s1", "hi")) == [True]
    assert await accept(store, MessageSent(WEBCHAT, "stranger", "s1", "hi")) == [False]
    assert [bot for bot, _ in await store.contacts("stranger")] == ["shop"]
    assert await store.claim(10, NOW) == []


# ─── the journal ───


@pytest.mark.parametrize("result", ["booked", "", None, False, 0, 1.5, [1, {"a": None}], {"nr": "👍"}], ids=repr)
async def test_the_result_of_a_step_comes_back_as_it_was(store: Store, result: object) -> None:
    assert await store.begin_step(7, "book#1") == Step(is_new=True)
    await store.finish_step(7, "book#1", result)
    assert await store.begin_step(7, "book#1") == Step(is_new=False, is_done=True, result=result)


async def test_a_step_that_was_begun_and_never_told_its_end_is_neither_new_nor_done(store: Store) -> None:
    await store.begin_step(7, "book#1")
    assert await store.begin_step(7, "book#1") == Step(is_new=False, is_done=False)


async def test_a_step_begins_once_however_many_begin_it(store: Store) -> None:
    begun = await asyncio.gather(*(store.begin_step(7, "book#1") for _ in range(20)))
    assert sum(step.is_new for step in begun) == 1


async def test_steps_are_told_apart_by_turn_and_name(store: Store) -> None:
    await store.begin_step(7, "book#1")
    others = [(8, "book#1"), (7, "book#2"), (7, "cancel#1")]
    assert [(await store.begin_step(*other)).is_new for other in others] == [True] * 3
    await store.finish_step(7, "book#1", "done")
    assert [(await store.begin_step(*other)).is_done for other in others] == [False] * 3


# ─── hostile text ───


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_any_words_come_back_as_they_were(store: Store, text: str) -> None:
    events = (message("m1", text, name=text), OperatorSaid(WEBCHAT, "ana", "o1", text))
    await accept(store, *events)
    claimed = await claim(store)
    assert claimed.events == events
    state = State({"note": text})
    saying = Saying(text, "en", {"note": text})
    settled = Settled(state, (saying,), "en", muted=False)
    await store.commit(claimed, Outcome(NOW, [Line(CONTACT, text, NOW)], settled, {"said": text}))
    posting = await head(store)
    request = Request("/messages", text.encode())
    frozen = replace(posting, form=1, request=request)
    await store.freeze(frozen, NOW)
    await store.retry(replace(frozen, attempted_at=NOW), NOW, text)
    assert (await sent_once(store)).reason == text
    taken = await head(store)
    assert (taken.saying, taken.request, taken.contact.name) == (saying, request, text)
    await accept(store, message("m2"))
    following = await claim(store)
    assert following.conversation.state == state
    assert following.in_flight == (text,)
    assert [line.text for line in following.conversation.history] == [text, text]
    account = await store.account("o1")
    assert account is not None
    assert account.trace == {"said": text}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_any_id_is_an_id(store: Store, text: str) -> None:
    await accept(store, message(text, contact=text), message(text, contact=text))
    claimed = await claim(store)
    assert claimed.conversation.contact.id == text
    await store.commit(claimed, outcome("hi"))
    await send(store, Receipt(text, text))
    await accept(store, DeliveryChanged(WEBCHAT, text, text, "read"))
    assert (await sent_once(store)).receipt == "read"
    await accept(store, message(text + "2", contact=text), replace(message(text, contact=text), channel="other"))
    assert [contact.id for _, contact in await store.contacts(text)] == [text, text]


# ─── what is on its way with its turn ───


async def test_the_first_saying_may_be_on_its_way_with_its_turn(store: Store) -> None:
    await accept(store, message())
    sent_off = await store.commit(await claim(store), replace(outcome("one", "two"), request=REQUEST))
    assert sent_off is not None
    assert (sent_off.saying.text, sent_off.request, sent_off.form, sent_off.attempts) == ("one", REQUEST, 1, 1)
    assert await store.claim_postings(10, NOW) == []
    await accept(store, message("m2"))
    assert (await claim(store)).in_flight == ("one",)
    await store.sent(sent_off, Receipt("id-1"), NOW)
    assert (await head(store)).saying.text == "two"


@pytest.mark.parametrize("request_", [REQUEST, None])
async def test_what_follows_another_is_not_on_its_way_with_its_turn(store: Store, request_: Request | None) -> None:
    if request_:
        await say(store, "before")
    await accept(store, message())
    assert await store.commit(await claim(store), replace(outcome("one"), request=request_)) is None
    assert (await head(store)).saying.text == ("before" if request_ else "one")


async def test_what_was_sent_off_can_be_given_back(store: Store) -> None:
    await accept(store, message())
    sent_off = await store.commit(await claim(store), replace(outcome("one"), request=REQUEST))
    assert sent_off is not None
    await store.retry(replace(sent_off, attempted_at=None), NOW, "busy")
    assert await head(store) == replace(again(sent_off), attempted_at=None)


# ─── opening again ───


async def test_everything_is_remembered_when_the_store_is_opened_again(
    reopen: Callable[[], AbstractAsyncContextManager[Store]],
) -> None:
    async with reopen() as store:
        installation = await store.installation()
        await say(store, "one", "two")
        await accept(store, message("m2"))
    async with reopen() as store:
        assert await store.installation() == installation
        assert await store.waiting() == 1
        assert texts_of(await store.posted()) == ["two", "one"]
        history = (await claim(store)).conversation.history
        assert list(history) == [Line(BOT, "one", NOW), Line(BOT, "two", NOW)]


async def test_what_a_dead_process_had_in_hand_is_taken_over(
    reopen: Callable[[], AbstractAsyncContextManager[Store]],
) -> None:
    async with reopen() as store:
        await say(store, "one", "two")
        await accept(store, message("m2"))
        old = await claim(store)
        frozen = replace(await head(store), form=1, request=Request("/messages", b"{}"))
        await store.freeze(frozen, NOW)
        await store.begin_step(old.turn, "book#1")
    async with reopen() as store:
        present = await claim(store)
        assert (present.turn, present.attempts) == (old.turn, 2)
        assert await head(store) == again(frozen)
        assert not (await store.begin_step(present.turn, "book#1")).is_new
        with pytest.raises(Conflict):
            await store.commit(old, outcome())


async def test_what_was_on_its_way_with_its_turn_is_so_for_who_takes_it_over(
    reopen: Callable[[], AbstractAsyncContextManager[Store]],
) -> None:
    async with reopen() as store:
        await accept(store, message())
        sent_off = await store.commit(await claim(store), replace(outcome("one"), request=REQUEST))
    async with reopen() as store:
        assert sent_off is not None
        assert await head(store) == again(sent_off)
