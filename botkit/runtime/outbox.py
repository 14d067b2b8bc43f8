"""The outbox: what was said is sent, in order within a conversation, in the form that the window allows at that moment.

Form and bytes are frozen before the first byte leaves, under an idempotency key, so that whatever crashes, a repetition
is the same send. Only a known refusal opens the next form: free-form, then the template, then withheld.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import replace

from botkit.dialogue.bot import Bot
from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.names import names
from botkit.dialogue.state import State
from botkit.dialogue.turn import Conversation, Turn
from botkit.dialogue.window import (
    BOT_GONE,
    EMPTY_PARAMETER,
    NO_ADDRESS,
    OPTED_OUT,
    REASONS,
    REJECTED,
    UNCERTAIN,
    WINDOW_CLOSED,
    AsTemplate,
    Withheld,
    choose_delivery,
    clean_parameter,
    window,
)
from botkit.errors import (
    OutcomeUnknown,
    PromptError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
    WindowClosed,
)
from botkit.ledger import Posting
from botkit.prompts import render_text
from botkit.runtime.backoff import backoff
from botkit.runtime.clock import local_time
from botkit.runtime.lanes import Lanes
from botkit.runtime.world import World

log = logging.getLogger(__name__)

UNCERTAIN_ATTEMPTS = 8
"""Attempts without an answer after which a send is withheld as uncertain."""

KEY_WAIT = 30.0
"""Seconds between attempts while the API refuses the key."""


class Outbox:
    """Sends what waits, conversations side by side, each one send at a time."""

    def __init__(self, world: World, lengths: Mapping[str, float], width: int) -> None:
        """`lengths` are the windows by type of channel in seconds; `width` is how many may be sent at once."""
        self._world = world
        self._lengths = lengths
        self._installation = ""
        self.lanes = Lanes(
            "outbox", width, lambda free: world.store.claim_postings(free, world.clock.now()), self._deliver
        )

    async def open(self) -> None:
        """Learn the installation's name, which the idempotency keys begin with."""
        self._installation = await self._world.store.installation()

    async def _deliver(self, posting: Posting) -> None:
        """Bring a posting to an end, or give it back with a time to try again."""
        try:
            await self._send(posting if posting.request else await self._shape(posting))
        except _NotGoing as refusal:
            await self._withhold(posting, refusal.reason, refusal.details)
        except Rejected as error:
            await self._withhold(posting, REJECTED, str(error))
        except OutcomeUnknown as error:
            if posting.attempts >= UNCERTAIN_ATTEMPTS:
                await self._withhold(posting, UNCERTAIN, str(error))
            else:
                await self._again(posting, error, backoff(posting.attempts))
        except Unauthorized as error:
            await self._again(posting, error, KEY_WAIT)
        except (RateLimited, Unreachable) as error:
            await self._again(posting, error, error.retry_after or backoff(posting.attempts))
        except Exception as error:
            log.exception("sending failed", extra={"bot": posting.bot, "posting": posting.row})
            await self._again(posting, error, backoff(posting.attempts))

    async def _send(self, posting: Posting) -> None:
        """Send the frozen request. When the platform says that the window is closed, the next form."""
        assert posting.request is not None  # noqa: S101 (so it was shaped)
        began = time.perf_counter()
        try:
            receipt = await self._world.transport.send(posting.request, self._key(posting))
        except WindowClosed as error:
            if posting.template:
                raise _NotGoing(WINDOW_CLOSED, str(error)) from error
            now = self._world.clock.now()
            await self._world.store.refused_window(posting.contact, now)
            template = await self._shape(replace(posting, contact=replace(posting.contact, refused_at=now)))
            if not template.template:  # a channel that, as far as we know, has no window
                raise _NotGoing(WINDOW_CLOSED, str(error)) from error
            await self._send(template)
            return
        await self._world.store.sent(posting, receipt, self._world.clock.now())
        facts = {"form": posting.template or "text", "ms": round((time.perf_counter() - began) * 1000, 1)}
        log.info("sent", extra={"bot": posting.bot, "posting": posting.row, "attempt": posting.attempts, **facts})

    def _key(self, posting: Posting) -> str:
        return f"{self._installation}-{posting.row}.{posting.form}"

    async def _shape(self, posting: Posting) -> Posting:
        """Judge the window now, and freeze the form that it allows. Raises `_NotGoing` when it allows none."""
        live = self._world.bots.get(posting.bot)
        channel = self._world.channels.get(posting.contact.channel)
        if live is None or channel is None:
            raise _NotGoing(BOT_GONE)
        if posting.contact.muted and not posting.saying.anyway:
            raise _NotGoing(OPTED_OUT)
        is_open = window(posting.contact, channel.type, self._lengths).is_open(self._world.clock.now())
        template, language = live.bot.window_template, posting.saying.language
        delivery = choose_delivery(channel.type, template, language, is_open=is_open)
        if isinstance(delivery, Withheld):
            raise _NotGoing(delivery.reason)
        if isinstance(delivery, AsTemplate):
            shaped = await self._as_template(posting, delivery, live.bot, channel)
        else:
            request = self._world.transport.compose(posting.contact, posting.saying.text)
            shaped = replace(posting, form=posting.form + 1, request=request)
        await self._world.store.freeze(shaped)
        return shaped

    async def _as_template(self, posting: Posting, delivery: AsTemplate, bot: Bot, channel: Channel) -> Posting:
        """The template that stands for the words; the words themselves stay in the posting."""
        contact = posting.contact if posting.contact.phone else await self._with_phone(posting)
        if not contact.phone:
            raise _NotGoing(NO_ADDRESS)
        known = self._names(posting, bot, channel)
        template, language = delivery.template, delivery.language
        expressions = template.parameters[language]
        try:
            values = [clean_parameter(render_text(f"{{{{ {expression} }}}}", known)) for expression in expressions]
        except PromptError as error:
            raise _NotGoing(EMPTY_PARAMETER, str(error)) from error
        if not all(values):
            raise _NotGoing(EMPTY_PARAMETER, f"{template.name} ({language}): {', '.join(expressions)}")
        request = self._world.transport.compose_template(contact, template, language, values)
        name = f"{template.name} ({language})"
        return replace(posting, contact=contact, form=posting.form + 1, request=request, template=name)

    async def _with_phone(self, posting: Posting) -> Contact:
        phone = await self._world.transport.phone(posting.contact)
        if phone:
            await self._world.store.learn_phone(posting.contact, phone)
        return replace(posting.contact, phone=phone)

    def _names(self, posting: Posting, bot: Bot, channel: Channel) -> dict[str, object]:
        """What a template may name: what was so when the words were said."""
        state = State(slots=posting.saying.slots)
        conversation = Conversation(posting.conversation, posting.bot, posting.contact, state)
        now = local_time(self._world.clock.now(), bot.timezone)
        turn = Turn(0, bot, channel, conversation, (), posting.saying.language, now)
        return {**names(turn, state), "held": posting.saying.text}

    async def _again(self, posting: Posting, error: Exception, seconds: float) -> None:
        level = logging.ERROR if isinstance(error, Unauthorized) else logging.WARNING
        facts = {
            "posting": posting.row,
            "attempt": posting.attempts,
            "again_in": round(seconds, 1),
            "reason": str(error),
        }
        log.log(level, "not sent yet", extra={"bot": posting.bot, **facts})
        await self._world.store.retry(posting, self._world.clock.now() + seconds, str(error))

    async def _withhold(self, posting: Posting, reason: str, details: str = "") -> None:
        """Keep it from going, where an operator sees it: in the log and in `botkit outbox list`."""
        explained = f"{reason}: {details or REASONS[reason]}"
        log.warning("withheld", extra={"bot": posting.bot, "posting": posting.row, "reason": explained})
        await self._world.store.withhold(posting, explained, self._world.clock.now())


class _NotGoing(Exception):
    """A posting that no form can carry now."""

    def __init__(self, reason: str, details: str = "") -> None:
        super().__init__(reason)
        self.reason, self.details = reason, details
