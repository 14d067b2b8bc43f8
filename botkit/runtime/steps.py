"""The declared tools of one turn, with a journal of what cannot be undone."""

from __future__ import annotations

from collections import Counter

from botkit.errors import HandlerError, StepInDoubt
from botkit.protocols import Store
from botkit.tools import CONSEQUENCE, Consequence, Tool


class JournalledSteps:
    """Steps of one turn. See `botkit.protocols.Steps`.

    An irreversible tool is written down as begun before it is called, and its result afterwards. The n-th call of a
    tool in a rerun of the turn is the n-th call of the first run, whatever its arguments are now.
    """

    __slots__ = ("_calls", "_store", "_turn", "is_irreversible")

    def __init__(self, store: Store, turn: int) -> None:
        """Name the turn; its id is the same in every rerun."""
        self._store = store
        self._turn = turn
        self._calls: Counter[str] = Counter()
        self.is_irreversible = False
        """Whether this turn has begun anything that cannot be undone."""

    async def run(self, tool: Tool, /, **arguments: object) -> object:
        """Call a tool, or give the result that it gave before."""
        consequence = getattr(tool, CONSEQUENCE, None)
        if consequence is None:
            raise HandlerError(f"{tool!r} is no tool. Declare it with @router.tool(effect=…).")
        if consequence is not Consequence.IRREVERSIBLE:
            return await tool(**arguments)
        self._calls[tool.__name__] += 1
        name = f"{tool.__name__}#{self._calls[tool.__name__]}"
        self.is_irreversible = True
        step = await self._store.begin_step(self._turn, name)
        if step.is_done:
            return step.result
        if not step.is_new:
            raise StepInDoubt(
                f"{name} of turn {self._turn} was begun before and never told its end; it is not repeated."
            )
        result = await tool(**arguments)
        await self._store.finish_step(self._turn, name, result)
        return result
