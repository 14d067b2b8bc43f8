"""Handoff: whose a conversation is, what does not go out any more because of that, and what teams are told."""

from __future__ import annotations

from collections.abc import Sequence

from botkit.dialogue.contact import Contact
from botkit.dialogue.handoff import HANDBACK, Owner
from botkit.dialogue.settle import Settled
from botkit.dialogue.turn import TEAM
from botkit.dialogue.window import REASONS, TAKEN_OVER
from botkit.ledger import Claim, HandedOver, NoteInHand, NoteKept
from botkit.stores.records import read_note, write
from botkit.stores.rows import contact_of
from botkit.stores.work import Row, Rows, Work, ask, ask_first, tell_each

TAKEN_OVER_REASON = f"{TAKEN_OVER}: {REASONS[TAKEN_OVER]}"


def whose(bot: str, contact: Contact) -> Work[Row | None]:
    """A conversation as it stands."""
    return (yield from ask_first("whose", bot=bot, channel=contact.channel, contact=contact.id))


def pass_on(conversation: int, owner: Owner, at: float) -> Work[int]:
    """Give a conversation to somebody: a new epoch begins, with a timer where it is to end by itself."""
    (row,) = yield from ask("pass_on", conversation=conversation, owner=owner.who, at=at)
    epoch: int = row["owner_epoch"]
    yield from ask("drop_timer", conversation=conversation, name=HANDBACK)
    if owner.until is not None:
        timer = {"name": HANDBACK, "due_at": owner.until, "data": "", "unless_written": 0}
        yield from ask("set_timer", conversation=conversation, **timer, epoch=epoch)
    return epoch


def take_over(conversation: int, until: float | None, at: float) -> Work[None]:
    """Give a conversation to a person; what the bot has said and not yet sent does not go any more."""
    yield from pass_on(conversation, Owner(TEAM, until), at)
    yield from supersede(conversation, at)


def take_over_of(bot: str, contact: Contact, owner: Owner, at: float) -> Work[bool]:
    """The same for a conversation named by its bot and contact; `False` when there is none."""
    row = yield from whose(bot, contact)
    if row is not None:
        yield from take_over(row["id"], owner.until, at)
    return row is not None


def supersede(conversation: int, at: float, row: int = 0) -> Work[bool]:
    """Settle what was said in an earlier epoch and is not on its way, and `row` in any case; whether there was any.

    What somebody is about to send is left to them: they are told when they freeze it.
    """
    here = {"conversation": conversation, "at": at, "reason": TAKEN_OVER_REASON}
    superseded = yield from ask("supersede", **here, row=row)
    yield from ask("draft", **here)
    return bool(superseded)


def epoch_of_turn(claim: Claim, settled: Settled | None, present: int, at: float) -> Work[int]:
    """The epoch to which belongs what a turn says: a new one where the turn itself passes the conversation on.

    What was said before goes out all the same then, ahead of the farewell: nobody has answered yet. A turn that a
    take-over has overtaken stays in the epoch in which it was thought.
    """
    here, epoch = claim.conversation.id, claim.conversation.epoch
    if settled is None or settled.owner is None or present != epoch:
        return epoch
    epoch = yield from pass_on(here, settled.owner, at)
    yield from ask("carry", conversation=here, epoch=epoch)
    yield from supersede(here, at)
    return epoch


def is_sending(bot: str, contact: Contact) -> Work[bool]:
    """Whether a send is under way."""
    row = yield from whose(bot, contact)
    return row is not None and bool((yield from ask("in_hand", conversation=row["id"])))


def handed_over(limit: int) -> Work[Sequence[HandedOver]]:
    """The conversations that a person has."""
    rows = yield from ask("with_team", handback=HANDBACK, limit=limit)
    return [
        HandedOver(
            bot=row["bot"],
            contact=contact_of(row),
            since=row["owned_at"],
            until=row["until"],
            note=read_note(row["note"]) if row["note"] else None,
        )
        for row in rows
    ]


# ─── notes ───


def add_notes(claim: Claim, settled: Settled, at: float) -> Work[None]:
    """Write down what teams are to be told."""
    row = {"conversation": claim.conversation.id, "turn": claim.turn, "at": at}
    yield from tell_each("add_note", [{**row, "body": write(note)} for note in settled.notes])


def load_notes(rows: Rows) -> Work[list[NoteInHand]]:
    """All that telling a team needs of the notes that were just taken."""
    ids = write([row["conversation"] for row in rows])
    addressees = {row["conversation"]: row for row in (yield from ask("addressees", ids=ids))}
    return [
        NoteInHand(
            row=row["seq"],
            bot=addressees[row["conversation"]]["bot"],
            conversation=row["conversation"],
            contact=contact_of(addressees[row["conversation"]]),
            note=read_note(row["body"]),
            made_at=row["made_at"],
            attempts=row["attempts"],
        )
        for row in rows
    ]


def notes(limit: int) -> Work[Sequence[NoteKept]]:
    """What teams were told or are to be told."""
    return [
        NoteKept(
            row=row["seq"],
            bot=row["bot"],
            contact=contact_of(row),
            note=read_note(row["body"]),
            made_at=row["made_at"],
            status=row["status"],
            reason=row["reason"],
            attempts=row["attempts"],
            due_at=row["due_at"],
        )
        for row in (yield from ask("notes", limit=limit))
    ]
