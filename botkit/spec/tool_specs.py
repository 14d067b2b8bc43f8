"""The keys of a declared tool: a call of HTTP."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from botkit.dialogue.tool import METHODS
from botkit.spec.words import Expression, Sentence
from botkit.strict_yaml.validation import Seconds, Strict


class ToolSpec(Strict):
    """A call of HTTP that flows make by `call`. It has one of get, post, put, patch and delete."""

    description: Sentence | None = None
    """What it does, in a sentence; for the model."""
    get: Sentence | None = None
    """The URL to read. Values in it are encoded; it begins with an address, or with {{ vars.name }}."""
    post: Sentence | None = None
    """The URL to post to."""
    put: Sentence | None = None
    """The URL to put to."""
    patch: Sentence | None = None
    """The URL to patch."""
    delete: Sentence | None = None
    """The URL to delete."""
    headers: dict[Sentence, Sentence] = Field({})
    """Headers to send; secrets belong here."""
    json_body: Any = Field(None, alias="json")
    """What to send as JSON: texts in it are Jinja, and one {{ expression }} alone keeps its type."""
    timeout: Seconds = 10.0
    """How long the call may take."""
    result: Sentence | None = None
    """What the call gives, from `json` and `status`; all of the answer when not given."""
    effect: Literal["safe", "idempotent", "irreversible"] | None = None
    """What calling it again would do: get is safe, put and delete are idempotent, post and patch irreversible."""
    condition: Expression | None = Field(None, alias="if")
    """It is called only when this holds; else it gives nothing."""

    @property
    def methods(self) -> list[str]:
        """The methods that are given."""
        return [method for method in METHODS if getattr(self, method)]
