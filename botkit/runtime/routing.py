"""Which of several bots takes a conversation: the first whose `if` holds, unless one is busy with the contact."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from botkit.dialogue.contact import Contact
from botkit.dialogue.event import DeliveryChanged, Event, MessageReceived
from botkit.dialogue.names import names
from botkit.dialogue.state import State
from botkit.dialogue.turn import Conversation, Turn
from botkit.dialogue.window import window
from botkit.errors import PromptError
from botkit.prompts import holds
from botkit.runtime.bots import LiveBot
from botkit.runtime.clock import local_time
from botkit.runtime.world import World

log = logging.getLogger(__name__)


class Routing:
    """Chooses a bot for each event when it is accepted."""

    def __init__(self, world: World) -> None:
        """Take the bots, and what else the choice depends on."""
        self._world = world

    async def routed(self, events: Sequence[Event], bots: Sequence[str]) -> AsyncIterator[tuple[str, Sequence[Event]]]:
        """The events of one channel by the bot that takes them; those that no bot takes are left out.

        A channel that was made for a bot is that bot's alone. Raises `StoreError`.
        """
        channel = self._world.channels.get(events[0].channel) if events else None
        if len(bots) == 1 and ((channel and channel.bot) or not self._world.bots[bots[0]].bot.condition):
            yield bots[0], events
            return
        by_bot: dict[str, list[Event]] = {}
        taken: dict[str, str] = {}
        for event in events:
            if event.contact not in taken:  # what comes together stays together
                taken[event.contact] = await self._choose(event, bots)
            by_bot.setdefault(taken[event.contact], []).append(event)
        for bot, found in by_bot.items():
            if bot:
                yield bot, found
            else:
                log.warning("no bot takes it", extra={"channel": found[0].channel, "events": len(found)})

    async def _choose(self, event: Event, bots: Sequence[str]) -> str:
        if isinstance(event, DeliveryChanged):
            return bots[0] if bots else ""  # it finds its message by itself
        contact, busy = await self._world.store.whereabouts(event.channel, event.contact)
        if staying := [bot for bot in busy if bot in bots]:
            return staying[0]
        known = _as_told(contact or Contact(event.channel, event.contact), event)
        return next((bot for bot in bots if self._takes(self._world.bots[bot], event, known)), "")

    def _takes(self, live: LiveBot, event: Event, contact: Contact) -> bool:
        bot, channel = live.bot, self._world.channels.get(event.channel)
        if not bot.condition or channel is None:
            return not bot.condition
        now = self._world.clock.now()
        turn = Turn(
            id=0,
            bot=bot,
            channel=channel,
            conversation=Conversation(0, bot.name, contact, State()),
            messages=(event,) if isinstance(event, MessageReceived) else (),
            language=contact.language or bot.language,
            now=local_time(now, bot.timezone),
            window=window(contact, channel.type, self._world.delivery.windows),
        )
        try:
            return holds(bot.condition, names(turn, turn.state))
        except PromptError:
            log.exception("the `if` of a bot failed", extra={"bot": bot.name})
            return False


def _as_told(contact: Contact, event: Event) -> Contact:
    """A contact with what its message tells of it."""
    if not isinstance(event, MessageReceived):
        return contact
    return replace(contact, name=event.name or contact.name, phone=event.phone or contact.phone)
