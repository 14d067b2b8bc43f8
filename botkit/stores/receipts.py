"""What becomes of a message after its send: statuses move its row forward, and some failures open it once more."""

from __future__ import annotations

from botkit.dialogue.contact import Contact
from botkit.dialogue.event import DeliveryChanged
from botkit.dialogue.receipt import FAILED, advance
from botkit.dialogue.window import REASONS, UNDELIVERED
from botkit.ledger import HELD, SENT, Receipt
from botkit.stores.records import read, read_event, write
from botkit.stores.work import Row, Work, ask

WINDOW, TEMPLATE = "window", "template"
"""The causes of a failure that say what to do."""


def receive(event: DeliveryChanged, arrived_at: float) -> Work[None]:
    """Apply a status to the row that sent its message, if that is known."""
    if not event.message:
        return
    for row in (yield from ask("postings_of_message", channel=event.channel, message=event.message)):
        receipt = advance(row["receipt"], event.status)
        if receipt == row["receipt"]:
            continue
        yield from ask("set_receipt", row=row["seq"], receipt=receipt, reason=event.reason)
        if receipt == FAILED:
            yield from _fail(row, event, arrived_at)


def recall(contact: Contact, receipt: Receipt) -> Work[None]:
    """Apply what was told of a message before its id was known to be that of a row."""
    for message in dict.fromkeys(filter(None, (receipt.id, receipt.provider_id))):
        for row in (yield from ask("statuses_of", message=message)):
            status = read_event(row["body"])
            if isinstance(status, DeliveryChanged) and status.channel == contact.channel:
                yield from receive(status, row["received_at"])


def _fail(row: Row, event: DeliveryChanged, arrived_at: float) -> Work[None]:
    """What was refused after all is judged anew where another form may go; else it is a dead letter."""
    contact, template = {"channel": event.channel, "contact": row["contact"]}, row["template"]
    again = {"row": row["seq"], "reason": event.reason, "at": arrived_at}
    if event.cause == WINDOW and row["status"] == SENT and not template:
        yield from ask("refused_window", **contact, at=event.at or arrived_at)
        yield from ask("reopen", **again, refused=row["refused"])
    elif event.cause == TEMPLATE and row["status"] in (SENT, HELD) and template:
        if row["status"] == HELD:
            yield from ask("announce", **contact, at=None)
        name = template.rpartition(" (")[0] or template
        refused = dict.fromkeys([*read(row["refused"]), name])
        yield from ask("reopen", **again, refused=write(list(refused)))
    elif row["status"] == SENT:
        reason = f"{UNDELIVERED}: {event.reason or REASONS[UNDELIVERED]}"
        yield from ask("close", row=row["seq"], reason=reason, at=arrived_at)
