"""The outbox: what was said is sent, in order within a conversation, in the form that the window allows at that moment.

Form and bytes are frozen before the first byte leaves, under an idempotency key, so that whatever crashes, a repetition
is the same send. Only a known refusal opens the next form: free-form, then a template, then the next, then withheld.
Where the answer is unknown, the message is looked up before it is repeated.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

from botkit.dialogue.window import OPTED_OUT, REJECTED, STALE, UNCERTAIN, WINDOW_CLOSED
from botkit.errors import (
    Conflict,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    TemplateRefused,
    Unauthorized,
    Unreachable,
    WindowClosed,
)
from botkit.ledger import PACED, Claim, Outcome, Posting, Receipt
from botkit.runtime.backoff import backoff, pair_backoff
from botkit.runtime.forms import FREE_FORM, Forms, NotGoing, Place, template_name
from botkit.runtime.gates import Gates
from botkit.runtime.lanes import Lanes, surely
from botkit.runtime.world import World

log = logging.getLogger(__name__)

IDEMPOTENCY = "idempotency"
"""The extension of channels on which a repetition under the same key is known to be the same send."""

SURELY_LISTED = 10.0
"""Seconds after an attempt in which its message would be listed, had it arrived."""

KEY_WAIT = 30.0
"""Seconds for which a channel is stopped when the API refuses the key; then it is tried again."""


class Outbox:
    """Sends what waits, conversations side by side, each one send at a time."""

    def __init__(self, world: World) -> None:
        """Take what the runtime touches."""
        self._world = world
        self._forms = Forms(world)
        self._installation = ""
        self._in_hand: dict[int, Posting] = {}
        self.gates = Gates(world.delivery, world.clock.now())
        width = world.capacity.sending
        self.lanes = Lanes(
            "outbox", width, lambda free: world.store.claim_postings(free, world.clock.now()), self._deliver
        )

    async def open(self) -> None:
        """Learn the installation's name, which the idempotency keys begin with."""
        self._installation = await self._world.store.installation()

    @property
    def postings(self) -> Sequence[Posting]:
        """What is held now, for its leases to be renewed."""
        return list(self._in_hand.values())

    def prepared(self, claim: Claim, outcome: Outcome) -> Outcome:
        """An outcome with the request of its first saying, where that may go out at once.

        While something else is on its way to the contact, their pace is not known.
        """
        settled, here, at = outcome.settled, claim.conversation, outcome.at
        if not (settled and settled.sayings and self.lanes.has_room) or claim.in_flight:
            return outcome
        contact = here.contact if here.contact.muted == settled.muted else replace(here.contact, muted=settled.muted)
        posting = Posting(0, here.bot, here.id, contact, settled.sayings[0], said_at=at, open_since=at)
        try:
            place = self._forms.place(posting)
        except NotGoing:
            return outcome
        request = self._forms.free(posting, place)
        if request is None or not self.gates.lets_go(contact, place.channel, at):
            return outcome
        return replace(outcome, request=request)

    def send_off(self, posting: Posting) -> None:
        """Send what is on its way since its turn was committed."""
        self.lanes.begin(self._deliver(posting, is_new=True))

    async def _deliver(self, posting: Posting, *, is_new: bool = False) -> None:
        """Bring a posting to an end, or give it back with a time to try again."""
        self._in_hand[posting.row] = posting
        try:
            place, now = self._forms.place(posting), self._world.clock.now()
            if is_new:
                self._world.meter.judged(place.channel.type, FREE_FORM)
                await self._send(posting, place)
            elif (wait := self.gates.wait_for_contact(posting.contact, place.channel, now)) > 0:
                await self._postpone(posting, wait)
            elif (wait := self.gates.wait_for_channel(posting.paced_until, place.channel, now)) > 0:
                await self._postpone(posting, wait, PACED)
            elif posting.request is None:
                await self._send_in_form(posting, place)
            elif posting.attempted_at is None:
                await self._send_frozen(posting, place)
            else:
                await self._repeat(posting, place)
        except NotGoing as refusal:
            await self._withhold(posting, refusal.reason, str(refusal))
        except Conflict as conflict:
            log.warning("lease lost", extra={"bot": posting.bot, "posting": posting.row, "reason": str(conflict)})
        except Exception as error:
            log.exception("sending failed", extra={"bot": posting.bot, "posting": posting.row})
            posting = self._in_hand[posting.row]
            await self._again(posting, error, backoff(posting.attempts, posting.row))
        finally:
            del self._in_hand[posting.row]

    async def _send_in_form(self, posting: Posting, place: Place) -> None:
        """Judge the window now, freeze the form that it allows, and send it."""
        try:
            shaped = await self._forms.shape(posting, place)
        except SendError as error:  # the phone that a template needs could not be asked for: nothing was sent
            await self._after_refusal(posting, place, error)
            return
        now = self._world.clock.now()
        if shaped is None:
            await self._world.store.hold(posting, now + place.bot.window.expires, now)
            log.info("held", extra={"bot": posting.bot, "posting": posting.row})
            self.lanes.call()
            return
        await self._send_frozen(replace(shaped, attempts=1), place)

    async def _send_frozen(self, posting: Posting, place: Place) -> None:
        """Write down that it is on its way from now on, and send it, unless a person was faster."""
        now = self._world.clock.now()
        if not await self._world.store.freeze(posting, now):
            self._superseded(posting)
            return
        self._in_hand[posting.row] = on_its_way = replace(posting, attempted_at=now)
        await self._send(on_its_way, place)

    async def _repeat(self, posting: Posting, place: Place) -> None:
        """Send what was on its way when its answer was lost; before that, look whether it arrived."""
        has_keys = IDEMPOTENCY in place.channel.extensions or posting.template  # the API keeps those of template sends
        if has_keys and not posting.is_superseded:
            await self._send(posting, place)
            return
        now, since = self._world.clock.now(), posting.attempted_at or posting.said_at
        try:
            found = await self._find(posting, since)
        except SendError as error:
            await self._again(posting, error, backoff(posting.attempts, posting.row))
            return
        if found is not None and len(found) == 1:
            log.info("found", extra={"bot": posting.bot, "posting": posting.row})
            await self._taken(posting, place, found[0])
        elif posting.is_superseded:
            await self._world.store.give_up(posting, now)
            self._superseded(posting)
        elif found is not None and not found and now - since < SURELY_LISTED:
            await self._postpone(posting, since + SURELY_LISTED - now)
        elif (not found and found is not None) or self._world.delivery.on_uncertain == "resend":
            await self._send_frozen(posting, place)
        else:
            count = "cannot be looked up" if found is None else f"{len(found)} messages have its words"
            raise NotGoing(UNCERTAIN, f"{count}")

    def _superseded(self, posting: Posting) -> None:
        """A person has the conversation: what the bot had to say is not sent, and its followers are not either."""
        log.info("superseded", extra={"bot": posting.bot, "posting": posting.row})
        self.lanes.call()

    async def _find(self, posting: Posting, since: float) -> Sequence[Receipt] | None:
        """Messages with the words of a posting, sent since then, that belong to no other; `None` if nobody can tell."""
        found = await self._world.transport.find_sent(posting.contact, posting.saying.text, since)
        if found is None:
            return None
        matched = [await self._world.store.is_matched(posting.conversation, receipt.id) for receipt in found]
        return [receipt for receipt, is_known in zip(found, matched, strict=True) if not is_known]

    async def _send(self, posting: Posting, place: Place) -> None:
        """Send the frozen request, and do what its answer asks for."""
        assert posting.request is not None  # noqa: S101 (so it was shaped)
        began, outcome = time.perf_counter(), "ok"
        try:
            receipt = await self._world.transport.send(posting.request, self._key(posting))
        except OutcomeUnknown as error:
            outcome = type(error).__name__
            await self._again(posting, error, backoff(posting.attempts, posting.row))
        except SendError as error:
            outcome = type(error).__name__
            await self._after_refusal(posting, place, error)
        else:
            await self._taken(posting, place, receipt)
            form, ms = posting.template or "text", round((time.perf_counter() - began) * 1000, 1)
            facts = {"bot": posting.bot, "posting": posting.row, "attempt": posting.attempts}
            log.debug("sent", extra={**facts, "form": form, "ms": ms})
        finally:
            self._world.meter.sent(place.channel.type, outcome, time.perf_counter() - began)

    def _key(self, posting: Posting) -> str:
        return f"{self._installation}-{posting.row}.{posting.form}"

    async def _taken(self, posting: Posting, place: Place, receipt: Receipt) -> None:
        """The API has it: the words are sent, or held when only a template went that asks for the contact's return."""
        now = self._world.clock.now()
        if posting.holds:
            await self._world.store.hold(posting, now + place.bot.window.expires, now, receipt)
            self.lanes.call()
        elif await self._world.store.sent(posting, receipt, now, self.gates.spacing(place.channel)):
            self.lanes.call()

    async def _after_refusal(self, posting: Posting, place: Place, error: SendError) -> None:
        """What a known refusal asks for: nothing was processed, so nothing is on its way any more."""
        now, posting = self._world.clock.now(), replace(posting, attempted_at=None)
        match error:
            case WindowClosed() if not posting.template:
                await self._world.store.refused_window(posting.contact, now)
                closed = replace(posting, contact=replace(posting.contact, refused_at=now))
                await self._next_form(closed, place, error)
            case TemplateRefused() if posting.template:
                facts = {"bot": posting.bot, "template": posting.template, "code": error.code}
                log.warning("template refused", extra={**facts, "words": str(error)})
                refused = (*posting.refused, template_name(posting))
                await self._next_form(replace(posting, refused=refused), place, error)
            case WindowClosed():
                raise NotGoing(WINDOW_CLOSED, str(error))
            case RateLimited(of_contact=True):
                await self._again(posting, error, error.retry_after or pair_backoff(posting.attempts))
            case RateLimited():
                wait = error.retry_after or backoff(posting.attempts, posting.row)
                self.gates.close(place.channel.id, now + wait)
                await self._again(posting, error, wait)
            case Unauthorized():
                self.gates.close(place.channel.id, now + KEY_WAIT)
                await self._again(posting, error, KEY_WAIT)
            case Unreachable():
                await self._again(posting, error, error.retry_after or backoff(posting.attempts, posting.row))
            case OutcomeUnknown():
                await self._again(posting, error, backoff(posting.attempts, posting.row))
            case Rejected() | SendError():
                raise NotGoing(REJECTED, str(error))

    async def _next_form(self, posting: Posting, place: Place, error: SendError) -> None:
        """Try the next form at once. On a channel that has no window, as far as we know, there is none."""
        if isinstance(error, WindowClosed) and place.channel.type not in self._world.delivery.windows:
            raise NotGoing(WINDOW_CLOSED, str(error))
        await self._send_in_form(posting, place)

    # ─── giving back ───

    async def _postpone(self, posting: Posting, seconds: float, reason: str = "") -> None:
        """Give it back for a while, because it is not its turn yet."""
        due_at = self._world.clock.now() + seconds
        await surely(lambda: self._world.store.retry(posting, due_at, reason, counts=False))
        self.lanes.call_in(seconds)

    async def _again(self, posting: Posting, error: Exception, seconds: float) -> None:
        """Give it back to be tried again, unless it has been tried for so long that it no longer fits."""
        now = self._world.clock.now()
        live = self._world.bots.get(posting.bot)
        if live and now + seconds - posting.open_since > live.bot.stale_after:
            reason = UNCERTAIN if isinstance(error, OutcomeUnknown) else STALE
            await self._withhold(posting, reason, f"{reason}: {error}")
            return
        level = logging.ERROR if isinstance(error, Unauthorized) else logging.WARNING
        facts: dict[str, object] = {"posting": posting.row, "attempt": posting.attempts, "again_in": round(seconds, 1)}
        facts |= {"reason": type(error).__name__, "code": getattr(error, "code", ""), "words": str(error)}
        log.log(level, "not sent yet", extra={"bot": posting.bot, **facts})
        await surely(lambda: self._world.store.retry(posting, now + seconds, str(error)))
        self.lanes.call_in(seconds)

    async def _withhold(self, posting: Posting, reason: str, explained: str) -> None:
        """Keep it from going, where an operator sees it: in the log and in `botkit outbox list`."""
        log.log(
            logging.INFO if reason == OPTED_OUT else logging.WARNING,
            "withheld",
            extra={"bot": posting.bot, "posting": posting.row, "reason": reason, "words": explained},
        )
        channel = self._world.channels.get(posting.contact.channel)
        self._world.meter.dead_lettered(channel.type if channel else "gone", reason)
        now = self._world.clock.now()
        await surely(lambda: self._world.store.withhold(posting, explained, now))
        self.lanes.call()
