"""Rows of the tables as nouns of talking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from botkit.dialogue.contact import Contact
from botkit.dialogue.turn import Line
from botkit.ledger import PACED, Posted, Posting, Request
from botkit.stores.records import read, read_saying
from botkit.stores.work import Row


def contact_of(row: Row) -> Contact:
    """The contact of a row with the columns of its table."""
    return Contact(
        channel=row["channel"],
        id=row["id"],
        name=row["name"],
        phone=row["phone"],
        language=row["language"],
        muted=bool(row["muted"]),
        wrote_at=row["wrote_at"],
        refused_at=row["refused_at"],
        announced_at=row["announced_at"],
        paced_at=row["paced_at"],
    )


class _History(Sequence[Line]):
    """Lines as a store gives them, the latest first; read only when somebody looks: most turns are answered without."""

    def __init__(self, written: str) -> None:
        self._written = written

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | Sequence[Line]:
        lines = read(self._written)[::-1][at]
        return [Line(*line) for line in lines] if isinstance(at, slice) else Line(*lines)

    def __len__(self) -> int:
        return len(read(self._written))


def history_of(written: str | None) -> Sequence[Line]:
    """The latest lines of a conversation, oldest first, of which a store gives the latest first."""
    return _History(written) if written and written != "[]" else ()


def posting_of(row: Row, addressee: Row) -> Posting:
    """A row of the outbox for who sends it."""
    return Posting(
        row=row["seq"],
        bot=addressee["bot"],
        conversation=row["conversation"],
        contact=contact_of(addressee),
        saying=read_saying(row["saying"]),
        form=row["form"],
        request=Request(row["path"], bytes(row["body"])) if row["path"] is not None else None,
        template=row["template"],
        holds=bool(row["holds"]),
        refused=tuple(read(row["refused"])),
        attempts=row["attempts"],
        said_at=row["said_at"],
        attempted_at=row["attempted_at"],
        open_since=row["open_since"],
        fence=row["fence"],
        paced_until=row["due_at"] if row["reason"] == PACED else None,
        is_superseded=row["epoch"] is not None and row["epoch"] < addressee["owner_epoch"],
    )


def posted_of(row: Row) -> Posted:
    """A row of the outbox for people who look."""
    return Posted(
        row=row["seq"],
        bot=row["bot"],
        contact=contact_of(row),
        text=read_saying(row["saying"]).text,
        status=row["status"],
        reason=row["reason"],
        template=row["template"],
        receipt=row["receipt"],
        said_at=row["said_at"],
        attempts=row["attempts"],
        due_at=row["due_at"],
        message=row["message_id"] or "",
    )
