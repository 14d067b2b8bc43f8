"""Services: made once when the app starts, given by their type, ended in the reverse order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.given import turn
from tests.handlers.written import BOT, FIRST, built, refused, write
from tests.steps import NO_STEPS

HANDLER = """
@router.intent("status")
def status(orders: Orders) -> Any:
    return orders
"""


async def served(folder: Path, factory: str) -> tuple[list[str], list[str]]:
    """What happened until the app had started and a handler was called twice, and what after it stopped."""
    handlers = built(write(folder, f"log = []\n\n{factory}\n{HANDLER}"))
    await handlers.open()
    one, two = [await handlers.call("status", turn("Hello", of=BOT), NO_STEPS) for _ in range(2)]
    assert one is two, "a service is made once"
    log: list[str] = one.log  # type: ignore[union-attr]
    while_open = list(log)
    await handlers.close()
    return while_open, log[len(while_open) :]


@pytest.mark.parametrize(
    ("declared", "given", "ends"),
    [
        ("def orders() -> Orders", "return made", []),
        ("async def orders() -> Orders", "return made", []),
        ("def orders() -> Iterator[Orders]", "yield made\n    log.append('ended')", ["ended"]),
        ("async def orders() -> AsyncIterator[Orders]", "yield made\n    log.append('ended')", ["ended"]),
    ],
    ids=["function", "async function", "generator", "async generator"],
)
async def test_a_service_is_made_by_any_kind_of_function(
    tmp_path: Path, declared: str, given: str, ends: list[str]
) -> None:
    factory = f"""
@router.provide
{declared}:
    made = Orders()
    made.log = log
    log.append('made')
    {given}
"""
    assert await served(tmp_path, factory) == (["made"], ends)


async def test_services_that_need_services_are_made_after_them_and_ended_before_them(tmp_path: Path) -> None:
    factory = """
class Wire:
    pass


@router.provide
async def orders(ledger: Ledger, wire: Wire) -> AsyncIterator[Orders]:
    made = Orders()
    made.log = log
    log.append("orders made")
    assert isinstance(ledger, Ledger) and isinstance(wire, Wire)
    yield made
    log.append("orders ended")


@router.provide
def ledger(wire: Wire) -> Iterator[Ledger]:
    log.append("ledger made")
    yield Ledger()
    log.append("ledger ended")


@router.provide
async def wire() -> AsyncIterator[Wire]:
    log.append("wire made")
    yield Wire()
    log.append("wire ended")
"""
    assert await served(tmp_path, factory) == (
        ["wire made", "ledger made", "orders made"],
        ["orders ended", "ledger ended", "wire ended"],
    )


async def test_what_was_made_is_ended_when_a_later_service_cannot_be_made(tmp_path: Path) -> None:
    code = """
        ended = []

        @router.provide
        def orders() -> Iterator[Orders]:
            yield Orders()
            ended.append("orders")

        @router.provide
        def ledger(orders: Orders) -> Ledger:
            raise OSError("no ledger today", ended)
    """
    handlers = built(write(tmp_path, code))
    with pytest.raises(OSError, match="no ledger today") as caught:
        await handlers.open()
    await handlers.close()
    assert caught.value.args[1] == ["orders"]


NO_TYPE = "Annotate what it returns, as in `-> Orders`, or what it yields, as in `-> Iterator[Orders]`."
NO_SOURCE = "Write a function that returns it under @router.provide; services ask for services only."


@pytest.mark.parametrize(
    ("code", "line", "message", "remedy"),
    [
        ("def orders(): ...", 0, "orders does not say what it provides.", NO_TYPE),
        ("def orders() -> None: ...", 0, "orders does not say what it provides.", NO_TYPE),
        ("def orders() -> Orders | None: ...", 0, "orders does not say what it provides.", NO_TYPE),
        ("def orders() -> Iterator[Orders]: ...", 0, "orders does not say what it provides.", NO_TYPE),
        ("def orders() -> Iterator:\n    yield 1", 0, "orders does not say what it provides.", NO_TYPE),
        ("async def orders() -> Orders:\n    yield 1", 0, "orders does not say what it provides.", NO_TYPE),
        (
            "def orders(ledger: Ledger) -> Orders: ...",
            0,
            "orders asks for Ledger, which nothing provides, or only in a circle.",
            NO_SOURCE,
        ),
        (
            "def orders(ledger: Ledger | None) -> Orders: ...",
            0,
            "orders asks for Ledger | None, which nothing provides, or only in a circle.",
            NO_SOURCE,
        ),
        (
            "def orders(turn: Turn) -> Orders: ...",
            0,
            "orders asks for Turn, which nothing provides, or only in a circle.",
            NO_SOURCE,
        ),
        (
            "def orders(itself: Orders) -> Orders: ...",
            0,
            "orders asks for Orders, which nothing provides, or only in a circle.",
            NO_SOURCE,
        ),
        (
            "def orders(ledger: Ledger) -> Orders: ...\n\n@router.provide\ndef ledger(orders: Orders) -> Ledger: ...",
            0,
            "orders asks for Ledger, which nothing provides, or only in a circle.",
            NO_SOURCE,
        ),
        (
            "def orders() -> Orders: ...\n\n@router.provide\ndef more() -> Orders: ...",
            3,
            "Orders is provided twice.",
            "Keep one of the two.",
        ),
    ],
)
def test_a_service_that_cannot_be_made_is_refused_when_the_app_is_built(
    tmp_path: Path, code: str, line: int, message: str, remedy: str
) -> None:
    (problem,) = refused(write(tmp_path, f"@router.provide\n{code}"))
    assert (problem.line, problem.column) == (FIRST + line, 1)
    assert (problem.message, problem.remedy) == (message, remedy)


def test_a_service_under_a_context_manager_is_refused_where_it_is_written(tmp_path: Path) -> None:
    code = """
        import contextlib

        @router.provide
        @contextlib.asynccontextmanager
        async def orders() -> AsyncIterator[Orders]:
            yield Orders()
    """
    (problem,) = refused(write(tmp_path, code))
    assert (problem.line, problem.column) == (FIRST + 2, 1)
    assert (problem.message, problem.remedy) == ("orders does not say what it provides.", NO_TYPE)


def test_a_parameter_of_a_service_needs_a_type_too(tmp_path: Path) -> None:
    (problem,) = refused(write(tmp_path, "@router.provide\ndef orders(ledger) -> Orders: ..."))
    assert (problem.line, problem.column) == (FIRST + 1, 12)
    assert problem.message == "orders(ledger) has no type."
