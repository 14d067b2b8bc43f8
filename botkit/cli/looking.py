"""What commands share that look into the store: opening it beside a running server, and telling what is there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botkit.dialogue.window import REASONS
from botkit.errors import BotkitError, nearest

if TYPE_CHECKING:
    from botkit.config import Config
    from botkit.dialogue.contact import Contact
    from botkit.ledger import Posted
    from botkit.protocols import Store

_SHOWN = 4


@asynccontextmanager
async def looking(config: Config) -> AsyncIterator[Store]:
    """The store, opened beside whoever owns it. Raises `BotkitError` where there is none: looking makes no file."""
    store = _store(config)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def _store(config: Config) -> Store:
    from botkit.config import MEMORY  # noqa: PLC0415 (imports wait until they are needed)
    from botkit.stores.configured import store_of  # noqa: PLC0415

    if config.store_kind == MEMORY:
        raise BotkitError("The store is in memory, so only the server itself can look into it. Set `store:` to a file.")
    if not has_store(config):
        remedy = "Run this where `botkit run` runs, or name its --config."
        raise BotkitError(f"There is no store at {config.store_path(config.store)}, so nothing was said yet. {remedy}")
    return store_of(config, owner=False)


async def talking_in(store: Store, conversation: str, bot: str) -> tuple[str, Contact]:
    """The bot and the contact of a conversation, by the Messaging API's id. Raises `BotkitError` where it is not clear.

    `bot` may be empty where only one talks in it.
    """
    talking = list(await store.contacts(conversation))
    known = [(name, contact) for name, contact in talking if bot in ("", name)]
    if len(known) != 1:
        raise BotkitError(_no_one(conversation, bot, [name for name, _ in talking]))
    return known[0]


def _no_one(conversation: str, bot: str, talking: Sequence[str]) -> str:
    """Why it is not clear which conversation is meant."""
    if not talking:
        return f"Nobody has written in a conversation {conversation!r}. Take an id that botkit outbox list shows."
    if not bot:
        return f"Several bots talk in {conversation!r}. Add --bot with one of them: {', '.join(talking)}."
    return f"The bot {bot!r} does not talk in {conversation!r}. {nearest(bot, talking)}"


def has_store(config: Config) -> bool:
    """Whether there is anything to look into: a store in memory is another process's, and a file may not exist yet."""
    from botkit.config import MEMORY, SQLITE  # noqa: PLC0415 (imports wait until they are needed)

    path = config.store_path(config.store) if config.store_kind == SQLITE else None
    return config.store_kind != MEMORY and (path is None or path.exists())


def masked(contact: str) -> str:
    """A contact for eyes that need not know who it is: the last characters of the id."""
    return f"…{contact[-_SHOWN:]}" if len(contact) > _SHOWN else "…"


def moment(at: float) -> str:
    """A time for people, on the clock of this machine."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def instant(at: float | None) -> str | None:
    """A time for programs."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds") if at is not None else None


def code_of(reason: str) -> str:
    """The reason's name among `REASONS`; empty for words that name none."""
    code = reason.partition(":")[0].strip()
    return code if code in REASONS else ""


def in_words(reason: str) -> str:
    """A reason as an operator reads it: its meaning, and what was added to it."""
    code = code_of(reason)
    if not code:
        return reason
    details = reason.removeprefix(code).removeprefix(":").strip()
    return REASONS[code] + (f" ({details})" if details and details != REASONS[code] else "")


def state_of(posted: Posted) -> str:
    """How a row stands: its status and form, what became of it, why, and what is to come."""
    form = f" as template {posted.template}" if posted.template else ""
    receipt = f", {posted.receipt}" if posted.receipt else ""
    coming = ""
    if posted.due_at is not None:
        coming = f", {'expires' if posted.status == 'held' else 'next try'} {moment(posted.due_at)}"
    tries = f", {posted.attempts} attempts" if posted.attempts > 1 else ""
    reason = f": {in_words(posted.reason)}" if posted.reason else ""
    return f"{posted.status}{form}{receipt}{tries}{coming}{reason}"


def facts_of(posted: Posted, *, texts: bool, contacts: bool) -> Mapping[str, Any]:
    """A row as plain data."""
    return {
        "row": posted.row,
        "said_at": instant(posted.said_at),
        "bot": posted.bot,
        "contact": posted.contact.id if contacts else masked(posted.contact.id),
        "status": posted.status,
        "template": posted.template,
        "receipt": posted.receipt,
        "reason": code_of(posted.reason),
        "explanation": in_words(posted.reason),
        "message": posted.message,
        "attempts": posted.attempts,
        "due_at": instant(posted.due_at),
        **({"text": posted.text} if texts else {}),
    }
