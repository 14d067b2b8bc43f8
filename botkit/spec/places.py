"""Which names exist where, beyond those that all texts know: it depends on what comes before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from botkit.dialogue.names import NOTES, STEPS, VALUE, Known
from botkit.spec.placed import Steps, every
from botkit.spec.steps import CallStep, RepeatStep, StepWithNote, WaitStep
from botkit.strict_yaml.document import Location

RESULT: Known = {"result": STEPS["result"]}
"""Behind a `call`."""

WAIT: Known = {"wait": STEPS["wait"]}
"""Behind a `wait`."""

EXPLAINED: Mapping[str, str] = {
    "value": "It is the new value in `validate`, `invalid` and `on_correct`.",
    "summary": "It stands in notes to the team only.",
    "transcript": "It stands in notes to the team only.",
    "history": "It stands in prompts only.",
    "passages": "They stand in prompts only.",
    "args": "It stands in tools only: what `with` gives to a call.",
    "secrets": "Secrets are within reach of tools only.",
    "json": "It is the answer of a tool, in its `result`.",
    "status": "It is the status of a tool's answer, in its `result`.",
    "result": "It is the answer of a `call` that comes before in the same steps.",
    "wait": "It tells of a `wait` that comes before in the same steps.",
}
"""What to say of a name that exists, but not here."""


def names_in(location: Location, steps: Steps) -> Iterator[tuple[Location, Known]]:
    """The places in steps that know more names than all, each with them."""
    beside: dict[str, frozenset[str] | None] = dict(VALUE) if location[-1] == "on_correct" else {}
    yield from _walk(steps, beside)


def _walk(steps: Steps, beside: dict[str, frozenset[str] | None]) -> Iterator[tuple[Location, Known]]:
    for item in steps:
        step = item.step
        if isinstance(step, RepeatStep):  # what comes later in a round comes before in the next
            within = [inner.step for inner in every(item.branches[0])]
            beside |= RESULT if any(isinstance(inner, CallStep) for inner in within) else {}
            beside |= WAIT if any(isinstance(inner, WaitStep) for inner in within) else {}
        if beside:
            yield item.location, dict(beside)
        if isinstance(step, StepWithNote):
            yield from ((place, {**beside, **NOTES}) for place, _ in item.texts)
        beside |= RESULT if isinstance(step, CallStep) else WAIT if isinstance(step, WaitStep) else {}
        for branch in item.branches:
            yield from _walk(branch, beside)
