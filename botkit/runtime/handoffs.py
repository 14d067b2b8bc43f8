"""Handoff: conversations that a person takes, and the notes by which teams are told."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from botkit.dialogue.contact import Contact
from botkit.dialogue.handoff import Owner
from botkit.dialogue.turn import TEAM
from botkit.errors import RateLimited, Rejected, SendError, Unreachable
from botkit.handing import Custody
from botkit.ledger import DELIVERED, FAILED, KEPT, NoteInHand
from botkit.runtime.backoff import backoff
from botkit.runtime.world import World

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Notes that are taken together."""

NOTE_LEASE = 60.0
"""Seconds after which a note is taken again when nobody has told how it ended: more than telling it takes."""

NOTE_EXPIRES = 3 * 24 * 3600.0
"""Seconds for which a note is tried; after that, it is a dead letter."""

_LOOK_EVERY = 0.05
SEND_PATIENCE = 20.0
"""Seconds for which a take-over waits for a send that is under way."""


async def take_over(store: Custody, bot: str, contact: Contact, at: float, theirs_for: float) -> bool:
    """Give a conversation to a person for `theirs_for` seconds from `at`; `False` when there is no such conversation.

    When this returns, a send that was under way has settled, so that nothing of the bot comes after the person's words.
    """
    if not await store.take_over(bot, contact, Owner(TEAM, at + theirs_for), at):
        return False
    with suppress(TimeoutError):
        async with asyncio.timeout(SEND_PATIENCE):
            await _settled(store, bot, contact)
    return True


async def _settled(store: Custody, bot: str, contact: Contact) -> None:
    while True:
        if not await store.is_sending(bot, contact):
            return
        await asyncio.sleep(_LOOK_EVERY)


class Notes:
    """Brings notes to their teams: at least once, each under a key of its own."""

    def __init__(self, world: World) -> None:
        """Take what the runtime touches."""
        self._world = world
        self._installation = ""

    async def open(self) -> None:
        """Learn the installation's name, which the keys begin with."""
        self._installation = await self._world.store.installation()

    async def deliver(self) -> float | None:
        """Tell what is due; the seconds until more is."""
        store, now = self._world.store, self._world.clock.now()
        while (due_at := await store.next_note()) is not None and due_at <= now:
            taken = await store.claim_notes(AT_ONCE, now, now + NOTE_LEASE)
            await asyncio.gather(*map(self._tell, taken))
        return None if due_at is None else due_at - now

    async def _tell(self, note: NoteInHand) -> None:
        try:
            is_told = await self._world.teams.tell(note, f"{self._installation}-note-{note.row}")
        except SendError as error:
            await self._not_told(note, error)
            return
        facts = {"bot": note.bot, "note": note.row, "team": note.note.to, "handoff": note.note.handoff}
        if is_told:
            log.info("team told", extra=facts)
        else:
            log.warning("note kept: its team has no webhook; see botkit handoff list", extra=facts)
        await self._world.store.settle_note(note.row, DELIVERED if is_told else KEPT, "", self._world.clock.now())

    async def _not_told(self, note: NoteInHand, error: SendError) -> None:
        """Try it again, unless it was refused for good or has been tried for too long."""
        now = self._world.clock.now()
        asked = error.retry_after if isinstance(error, RateLimited | Unreachable) else None
        wait = asked or backoff(note.attempts, note.row)
        reason = " ".join(filter(None, (type(error).__name__, error.code)))
        known = {"bot": note.bot, "note": note.row, "team": note.note.to, "attempt": note.attempts}
        facts: dict[str, object] = {**known, "reason": reason, "words": str(error)}
        if isinstance(error, Rejected) or now + wait - note.made_at > NOTE_EXPIRES:
            log.error("team not told", extra=facts)
            await self._world.store.settle_note(note.row, FAILED, str(error), now)
            return
        log.warning("team not told yet", extra={**facts, "again_in": round(wait, 1)})
        await self._world.store.put_off_note(note.row, now + wait, str(error))
