"""What the stores of all databases do alike; each says only how its work is run, and what is claimed."""

from __future__ import annotations

import asyncio
import secrets
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from botkit.dialogue.contact import Contact
from botkit.ledger import (
    Account,
    Arrival,
    Claim,
    Figures,
    Outcome,
    Posted,
    Posting,
    Receipt,
    Step,
    Subscription,
)
from botkit.stores import house, inbox, outbox, turns
from botkit.stores.custody import SqlCustody
from botkit.stores.records import write
from botkit.stores.work import Result, Row, Rows, Work, ask, ask_first, lane

Load = Callable[[Rows], Work[list[Result]]]


class SqlStore(SqlCustody):
    """A store of tables. `botkit.protocols.Store` says what a method promises."""

    @abstractmethod
    async def _take(self, statement: str, limit: int, now: float, load: Load[Result]) -> list[Result]:
        """Claim rows by a statement and load what belongs to each, in one transaction, in the order of their `rank`."""

    # ─── settings ───

    async def installation(self) -> str:
        """A name made once for this store."""
        made = secrets.token_hex(8)
        return await self._write({"installation"}, lambda: house.setting("installation", made))

    async def subscriptions(self, api: str) -> Sequence[Subscription]:
        """The webhooks remembered for an API."""
        return await self._read(lambda: house.subscriptions(api))

    async def remember_subscription(self, api: str, subscription: Subscription) -> Subscription:
        """Remember a webhook, under the token that was remembered first."""
        return await self._write(
            {f"subscription {api} {subscription.channel.id}"}, lambda: house.remember_subscription(api, subscription)
        )

    # ─── bots ───

    async def remember_version(self, bot: str, version: str, files: Mapping[str, str]) -> None:
        """Remember the texts of a version of a bot."""
        await self._write(
            {f"version {bot}"}, lambda: ask("remember_version", bot=bot, version=version, files=write(dict(files)))
        )

    async def version(self, bot: str, version: str) -> Mapping[str, str] | None:
        """The texts of a version of a bot."""
        return await self._read(lambda: house.version(bot, version))

    async def whereabouts(self, channel: str, contact: str) -> tuple[Contact | None, Sequence[str]]:
        """A contact, and the bots that it is busy with."""
        return await self._read(lambda: house.whereabouts(channel, contact))

    # ─── inbox and turns ───

    async def accept(self, arrivals: Sequence[Arrival]) -> Sequence[bool]:
        """Put events into the inbox, once for each key. Each is kept or fails for itself."""
        if len(arrivals) == 1:
            return [await self._accept(arrivals[0])]
        return await asyncio.gather(*(self._accept(arrival) for arrival in arrivals))

    async def _accept(self, arrival: Arrival) -> bool:
        return await self._write(inbox.lanes_of(arrival.event), lambda: inbox.accept(arrival))

    async def waiting(self) -> int:
        """How many events wait."""
        return await self._read(house.waiting)

    async def claim(self, limit: int, now: float) -> Sequence[Claim]:
        """Take conversations that are ready, the longest ready first."""
        return await self._take("claim", limit, now, lambda rows: turns.load_claims(rows, now))

    async def commit(self, claim: Claim, outcome: Outcome, *, frozen: bool = False) -> Posting | None:
        """End a turn in one transaction; what is on its way with it."""
        return await self._write(_lanes(claim), lambda: turns.commit(claim, outcome, frozen=frozen))

    async def release(self, claim: Claim, ready_at: float, *, failed: bool) -> None:
        """Give a conversation back undone."""
        await self._write(_lanes(claim), lambda: turns.release(claim, ready_at, failed=failed))

    async def begin_step(self, turn: int, name: str) -> Step:
        """Write into the journal that a step begins, or tell what is written there."""
        return await self._write({f"step {turn} {name}"}, lambda: turns.begin_step(turn, name))

    async def finish_step(self, turn: int, name: str, result: object) -> None:
        """Write down the result of a step."""
        await self._write({f"step {turn} {name}"}, lambda: turns.finish_step(turn, name, result))

    async def fire_timers(self, now: float) -> float | None:
        """Put timers that are due into the inbox, each once; when the next one is due."""
        due = await self._read(lambda: ask("due_timers", now=now, limit=inbox.TIMERS_AT_ONCE))
        await asyncio.gather(*(self._fire(timer, now) for timer in due))
        following = await self._read(lambda: ask_first("next_timer"))
        next_at: float | None = following["due_at"] if following else None
        return next_at

    async def _fire(self, timer: Row, now: float) -> bool:
        lanes = {lane(timer["channel"], timer["contact"])}
        return await self._write(lanes, lambda: inbox.fire_timer(timer, now))

    # ─── outbox ───

    async def claim_postings(self, limit: int, now: float) -> Sequence[Posting]:
        """Take what is to be sent now, one for each conversation."""
        return await self._take("claim_postings", limit, now, outbox.load_postings)

    async def freeze(self, posting: Posting, at: float) -> bool:
        """Write down form and request before the first byte leaves; whether it may. Raises `Conflict`."""
        return await self._write(outbox.lanes_of(posting), lambda: outbox.freeze(posting, at))

    async def give_up(self, posting: Posting, at: float) -> None:
        """It was on its way when the conversation changed hands, and did not arrive: it does not go any more."""
        await self._write(outbox.lanes_of(posting), lambda: outbox.give_up(posting, at))

    async def retry(self, posting: Posting, due_at: float, reason: str, *, counts: bool = True) -> None:
        """Give a posting back."""
        await self._write(outbox.lanes_of(posting), lambda: outbox.retry(posting, due_at, reason, counts=counts))

    async def sent(self, posting: Posting, receipt: Receipt, at: float, spacing: float = 0.0) -> bool:
        """The API has taken it; whether more of its conversation waits."""
        return await self._write(outbox.lanes_of(posting, receipt), lambda: outbox.sent(posting, receipt, at, spacing))

    async def hold(self, posting: Posting, expires_at: float, at: float, receipt: Receipt | None = None) -> None:
        """Its words wait for the contact's return."""
        await self._write(outbox.lanes_of(posting, receipt), lambda: outbox.hold(posting, expires_at, at, receipt))

    async def release_held(self, conversation: int, now: float) -> int:
        """Let the held words of a conversation go out."""
        lanes = await self._lanes_of_conversation(conversation)
        return await self._write(lanes, lambda: outbox.release_held(conversation, now))

    async def expire_held(self, now: float) -> int:
        """Withhold what has waited too long for the contact's return."""
        return await self._write({"expiry"}, lambda: outbox.expire_held(now))

    async def withhold(self, posting: Posting, reason: str, at: float) -> None:
        """It will not go."""
        await self._write(outbox.lanes_of(posting), lambda: outbox.withhold(posting, reason, at))

    async def is_matched(self, conversation: int, message: str) -> bool:
        """Whether a message is known to be that of a row of this conversation."""
        row = await self._read(lambda: ask_first("is_ours", conversation=conversation, message=message))
        return row is not None

    async def replay(self, row: int, now: float) -> bool:
        """Let a dead letter be judged and sent once more."""
        return await self._write(await self._lanes_of_row(row), lambda: outbox.replay(row, now))

    async def discard(self, row: int, now: float) -> bool:
        """Close a dead letter, or held words, for good."""
        return await self._write(await self._lanes_of_row(row), lambda: outbox.discard(row, now))

    async def refused_window(self, contact: Contact, at: float) -> None:
        """The platform says that the window is closed."""
        address = {"channel": contact.channel, "contact": contact.id}
        await self._write({lane(contact.channel, contact.id)}, lambda: ask("refused_window", **address, at=at))

    async def learn_phone(self, contact: Contact, phone: str) -> None:
        """The contact's phone number became known."""
        address = {"channel": contact.channel, "contact": contact.id}
        await self._write({lane(contact.channel, contact.id)}, lambda: ask("learn_phone", **address, phone=phone))

    async def _lanes_of_row(self, row: int) -> AbstractSet[str]:
        found = await self._read(lambda: ask_first("conversation_of_row", row=row))
        return await self._lanes_of_conversation(found["conversation"]) if found else frozenset()

    async def _lanes_of_conversation(self, conversation: int) -> AbstractSet[str]:
        found = await self._read(lambda: ask("addressees", ids=write([conversation])))
        return {lane(row["channel"], row["id"]) for row in found}

    # ─── looking and keeping house ───

    async def contacts(self, id: str) -> Sequence[tuple[str, Contact]]:
        """The bots and contacts of conversations with this id."""
        return await self._read(lambda: house.contacts(id))

    async def posted(self, *, status: str = "", limit: int = 50) -> Sequence[Posted]:
        """The outbox, newest first."""
        return await self._read(lambda: house.posted(status, limit))

    async def said_in(self, key: str) -> Sequence[Posted]:
        """What was said in the turn of the event with this key."""
        return await self._read(lambda: house.said_in(key))

    async def account(self, name: str) -> Account | None:
        """The turn of a message."""
        return await self._read(lambda: house.account(name))

    async def figures(self, now: float) -> Figures:
        """How much waits, and since when."""
        return await self._read(lambda: house.figures(now))

    async def forget(self, before: float, events_before: float, limit: int = 1000) -> int:
        """Delete what is old and settled, a limited number of each."""
        return await self._write({"house"}, lambda: house.forget(before, events_before, limit))


def _lanes(claim: Claim) -> AbstractSet[str]:
    contact = claim.conversation.contact
    return {lane(contact.channel, contact.id)}
