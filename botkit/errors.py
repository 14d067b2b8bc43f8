"""Everything that can go wrong, sorted by who must act.

::

    BotkitError
    ├─ ConfigError                the operator: a file must change, before a port opens
    │  ├─ PromptError             … a prompt, or a text written in Jinja
    │  └─ HandlerSignatureError   … a handler that asks for what nobody can give it
    ├─ WebhookError               the caller of the webhook, who is told `status`
    │  ├─ BadPayload        400
    │  ├─ BadSignature      401
    │  ├─ UnknownToken      404
    │  └─ Overloaded        503
    ├─ SendError                  the Messaging API, or the way there
    │  ├─ WindowClosed            use a template
    │  ├─ TemplateRefused         use another template
    │  ├─ RateLimited             wait `retry_after` seconds
    │  ├─ Unreachable             it did not arrive: try again
    │  ├─ OutcomeUnknown          it may have arrived: repeat only with the same idempotency key
    │  ├─ Unauthorized            the key was refused: nothing goes until `api.key` is changed
    │  └─ Rejected                final
    ├─ ResponderError             the model: the next responder is asked
    ├─ HandlerError               the author of a handler: it asked for what cannot be done
    ├─ ToolError                  the author of the tool, or whoever runs what it calls: the step's `else` is done
    ├─ StepInDoubt                a person: an irreversible step was begun and nobody knows its end
    └─ StoreError                 the operator: the database
       └─ Conflict                nobody: the turn runs again

A message says what was attempted, what was found and what to do about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")


class BotkitError(Exception):
    """The root: catch this to catch everything that botkit raises on purpose."""

    @property
    def told(self) -> str:
        """The words that logs may have: nothing that contacts wrote, or platforms said of them."""
        return str(self)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in one place of a file.

    `line` and `column` count from 1; 0 means that the file as a whole is meant. `end_column` is the one behind the last
    character that is meant, 0 where that is not known.
    """

    message: str
    remedy: str = ""
    path: Path | None = None
    line: int = 0
    column: int = 0
    end_column: int = 0
    word: str = ""
    """Of a text in another language, such as Jinja: the word that is meant, where it is not placed in a file yet …"""
    number: int = 0
    """… and how often it stands in the text before."""

    def __str__(self) -> str:
        """Write it as compilers do: `file:line:column: what is wrong. What to do.`."""
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part)
        return ": ".join(part for part in (place, self.message) if part) + (f" {self.remedy}" if self.remedy else "")


class ConfigError(BotkitError):
    """A file must change before botkit can start; `problems` holds all that was found, at once.

    `warnings` are what was found besides that may not be meant.
    """

    def __init__(self, *problems: Problem | str, warnings: Sequence[Problem] = ()) -> None:
        """Take each mistake as a `Problem`, or as a sentence when no file is at fault."""
        self.warnings = tuple(warnings)
        self.problems = tuple(Problem(problem) if isinstance(problem, str) else problem for problem in problems)
        super().__init__("\n".join(map(str, self.problems)))


def collect(problems: list[Problem], attempt: Callable[[], Result]) -> Result | None:
    """What an attempt gives; `None` where it raises `ConfigError`, whose problems go to the others."""
    try:
        return attempt()
    except ConfigError as error:
        problems.extend(error.problems)
        return None


class PromptError(ConfigError):
    """A prompt or a text in Jinja must change: it does not parse, or asks for a name that is not there."""

    def __init__(self, *problems: Problem | str, warnings: Sequence[Problem] = (), told: str = "") -> None:
        """Take the mistakes; `told` says the same without the values that were in it, where there were any."""
        super().__init__(*problems, warnings=warnings)
        self._told = told

    @property
    def told(self) -> str:
        """What could not be made of which source, and the kind of error."""
        return self._told or str(self)


class HandlerSignatureError(ConfigError):
    """A handler's parameters must change: one of them is nothing that botkit or the bot provides."""


class WebhookError(BotkitError):
    """A webhook call that is answered with `status` and this error's text."""

    status = 400


class BadPayload(WebhookError):
    """The body is not what any known form of the Messaging API sends."""


class BadSignature(WebhookError):
    """The signature is missing, wrong or too old."""

    status = 401


class UnknownToken(WebhookError):
    """No channel belongs to the token in the webhook's path."""

    status = 404


class Overloaded(WebhookError):
    """Too much is waiting, or the server is stopping: the caller should come back in `retry_after` seconds."""

    status = 503

    def __init__(self, message: str, retry_after: int = 5) -> None:
        """Say why, and after how many seconds to come back."""
        super().__init__(message)
        self.retry_after = retry_after


class SendError(BotkitError):
    """The Messaging API did not take what was sent; `code` is the platform's own, where it gave one."""

    def __init__(self, message: str, *, code: str = "") -> None:
        """Say what was refused, and the platform's code for it."""
        super().__init__(message)
        self.code = code

    @property
    def told(self) -> str:
        """The platform's code: its words may name the contact."""
        return self.code


class WindowClosed(SendError):
    """Outside the 24-hour window only a template may go out (Meta: 131047; 10 with subcode 2018278 or 2534022)."""


class TemplateRefused(SendError):
    """The template is missing, paused or disabled, or its parameters do not fit (Meta: 132000 to 132016)."""


class RateLimited(SendError):
    """Too fast; `retry_after` is in seconds, `None` where the API does not say.

    `of_contact` means that only this contact gets too much (Meta: 131056, the pair limit), else the whole channel.
    """

    def __init__(
        self, message: str, *, code: str = "", retry_after: float | None = None, of_contact: bool = False
    ) -> None:
        """Say what was limited and how many seconds to wait."""
        super().__init__(message, code=code)
        self.retry_after = retry_after
        self.of_contact = of_contact


class Unreachable(SendError):
    """Nothing was processed (no connection, or the API said that it is busy): trying again is safe."""

    def __init__(self, message: str, *, code: str = "", retry_after: float | None = None) -> None:
        """Say what could not be reached and, where the API said so, how many seconds to wait."""
        super().__init__(message, code=code)
        self.retry_after = retry_after


class OutcomeUnknown(SendError):
    """The answer is missing or makes no sense: it may have arrived, so only the same idempotency key may repeat it."""


class Unauthorized(SendError):
    """The key is wrong, expired or may not do this; everything else would be refused as well."""


class Rejected(SendError):
    """Refused for good: the same request would be refused again."""


class ResponderError(BotkitError):
    """A responder could not answer; `retry_after` is in seconds, `None` means that trying again is of no use."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """Say what failed and whether trying again may help."""
        super().__init__(message)
        self.retry_after = retry_after


class HandlerError(BotkitError):
    """A handler, or what else the bot's Python does, asked for what cannot be done; the message tells no value."""


class ToolError(BotkitError):
    """A declared tool could not be called, or its answer was none; the message tells no value that was sent."""


class StepInDoubt(BotkitError):
    """An irreversible step was begun in an earlier run that never told its end: it is not done again."""


class StoreError(BotkitError):
    """The store cannot do what was asked: the file is locked, damaged or full, or the disk is."""


class Conflict(StoreError):
    """More arrived for the conversation, or another process took it, while the turn was thought: run it again."""


def told(error: BaseException) -> str:
    """What logs may have of an error's words: those of botkit's own; others may quote what people wrote."""
    is_ours = isinstance(error, BotkitError) and type(error).__module__.partition(".")[0] == __package__
    return error.told if is_ours else ""  # type: ignore[attr-defined]


def close_to(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant; `None` where none is like it."""
    return next(iter(get_close_matches(name, sorted(known), n=1, cutoff=0.6)), None)


def nearest(name: str, known: Iterable[str]) -> str:
    """A remedy for an unknown name: the known name that was probably meant, else all of them."""
    names = sorted(known)
    if (close := close_to(name, names)) is not None:
        return f"Did you mean {close!r}?"
    return f"Known here: {', '.join(names)}." if names else "None is declared."
