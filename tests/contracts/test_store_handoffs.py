"""What every store promises of handoff: an epoch that rises with each change of hands, and notes for teams."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest

from botkit.dialogue.contact import Contact
from botkit.dialogue.event import DeliveryChanged, Event, MessageReceived, MessageSent, OperatorSaid, TimerDue
from botkit.dialogue.handoff import HANDBACK, Note, Owner
from botkit.dialogue.settle import Saying, Timer
from botkit.dialogue.turn import BOT, TEAM, Line
from botkit.errors import Conflict
from botkit.ledger import DELIVERED, Arrival, Outcome, Receipt
from botkit.protocols import Store
from tests.contracts.stores import (
    NOW,
    REQUEST,
    WEBCHAT,
    accept,
    claim,
    freeze,
    head,
    message,
    outcome,
    say,
    send,
)

ANA = Contact(WEBCHAT, "ana")
LATER = NOW + 3600
THEIRS = Owner(TEAM, LATER)
LOOKS = itertools.count(1)
NOTE = Note("A table for 5", "desk", True, {"party": 5}, "book", (Line("contact", "five please", NOW),))


def passing(on: Owner | None, *texts: str, notes: tuple[Note, ...] = ()) -> Outcome:
    """An outcome that passes the conversation on, or tells teams something."""
    plain = outcome(*texts)
    assert plain.settled
    return replace(plain, settled=replace(plain.settled, owner=on, notes=notes))


async def take_over(store: Store, until: float = LATER, at: float = NOW) -> None:
    assert await store.take_over("shop", ANA, Owner(TEAM, until), at)


async def overhear(store: Store, text: str = "I am Eva", id: str = "s1", at: float = NOW, **facts: object) -> None:
    event = MessageSent(WEBCHAT, "ana", id, text, **facts)  # type: ignore[arg-type]
    await store.accept([Arrival(event, "shop", at, theirs_for=LATER - NOW)])


async def stands(store: Store) -> list[tuple[str, str]]:
    return [(posted.text, posted.status) for posted in reversed(await store.posted())]


async def whose(store: Store, now: float = NOW) -> tuple[str, int]:
    """The owner and the epoch, as a turn is told them."""
    await accept(store, OperatorSaid(WEBCHAT, "ana", f"look {next(LOOKS)}", "look"), at=now)
    claimed = await claim(store, now)
    await store.commit(claimed, outcome())
    return claimed.conversation.owner, claimed.conversation.epoch


async def events(store: Store, now: float) -> tuple[Event, ...]:
    return (await claim(store, now)).events


# ─── changing hands ───


async def test_a_conversation_is_the_bots_until_a_person_takes_it_and_the_epoch_rises_each_time(store: Store) -> None:
    await say(store)
    assert await whose(store) == (BOT, 0)
    await take_over(store)
    assert await whose(store) == (TEAM, 1)
    await take_over(store)
    assert await whose(store) == (TEAM, 2)
    assert await store.hand_back("shop", ANA, NOW)
    assert not await store.hand_back("shop", ANA, NOW)
    assert (await claim(store)).conversation.owner == BOT


async def test_nobody_takes_over_what_is_not_there(store: Store) -> None:
    assert not await store.take_over("shop", ANA, THEIRS, NOW)
    assert not await store.hand_back("shop", ANA, NOW)
    assert not await store.is_sending("shop", ANA)
    assert await store.handed_over() == []


async def test_the_epoch_is_apart_from_the_fence_of_claims(store: Store) -> None:
    await accept(store, message())
    claimed = await claim(store)
    await take_over(store)
    await store.release(claimed, NOW, failed=False)
    again = await claim(store)
    assert (again.fence, again.conversation.epoch) == (claimed.fence + 1, 1)


async def test_who_has_what_is_told_with_the_latest_note(store: Store) -> None:
    await accept(store, message())
    await store.commit(await claim(store), passing(THEIRS, "bye", notes=(NOTE,)))
    (handed,) = await store.handed_over()
    assert (handed.bot, handed.contact.id, handed.since, handed.until) == ("shop", "ana", NOW, LATER)
    assert handed.note == NOTE
    await store.hand_back("shop", ANA, NOW)
    assert await store.handed_over() == []


async def test_it_is_remembered(reopen: Callable[[], AbstractAsyncContextManager[Store]]) -> None:
    async with reopen() as store:
        await say(store, "one")
        await take_over(store)
    async with reopen() as store:
        assert await whose(store) == (TEAM, 1)
        assert await store.fire_timers(NOW) == LATER


# ─── what was said before ───


async def test_what_waits_is_superseded_and_what_is_held_becomes_a_draft(store: Store) -> None:
    await say(store, "held", "waits")
    await store.hold(await head(store), LATER, NOW)
    await take_over(store)
    assert await stands(store) == [("held", "draft"), ("waits", "superseded")]
    assert await store.claim_postings(10, NOW) == []
    assert all(posted.reason.startswith("taken_over") for posted in await store.posted())


async def test_what_was_taken_for_sending_is_stopped_where_it_is_marked_as_sending(store: Store) -> None:
    await say(store, "one", "two")
    posting = replace(await head(store), form=1, request=REQUEST)
    await take_over(store)
    assert await stands(store) == [("one", "waiting"), ("two", "superseded")]
    assert await store.freeze(posting, NOW) is False
    assert await stands(store) == [("one", "superseded"), ("two", "superseded")]
    with pytest.raises(Conflict):
        await store.freeze(posting, NOW)


async def test_what_is_on_its_way_ends_as_it_ends(store: Store) -> None:
    await say(store, "one", "two")
    frozen = await freeze(store, await head(store))
    await take_over(store)
    assert await store.is_sending("shop", ANA)
    await store.sent(frozen, Receipt("id-1"), NOW)
    assert not await store.is_sending("shop", ANA)
    assert await stands(store) == [("one", "sent"), ("two", "superseded")]


async def test_what_was_refused_after_the_take_over_is_not_tried_again(store: Store) -> None:
    await say(store, "one")
    frozen = await freeze(store, await head(store))
    await take_over(store)
    await store.retry(replace(frozen, request=None), NOW, "refused")
    posting = await head(store)
    assert posting.is_superseded
    assert await store.freeze(replace(posting, form=2, request=REQUEST), NOW) is False


async def test_what_may_have_arrived_is_given_up_when_it_did_not(store: Store) -> None:
    await say(store, "one")
    frozen = await freeze(store, await head(store))
    await take_over(store)
    await store.retry(replace(frozen, attempted_at=NOW), NOW, "no answer")
    assert await stands(store) == [("one", "sending")]
    posting = await head(store)
    assert posting.is_superseded
    await store.give_up(posting, NOW)
    assert await stands(store) == [("one", "superseded")]


async def test_what_is_held_only_after_the_take_over_is_a_draft_at_once(store: Store) -> None:
    await say(store, "one")
    frozen = await freeze(store, await head(store), "news (en)", holds=True)
    await take_over(store)
    await store.hold(frozen, LATER, NOW, Receipt("id-1"))
    assert await stands(store) == [("one", "draft")]
    await accept(store, message("back"))
    assert (await claim(store)).held == ()


async def test_a_failure_told_late_opens_nothing_after_the_take_over(store: Store) -> None:
    await say(store, "one")
    await store.sent(await freeze(store, await head(store)), Receipt("id-1"), NOW)
    await take_over(store)
    await accept(store, DeliveryChanged(WEBCHAT, "ana", "id-1", "failed", "too late", None, "window"))
    assert await store.freeze(replace(await head(store), form=2, request=REQUEST), NOW) is False
    assert await stands(store) == [("one", "superseded")]


async def test_an_operator_may_replay_a_draft_whoever_has_the_conversation_and_discard_it(store: Store) -> None:
    await say(store, "one", "two", "three")
    for _ in range(2):
        await store.hold(await head(store), LATER, NOW)
    await take_over(store)
    three, two, one = [posted.row for posted in await store.posted()]
    assert not await store.replay(three, NOW)
    assert await store.replay(one, NOW)
    assert await store.discard(two, NOW)
    await take_over(store)
    await freeze(store, await head(store))
    assert await stands(store) == [("one", "sending"), ("two", "withheld"), ("three", "superseded")]


async def test_a_dead_letter_that_is_replayed_is_the_operators(store: Store) -> None:
    await say(store, "one")
    await store.withhold(await head(store), "rejected", NOW)
    await take_over(store)
    (row,) = [posted.row for posted in await store.posted()]
    assert await store.replay(row, NOW)
    await freeze(store, await head(store))


async def test_handing_back_supersedes_the_farewell_that_did_not_go(store: Store) -> None:
    await accept(store, message())
    await store.commit(await claim(store), passing(THEIRS, "bye"))
    await store.hand_back("shop", ANA, NOW)
    assert await stands(store) == [("bye", "superseded")]


# ─── turns ───


async def test_a_turn_that_a_person_overtakes_ends_with_its_events_and_says_nothing(store: Store) -> None:
    await accept(store, message())
    claimed = await claim(store)
    await take_over(store)
    heard = [Line("contact", "hello", NOW)]
    said = replace(outcome("a reply", heard=heard, timers=[Timer("later", LATER)]), request=REQUEST)
    assert await store.commit(claimed, said) is None
    assert await stands(store) == [("a reply", "superseded")]
    assert await store.claim_postings(10, NOW) == []
    await accept(store, message("m2"))
    conversation = (await claim(store)).conversation
    assert (conversation.owner, tuple(conversation.history)) == (TEAM, tuple(heard))


async def test_what_a_person_says_goes_out_in_every_epoch(store: Store) -> None:
    await accept(store, OperatorSaid(WEBCHAT, "ana", "o1", "mine"))
    claimed = await claim(store)
    await take_over(store)
    plain = outcome()
    assert plain.settled
    sayings = (Saying("mine", "en", {}, who=TEAM), Saying("the bot's", "en", {}))
    await store.commit(claimed, replace(plain, settled=replace(plain.settled, sayings=sayings)))
    assert await stands(store) == [("mine", "waiting"), ("the bot's", "superseded")]
    await store.hand_back("shop", ANA, NOW)
    await send(store, Receipt("id-1"))
    assert await stands(store) == [("mine", "sent"), ("the bot's", "superseded")]


async def test_a_farewell_carries_the_new_epoch_and_goes_behind_what_was_said_before(store: Store) -> None:
    await say(store, "before")
    await accept(store, message("m2"))
    await store.commit(await claim(store), passing(THEIRS, "bye"))
    for id in ("id-1", "id-2"):
        await store.sent(await freeze(store, await head(store)), Receipt(id), NOW)
    assert await stands(store) == [("before", "sent"), ("bye", "sent")]
    assert await whose(store) == (TEAM, 1)


async def test_a_farewell_is_on_its_way_with_its_commit(store: Store) -> None:
    await accept(store, message())
    posting = await store.commit(await claim(store), replace(passing(THEIRS, "bye"), request=REQUEST))
    assert posting
    assert await stands(store) == [("bye", "sending")]


async def test_a_person_who_was_faster_than_the_bots_own_handoff_keeps_it(store: Store) -> None:
    await accept(store, message())
    claimed = await claim(store)
    await take_over(store, until=LATER + 5)
    await store.commit(claimed, passing(THEIRS, "bye", notes=(NOTE,)))
    assert await whose(store) == (TEAM, 1)
    assert await stands(store) == [("bye", "superseded")]
    assert [kept.note for kept in await store.notes()] == [NOTE]
    (handed,) = await store.handed_over()
    assert handed.until == LATER + 5


# ─── back to the bot ───


async def test_a_persons_time_ends_by_itself_once_and_the_bot_is_told(store: Store) -> None:
    await say(store)
    await take_over(store)
    assert await store.fire_timers(NOW) == LATER
    assert await store.fire_timers(LATER) is None
    claimed = await claim(store, LATER)
    assert claimed.conversation.owner == BOT
    (due,) = claimed.events
    assert isinstance(due, TimerDue)
    assert (due.name, due.epoch, claimed.conversation.epoch) == (HANDBACK, 2, 2)
    await store.commit(claimed, outcome("I am back"))
    assert await store.fire_timers(LATER + 5) is None


async def test_taking_over_again_prolongs_it(store: Store) -> None:
    await say(store)
    await take_over(store)
    await take_over(store, until=LATER + 100)
    assert await store.fire_timers(LATER) == LATER + 100
    assert (await whose(store, LATER))[0] == TEAM


async def test_what_is_handed_back_by_hand_is_not_handed_back_again(store: Store) -> None:
    await say(store)
    await take_over(store)
    assert await store.hand_back("shop", ANA, NOW)
    assert await store.fire_timers(LATER) is None
    (due,) = await events(store, LATER)
    assert isinstance(due, TimerDue)
    assert (due.name, due.epoch) == (HANDBACK, 2)


async def test_a_person_who_takes_over_before_the_bot_says_that_it_is_back_leaves_that_stale(store: Store) -> None:
    await say(store)
    await take_over(store)
    await store.hand_back("shop", ANA, NOW)
    await take_over(store)
    claimed = await claim(store)
    (due,) = claimed.events
    assert isinstance(due, TimerDue)
    assert due.epoch < claimed.conversation.epoch


async def test_a_timer_carries_the_epoch_in_which_it_was_set(store: Store) -> None:
    await accept(store, message())
    await store.commit(await claim(store), outcome(timers=[Timer("later", NOW + 5)]))
    await take_over(store)
    await store.fire_timers(NOW + 5)
    (due,) = await events(store, NOW + 5)
    assert isinstance(due, TimerDue)
    assert (due.name, due.epoch) == ("later", 0)


# ─── a person writes ───


async def test_a_person_who_writes_elsewhere_has_the_conversation_and_each_message_prolongs_it(store: Store) -> None:
    await say(store, "one")
    await overhear(store)
    assert (await whose(store))[0] == TEAM
    assert await stands(store) == [("one", "superseded")]
    await overhear(store, "still here", "s2", at=NOW + 100)
    assert await store.fire_timers(LATER) == LATER + 100
    await accept(store, message("m2"), at=LATER)
    history = (await claim(store, LATER)).conversation.history
    assert [line.text for line in history if line.who == TEAM] == ["I am Eva", "still here"]


async def test_a_picture_of_a_person_takes_over_as_well(store: Store) -> None:
    await say(store)
    await overhear(store, "")
    assert (await whose(store))[0] == TEAM


async def test_what_a_person_wrote_long_ago_takes_nothing_over(store: Store) -> None:
    await say(store)
    await overhear(store, at=LATER + 5, sent_at=NOW)
    assert await whose(store, LATER + 5) == (BOT, 0)


async def test_a_person_who_writes_first_has_the_conversation_when_the_contact_answers(store: Store) -> None:
    await overhear(store)
    await accept(store, message())
    assert (await claim(store)).conversation.owner == TEAM


async def test_an_echo_of_our_own_takes_nothing_over(store: Store) -> None:
    await say(store, "one")
    frozen = await freeze(store, await head(store))
    await overhear(store, "one", "on its way")
    await store.sent(frozen, Receipt("id-1"), NOW)
    await overhear(store, "one", "id-1")
    await overhear(store, "one", "another id of the platform", at=NOW + 1)
    assert await whose(store, NOW + 1) == (BOT, 0)


async def test_an_echo_of_a_template_on_its_way_takes_nothing_over(store: Store) -> None:
    await say(store, "one")
    await freeze(store, await head(store), "news (en)")
    await overhear(store, "Hello, there is news")
    assert await whose(store) == (BOT, 0)


async def test_a_person_who_writes_while_something_is_on_its_way_is_known_by_other_words(store: Store) -> None:
    await say(store, "one")
    await freeze(store, await head(store))
    await overhear(store, "I am Eva")
    assert (await whose(store))[0] == TEAM


async def test_an_operator_may_take_over_with_what_is_said(store: Store) -> None:
    await say(store)
    said = OperatorSaid(WEBCHAT, "ana", "o1", "It is me", takes_over=True)
    await store.accept([Arrival(said, "shop", NOW, theirs_for=60)])
    claimed = await claim(store)
    assert (claimed.events, claimed.conversation.owner) == ((said,), TEAM)
    assert await store.fire_timers(NOW) == NOW + 60


async def test_messages_of_the_contact_are_recorded_and_wait_for_their_turn_all_the_same(store: Store) -> None:
    await say(store)
    await take_over(store)
    await accept(store, message("m2", "anybody there?"))
    (event,) = await events(store, NOW)
    assert isinstance(event, MessageReceived)


# ─── notes ───


async def told(store: Store, *notes: Note) -> None:
    await accept(store, message(f"m{await store.waiting()}"))
    await store.commit(await claim(store), passing(None, notes=notes))


async def test_a_note_is_written_with_its_turn_and_taken_as_it_was(store: Store) -> None:
    assert await store.next_note() is None
    await told(store, NOTE)
    assert await store.next_note() == NOW
    (taken,) = await store.claim_notes(10, NOW, NOW + 60)
    assert (taken.note, taken.bot, taken.contact.id, taken.attempts, taken.made_at) == (NOTE, "shop", "ana", 1, NOW)


async def test_a_note_is_nobody_elses_until_it_is_due_again(store: Store) -> None:
    await told(store, NOTE)
    (first,) = await store.claim_notes(10, NOW, NOW + 60)
    assert await store.claim_notes(10, NOW, NOW + 60) == []
    assert await store.next_note() == NOW + 60
    (second,) = await store.claim_notes(10, NOW + 60, NOW + 120)
    assert (second.row, second.attempts) == (first.row, 2)


async def test_notes_are_taken_oldest_first_and_only_by_one(store: Store) -> None:
    await told(store, *(replace(NOTE, text=f"note {number}") for number in range(20)))
    taken = await asyncio.gather(*(store.claim_notes(5, NOW, NOW + 60) for _ in range(4)))
    assert len({note.row for notes in taken for note in notes}) == 20
    assert [note.note.text for note in taken[0]] == sorted((note.note.text for note in taken[0]), key=len)


async def test_a_note_that_was_put_off_is_due_then(store: Store) -> None:
    await told(store, NOTE)
    (taken,) = await store.claim_notes(10, NOW, NOW + 60)
    await store.put_off_note(taken.row, NOW + 5, "no answer")
    assert await store.next_note() == NOW + 5
    (kept,) = await store.notes()
    assert (kept.status, kept.reason, kept.attempts, kept.due_at) == ("waiting", "no answer", 1, NOW + 5)


async def test_a_note_that_was_delivered_is_not_taken_again_and_forgotten_in_time(store: Store) -> None:
    await told(store, NOTE)
    (taken,) = await store.claim_notes(10, NOW, NOW + 60)
    await store.settle_note(taken.row, DELIVERED, "", NOW)
    await store.put_off_note(taken.row, NOW, "too late")
    assert await store.next_note() is None
    assert [kept.status for kept in await store.notes()] == [DELIVERED]
    await store.forget(NOW + 1, NOW + 1)
    assert await store.notes() == []


async def test_notes_are_shown_newest_first(store: Store) -> None:
    await told(store, NOTE, replace(NOTE, text="second"))
    assert [kept.note.text for kept in await store.notes()] == ["second", NOTE.text]
    assert len(await store.notes(limit=1)) == 1
