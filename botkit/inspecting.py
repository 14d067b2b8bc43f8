"""The socket of those who look: what a store tells of what was received and said, and of how much waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from botkit.dialogue.contact import Contact
from botkit.ledger import Account, Figures, Posted


class Inspection(Protocol):
    """What people and programs may ask a store, which changes nothing: a part of `botkit.protocols.Store`."""

    async def contacts(self, id: str) -> Sequence[tuple[str, Contact]]:
        """The bots and contacts of conversations with this id of the Messaging API."""
        ...

    async def posted(self, *, status: str = "", limit: int = 50) -> Sequence[Posted]:
        """The outbox, newest first."""
        ...

    async def said_in(self, key: str) -> Sequence[Posted]:
        """What was said in the turn of the event with this key; empty as long as that turn has not ended."""
        ...

    async def account(self, name: str) -> Account | None:
        """A turn, named by the API's or the platform's id of what was received or sent in it, or by its number."""
        ...

    async def figures(self, now: float) -> Figures:
        """How much waits, and since when."""
        ...
