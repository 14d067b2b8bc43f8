"""The work of a transaction, written once for every database.

A piece of work is a generator: it asks for a named statement, is given the rows, and ends with its result. Who drives
it knows the database, and may run many pieces side by side in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

Result = TypeVar("Result")


class Row(Protocol):
    """A row as a database gives it: its values by the names of their columns."""

    def __getitem__(self, name: str, /) -> Any:
        """The value of a column."""
        ...


class Query(NamedTuple):
    """A named statement with its values, once for each time that it is to run; the rows of all come back."""

    name: str
    values: Sequence[Mapping[str, object]]


Rows = Sequence[Row]
Work = Generator[Query, Rows, Result]
"""Work under way."""
Piece = Callable[[], Work[Result]]
"""Work that can be begun, and begun anew when its transaction failed."""


def ask(name: str, /, **values: object) -> Work[Rows]:
    """Run a statement; its rows."""
    return (yield Query(name, (values,)))


def ask_first(name: str, /, **values: object) -> Work[Row | None]:
    """Run a statement; its first row."""
    rows = yield Query(name, (values,))
    return rows[0] if rows else None


def tell_each(name: str, values: Sequence[Mapping[str, object]]) -> Work[None]:
    """Run a statement for each of many values, if there are any."""
    if values:
        yield Query(name, values)


def lane(channel: str, contact: str) -> str:
    """What work on a contact locks: all that belongs to one contact happens one after the other."""
    return f"contact {channel} {contact}"


def message_lane(channel: str, message: str) -> str:
    """What work on a message's id locks: its status and the answer to its send may come at the same time."""
    return f"message {channel} {message}"
