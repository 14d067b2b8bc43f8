"""A process that answers and is killed: `python -m tests.stores.writer STORE SENT FIRST STEP` accepts, answers, sends.

STORE is the path of an SQLite file or the URL of a PostgreSQL database, on which no lease lasts: whoever comes after
the kill goes on at once, and several take all from each other. It accepts each STEPth message, so that they can share.

It prints a line after each step, so that it can be killed there; `accepted 7` tells that the message 7 is accepted.
What leaves is written to the file SENT, a line for each send, beginning with its idempotency key, as the Messaging API
would see it.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from botkit.dialogue.event import MessageReceived
from botkit.dialogue.settle import Saying, Settled
from botkit.dialogue.turn import CONTACT, Line
from botkit.errors import Conflict
from botkit.ledger import Arrival, Outcome, Receipt, Request
from botkit.protocols import Store
from botkit.stores.postgres import PostgresStore
from botkit.stores.sqlite import SqliteStore

CONTACTS = 3

Tell = Callable[[str], None]


def message(number: int) -> MessageReceived:
    return MessageReceived("webchat-1", f"contact-{number % CONTACTS}", f"m{number}", text=str(number))


async def answer(store: Store, tell: Tell) -> None:
    """End the turns that wait: each message gets its own answer."""
    for claim in await store.claim(10, now=1.0):
        tell("claimed")
        words = [event.text for event in claim.events if isinstance(event, MessageReceived)]
        sayings = tuple(Saying(f"re: {text}", "en", {}) for text in words)
        heard = [Line(CONTACT, text, 1.0) for text in words]
        settled = Settled(claim.conversation.state, sayings, "en", muted=False)
        try:
            await store.commit(claim, Outcome(1.0, heard, settled, {"words": words}))
        except Conflict:
            await store.release(claim, 1.0, failed=False)


async def send(store: Store, sent: TextIO, tell: Tell) -> bool:
    """Send what is next in each conversation; whether there was anything."""
    postings = await store.claim_postings(10, now=1.0)
    for posting in postings:
        frozen = posting
        if posting.request is None:
            frozen = replace(posting, form=1, request=Request("/messages", posting.saying.text.encode()))
            try:
                await store.freeze(frozen, 1.0)
            except Conflict:
                continue
            tell("frozen")
        assert frozen.request is not None
        sent.write(f"{frozen.row}.{frozen.form} {frozen.contact.id} {frozen.request.body.decode()}\n")
        sent.flush()
        tell("sent, and not yet marked")
        await store.sent(frozen, Receipt(f"id-{frozen.row}"), 1.0)
    return bool(postings)


def store_of(name: str) -> SqliteStore | PostgresStore:
    return PostgresStore(name, lease=0.0) if name.startswith("postgresql:") else SqliteStore(Path(name))


async def write(name: str, sent: TextIO, first: int, step: int) -> None:
    store = store_of(name)
    await store.open()
    for number in itertools.count(first, step):
        await store.accept([Arrival(message(number), "shop", 1.0)])
        tell(f"accepted {number}")
        await answer(store, tell)
        tell("answered")
        await send(store, sent, tell)
        tell("marked")


def tell(step: str) -> None:
    print(step, flush=True)  # noqa: T201 (the test reads it)


if __name__ == "__main__":
    with Path(sys.argv[2]).open("a", encoding="utf-8") as log:
        asyncio.run(write(sys.argv[1], log, int(sys.argv[3]), int(sys.argv[4])))
