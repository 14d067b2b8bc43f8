"""What the stores of all databases do alike for handoff. `botkit.handing.Custody` says what a method promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from botkit.dialogue.contact import Contact
from botkit.dialogue.handoff import Owner
from botkit.ledger import HandedOver, NoteInHand, NoteKept
from botkit.stores import handoffs, inbox
from botkit.stores.work import Piece, Result, Work, ask, ask_first, lane


class SqlCustody(ABC):
    """The part of a store of tables that knows whose conversations are and what teams are told."""

    @abstractmethod
    async def _write(self, lanes: AbstractSet[str], piece: Piece[Result]) -> Result:
        """Run work in a transaction, alone in its lanes; when this returns, it survives a power cut."""

    @abstractmethod
    async def _read(self, piece: Piece[Result]) -> Result:
        """Run work that changes nothing."""

    async def take_over(self, bot: str, contact: Contact, owner: Owner, at: float) -> bool:
        """Give a conversation to a person; whether there is one."""
        return await self._write(_lanes(contact), lambda: handoffs.take_over_of(bot, contact, owner, at))

    async def hand_back(self, bot: str, contact: Contact, at: float) -> bool:
        """Give a conversation back to the bot; whether a person had it."""
        return await self._write(_lanes(contact), lambda: inbox.hand_back_of(bot, contact, at))

    async def is_sending(self, bot: str, contact: Contact) -> bool:
        """Whether a send in this conversation is under way."""
        return await self._read(lambda: handoffs.is_sending(bot, contact))

    async def handed_over(self, limit: int = 50) -> Sequence[HandedOver]:
        """The conversations that a person has."""
        return await self._read(lambda: handoffs.handed_over(limit))

    async def notes(self, limit: int = 50) -> Sequence[NoteKept]:
        """What teams were told or are to be told."""
        return await self._read(lambda: handoffs.notes(limit))

    async def claim_notes(self, limit: int, now: float, again_at: float) -> Sequence[NoteInHand]:
        """Take notes that are due."""

        def work() -> Work[list[NoteInHand]]:
            rows = yield from ask("claim_notes", limit=limit, now=now, again_at=again_at)
            return (yield from handoffs.load_notes(sorted(rows, key=lambda row: row["seq"]))) if rows else []

        return await self._write({"notes"}, work)

    async def settle_note(self, row: int, status: str, reason: str, at: float) -> None:
        """How a note ended."""
        await self._write({"notes"}, lambda: ask("settle_note", row=row, status=status, reason=reason, at=at))

    async def put_off_note(self, row: int, due_at: float, reason: str) -> None:
        """Try a note again later."""
        await self._write({"notes"}, lambda: ask("put_off_note", row=row, due_at=due_at, reason=reason))

    async def next_note(self) -> float | None:
        """When the next note is due."""
        found = await self._read(lambda: ask_first("next_note"))
        due_at: float | None = found["due_at"] if found else None
        return due_at


def _lanes(contact: Contact) -> AbstractSet[str]:
    return {lane(contact.channel, contact.id)}
