"""Declared tools: calls of HTTP that a bot file writes down, for its flows to make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from botkit.dialogue.flow import Expression
from botkit.dialogue.text import braced

METHODS = ("get", "post", "put", "patch", "delete")

EFFECTS: Mapping[str, str] = {
    "get": "safe",
    "put": "idempotent",
    "delete": "idempotent",
    "patch": "irreversible",
    "post": "irreversible",
}
"""By method: what calling it again would do, where the bot file does not say."""


@dataclass(frozen=True, slots=True)
class HttpTool:
    """One call. All its texts are Jinja, in which values stand as they are stored; `result` may also be typed.

    `url` begins with a literal address or with one of the bot's `vars`. `body` is what is sent as JSON. `effect` is a
    value of `botkit.tools.Consequence`.
    """

    name: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    timeout: float = 10.0
    """Seconds for the whole call."""
    result: str = ""
    """What the call gives, from `json` and `status`; all of the answer when empty."""
    effect: str = "safe"
    condition: Expression = ""
    """It is called only when this holds; else it gives nothing."""
    description: str = ""

    def sources(self) -> Iterator[str]:
        """All that is Jinja in it; the condition in braces."""
        yield from (self.url, *self.headers.values(), self.result, braced(self.condition))
        yield from _texts_in(self.body)


def _texts_in(body: object) -> Iterator[str]:
    match body:
        case str():
            yield body
        case Mapping() | list():
            for item in body.values() if isinstance(body, Mapping) else body:
                yield from _texts_in(item)
