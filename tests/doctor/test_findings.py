"""How checks are made: side by side, each within a time, and none the end of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from botkit.doctor.findings import Finding, Level, examine, ok, problem
from botkit.errors import StoreError


async def well() -> Sequence[Finding]:
    return [ok("Good."), problem("Bad.", "Mend it.")]


async def never() -> Sequence[Finding]:
    await asyncio.Event().wait()
    return []


async def raises() -> Sequence[Finding]:
    raise LookupError("oh")


async def refuses() -> Sequence[Finding]:
    raise StoreError("The disk is full.")


async def test_findings_come_in_the_order_of_the_checks_under_their_names() -> None:
    found = await examine({"b": well, "a": well})
    assert [(item.check, item.level) for item in found] == [
        ("b", Level.OK),
        ("b", Level.PROBLEM),
        ("a", Level.OK),
        ("a", Level.PROBLEM),
    ]
    assert found[1] == Finding(Level.PROBLEM, "Bad.", "Mend it.", "b")


async def test_a_check_that_takes_long_or_fails_is_a_problem_and_no_end_of_the_others() -> None:
    found = await examine({"long": never, "broken": raises, "told": refuses, "well": well}, limit=0.05)
    assert [item.message for item in found] == [
        "There was no answer within 0.05 s.",
        "The check itself failed: LookupError: oh.",
        "The disk is full.",
        "Good.",
        "Bad.",
    ]


async def test_checks_are_made_side_by_side() -> None:
    met = asyncio.Barrier(2)

    async def meet() -> Sequence[Finding]:
        await met.wait()
        return [ok("Met.")]

    assert [item.message for item in await examine({"a": meet, "b": meet})] == ["Met.", "Met."]
