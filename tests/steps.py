"""Steps for tests in which none may be taken."""

from __future__ import annotations

from botkit.protocols import Steps
from botkit.tools import Tool


class NoSteps:
    """Refuses every tool."""

    async def run(self, tool: Tool, /, **arguments: object) -> object:
        """Fail."""
        raise AssertionError(f"{tool!r} was called with {arguments!r}")


NO_STEPS: Steps = NoSteps()
