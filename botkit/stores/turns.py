"""Turns: what a claim is told, and the one transaction that ends it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from botkit.dialogue.settle import Saying, Settled
from botkit.dialogue.turn import TEAM, Conversation, Line
from botkit.errors import Conflict
from botkit.ledger import Claim, Outcome, Posting, Step
from botkit.stores.handoffs import add_notes, epoch_of_turn, supersede
from botkit.stores.inbox import in_flight
from botkit.stores.records import read, read_event, read_saying, read_state, write, write_state
from botkit.stores.rows import contact_of, history_of
from botkit.stores.work import Row, Rows, Work, ask, ask_first, tell_each

HISTORY = 40
"""Lines of history that a turn is given."""


def load_claims(rows: Rows, now: float) -> Work[list[Claim]]:
    """All that turns must know of the conversations that were just claimed."""
    ids = write([row["id"] for row in rows])
    addressees = {row["conversation"]: row for row in (yield from ask("addressees", ids=ids))}
    inbox = _by_conversation((yield from ask("waiting_events", ids=ids)))
    lines = {row["conversation"]: row["lines"] for row in (yield from ask("latest_lines", ids=ids, limit=HISTORY))}
    claims = []
    for row in rows:
        here = row["id"]
        claims.append((yield from _claim(row, addressees[here], inbox[here], lines[here], now)))
    return claims


def _by_conversation(rows: Rows) -> Mapping[int, Sequence[Row]]:
    found = defaultdict[int, list[Row]](list)
    for row in rows:
        found[row["conversation"]].append(row)
    return found


def _claim(row: Row, addressee: Row, inbox: Sequence[Row], lines: str | None, now: float) -> Work[Claim]:
    here, events = row["id"], tuple(read_event(event["body"]) for event in inbox)
    sending = (yield from in_flight(here)) if addressee["is_sending"] else ()
    held = (yield from ask("held", conversation=here, now=now)) if addressee["has_held"] else ()
    return Claim(
        conversation=Conversation(
            here,
            row["bot"],
            contact_of(addressee),
            read_state(row["state"]),
            history_of(lines),
            row["owner"],
            row["owner_epoch"],
        ),
        rows=tuple(event["seq"] for event in inbox),
        events=events,
        fence=row["fence"],
        arrived=row["arrived"],
        attempts=row["attempts"],
        replans=row["replans"],
        since=min(event["received_at"] for event in inbox),
        ours=frozenset(event["message"] for event in inbox if event["is_ours"]),
        in_flight=sending,
        held=tuple(read_saying(words["saying"]).text for words in held),
    )


def commit(claim: Claim, outcome: Outcome, *, frozen: bool) -> Work[Posting | None]:
    """End a turn; what is on its way with it. Raises `Conflict` before anything is written."""
    here, trace = claim.conversation.id, write(outcome.trace)
    settled = yield from ask_first(
        "settle",
        conversation=here,
        state=write_state(outcome.settled.state) if outcome.settled else None,
        answered=len(claim.rows),
        fence=claim.fence,
        arrived=claim.arrived,
        frozen=int(frozen),
    )
    if settled is None:
        raise Conflict(f"More has arrived in the conversation {here}, or another claim has taken it.")
    yield from tell_each("answer", [{"turn": claim.turn, "seq": seq} for seq in claim.rows])
    if settled["pending"]:
        yield from ask("go_on", conversation=here, ready_at=outcome.at)
    yield from _remember_contact(claim, outcome)
    if outcome.folds:
        yield from _fold(claim, outcome.at)
    is_overtaken = settled["owner_epoch"] != claim.conversation.epoch
    yield from _remember_words(claim, outcome, is_overtaken=is_overtaken)
    epoch = yield from epoch_of_turn(claim, outcome.settled, settled["owner_epoch"], outcome.at)
    may_send = not (settled["is_queuing"] or is_overtaken)
    sent_off = (yield from _send_off(claim, outcome, epoch)) if may_send else None
    if outcome.settled:
        row = {"conversation": here, "turn": claim.turn, "at": outcome.at}
        waiting = outcome.settled.sayings[1 if sent_off else 0 :]
        said = [{**row, "saying": write(saying), "epoch": _epoch(saying, epoch)} for saying in waiting]
        yield from tell_each("post", said)
        yield from _set_timers(here, outcome.settled, epoch)
        yield from add_notes(claim, outcome.settled, outcome.at)
    if is_overtaken:
        yield from supersede(here, outcome.at)
    yield from ask("add_trace", turn=claim.turn, conversation=here, at=outcome.at, body=trace)
    return sent_off


def _epoch(saying: Saying, epoch: int) -> int | None:
    """The epoch of what the bot says; a person's words belong to none."""
    return None if saying.who == TEAM else epoch


def _send_off(claim: Claim, outcome: Outcome, epoch: int) -> Work[Posting | None]:
    """Put the first saying into the outbox as one that is taken, frozen and on its way."""
    request, settled, here, at = outcome.request, outcome.settled, claim.conversation, outcome.at
    if not (request and settled and settled.sayings):
        return None
    saying = settled.sayings[0]
    row = {
        "conversation": here.id,
        "turn": claim.turn,
        "saying": write(saying),
        "epoch": _epoch(saying, epoch),
        "at": at,
    }
    (made,) = yield from ask("send_off", **row, path=request.path, body=request.body)
    return Posting(
        row=made["seq"],
        bot=here.bot,
        conversation=here.id,
        contact=replace(here.contact, language=settled.language, muted=settled.muted),
        saying=saying,
        form=1,
        request=request,
        attempts=1,
        said_at=at,
        attempted_at=at,
        open_since=at,
        fence=1,
    )


def _remember_contact(claim: Claim, outcome: Outcome) -> Work[None]:
    """Write down what the turn has changed; of what it has not, another may know better by now."""
    contact, settled = claim.conversation.contact, outcome.settled
    address = {"channel": contact.channel, "contact": contact.id}
    if outcome.name not in ("", contact.name) or outcome.phone not in ("", contact.phone):
        yield from ask("greet", **address, name=outcome.name, phone=outcome.phone, wrote_at=None)
    if settled and (settled.language, settled.muted) != (contact.language, contact.muted):
        yield from ask("remember_contact", **address, language=settled.language, muted=int(settled.muted))


def _fold(claim: Claim, at: float) -> Work[None]:
    """The held words that the turn knew are in its answer, even if they expire just now; what was held later is not."""
    rows = yield from ask("held", conversation=claim.conversation.id, now=0.0)
    known = [row["seq"] for row in rows if read_saying(row["saying"]).text in claim.held]
    yield from tell_each("fold", [{"row": row, "at": at} for row in known])


def _remember_words(claim: Claim, outcome: Outcome, *, is_overtaken: bool) -> Work[None]:
    """What was said in the turn is history; what the bot will never say, because a person was faster, is none."""
    sayings = outcome.settled.sayings if outcome.settled else ()
    if is_overtaken:
        sayings = tuple(saying for saying in sayings if saying.who == TEAM)
    lines = [*outcome.heard, *(Line(saying.who, saying.text, outcome.at) for saying in sayings)]
    turn = {"conversation": claim.conversation.id, "turn": claim.turn}
    yield from tell_each("add_line", [{**turn, "who": line.who, "text": line.text, "at": line.at} for line in lines])


def _set_timers(conversation: int, settled: Settled, epoch: int) -> Work[None]:
    """Each takes the place of the one of its name, or only drops that one."""
    for timer in settled.timers:
        yield from ask("drop_timer", conversation=conversation, name=timer.name)
        if timer.due_at is not None:
            yield from ask(
                "set_timer",
                conversation=conversation,
                name=timer.name,
                due_at=timer.due_at,
                data=timer.data,
                unless_written=int(timer.unless_written),
                epoch=epoch,
            )


def release(claim: Claim, ready_at: float, *, failed: bool) -> Work[None]:
    """Give a conversation back undone."""
    here = claim.conversation.id
    yield from ask("release", conversation=here, fence=claim.fence, ready_at=ready_at, failed=int(failed))


def begin_step(turn: int, name: str) -> Work[Step]:
    """Write into the journal that a step begins, or tell what is written there."""
    if (yield from ask_first("begin_step", turn=turn, name=name)):
        return Step(is_new=True)
    known = yield from ask_first("step", turn=turn, name=name)
    result = known["result"] if known else None
    return Step(is_new=False, is_done=result is not None, result=read(result) if result is not None else None)


def finish_step(turn: int, name: str, result: object) -> Work[None]:
    """Write down the result of a step."""
    yield from ask("finish_step", turn=turn, name=name, result=write(result))
