"""What arrives: questions wait for their turn, statuses find the row that sent their message, the team is overheard."""

from __future__ import annotations

from dataclasses import replace

from botkit.dialogue.contact import Contact
from botkit.dialogue.event import (
    DeliveryChanged,
    Event,
    MessageAnnounced,
    MessageReceived,
    MessageSent,
    OperatorSaid,
    TimerDue,
)
from botkit.dialogue.handoff import HANDBACK, Owner
from botkit.dialogue.turn import BOT, TEAM
from botkit.ledger import Arrival
from botkit.stores.handoffs import pass_on, supersede, take_over, whose
from botkit.stores.receipts import receive
from botkit.stores.records import read_saying, write_event
from botkit.stores.work import Row, Work, ask, ask_first, lane, message_lane

NO_TURN = 0
ECHO_WITHIN = 600.0
"""Seconds after something was said in which a message of equal words from our side is its echo, whatever its id."""

TIMERS_AT_ONCE = 256

_Written = MessageReceived | MessageAnnounced


def lanes_of(event: Event) -> frozenset[str]:
    """What accepting an event locks."""
    lanes = {lane(event.channel, event.contact)}
    if isinstance(event, DeliveryChanged):
        lanes.add(message_lane(event.channel, event.message))
    return frozenset(lanes)


def accept(arrival: Arrival) -> Work[bool]:
    """Put an event into the inbox, once for its key."""
    event, message = arrival.event, _message(arrival.event)
    address = {"bot": arrival.bot, "channel": event.channel, "contact": event.contact}
    (here,) = yield from ask("how_it_stands", key=event.key, message=message, **address)
    if here["is_known"]:
        return False
    conversation: int | None = None
    turn: int | None = NO_TURN
    if isinstance(event, DeliveryChanged):
        yield from receive(event, arrival.received_at)
    elif isinstance(event, MessageSent):
        conversation = yield from _overhear(arrival, event, here)
    else:
        conversation, turn = (yield from _arrive(arrival, here)), None
        if isinstance(event, OperatorSaid) and event.takes_over:
            yield from take_over(conversation, arrival.received_at + arrival.theirs_for, arrival.received_at)
    yield from ask(
        "put",
        key=event.key,
        conversation=conversation,
        message=message,
        body=write_event(event),
        received_at=arrival.received_at,
        ordered_at=_told_at(arrival),
        turn=turn,
    )
    return True


def fire_timer(timer: Row, now: float) -> Work[bool]:
    """Put a timer that is due into the inbox, unless it is gone by now."""
    if not (yield from ask_first("take_timer", timer=timer["id"])):
        return False
    due = TimerDue(timer["channel"], timer["contact"], str(timer["id"]), timer["name"], timer["data"], timer["epoch"])
    if due.name == HANDBACK:
        return (yield from _hand_back(due, timer["bot"], now))
    return (yield from accept(Arrival(due, timer["bot"], now)))


def hand_back_of(bot: str, contact: Contact, now: float) -> Work[bool]:
    """Give a conversation back to the bot before its time; `False` when the bot has it."""
    here = yield from whose(bot, contact)
    if here is None:
        return False
    epoch: int = here["owner_epoch"]
    due = TimerDue(contact.channel, contact.id, f"{here['id']}.{epoch}", HANDBACK, epoch=epoch)
    return (yield from _hand_back(due, bot, now))


def _hand_back(due: TimerDue, bot: str, now: float) -> Work[bool]:
    """The bot has the conversation again, and a turn in which to say so; unless it changed hands since."""
    here = yield from whose(bot, Contact(due.channel, due.contact))
    if here is None or here["owner"] != TEAM or here["owner_epoch"] != due.epoch:
        return False
    epoch = yield from pass_on(here["id"], Owner(BOT), now)
    yield from supersede(here["id"], now)
    return (yield from accept(Arrival(replace(due, epoch=epoch), bot, now)))


def in_flight(conversation: int) -> Work[tuple[str, ...]]:
    """The words of sends of a conversation that are on their way."""
    rows = yield from ask("sending", conversation=conversation)
    return tuple(read_saying(row["saying"]).text for row in rows)


def _arrive(arrival: Arrival, here: Row) -> Work[int]:
    """The conversation of an event that wants an answer; a contact's message opens the window, an echo does not."""
    event = arrival.event
    address = {"channel": event.channel, "contact": event.contact}
    is_theirs = isinstance(event, _Written) and not (yield from _may_be_ours(event, here))
    known = {"name": getattr(event, "name", "") if isinstance(event, MessageReceived) else "", "phone": ""}
    if isinstance(event, MessageReceived):
        known["phone"] = event.phone
    yield from ask("greet", **address, **known, wrote_at=_told_at(arrival) if is_theirs else None)
    conversation: int | None = here["id"]
    if conversation is None:
        (begun,) = yield from ask("begin_conversation", bot=arrival.bot, **address)
        conversation = begun["id"]
    if is_theirs and here["has_timers"]:
        yield from ask("drop_timers_unless_written", conversation=conversation)
    yield from ask("arrive", conversation=conversation, **_ready(arrival, here))
    return conversation


def _ready(arrival: Arrival, here: Row) -> dict[str, float]:
    """When the conversation is ready: a quiet spell after the latest event, at most so long after the first.

    A conversation that was given back is not ready before its time, whatever arrives.
    """
    now = arrival.received_at
    if not here["pending"]:
        return {"first_at": now, "ready_at": now + min(arrival.at_most, arrival.quiet)}
    first_at = here["first_at"]
    ready_at = min(first_at + arrival.at_most, now + arrival.quiet)
    if isinstance(arrival.event, TimerDue):
        ready_at = here["ready_at"]
    if here["not_before"] is not None:
        ready_at = max(ready_at, here["not_before"])
    return {"first_at": first_at, "ready_at": ready_at}


def _may_be_ours(event: _Written, here: Row) -> Work[bool]:
    """Whether a message has the id of a send, or the words of one that is on its way."""
    if here["is_ours"]:
        return True
    if not here["is_sending"] or isinstance(event, MessageAnnounced):
        return False
    return event.text in (yield from in_flight(here["id"]))


def _overhear(arrival: Arrival, event: MessageSent, here: Row) -> Work[int | None]:
    """A message from our side. One that we did not send was written by a person of the team.

    It belongs to the history, and the conversation is theirs from then on: the bot keeps quiet.
    """
    conversation: int | None = here["id"]
    if here["is_ours"] or (conversation is not None and (yield from _is_echo(arrival, event, conversation))):
        return conversation
    if conversation is None:
        address = {"channel": event.channel, "contact": event.contact}
        yield from ask("greet", **address, name="", phone="", wrote_at=None)
        (begun,) = yield from ask("begin_conversation", bot=arrival.bot, **address)
        conversation = begun["id"]
    if event.text:
        line = {"turn": NO_TURN, "who": TEAM, "text": event.text, "at": event.sent_at or arrival.received_at}
        yield from ask("add_line", conversation=conversation, **line)
    until = _told_at(arrival) + arrival.theirs_for
    if until > arrival.received_at:
        yield from take_over(conversation, until, arrival.received_at)
    return conversation


def _is_echo(arrival: Arrival, event: MessageSent, conversation: int) -> Work[bool]:
    """Whether it has the words of a send that is on its way or was done lately, whose ids may not be known yet.

    The words of a template are the platform's: while one is on its way, nobody can tell.
    """
    sending = yield from ask("sending", conversation=conversation)
    recent = yield from ask("said_since", conversation=conversation, since=arrival.received_at - ECHO_WITHIN)
    words = {read_saying(row["saying"]).text for row in sending} | {row["text"] for row in recent}
    return event.text in words or any(row["template"] for row in sending)


def _told_at(arrival: Arrival) -> float:
    """When an event was sent, as far as that is known and can be believed."""
    return min(getattr(arrival.event, "sent_at", None) or arrival.received_at, arrival.received_at)


def _message(event: Event) -> str | None:
    """The id of the message that an event is, or tells about."""
    match event:
        case DeliveryChanged(message=message):
            return message
        case MessageReceived(id=id) | MessageAnnounced(id=id) | MessageSent(id=id) | OperatorSaid(id=id):
            return id
        case _:
            return None
