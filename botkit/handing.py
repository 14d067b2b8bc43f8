"""The sockets of handoff: what a store remembers of it, and what carries notes to teams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from botkit.dialogue.contact import Contact
from botkit.dialogue.handoff import Owner
from botkit.ledger import HandedOver, NoteInHand, NoteKept, Posting


class Custody(Protocol):
    """Whose conversations are, and what teams were told of them: a part of `botkit.protocols.Store`."""

    async def take_over(self, bot: str, contact: Contact, owner: Owner, at: float) -> bool:
        """Give a conversation to a person, or prolong that they have it; `False` when there is no such conversation.

        What the bot has said and not yet sent is superseded then, what is held becomes a draft. See `is_sending`.
        """
        ...

    async def hand_back(self, bot: str, contact: Contact, at: float) -> bool:
        """Give a conversation back to the bot, which is told so by the timer `HANDBACK`; `False` when it has it."""
        ...

    async def give_up(self, posting: Posting, at: float) -> None:
        """It was on its way when the conversation changed hands, and did not arrive: it does not go any more."""
        ...

    async def is_sending(self, bot: str, contact: Contact) -> bool:
        """Whether a send in this conversation is under way at this moment."""
        ...

    async def handed_over(self, limit: int = 50) -> Sequence[HandedOver]:
        """The conversations that a person has, the latest first."""
        ...

    async def notes(self, limit: int = 50) -> Sequence[NoteKept]:
        """What teams were told or are to be told, newest first."""
        ...

    async def claim_notes(self, limit: int, now: float, again_at: float) -> Sequence[NoteInHand]:
        """Take notes that are due, oldest first; what is not settled by then is due again at `again_at`."""
        ...

    async def settle_note(self, row: int, status: str, reason: str, at: float) -> None:
        """A note has reached its team, is kept for whoever looks, or will never reach it."""
        ...

    async def put_off_note(self, row: int, due_at: float, reason: str) -> None:
        """Try a note again at `due_at`."""
        ...

    async def next_note(self) -> float | None:
        """When the next note is due."""
        ...


class Teams(Protocol):
    """The ways to the teams of `config.yaml`."""

    async def tell(self, note: NoteInHand, key: str) -> bool:
        """Bring a note to its team under an idempotency key; `False` when that team has no address.

        Raises `SendError`.
        """
        ...


class NoTeams:
    """Nobody can be told anything: notes stay in the store, where `botkit handoff list` shows them."""

    async def tell(self, note: NoteInHand, key: str) -> bool:
        """Keep it."""
        return False
