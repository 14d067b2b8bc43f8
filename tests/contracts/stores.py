"""What the tests of the stores' contract share: stores to be held to it, and small steps of a conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from botkit.dialogue.contact import Contact
from botkit.dialogue.event import Event, MessageReceived
from botkit.dialogue.settle import Saying, Settled, Timer
from botkit.dialogue.state import State
from botkit.dialogue.turn import Line
from botkit.ledger import Arrival, Claim, Outcome, Posted, Posting, Receipt, Request
from botkit.protocols import Store

NOW = 1_000_000.0
WEBCHAT = "webchat-1"
REQUEST = Request("/messages", b"{}")


@asynccontextmanager
async def opened(store: Store) -> AsyncIterator[Store]:
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def message(id: str = "m1", text: str = "hello", contact: str = "ana", **facts: object) -> MessageReceived:
    return MessageReceived(WEBCHAT, contact, id, text=text, **facts)  # type: ignore[arg-type]


async def accept(store: Store, *events: Event, bot: str = "shop", at: float = NOW) -> Sequence[bool]:
    return await store.accept([Arrival(event, bot, at) for event in events])


async def claim(store: Store, now: float = NOW) -> Claim:
    (claimed,) = await store.claim(10, now)
    return claimed


def outcome(
    *texts: str,
    heard: Sequence[Line] = (),
    state: State | None = None,
    language: str = "en",
    muted: bool = False,
    timers: Sequence[Timer] = (),
    folds: bool = False,
    at: float = NOW,
) -> Outcome:
    sayings = tuple(Saying(text, language, {}) for text in texts)
    settled = Settled(state or State(), sayings, language, muted, tuple(timers))
    return Outcome(at, heard, settled, trace={}, folds=folds)


async def say(store: Store, *texts: str, to: str = "ana", bot: str = "shop", at: float = NOW) -> Claim:
    """A whole turn: the contact writes, and the bot says the texts."""
    await accept(store, message(f"to {to}, {bot}: {texts}", contact=to), bot=bot, at=at)
    claimed = await claim(store, at)
    await store.commit(claimed, outcome(*texts, at=at))
    return claimed


async def freeze(store: Store, posting: Posting, template: str = "", *, holds: bool = False) -> Posting:
    """Put a posting on its way: as it is, or as a template."""
    frozen = replace(posting, form=posting.form + 1, request=REQUEST, template=template, holds=holds)
    await store.freeze(frozen, NOW)
    return frozen


async def head(store: Store, now: float = NOW) -> Posting:
    (posting,) = await store.claim_postings(10, now)
    return posting


async def send(store: Store, receipt: Receipt, now: float = NOW) -> Posting:
    """Send what is next."""
    posting = await head(store, now)
    await store.sent(posting, receipt, now)
    return posting


async def sent_once(store: Store) -> Posted:
    (posted,) = await store.posted()
    return posted


async def contact_of(store: Store) -> Contact:
    """The contact as it is now, without a turn."""
    ((_, contact),) = await store.contacts("ana")
    return contact


def texts_of(items: Sequence[Posting] | Sequence[Posted]) -> list[str]:
    return [item.saying.text if isinstance(item, Posting) else item.text for item in items]


def again(frozen: Posting) -> Posting:
    """A posting that was frozen at `NOW` as it is when it is taken the second time."""
    return replace(frozen, attempts=2, attempted_at=NOW, fence=frozen.fence + 1)
