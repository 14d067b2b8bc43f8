"""How work is run on PostgreSQL: many pieces side by side in one transaction, what they ask alike in one round trip."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from botkit.stores.queries import named
from botkit.stores.work import Query, Rows, Work

if TYPE_CHECKING:
    from asyncpg import Connection

_PLACE = re.compile(r"(?<![:\w]):([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as PostgreSQL takes it: with `$1` for the first of its places, and so on."""

    text: str
    places: tuple[str, ...]
    answers: bool
    """Whether rows come back."""

    @classmethod
    def of(cls, written: str) -> Statement:
        """Number the places of a statement that names them `:so`."""
        places = tuple(dict.fromkeys(_PLACE.findall(written)))
        text = _PLACE.sub(lambda match: f"${places.index(match[1]) + 1}", written)
        return cls(text, places, written.startswith(("select", "with")) or "returning" in written)

    @property
    def told_apart(self) -> str:
        """The same, to be run for many: each row carries the number of who asked, which is given last."""
        place = len(self.places) + 1
        return f"with asked as ({self.text}) select cast(${place} as bigint) as asker, asked.* from asked"  # noqa: S608

    def arguments(self, values: Mapping[str, object]) -> tuple[object, ...]:
        """The values in the order of their places."""
        return tuple(values[place] for place in self.places)


STATEMENTS: Mapping[str, Statement] = {
    name: Statement.of(written)
    for file in ("both.sql", "postgres.sql")
    for name, written in named(files(__package__) / file).items()
}


class SpoiltError(Exception):
    """A piece failed after it had written: its transaction must not be kept."""


@dataclass(slots=True)
class _Piece:
    work: Work[Any]
    answer: Rows | None = None
    has_written: bool = False
    result: object = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """How a piece of work ended."""

    result: Any = field(default=None)
    error: Exception | None = None


async def run_together(connection: Connection, works: Sequence[Work[Any]]) -> list[Done]:
    """Run pieces in lockstep: in each round, those that ask the same are asked for together.

    A piece that raises before it has written anything fails alone. Raises `SpoiltError` when one does so later.
    """
    pieces = [_Piece(work) for work in works]
    asking = _advance(pieces)
    while asking:
        for name, askers in asking.items():
            await _ask(connection, STATEMENTS[name], askers)
        asking = _advance([piece for askers in asking.values() for piece, _ in askers])
    return [Done(piece.result, piece.error) for piece in pieces]


async def run(connection: Connection, work: Work[Any]) -> Any:
    """Run one piece. Raises what it raises."""
    (done,) = await run_together(connection, [work])
    if done.error:
        raise done.error
    return done.result


Askers = list[tuple[_Piece, Query]]


def _advance(pieces: Sequence[_Piece]) -> dict[str, Askers]:
    """Let each piece go on up to its next query; these by the names of their statements."""
    asking: dict[str, Askers] = {}
    for piece in pieces:
        try:
            query = piece.work.send(piece.answer)  # type: ignore[arg-type]  # a generator begins with None
        except StopIteration as end:
            piece.result = end.value
        except Exception as error:
            if piece.has_written:
                raise SpoiltError from error
            piece.error = error
        else:
            piece.answer = []
            asking.setdefault(query.name, []).append((piece, query))
    return asking


async def _ask(connection: Connection, statement: Statement, askers: Askers) -> None:
    asked = [(asker, values) for asker, (_, query) in enumerate(askers) for values in query.values]
    if not statement.answers:
        await connection.executemany(statement.text, [statement.arguments(values) for _, values in asked])
    elif len(asked) == 1:
        askers[0][0].answer = await connection.fetch(statement.text, *statement.arguments(asked[0][1]))
    else:
        answers: list[list[Any]] = [[] for _ in askers]
        rows = await connection.fetchmany(
            statement.told_apart, [(*statement.arguments(values), asker) for asker, values in asked]
        )
        for row in rows:
            answers[row["asker"]].append(row)
        for (piece, _), answer in zip(askers, answers, strict=True):
            piece.answer = answer
    if not statement.text.startswith("select"):
        for piece, _ in askers:
            piece.has_written = piece.has_written or not statement.answers or bool(piece.answer)
