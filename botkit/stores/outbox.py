"""The outbox: what is on its way, waits for the contact's return, or will not go."""

from __future__ import annotations

from botkit.dialogue.window import DISCARDED, EXPIRED, REASONS
from botkit.errors import Conflict
from botkit.ledger import DRAFT, HELD, SENDING, WAITING, WITHHELD, Posting, Receipt
from botkit.stores.handoffs import supersede
from botkit.stores.receipts import recall
from botkit.stores.records import write
from botkit.stores.rows import posting_of
from botkit.stores.work import Rows, Work, ask, ask_first, lane, message_lane, tell_each

EXPIRED_REASON = f"{EXPIRED}: {REASONS[EXPIRED]}"
DISCARDED_REASON = f"{DISCARDED}: {REASONS[DISCARDED]}"
EXPIRED_AT_ONCE = 1000


def lanes_of(posting: Posting, receipt: Receipt | None = None) -> frozenset[str]:
    """What work on a posting locks."""
    contact = posting.contact
    messages = (receipt.id, receipt.provider_id) if receipt else ()
    lanes = {message_lane(contact.channel, message) for message in messages if message}
    return frozenset({lane(contact.channel, contact.id), *lanes})


def load_postings(rows: Rows) -> Work[list[Posting]]:
    """All that sending must know of the rows that were just claimed."""
    ids = write([row["conversation"] for row in rows])
    addressees = {row["conversation"]: row for row in (yield from ask("addressees", ids=ids))}
    return [posting_of(row, addressees[row["conversation"]]) for row in rows]


def freeze(posting: Posting, at: float) -> Work[bool]:
    """Write down form and request before the first byte leaves; `False` when the row is superseded instead.

    Raises `Conflict` when somebody else has the row.
    """
    path, body = (posting.request.path, posting.request.body) if posting.request else (None, None)
    is_mine = yield from ask_first(
        "freeze",
        **_mine(posting),
        at=at,
        form=posting.form,
        path=path,
        body=body,
        template=posting.template,
        holds=int(posting.holds),
        refused=write(posting.refused),
    )
    if is_mine:
        return True
    if not (yield from ask("held_by", **_mine(posting))):
        raise Conflict(f"The posting {posting.row} was taken by another claim.")
    yield from supersede(posting.conversation, at, posting.row)
    return False


def give_up(posting: Posting, at: float) -> Work[None]:
    """What was on its way before the conversation changed hands, and did not arrive, does not go any more."""
    if (yield from ask("held_by", **_mine(posting))):
        yield from supersede(posting.conversation, at, posting.row)


def retry(posting: Posting, due_at: float, reason: str, *, counts: bool) -> Work[None]:
    """Give a posting back. What follows it is put off as well, so that a claim need not look at it."""
    given_back = yield from ask_first(
        "retry",
        **_mine(posting),
        status=WAITING if posting.attempted_at is None else SENDING,
        due_at=due_at,
        reason=reason,
        refused=write(posting.refused),
        counts=int(counts),
        attempted_at=posting.attempted_at,
    )
    if given_back is None:
        return
    if posting.request is None:
        yield from ask("judge_anew", row=posting.row)
    yield from ask("put_off_followers", conversation=given_back["conversation"], row=posting.row, due_at=due_at)


def sent(posting: Posting, receipt: Receipt, at: float, spacing: float) -> Work[bool]:
    """A posting is sent, whoever had it; what was told of its message before we knew its id is told again.

    Tells whether more of its conversation waits: that, and what is judged anew because its sending had failed.
    """
    sent = yield from ask_first("sent", row=posting.row, conversation=posting.conversation, at=at, **_message(receipt))
    contact = posting.contact
    if spacing:
        yield from ask("pace", channel=contact.channel, contact=contact.id, at=at, spacing=spacing)
    if sent and sent["is_told_of"]:
        yield from recall(contact, receipt)
    return bool(sent and (sent["has_followers"] or sent["is_told_of"]))


def hold(posting: Posting, expires_at: float, at: float, receipt: Receipt | None) -> Work[None]:
    """Its words leave the queue until the contact returns; a template may have gone to ask for that.

    A contact who has written since the posting was taken has returned already: then it is judged anew.
    """
    if not (yield from ask_first("hold", **_mine(posting), expires_at=expires_at)):
        return
    contact = posting.contact
    present = yield from ask_first("contact", channel=contact.channel, contact=contact.id)
    has_returned = present is not None and (present["wrote_at"] or 0.0) > (contact.wrote_at or 0.0)
    if has_returned:
        yield from ask("reopen", row=posting.row, at=at, reason="", refused=write(posting.refused))
    if receipt:
        yield from ask("know_message", row=posting.row, **_message(receipt))
        if not has_returned:
            yield from ask("announce", channel=contact.channel, contact=contact.id, at=at)
        yield from recall(contact, receipt)
    yield from supersede(posting.conversation, at)


def release_held(conversation: int, now: float) -> Work[int]:
    """Put held words back into the queue: their rows are older than all that is said later."""
    rows = yield from ask("held", conversation=conversation, now=now)
    again = {"at": now, "reason": ""}
    yield from tell_each("reopen", [{**again, "row": row["seq"], "refused": row["refused"]} for row in rows])
    return len(rows)


def expire_held(now: float) -> Work[int]:
    """Withhold what has waited too long."""
    rows = yield from ask("expired", now=now, limit=EXPIRED_AT_ONCE)
    yield from tell_each("expire", [{"row": row["seq"], "at": now, "reason": EXPIRED_REASON} for row in rows])
    return len(rows)


def withhold(posting: Posting, reason: str, at: float) -> Work[None]:
    """It will not go."""
    yield from ask("withhold", **_mine(posting), reason=reason, at=at)


def replay(row: int, now: float) -> Work[bool]:
    """Let a dead letter or a draft go once more; a template that was refused then may have been mended.

    It is the operator's from then on, and goes out whoever has the conversation.
    """
    shelved = yield from ask_first("shelved", row=row, discarded=DISCARDED_REASON)
    if shelved is None or shelved["status"] not in (WITHHELD, DRAFT):
        return False
    yield from ask("reopen", row=row, at=now, reason="", refused="[]")
    yield from ask("adopt", row=row)
    return True


def discard(row: int, now: float) -> Work[bool]:
    """Close a dead letter, held words or a draft for good; they can be read until they are forgotten."""
    shelved = yield from ask_first("shelved", row=row, discarded=DISCARDED_REASON)
    if shelved is None or shelved["status"] not in (WITHHELD, HELD, DRAFT):
        return False
    yield from ask("close", row=row, reason=DISCARDED_REASON, at=now)
    return True


def _mine(posting: Posting) -> dict[str, int]:
    """Only who has the row may change it."""
    return {"row": posting.row, "fence": posting.fence}


def _message(receipt: Receipt) -> dict[str, str | None]:
    names = {"message_id": receipt.id or None, "provider_id": receipt.provider_id or None}
    return {**names, "receipt": receipt.status}
