"""What every store promises (`botkit.protocols.Store`) about versions of bots, and about who is busy with a contact."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from botkit.dialogue.handoff import Owner
from botkit.dialogue.state import Frame, State
from botkit.dialogue.turn import TEAM
from botkit.protocols import Store
from tests.contracts.stores import NOW, WEBCHAT, accept, claim, message, outcome, say

FILES = {"bots/shop.yaml": "bot: shop\n", "bots/a.yaml": "ñ 👩‍👧 \x01 '; drop table version; --"}


async def test_a_version_is_remembered_with_its_files_in_their_order(
    reopen: Callable[[], AbstractAsyncContextManager[Store]],
) -> None:
    async with reopen() as store:
        await store.remember_version("shop", "v1", FILES)
    async with reopen() as store:
        found = await store.version("shop", "v1")
        assert found == FILES
        assert list(found) == list(FILES)


async def test_a_version_is_remembered_once_and_is_of_one_bot(store: Store) -> None:
    await store.remember_version("shop", "v1", FILES)
    await store.remember_version("shop", "v1", {"other": "text"})
    await store.remember_version("hotel", "v1", {})
    assert await store.version("shop", "v1") == FILES
    assert await store.version("hotel", "v1") == {}
    assert await store.version("shop", "v2") is None


async def test_nobody_is_busy_with_a_contact_who_never_wrote(store: Store) -> None:
    assert await store.whereabouts(WEBCHAT, "ana") == (None, [])


async def test_a_bot_is_busy_with_a_contact_while_something_waits_or_a_flow_is_in_hand(store: Store) -> None:
    await accept(store, message(name="Ana"))
    contact, busy = await store.whereabouts(WEBCHAT, "ana")
    assert contact is not None
    assert (contact.name, list(busy)) == ("Ana", ["shop"])
    await store.commit(await claim(store), outcome("Hi"))
    assert (await store.whereabouts(WEBCHAT, "ana"))[1] == []

    await accept(store, message("m2"))
    await store.commit(await claim(store), outcome("Which one?", state=State(stack=(Frame("order", version="v1"),))))
    await say(store, "Hello from the night", bot="night", at=NOW)
    assert list((await store.whereabouts(WEBCHAT, "ana"))[1]) == ["shop"]


async def test_a_bot_is_busy_with_a_contact_whom_a_person_has(store: Store) -> None:
    await accept(store, message())
    taken = await claim(store)
    await store.commit(taken, outcome("Hi"))
    await store.take_over("shop", taken.conversation.contact, Owner(TEAM, NOW + 60), NOW)
    assert list((await store.whereabouts(WEBCHAT, "ana"))[1]) == ["shop"]
    await store.hand_back("shop", taken.conversation.contact, NOW)
