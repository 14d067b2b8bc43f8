"""What every store promises: held and withheld words, failures told late, dead letters, and looking at all that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from botkit.dialogue.channel import Channel
from botkit.dialogue.event import DeliveryChanged, MessageReceived, MessageSent, OperatorSaid
from botkit.dialogue.settle import Timer
from botkit.errors import Conflict
from botkit.ledger import PACED, Figures, Posted, Posting, Receipt, Request, Subscription
from botkit.protocols import Store
from tests.contracts.stores import (
    NOW,
    REQUEST,
    WEBCHAT,
    accept,
    claim,
    contact_of,
    freeze,
    head,
    message,
    opened,
    outcome,
    say,
    send,
    sent_once,
    texts_of,
)

NEWS = "order_news (es_MX)"
EXPIRES = NOW + 100


def told(status: str = "failed", cause: str = "", message: str = "id-1", at: float | None = None) -> DeliveryChanged:
    return DeliveryChanged(WEBCHAT, "ana", message, status, "131047: too late", at, cause)


async def send_as(store: Store, template: str = "", id: str = "id-1") -> Posting:
    """Send what is next, as it is or as a template that says the same."""
    posting = await freeze(store, await head(store), template)
    await store.sent(posting, Receipt(id), NOW)
    return posting


async def hold(store: Store, template: str = "", id: str = "id-1", expires_at: float = EXPIRES) -> Posting:
    """Hold what is next; a template that asks the contact to write may go out for it."""
    posting = await head(store)
    if template:
        posting = await freeze(store, posting, template, holds=True)
    await store.hold(posting, expires_at, NOW, Receipt(id, "", "accepted") if template else None)
    return posting


async def conversation(store: Store) -> int:
    """The one conversation, found by what waits in it."""
    await accept(store, OperatorSaid(WEBCHAT, "ana", "look", "look"))
    claimed = await claim(store)
    await store.commit(claimed, outcome())
    return claimed.conversation.id


def stand(posted: Posted) -> tuple[str, str]:
    return posted.text, posted.status


# ─── forms ───


async def test_what_is_judged_anew_forgets_its_form_but_not_its_number(store: Store) -> None:
    await say(store, "one")
    frozen = await freeze(store, await head(store), NEWS, holds=True)
    await store.retry(replace(frozen, request=None, refused=("order_news",)), NOW, "refused")
    posting = await head(store)
    assert (posting.form, posting.request, posting.template, posting.holds) == (1, None, "", False)
    assert (posting.refused, posting.attempted_at) == (("order_news",), None)
    assert (await sent_once(store)).status == "waiting"


async def test_what_holds_and_what_was_refused_is_frozen_with_the_form(store: Store) -> None:
    await say(store, "one")
    posting = replace(await head(store), refused=("order_news", "any_news"))
    frozen = await freeze(store, posting, NEWS, holds=True)
    await store.retry(replace(frozen, attempted_at=NOW), NOW, "no answer")
    posting = await head(store)
    assert (posting.template, posting.holds, posting.refused) == (NEWS, True, ("order_news", "any_news"))
    assert posting.attempted_at == NOW


async def test_attempts_begin_anew_with_each_form(store: Store) -> None:
    await say(store, "one")
    for _ in range(4):
        await store.retry(await head(store), NOW, "no way")
    frozen = await freeze(store, await head(store))
    await store.retry(replace(frozen, attempted_at=NOW), NOW, "no answer")
    again = await head(store)
    assert again.attempts == 2
    await store.freeze(again, NOW + 5)
    await store.retry(replace(again, attempted_at=NOW + 5), NOW, "no answer")
    third = await head(store)
    assert (third.attempts, third.attempted_at) == (3, NOW + 5)


async def test_an_attempt_that_does_not_count_was_not_made(store: Store) -> None:
    await say(store, "one")
    first = await head(store)
    await store.retry(first, NOW, "not yet", counts=False)
    second = await head(store)
    assert second.attempts == first.attempts == 1
    frozen = await freeze(store, second)
    await store.retry(frozen, NOW, "limited", counts=False)
    third = await head(store)
    assert (third.attempts, third.attempted_at, third.request) == (1, None, REQUEST)
    assert (await sent_once(store)).status == "waiting"


async def test_a_posting_knows_until_when_it_was_paced(store: Store) -> None:
    await say(store, "one")
    first = await head(store)
    await store.retry(first, NOW + 5, PACED, counts=False)
    second = await head(store, NOW + 6)
    assert (first.paced_until, second.paced_until) == (None, NOW + 5)
    await store.retry(second, NOW + 60, "busy")
    assert (await head(store, NOW + 60)).paced_until is None


async def test_who_no_longer_has_a_posting_can_only_tell_that_it_was_sent(store: Store) -> None:
    await say(store, "one")
    old = await head(store)
    await store.retry(old, NOW, "busy")
    present = await head(store)
    await store.withhold(old, "no", NOW)
    await store.hold(old, EXPIRES, NOW)
    await store.retry(old, NOW + 99, "no")
    with pytest.raises(Conflict):
        await store.freeze(replace(old, form=9, request=Request("/old", b"")), NOW)
    assert (await sent_once(store)).status == "waiting"
    frozen = await freeze(store, present)
    assert frozen.form == 1
    await store.sent(old, Receipt("id-1"), NOW)
    assert (await sent_once(store)).status == "sent"


async def test_what_follows_a_posting_that_is_put_off_goes_when_that_has_gone(store: Store) -> None:
    await say(store, "one", "two")
    await store.retry(await head(store), NOW + 60, "busy")
    await say(store, "three")
    for text in ("one", "two", "three"):
        assert await store.claim_postings(10, NOW + 59) == []
        posting = await send(store, Receipt(), NOW + 60)
        assert posting.saying.text == text


async def test_the_outbox_tells_attempts_and_when_it_is_tried_next(store: Store) -> None:
    await say(store, "one")
    await store.retry(await head(store), NOW + 60, "busy")
    waiting = await sent_once(store)
    assert (waiting.attempts, waiting.due_at) == (1, NOW + 60)
    await send(store, Receipt(), NOW + 60)
    assert (await sent_once(store)).due_at is None


@pytest.mark.parametrize(("later", "paced_at"), [(1, NOW + 12), (60, NOW + 66)])
async def test_a_send_uses_up_the_pace_of_its_contact_whatever_was_known_of_it(
    store: Store, later: float, paced_at: float
) -> None:
    await accept(store, message())
    first = await store.commit(await claim(store), replace(outcome("one"), request=REQUEST))
    await accept(store, message("m2"))
    known = await claim(store)
    assert first is not None
    await store.sent(first, Receipt(), NOW, 6)
    second = await store.commit(known, replace(outcome("two"), request=REQUEST))
    assert second is not None
    assert second.contact.paced_at is None
    await store.sent(second, Receipt(), NOW + later, 6)
    await say(store, "three")
    await send(store, Receipt())
    assert (await contact_of(store)).paced_at == paced_at


# ─── held ───


async def test_held_words_leave_the_queue_and_what_follows_is_judged(store: Store) -> None:
    await say(store, "one", "two")
    await hold(store)
    assert (await head(store)).saying.text == "two"
    (held,) = await store.posted(status="held")
    assert (held.text, held.due_at) == ("one", EXPIRES)


async def test_a_template_that_went_for_held_words_is_remembered_with_the_contact(store: Store) -> None:
    await say(store, "one", "two")
    await hold(store, NEWS)
    assert (await contact_of(store)).announced_at == NOW
    await accept(store, told("read"))
    (held,) = await store.posted(status="held")
    assert (held.template, held.receipt) == (NEWS, "read")


async def test_words_held_without_a_template_announce_nothing(store: Store) -> None:
    await say(store, "one")
    await hold(store)
    assert (await contact_of(store)).announced_at is None


async def test_a_status_that_overtakes_the_answer_to_a_template_is_not_lost(store: Store) -> None:
    await say(store, "one")
    posting = await freeze(store, await head(store), NEWS, holds=True)
    await accept(store, told("delivered"))
    await store.hold(posting, EXPIRES, NOW, Receipt("id-1", "", "accepted"))
    assert (await sent_once(store)).receipt == "delivered"


@pytest.mark.parametrize("template", ["", NEWS])
async def test_words_are_not_held_for_a_contact_who_has_just_returned(store: Store, template: str) -> None:
    await say(store, "one")
    posting = await freeze(store, await head(store), template, holds=True)
    await accept(store, message("m2"), at=NOW + 5)
    await store.hold(posting, EXPIRES, NOW + 6, Receipt("id-1") if template else None)
    judged = await head(store, NOW + 6)
    assert (judged.row, judged.form, judged.request, judged.open_since) == (posting.row, 1, None, NOW + 6)
    assert judged.contact.announced_at is None
    await accept(store, told(cause="template"))
    assert (await sent_once(store)).status == "waiting"


async def test_released_words_go_before_all_that_is_said_later(store: Store) -> None:
    await say(store, "one", "two")
    await hold(store, NEWS)
    await hold(store)
    here = await conversation(store)
    await say(store, "hello again", at=NOW + 50)
    assert await store.release_held(here, NOW + 50) == 2
    assert await store.release_held(here, NOW + 50) == 0
    first = await send(store, Receipt("id-2"), NOW + 50)
    assert (first.form, first.request, first.template, first.holds, first.attempts) == (1, None, "", False, 1)
    assert (first.said_at, first.open_since) == (NOW, NOW + 50)
    later = [(await send(store, Receipt(), NOW + 50)).saying.text for _ in range(2)]
    assert [first.saying.text, *later] == ["one", "two", "hello again"]


async def test_expired_words_are_not_released_but_withheld(store: Store) -> None:
    await say(store, "one", "two")
    await hold(store)
    await hold(store, expires_at=EXPIRES + 1)
    here = await conversation(store)
    assert await store.expire_held(EXPIRES - 1) == 0
    assert await store.release_held(here, EXPIRES) == 1
    assert await store.expire_held(EXPIRES) == 1
    assert await store.expire_held(EXPIRES) == 0
    (withheld,) = await store.posted(status="withheld")
    assert (withheld.text, withheld.due_at) == ("one", None)
    assert withheld.reason.startswith("expired: ")
    assert (await head(store, EXPIRES)).saying.text == "two"


async def test_only_the_held_words_of_one_conversation_are_released(store: Store) -> None:
    await say(store, "to ana")
    await hold(store)
    here = await conversation(store)
    await say(store, "to bea", to="bea")
    await hold(store)
    assert await store.release_held(here, NOW) == 1
    assert (await head(store)).saying.text == "to ana"


async def test_a_claim_tells_the_words_that_wait(store: Store) -> None:
    await say(store, "one", "two", "three")
    await hold(store, NEWS)
    await hold(store)
    await hold(store, expires_at=NOW)
    await accept(store, message("m2"))
    assert (await claim(store)).held == ("one", "two")


async def test_words_that_are_folded_into_an_answer_go_no_more(store: Store) -> None:
    await say(store, "one", "two", "three")
    await hold(store)
    await accept(store, message("m2"))
    claimed = await claim(store)
    await hold(store)
    await store.commit(claimed, outcome("one, and what else?", folds=True))
    stands = [stand(posted) for posted in reversed(await store.posted())]
    assert stands[:2] == [("one", "folded"), ("two", "held")]
    assert await store.release_held(claimed.conversation.id, NOW) == 1


async def test_a_turn_that_does_not_fold_leaves_them_held(store: Store) -> None:
    await say(store, "one")
    await hold(store)
    await accept(store, message("m2"))
    await store.commit(await claim(store), outcome())
    assert (await sent_once(store)).status == "held"


# ─── failures told late ───


@pytest.mark.parametrize("at", [None, NOW + 3])
async def test_a_refused_window_told_late_opens_the_row_again(store: Store, at: float | None) -> None:
    await say(store, "one", "two")
    await send_as(store)
    await store.accept([])
    await accept(store, told(cause="window", at=at), at=NOW + 5)
    assert (await contact_of(store)).refused_at == at or NOW + 5
    posting = await head(store, NOW + 5)
    assert (posting.saying.text, posting.form, posting.request, posting.attempts) == ("one", 1, None, 1)
    assert posting.open_since == NOW + 5
    shown = next(item for item in await store.posted() if item.text == "one")
    assert (shown.status, shown.reason) == ("waiting", "131047: too late")


async def test_a_refused_window_that_overtakes_the_answer_opens_the_row_again(store: Store) -> None:
    await say(store, "one")
    posting = await freeze(store, await head(store))
    await accept(store, told(cause="window"))
    await store.sent(posting, Receipt("id-1"), NOW)
    assert (await head(store)).request is None
    assert (await contact_of(store)).refused_at == NOW


async def test_what_is_sent_after_a_late_refusal_has_statuses_of_its_own(store: Store) -> None:
    await say(store, "one")
    await send_as(store)
    await accept(store, told(cause="window"))
    await send_as(store, NEWS, id="id-2")
    await accept(store, told("read", message="id-1"), told("delivered", message="id-2"))
    assert (await sent_once(store)).receipt == "delivered"


async def test_a_refused_template_told_late_is_not_tried_again(store: Store) -> None:
    await say(store, "one")
    await send_as(store, NEWS)
    await accept(store, told(cause="template"))
    posting = await head(store)
    assert (posting.refused, posting.form, posting.request) == (("order_news",), 1, None)


async def test_a_refused_template_that_asked_for_held_words_has_asked_for_nothing(store: Store) -> None:
    await say(store, "one")
    await hold(store, NEWS)
    await accept(store, told(cause="template"))
    posting = await head(store)
    assert (posting.refused, posting.contact.announced_at) == (("order_news",), None)
    await store.hold(posting, EXPIRES, NOW)
    await accept(store, replace(told(cause="template"), status="failed "))
    assert (await sent_once(store)).status == "held"


async def test_each_refused_template_is_remembered_once(store: Store) -> None:
    await say(store, "one")
    for number, template in enumerate([NEWS, "any_news (en)", NEWS]):
        await send_as(store, template, id=f"id-{number}")
        await accept(store, told(cause="template", message=f"id-{number}"))
    assert (await head(store)).refused == ("order_news", "any_news")


@pytest.mark.parametrize(
    ("template", "cause"), [("", ""), ("", "template"), (NEWS, ""), (NEWS, "window")], ids=lambda value: value or "-"
)
async def test_any_other_failure_is_a_dead_letter(store: Store, template: str, cause: str) -> None:
    await say(store, "one", "two")
    await send_as(store, template)
    await accept(store, told(cause=cause))
    (withheld,) = await store.posted(status="withheld")
    assert (withheld.text, withheld.reason, withheld.receipt) == ("one", "undelivered: 131047: too late", "failed")
    assert (await head(store)).saying.text == "two"


async def test_a_failure_without_words_has_words(store: Store) -> None:
    await say(store, "one")
    await send_as(store)
    await accept(store, DeliveryChanged(WEBCHAT, "ana", "id-1", "failed"))
    assert (await sent_once(store)).reason.startswith("undelivered: the platform ")


async def test_an_undelivered_template_leaves_its_words_held(store: Store) -> None:
    await say(store, "one")
    await hold(store, NEWS)
    await accept(store, told())
    posted = await sent_once(store)
    assert (posted.status, posted.receipt) == ("held", "failed")


@pytest.mark.parametrize("cause", ["", "window", "template"])
@pytest.mark.parametrize("status", ["delivered", "read"])
async def test_what_was_delivered_does_not_fail(store: Store, status: str, cause: str) -> None:
    await say(store, "one")
    await send_as(store, NEWS if cause == "template" else "")
    await accept(store, told(status), told(cause=cause))
    posted = await sent_once(store)
    assert (posted.status, posted.receipt) == ("sent", status)
    assert await store.claim_postings(10, NOW) == []


async def test_a_failure_told_twice_opens_a_row_once(store: Store) -> None:
    await say(store, "one")
    await send_as(store)
    await accept(store, told(cause="window"))
    posting = await freeze(store, await head(store), NEWS)
    await accept(store, told(cause="window"), told("sent"))
    await store.sent(posting, Receipt("id-2"), NOW)
    assert (await sent_once(store)).status == "sent"


# ─── dead letters ───


async def withheld(store: Store) -> int:
    await say(store, "one")
    frozen = await freeze(store, await head(store), NEWS)
    await store.withhold(replace(frozen, refused=("order_news",)), "rejected: no", NOW)
    return frozen.row


async def test_a_dead_letter_is_judged_and_sent_once_more(store: Store) -> None:
    row = await withheld(store)
    await say(store, "two")
    assert await store.replay(row, NOW + 9)
    posting = await head(store, NOW + 9)
    assert (posting.row, posting.form, posting.request, posting.refused) == (row, 1, None, ())
    assert (posting.attempts, posting.open_since) == (1, NOW + 9)
    assert not await store.replay(row, NOW + 9)


async def test_a_discarded_dead_letter_is_closed_for_good_and_can_be_read(store: Store) -> None:
    row = await withheld(store)
    assert await store.discard(row, NOW)
    assert not await store.discard(row, NOW)
    assert not await store.replay(row, NOW)
    posted = await sent_once(store)
    assert (posted.text, posted.status) == ("one", "withheld")
    assert posted.reason.startswith("discarded: ")
    assert (await store.figures(NOW)).withheld == 0


async def test_held_words_can_be_discarded_and_not_replayed(store: Store) -> None:
    await say(store, "one")
    row = (await hold(store)).row
    assert not await store.replay(row, NOW)
    assert await store.discard(row, NOW)
    assert (await sent_once(store)).status == "withheld"
    assert await store.release_held(await conversation(store), NOW) == 0


async def test_only_dead_letters_are_replayed_or_discarded(store: Store) -> None:
    await say(store, "sent", "waiting")
    sent = await send(store, Receipt("id-1"))
    taken = await head(store)
    for row in (sent.row, taken.row, 999):
        assert not await store.replay(row, NOW)
        assert not await store.discard(row, NOW)
    assert [stand(posted) for posted in await store.posted()] == [("waiting", "waiting"), ("sent", "sent")]


# ─── looking ───


async def test_a_message_is_matched_by_either_of_its_ids_in_its_conversation(store: Store) -> None:
    await say(store, "one")
    await store.sent(await head(store), Receipt("id-1", "wamid-1"), NOW)
    here = await conversation(store)
    assert await store.is_matched(here, "id-1")
    assert await store.is_matched(here, "wamid-1")
    assert not await store.is_matched(here, "id-2")
    assert not await store.is_matched(here + 1, "id-1")


@pytest.mark.parametrize("named", ["m1", "m2", "id-1", "wamid-1"])
async def test_a_turn_is_accounted_for_by_any_message_in_it(store: Store, named: str) -> None:
    await accept(store, message("m1", "where"), message("m2", "is it?"))
    claimed = await claim(store)
    await store.commit(claimed, replace(outcome("there"), trace={"stages": [{"ms": 0.25}]}))
    await store.sent(await head(store), Receipt("id-1", "wamid-1"), NOW)
    await say(store, "later")
    account = await store.account(named)
    assert account is not None
    assert (account.turn, account.bot, account.contact.id) == (claimed.turn, "shop", "ana")
    assert [(at, event.text) for at, event in account.events if isinstance(event, MessageReceived)] == [
        (NOW, "where"),
        (NOW, "is it?"),
    ]
    assert account.trace == {"stages": [{"ms": 0.25}]}
    assert texts_of(account.said) == ["there"]


async def test_a_turn_is_accounted_for_by_its_number_and_by_the_rows_that_were_said_in_it(store: Store) -> None:
    await accept(store, message("m1", "where"))
    claimed = await claim(store)
    await store.commit(claimed, outcome("there"))
    (waiting,) = await store.posted()
    assert waiting.message == ""
    await store.sent(await head(store), Receipt("id-1", "wamid-1"), NOW)
    (posted,) = await store.posted()
    assert posted.message == "id-1"
    for named in (f"row {posted.row}", str(claimed.turn)):
        account = await store.account(named)
        assert account is not None
        assert (account.turn, account.said) == (claimed.turn, [posted])
    for named in (f"row {posted.row + 100}", "row", "row x", f"row {posted.row} 2"):
        assert await store.account(named) is None


async def test_a_turn_that_has_not_ended_is_accounted_for_without_a_trace(store: Store) -> None:
    await say(store, "before")
    await accept(store, message("m1", sent_at=NOW), message("m0", sent_at=NOW - 5))
    account = await store.account("m0")
    assert account is not None
    assert (account.turn, account.trace, list(account.said)) == ((await claim(store)).turn, {}, [])
    assert len(account.events) == 2


async def test_what_belongs_to_no_turn_has_no_account(store: Store) -> None:
    await say(store, "hi")
    await accept(store, MessageSent(WEBCHAT, "ana", "s1", "hi"), told(message="elsewhere"))
    for id in ("s1", "elsewhere", "unknown", ""):
        assert await store.account(id) is None


async def test_nothing_waits_in_a_new_store(store: Store) -> None:
    assert await store.figures(NOW) == Figures()


async def test_figures_tell_how_much_waits_and_since_when(store: Store) -> None:
    await say(store, "held", "withheld", "sent", "one", "two", at=NOW - 30)
    await hold(store)
    await store.withhold(await head(store), "no", NOW)
    await send(store, Receipt())
    await accept(store, message("m1"), at=NOW - 20)
    await store.commit(await claim(store), outcome(timers=[Timer("a", NOW + 9), Timer("b", NOW + 9)]))
    await accept(store, message("m2"), at=NOW - 10)
    await accept(store, message("m3", contact="bea"), message("m4"), at=NOW - 5)
    await accept(store, told())
    assert await store.figures(NOW) == Figures(
        inbox=3, inbox_age=10, outbox=2, outbox_age=30, held=1, withheld=1, timers=2
    )


async def test_the_age_of_words_that_were_held_is_that_of_their_release(store: Store) -> None:
    await say(store, "one", at=NOW - 90)
    await hold(store)
    await store.release_held(await conversation(store), NOW - 10)
    assert (await store.figures(NOW)).outbox_age == 10


# ─── forgetting ───


async def test_what_is_settled_and_old_is_forgotten(store: Store) -> None:
    await say(store, "one")
    await send(store, Receipt())
    assert await store.forget(NOW, NOW) == 0
    assert await store.forget(NOW + 1, NOW) > 0
    assert await store.posted() == []
    await accept(store, message("m2"))
    assert (await claim(store)).conversation.history == ()


async def test_answered_events_are_forgotten_by_a_time_of_their_own(store: Store) -> None:
    await say(store)
    await accept(store, told("read"))
    await store.forget(NOW + 1, NOW)
    assert await accept(store, told("read")) == [False]
    assert await store.forget(NOW + 1, NOW + 1) == 2
    assert await accept(store, told("read")) == [True]


async def test_what_waits_is_not_forgotten(store: Store) -> None:
    await say(store, "held", "withheld", "open", "waiting")
    await hold(store, NEWS)
    await store.withhold(await head(store), "no", NOW)
    await freeze(store, await head(store))
    await accept(store, message("m2"))
    await store.forget(NOW + 1, NOW + 1)
    assert sorted(texts_of(await store.posted())) == ["held", "open", "waiting"]
    claimed = await claim(store)
    assert claimed.events == (message("m2"),)
    assert claimed.held == ("held",)


async def test_much_is_forgotten_little_by_little(store: Store) -> None:
    for number in range(7):
        await accept(store, message(f"m{number}"))
        await store.commit(await claim(store), outcome(at=NOW))
    counts = []
    while counted := await store.forget(NOW + 1, NOW + 1, limit=3):
        counts.append(counted)
    assert counts == [6, 6, 2]


async def test_a_journal_is_forgotten_with_its_turn(store: Store) -> None:
    claimed = await say(store)
    await store.begin_step(claimed.turn, "book#1")
    await store.forget(NOW + 1, NOW + 1)
    assert (await store.begin_step(claimed.turn, "book#1")).is_new


async def test_turns_are_counted_on_after_all_was_forgotten(store: Store) -> None:
    old = await say(store)
    await store.begin_step(old.turn, "book#1")
    await store.forget(NOW + 1, NOW + 1)
    assert (await say(store, "hi")).turn > old.turn


# ─── subscriptions ───


async def test_the_first_token_of_a_subscription_stays_and_the_rest_is_renewed(store: Store) -> None:
    first = Subscription(Channel("wa-1", "whatsapp"), "token", "https://old", "w1", "secret")
    assert await store.remember_subscription("api", first) == first
    second = Subscription(Channel("wa-1", "whatsapp", "Shop"), "another", "https://new", "w2", "secret 2")
    remembered = await store.remember_subscription("api", second)
    assert remembered == replace(second, token="token")
    assert await store.subscriptions("api") == [remembered]


async def test_of_tokens_remembered_at_the_same_time_one_stays(store: Store) -> None:
    known = await asyncio.gather(
        *(store.remember_subscription("api", Subscription(Channel("a", "whatsapp"), str(n))) for n in range(10))
    )
    assert len({subscription.token for subscription in known}) == 1


# ─── leases ───


async def test_what_is_held_in_hand_is_not_lost(store: Store) -> None:
    await say(store, "one")
    await accept(store, message("m2"))
    assert list(await store.renew([await claim(store)], [await head(store)])) == []
    assert list(await store.renew([], [])) == []
    assert store.lease is None or store.lease > 0


async def test_who_is_alone_has_no_peers(store: Store) -> None:
    assert await store.peers() == 1
    await store.renew([], [])
    await store.renew([], [])
    assert await store.peers() == 1


async def test_who_wants_to_be_alone_is_and_what_happens_then_is_remembered(store: Store) -> None:
    async with store.alone("subscribe"):
        await store.remember_subscription("api", Subscription(Channel("a", "whatsapp"), "token"))
    async with store.alone("subscribe"):
        assert len(await store.subscriptions("api")) == 1


async def test_watching_a_store_disturbs_nothing(make: Callable[[Path], Store], tmp_path: Path) -> None:
    store, told = make(tmp_path), list[str]()
    store.watch(lambda: told.append("changed"))
    async with opened(store):
        await say(store, "hi")
    assert set(told) <= {"changed"}
