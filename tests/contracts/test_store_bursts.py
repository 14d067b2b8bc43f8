"""What every store promises: bursts, the order of events, timers, and how often a turn was tried."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from botkit.dialogue.event import DeliveryChanged, Event, MessageAnnounced, MessageSent, OperatorSaid, TimerDue
from botkit.dialogue.settle import Timer
from botkit.errors import Conflict
from botkit.ledger import Arrival, Receipt
from botkit.protocols import Store
from tests.contracts.stores import NOW, WEBCHAT, accept, claim, freeze, head, message, outcome, say

QUIET, AT_MOST = 1.0, 8.0


async def arrive(store: Store, *events: Event, at: float = NOW, quiet: float = QUIET) -> None:
    await store.accept([Arrival(event, "shop", at, quiet, AT_MOST) for event in events])


async def ready_at(store: Store) -> float:
    """The second from which on the one conversation can be claimed; it is claimed then."""
    for tenths in range(300):
        if await store.claim(10, NOW + tenths / 10):
            return tenths / 10
    raise AssertionError("never")


# ─── bursts ───


async def test_a_conversation_is_ready_after_a_quiet_spell(store: Store) -> None:
    await arrive(store, message("m1"))
    assert await ready_at(store) == QUIET


async def test_each_message_begins_the_quiet_spell_anew(store: Store) -> None:
    for number in range(5):
        await arrive(store, message(f"m{number}"), at=NOW + number * 0.9)
    assert await ready_at(store) == pytest.approx(4 * 0.9 + QUIET)


async def test_a_question_ends_the_wait_of_what_came_before(store: Store) -> None:
    await arrive(store, message("m1"), quiet=5.0)
    await arrive(store, message("m2"), at=NOW + 1, quiet=0.5)
    assert await ready_at(store) == 1.5


async def test_nobody_waits_longer_than_a_burst_may_last(store: Store) -> None:
    for number in range(30):
        await arrive(store, message(f"m{number}"), at=NOW + number * 0.5)
    assert await ready_at(store) == AT_MOST


async def test_the_next_burst_is_a_burst_of_its_own(store: Store) -> None:
    await arrive(store, message("m1"))
    await store.commit(await claim(store, NOW + 1), outcome(at=NOW + 1))
    await arrive(store, message("m2"), at=NOW + 10)
    assert await ready_at(store) == 10 + QUIET


@pytest.mark.parametrize(
    "event",
    [DeliveryChanged(WEBCHAT, "ana", "s1", "read"), MessageSent(WEBCHAT, "ana", "s1", "hi")],
    ids=lambda event: type(event).__name__,
)
async def test_what_asks_for_nothing_prolongs_no_burst(store: Store, event: Event) -> None:
    await arrive(store, message("m1"))
    await arrive(store, event, at=NOW + 0.9)
    assert await ready_at(store) == QUIET


async def test_a_redelivery_prolongs_no_burst(store: Store) -> None:
    await arrive(store, message("m1"))
    await arrive(store, message("m1"), at=NOW + 0.9)
    assert await ready_at(store) == QUIET


async def test_what_is_left_over_after_a_commit_is_ready_at_once(store: Store) -> None:
    await arrive(store, message("m1"))
    claimed = await claim(store, NOW + 1)
    await arrive(store, message("m2"), at=NOW + 2, quiet=5.0)
    await store.commit(claimed, outcome(at=NOW + 3), frozen=True)
    assert await ready_at(store) == 3


async def test_a_turn_that_runs_again_waits_for_the_burst_that_interrupted_it(store: Store) -> None:
    await arrive(store, message("m1"))
    claimed = await claim(store, NOW + 1)
    await arrive(store, message("m2"), at=NOW + 2)
    await store.release(claimed, NOW + 2, failed=False)
    assert await ready_at(store) == 2 + QUIET


async def test_what_arrives_makes_a_conversation_that_was_given_back_no_earlier(store: Store) -> None:
    await arrive(store, message("m1"))
    await store.release(await claim(store, NOW + 1), NOW + 20, failed=True)
    await arrive(store, message("m2"), at=NOW + 2, quiet=0.0)
    assert await ready_at(store) == 20


# ─── the order of events ───


def ids(events: Sequence[Event]) -> list[str]:
    return [getattr(event, "id", "") for event in events]


async def test_events_come_in_the_order_of_their_sending(store: Store) -> None:
    await accept(store, message("second", sent_at=NOW - 5), message("first", sent_at=NOW - 9))
    await accept(store, MessageAnnounced(WEBCHAT, "ana", "between", NOW - 7))
    claimed = await claim(store)
    assert ids(claimed.events) == ["first", "between", "second"]
    assert claimed.turn == min(claimed.rows) == claimed.rows[2]


async def test_events_of_one_second_come_in_the_order_of_their_arrival(store: Store) -> None:
    await accept(store, *(message(f"m{number}", sent_at=NOW - 5) for number in range(5)))
    claimed = await claim(store)
    assert ids(claimed.events) == [f"m{number}" for number in range(5)]
    assert list(claimed.rows) == sorted(claimed.rows)


async def test_an_event_that_tells_no_time_is_ordered_by_its_arrival(store: Store) -> None:
    await accept(store, message("untold"), OperatorSaid(WEBCHAT, "ana", "o1", "hi"), at=NOW)
    await accept(store, message("late", sent_at=NOW - 1), message("future", sent_at=NOW + 99), at=NOW + 1)
    assert ids((await claim(store, NOW + 1)).events) == ["late", "untold", "o1", "future"]


async def test_the_turn_is_that_of_the_first_to_arrive_in_every_rerun(store: Store) -> None:
    await accept(store, message("m1", sent_at=NOW - 5))
    first = await claim(store)
    await accept(store, message("m0", sent_at=NOW - 9))
    await store.release(first, NOW, failed=False)
    rerun = await claim(store)
    assert ids(rerun.events) == ["m0", "m1"]
    assert rerun.turn == first.turn
    await store.commit(rerun, outcome("hi"))
    account = await store.account("m0")
    assert account is not None
    assert account.turn == first.turn


# ─── how often ───


async def tries(store: Store, *failed: bool) -> list[tuple[int, int]]:
    """Attempts and replans of claims, each given back as failed or not."""
    seen = []
    for each in failed:
        claimed = await claim(store)
        seen.append((claimed.attempts, claimed.replans))
        await store.release(claimed, NOW, failed=each)
    return seen


async def test_attempts_count_failures_and_replans_count_interruptions(store: Store) -> None:
    await accept(store, message("m1"))
    seen = await tries(store, True, False, False, True, False)
    assert seen == [(1, 0), (2, 0), (2, 1), (2, 2), (3, 2)]


async def test_both_begin_anew_with_the_next_turn(store: Store) -> None:
    await accept(store, message("m1"))
    await tries(store, True, False)
    await store.commit(await claim(store), outcome())
    await accept(store, message("m2"))
    assert await tries(store, False) == [(1, 0)]


async def test_a_conflict_is_given_back_as_no_failure(store: Store) -> None:
    await accept(store, message("m1"))
    claimed = await claim(store)
    await accept(store, message("m2"))
    with pytest.raises(Conflict):
        await store.commit(claimed, outcome())
    await store.release(claimed, NOW, failed=False)
    assert await tries(store, False) == [(1, 1)]


# ─── timers ───


def timer(name: str = "reminder", after: float | None = 60.0, data: str = "", *, unless_written: bool = False) -> Timer:
    return Timer(name, None if after is None else NOW + after, data, unless_written)


async def set_timers(store: Store, *timers: Timer, contact: str = "ana", bot: str = "shop") -> None:
    """A turn that sets timers."""
    await accept(store, message(f"{bot}, {contact}: {timers}", contact=contact), bot=bot)
    await store.commit(await claim(store), outcome(timers=timers))


async def fired(store: Store, after: float = 60.0) -> list[str]:
    """The names of the timers that a claim tells of."""
    await store.fire_timers(NOW + after)
    claims = await store.claim(10, NOW + after)
    return [event.name for claimed in claims for event in claimed.events if isinstance(event, TimerDue)]


async def test_a_timer_that_is_due_is_an_event_of_its_conversation(store: Store) -> None:
    await set_timers(store, timer(data='{"order": 7}'))
    await store.fire_timers(NOW + 60)
    claimed = await claim(store, NOW + 60)
    (event,) = claimed.events
    assert isinstance(event, TimerDue)
    assert (event.channel, event.contact, event.name, event.data) == (WEBCHAT, "ana", "reminder", '{"order": 7}')
    assert claimed.conversation.bot == "shop"


async def test_a_timer_fires_once_and_not_before_its_time(store: Store) -> None:
    await set_timers(store, timer())
    assert await store.fire_timers(NOW + 59) == NOW + 60
    assert await store.claim(10, NOW + 59) == []
    assert await store.fire_timers(NOW + 60) is None
    assert await store.fire_timers(NOW + 61) is None
    assert len((await claim(store, NOW + 61)).events) == 1


async def test_the_next_timer_is_told(store: Store) -> None:
    assert await store.fire_timers(NOW) is None
    await set_timers(store, timer("late", 300), timer("soon", 60), timer("now", 0))
    assert await store.fire_timers(NOW) == NOW + 60


async def test_a_timer_takes_the_place_of_the_one_of_its_name(store: Store) -> None:
    await set_timers(store, timer("a", 10), timer("b", 10))
    await set_timers(store, timer("a", 100))
    assert await fired(store, 10) == ["b"]


async def test_a_timer_that_was_dropped_does_not_fire(store: Store) -> None:
    await set_timers(store, timer("a", 10), timer("b", 10))
    await set_timers(store, timer("a", None), timer("unknown", None))
    assert await fired(store, 10) == ["b"]


async def test_timers_belong_to_one_conversation(store: Store) -> None:
    await set_timers(store, timer(), contact="ana")
    await set_timers(store, timer(), contact="bea")
    await set_timers(store, timer(), contact="ana", bot="hotel")
    await set_timers(store, timer(after=None), contact="bea")
    assert await fired(store) == ["reminder"] * 2


async def test_a_timer_set_again_after_it_fired_fires_again(store: Store) -> None:
    await set_timers(store, timer())
    for _ in range(2):
        await store.fire_timers(NOW + 60)
        await store.commit(await claim(store, NOW + 60), outcome(timers=[timer()]))
    assert await fired(store) == ["reminder"]


@pytest.mark.parametrize("event", [message("m2"), MessageAnnounced(WEBCHAT, "ana", "m2")], ids=["full", "thin"])
async def test_who_writes_is_not_reminded(store: Store, event: Event) -> None:
    await set_timers(store, timer("nudge", unless_written=True), timer("report"))
    await accept(store, event)
    assert await fired(store) == ["report"]


async def test_only_the_contacts_words_to_this_bot_drop_its_timers(store: Store) -> None:
    await set_timers(store, timer(unless_written=True))
    await accept(store, OperatorSaid(WEBCHAT, "ana", "o1", "hi"), MessageSent(WEBCHAT, "ana", "s1", "hi"))
    await accept(store, DeliveryChanged(WEBCHAT, "ana", "s1", "read"), message("m2", contact="bea"))
    await accept(store, message("m3"), bot="hotel")
    assert await fired(store) == ["reminder"]


async def test_an_echo_of_ours_drops_no_timer(store: Store) -> None:
    await say(store, "hi", "bye")
    await set_timers(store, timer(unless_written=True))
    await store.sent(await freeze(store, await head(store)), Receipt("id-1"), NOW)
    await freeze(store, await head(store))
    await accept(store, message("id-1", "hi"), message("id-2", "bye"))
    assert await fired(store) == ["reminder"]


async def test_a_timer_joins_a_burst_and_does_not_cut_it_short(store: Store) -> None:
    await set_timers(store, timer(after=0.5))
    await arrive(store, message("m1"))
    await store.fire_timers(NOW + 0.5)
    assert await ready_at(store) == QUIET


async def test_a_timer_that_fires_meanwhile_is_more_that_has_arrived(store: Store) -> None:
    await set_timers(store, timer())
    await accept(store, message("m1"))
    claimed = await claim(store, NOW + 60)
    await store.fire_timers(NOW + 60)
    with pytest.raises(Conflict):
        await store.commit(claimed, outcome())


async def test_many_timers_are_due_at_the_same_time(store: Store) -> None:
    await set_timers(store, *(timer(f"timer-{number}", 1) for number in range(600)))
    names = set[str]()
    while await store.fire_timers(NOW + 1) is not None:
        pass
    for event in (await claim(store, NOW + 1)).events:
        assert isinstance(event, TimerDue)
        names.add(event.name)
    assert len(names) == 600


async def test_timers_are_set_and_dropped_by_the_commit_or_not_at_all(store: Store) -> None:
    await accept(store, message("m1"))
    claimed = await claim(store)
    await accept(store, message("m2"))
    with pytest.raises(Conflict):
        await store.commit(claimed, outcome(timers=[timer()]))
    assert await store.fire_timers(NOW) is None
