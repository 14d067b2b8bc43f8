"""What is PostgreSQL's own: many processes side by side, leases and fences, and a database that goes and comes back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import asyncpg
import pytest

from botkit.dialogue.contact import Contact
from botkit.dialogue.event import DeliveryChanged, MessageReceived
from botkit.dialogue.settle import Timer
from botkit.errors import Conflict, StoreError
from botkit.ledger import Receipt
from botkit.stores.postgres import PostgresStore
from botkit.stores.postgres_bell import BETWEEN
from tests.contracts.stores import (
    NOW,
    WEBCHAT,
    accept,
    claim,
    freeze,
    head,
    message,
    opened,
    outcome,
    say,
    sent_once,
    texts_of,
)
from tests.postgres import MIGRATIONS, Postgres
from tests.stores.proxy import Proxy, proxied

PATIENCE = 20.0
"""Seconds after which a test takes it that nothing will ever come."""


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    url = postgres.lend()
    yield url
    postgres.take_back(url)


@pytest.fixture
async def stores(url: str) -> AsyncIterator[tuple[PostgresStore, PostgresStore]]:
    """Two processes on one database, as it were; what the first claims, its lease does not keep."""
    async with opened(PostgresStore(url, lease=0.0)) as first, opened(PostgresStore(url, lease=60.0)) as second:
        yield first, second  # type: ignore[misc]  # `opened` knows them as stores


@pytest.fixture
async def fast(url: str) -> AsyncIterator[tuple[PostgresStore, PostgresStore]]:
    """Two processes on one database, each with leases that last."""
    async with opened(PostgresStore(url)) as first, opened(PostgresStore(url)) as second:
        yield first, second  # type: ignore[misc]  # `opened` knows them as stores


# ─── side by side ───


async def test_processes_share_no_conversation_and_forget_none(fast: tuple[PostgresStore, PostgresStore]) -> None:
    for number in range(60):
        await accept(fast[number % 2], message(f"m{number}", contact=f"contact-{number}"))
    claims = await asyncio.gather(*(fast[number % 2].claim(7, NOW) for number in range(12)))
    conversations = [claimed.conversation.id for together in claims for claimed in together]
    assert len(conversations) == len(set(conversations))
    while rest := await fast[0].claim(7, NOW):
        conversations += [claimed.conversation.id for claimed in rest]
    assert len(set(conversations)) == len(conversations) == 60


async def test_processes_share_no_posting_and_send_one_at_a_time(fast: tuple[PostgresStore, PostgresStore]) -> None:
    for number in range(20):
        await say(fast[number % 2], "one", "two", to=f"contact-{number}")
    claims = await asyncio.gather(*(fast[number % 2].claim_postings(5, NOW) for number in range(10)))
    postings = [posting for together in claims for posting in together]
    postings += await fast[0].claim_postings(100, NOW)
    assert len({posting.row for posting in postings}) == len(postings) == 20
    assert set(texts_of(postings)) == {"one"}


async def test_a_message_that_two_processes_are_told_is_accepted_once(
    fast: tuple[PostgresStore, PostgresStore],
) -> None:
    told = await asyncio.gather(*(accept(fast[number % 2], message("m1")) for number in range(20)))
    assert sorted(map(list, told)) == [[False]] * 19 + [[True]]


async def test_a_timer_fires_once_however_many_look(fast: tuple[PostgresStore, PostgresStore]) -> None:
    await accept(fast[0], message("m1"))
    await fast[0].commit(await claim(fast[0]), outcome(timers=[Timer(f"t{number}", NOW) for number in range(20)]))
    await asyncio.gather(*(fast[number % 2].fire_timers(NOW) for number in range(10)))
    assert len((await claim(fast[1])).events) == 20


async def test_a_status_finds_its_message_although_both_come_at_the_same_time(
    fast: tuple[PostgresStore, PostgresStore],
) -> None:
    for number in range(40):
        await say(fast[0], "hi", to=f"contact-{number}")
    postings = await fast[0].claim_postings(100, NOW)
    steps = []
    for posting in postings:
        id = f"id-{posting.row}"
        steps.append(fast[0].sent(posting, Receipt(id, "", "accepted"), NOW))
        told = DeliveryChanged(WEBCHAT, "by another name", id, "read")
        steps.append(accept(fast[1], told))  # type: ignore[arg-type]  # both are awaited
    random.Random(3).shuffle(steps)
    await asyncio.gather(*steps)
    assert {posted.receipt for posted in await fast[0].posted(limit=100)} == {"read"}


async def test_nothing_is_lost_doubled_or_overtaken_on_few_conversations_that_are_always_busy(
    fast: tuple[PostgresStore, PostgresStore],
) -> None:
    contacts, messages = 4, 120
    answered = list[str]()
    done = asyncio.Event()

    async def write(contact: int) -> None:
        for number in range(messages // contacts):
            text = f"{contact}.{number}"
            await accept(fast[number % 2], message(text, text, contact=f"contact-{contact}"))

    async def answer(store: PostgresStore) -> None:
        while not done.is_set():
            for claimed in await store.claim(3, NOW):
                words = [event.text for event in claimed.events if isinstance(event, MessageReceived)]
                try:
                    await store.commit(claimed, outcome(*words))
                except Conflict:
                    await store.release(claimed, NOW, failed=False)
                    continue
                answered.extend(words)
            if len(answered) >= messages:
                done.set()

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(write(contact) for contact in range(contacts)), *(answer(store) for store in fast))
    assert await fast[0].waiting() == 0
    said = texts_of(await fast[0].posted(limit=1000))[::-1]
    assert len(said) == len(set(said)) == messages
    for contact in range(contacts):
        mine = [text for text in said if text.startswith(f"{contact}.")]
        assert mine == [f"{contact}.{number}" for number in range(messages // contacts)]


# ─── leases and fences ───


async def test_a_conversation_whose_lease_has_ended_is_taken_over(stores: tuple[PostgresStore, PostgresStore]) -> None:
    dead, alive = stores
    await accept(dead, message("m1"))
    old = await claim(dead)
    present = await claim(alive)
    assert (present.turn, present.attempts) == (old.turn, 2)
    assert present.fence > old.fence
    assert list(await dead.renew([old], [])) == [old]
    for frozen in (False, True):
        with pytest.raises(Conflict):
            await dead.commit(old, outcome("late"), frozen=frozen)
    await dead.release(old, NOW, failed=True)
    await alive.commit(present, outcome("in time"))
    assert texts_of(await alive.posted()) == ["in time"]


async def test_a_lease_that_is_renewed_lasts(stores: tuple[PostgresStore, PostgresStore]) -> None:
    short, long = stores
    await say(short, "hi", to="bea")
    await accept(short, message("m1"))
    claimed, posting = await claim(short), await head(short)
    assert list(await long.renew([claimed], [posting])) == []
    assert await short.claim(10, NOW) == []
    assert await short.claim_postings(10, NOW) == []
    await short.commit(claimed, outcome())


async def test_processes_that_renew_are_peers_until_they_close_or_are_not_seen_for_a_lease(url: str) -> None:
    async with opened(PostgresStore(url)) as alive:
        await alive.renew([], [])
        async with opened(PostgresStore(url)) as closes, opened(PostgresStore(url)) as only_looks:
            await closes.renew([], [])
            assert await alive.peers() == await closes.peers() == await only_looks.peers() == 2
        assert await alive.peers() == 1
        async with opened(PostgresStore(url, lease=0.0)) as impatient:
            assert await impatient.peers() == 1
        await alive.renew([], [])
        assert await alive.peers() == 1


async def test_a_busy_neighbour_calls_no_more_often_than_is_of_use(fast: tuple[PostgresStore, PostgresStore]) -> None:
    busy, watching = fast
    loop, calls = asyncio.get_running_loop(), list[float]()
    watching.watch(lambda: calls.append(loop.time()))
    async with asyncio.timeout(PATIENCE):
        while not calls:  # noqa: ASYNC110 (it calls as soon as it listens)
            await asyncio.sleep(0.01)
        began = last = loop.time()
        for number in range(30):
            last = loop.time()
            await accept(busy, message(f"m{number}"))
        while calls[-1] < last:  # noqa: ASYNC110 (what was put in last is told as well)
            await asyncio.sleep(0.01)
    assert len(calls) <= 3 + (calls[-1] - began) / BETWEEN


async def test_who_wants_to_be_alone_waits_for_who_is(fast: tuple[PostgresStore, PostgresStore]) -> None:
    present, most = 0, 0

    async def be_alone(store: PostgresStore, what: str) -> None:
        nonlocal present, most
        async with store.alone(what):
            present += 1
            most = max(most, present)
            await asyncio.sleep(0.01)
            present -= 1

    await asyncio.gather(*(be_alone(fast[number % 2], "subscribe") for number in range(6)))
    assert most == 1
    async with fast[0].alone("subscribe"), fast[1].alone("something else"):
        pass


async def test_who_was_late_but_not_replaced_still_has_what_it_claimed(
    stores: tuple[PostgresStore, PostgresStore],
) -> None:
    late, _ = stores
    await accept(late, message("m1"))
    claimed = await claim(late)
    assert list(await late.renew([claimed], [])) == []
    await late.commit(claimed, outcome("hi"))
    assert await late.waiting() == 0


async def test_a_posting_whose_lease_has_ended_is_taken_over_and_a_send_counts_whoever_made_it(
    stores: tuple[PostgresStore, PostgresStore],
) -> None:
    dead, alive = stores
    await say(dead, "hi")
    old = await freeze(dead, await head(dead))
    present = await head(alive)
    assert (present.row, present.request, present.attempts) == (old.row, old.request, 2)
    await dead.retry(old, NOW + 99, "late")
    await dead.withhold(old, "late", NOW)
    await dead.hold(old, NOW + 99, NOW)
    assert (await sent_once(alive)).status == "sending"
    await dead.sent(old, Receipt("id-1"), NOW)
    assert (await sent_once(alive)).status == "sent"
    await alive.retry(present, NOW, "busy")
    assert (await sent_once(alive)).receipt == "accepted"


# ─── hearing of others ───


async def test_a_process_hears_of_what_others_put_in_and_not_of_its_own(url: str) -> None:
    heard = asyncio.Event()
    ours, others = PostgresStore(url), PostgresStore(url)
    ours.watch(heard.set)
    async with asyncio.timeout(PATIENCE), opened(ours), opened(others):
        await heard.wait()  # it has begun to listen
        heard.clear()
        await accept(ours, message("m1"))
        await ours.installation()
        assert not heard.is_set()
        await accept(others, message("m2"))
        await heard.wait()


async def test_a_process_listens_again_after_its_connection_was_lost(url: str, postgres: Postgres) -> None:
    heard = asyncio.Event()
    store = PostgresStore(url)
    async with asyncio.timeout(PATIENCE), opened(store), opened(PostgresStore(url)) as other:
        store.watch(heard.set)
        await heard.wait()
        await cut_all(postgres, url)
        heard.clear()
        await heard.wait()  # it listens again, and makes up for what it may have missed
        heard.clear()
        await accept(other, message("m1"))
        await heard.wait()


# ─── what fails ───


async def test_a_row_that_the_database_refuses_fails_alone(fast: tuple[PostgresStore, PostgresStore]) -> None:
    events = [message(f"m{number}", contact="\x00" if number == 3 else f"contact-{number}") for number in range(8)]
    told = await asyncio.gather(*(accept(fast[0], event) for event in events), return_exceptions=True)
    assert [isinstance(each, StoreError) for each in told] == [number == 3 for number in range(8)]
    assert await fast[0].waiting() == 7


async def test_a_refusal_is_told_with_the_database_and_its_reason(fast: tuple[PostgresStore, PostgresStore]) -> None:
    with pytest.raises(StoreError, match=r"The database 127\.0\.0\.1/botkit_\w+ refused: .*0x00"):
        await accept(fast[0], message("m1", contact="\x00"))


async def test_a_work_that_fails_after_it_has_written_leaves_nothing_and_hurts_nobody(
    fast: tuple[PostgresStore, PostgresStore],
) -> None:
    store = fast[0]
    await accept(store, message("m1"), message("m2", contact="bea"))
    ana, bea = sorted(await store.claim(10, NOW), key=lambda claimed: claimed.conversation.contact.id)
    wrong = replace(outcome("never"), heard=["no line"])  # type: ignore[list-item]  # so it fails in the middle
    ended = await asyncio.gather(store.commit(ana, wrong), store.commit(bea, outcome("hi")), return_exceptions=True)
    assert isinstance(ended[0], AttributeError)
    assert ended[1] is None
    await store.commit(ana, outcome("after all"))
    assert sorted(texts_of(await store.posted())) == ["after all", "hi"]


async def test_a_caller_who_no_longer_waits_disturbs_nobody(fast: tuple[PostgresStore, PostgresStore]) -> None:
    gone = asyncio.ensure_future(fast[0].learn_phone(Contact(WEBCHAT, "ana"), "+34600111222"))
    await asyncio.sleep(0)
    gone.cancel()
    await accept(fast[0], message("m1"))
    await accept(fast[0], message("m2"))
    assert await fast[0].waiting() == 2


# ─── a database that goes and comes back ───


async def cut_all(postgres: Postgres, url: str) -> None:
    """Cut all connections of a database."""
    name = urlsplit(url).path[1:]
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()", name
    )
    await connection.close()


async def test_work_goes_on_when_connections_are_cut(url: str, postgres: Postgres) -> None:
    async with asyncio.timeout(PATIENCE), opened(PostgresStore(url)) as store:
        for number in range(5):
            accepting = asyncio.gather(
                *(accept(store, message(f"{number}.{index}", contact=f"contact-{index}")) for index in range(50))
            )
            await asyncio.sleep(0)
            await cut_all(postgres, url)
            assert await accepting == [[True]] * 50
        claims = await store.claim(100, NOW)
        committing = asyncio.gather(*(store.commit(claimed, outcome("hi")) for claimed in claims))
        await asyncio.sleep(0)
        await cut_all(postgres, url)
        await committing
        assert await store.waiting() == 0
        assert len(await store.posted(limit=100)) == 50


async def test_work_goes_on_when_the_server_crashes_and_starts_again(url: str, postgres: Postgres) -> None:
    if postgres.folder is None:
        pytest.skip("this server is not ours to crash")
    async with asyncio.timeout(PATIENCE), opened(PostgresStore(url)) as store:
        await say(store, "before")
        accepting = asyncio.gather(
            *(accept(store, message(f"m{index}", contact=f"contact-{index}")) for index in range(200))
        )
        await asyncio.to_thread(postgres.restart)
        assert await accepting == [[True]] * 200
        assert await store.waiting() == 200
        assert texts_of(await store.posted()) == ["before"]


@asynccontextmanager
async def through(url: str, patience: float = PATIENCE) -> AsyncIterator[tuple[PostgresStore, Proxy]]:
    """A store that reaches its database through a proxy which can fail."""
    async with AsyncExitStack() as stack:
        proxy, proxied_url = await stack.enter_async_context(proxied(url))
        store = PostgresStore(proxied_url, patience=patience)
        await stack.enter_async_context(opened(store))
        yield store, proxy


@pytest.mark.parametrize("arrives", [True, False], ids=["that was kept", "that was not kept"])
async def test_the_outcome_of_a_commit_whose_answer_is_lost_is_found_out(url: str, *, arrives: bool) -> None:
    async with asyncio.timeout(PATIENCE), through(url) as (store, proxy):
        await accept(store, message("m1"))
        claimed = await claim(store)
        proxy.cut_at(b"COMMIT", arrives=arrives)
        told, _ = await asyncio.gather(accept(store, message("x", contact="bea")), store.commit(claimed, outcome("hi")))
        assert proxy.cuts == 1
        assert told == [True]
        assert await store.waiting() == 1
        assert texts_of(await store.posted()) == ["hi"]


async def test_a_claim_whose_answer_is_lost_is_made_again_when_its_lease_has_ended(url: str) -> None:
    async with asyncio.timeout(PATIENCE), through(url) as (store, proxy):
        await accept(store, message("m1"))
        proxy.cut_at(b"COMMIT", arrives=True)
        assert await store.claim(10, NOW) == []
        async with opened(PostgresStore(url)) as other:
            assert await other.claim(10, NOW) == []


async def test_a_database_that_stays_away_is_told_in_a_sentence(url: str) -> None:
    async with asyncio.timeout(PATIENCE), through(url, patience=0.0) as (store, proxy):
        await accept(store, message("m1"))
        await proxy.close()
        with pytest.raises(StoreError, match=r"The database 127\.0\.0\.1/botkit_\w+ is away: .+\."):
            await accept(store, message("m2"))
        with pytest.raises(StoreError, match=r"is away"):
            await store.waiting()


async def test_closing_does_not_wait_long_for_a_database_that_is_away(url: str) -> None:
    async with asyncio.timeout(PATIENCE):
        async with through(url, patience=600.0) as (store, proxy):
            await proxy.close()
            accepting = asyncio.gather(accept(store, message("m1")), return_exceptions=True)
            await asyncio.sleep(0.1)
        assert isinstance((await accepting)[0], StoreError)


# ─── opening and closing ───


async def test_processes_that_open_a_new_database_at_the_same_time_all_succeed(postgres: Postgres) -> None:
    postgres.run("create database botkit_new")
    stores = [PostgresStore(postgres.url_of("botkit_new")) for _ in range(4)]
    try:
        await asyncio.gather(*(store.open() for store in stores))
        names = await asyncio.gather(*(store.installation() for store in stores))
        assert len(set(names)) == 1
    finally:
        await asyncio.gather(*(store.close() for store in stores))
        postgres.drop(postgres.url_of("botkit_new"))


async def test_a_database_of_a_newer_botkit_is_left_alone(url: str, postgres: Postgres) -> None:
    postgres.run("insert into migration (number) values (99)", url)
    known = len(list(MIGRATIONS.glob("*.sql")))
    with pytest.raises(StoreError, match=rf"was written by a newer botkit \(schema 99\); this one knows {known}\."):
        await PostgresStore(url).open()
    postgres.run("delete from migration where number = 99", url)


@pytest.mark.parametrize(
    "url", ["postgresql://ana:secret@127.0.0.1:1/shop", "postgresql://ana:secret@127.0.0.1:none/shop"]
)
async def test_what_cannot_be_opened_is_said_without_the_password(url: str) -> None:
    with pytest.raises(StoreError, match=r"The database 127\.0\.0\.1/shop cannot be opened: .+\.") as caught:
        await PostgresStore(url).open()
    assert "secret" not in str(caught.value)


async def test_a_store_that_is_not_open_says_so(url: str) -> None:
    store = PostgresStore(url)
    for _ in range(2):
        with pytest.raises(StoreError, match="is not open"):
            await accept(store, message("m1"))
        with pytest.raises(StoreError, match="is not open"):
            await store.waiting()
        await store.open()
        await store.close()
        await store.close()


async def test_closing_finishes_what_waits(url: str) -> None:
    store = PostgresStore(url)
    await store.open()
    events = [message(f"m{number}", contact=f"contact-{number % 9}") for number in range(300)]
    accepting = asyncio.gather(*(accept(store, event) for event in events))
    for _ in range(5):
        await asyncio.sleep(0)  # so that each has been asked for
    await store.close()
    assert await accepting == [[True]] * 300
    async with opened(PostgresStore(url)) as again:
        assert await again.waiting() == 300
