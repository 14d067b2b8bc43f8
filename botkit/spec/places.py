"""Which names exist where, beyond those that all texts know: it depends on what comes before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from botkit.dialogue.names import NOTES, STEPS, VALUE, Known
from botkit.spec.placed import Steps, every
from botkit.spec.steps import AnyStep, RepeatStep, StepWithNote
from botkit.strict_yaml.document import Location

MADE_BY: Mapping[str, str] = {"result": "call", "wait": "wait"}
"""By name of `STEPS`: the step behind which it exists."""

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


def made_by(step: AnyStep) -> Known:
    """The names that exist behind a step."""
    return {name: STEPS[name] for name, verb in MADE_BY.items() if verb == step.verb}


def names_in(location: Location, steps: Steps) -> Iterator[tuple[Location, Known]]:
    """The places in steps that know more names than all, each with them."""
    beside: dict[str, frozenset[str] | None] = dict(VALUE) if location[-1] == "on_correct" else {}
    yield from _walk(steps, beside)


def _walk(steps: Steps, beside: dict[str, frozenset[str] | None]) -> Iterator[tuple[Location, Known]]:
    for item in steps:
        step = item.step
        if isinstance(step, RepeatStep):  # what comes later in a round comes before in the next
            for inner in every(item.branches[0]):
                beside |= made_by(inner.step)
        if beside:
            yield item.location, dict(beside)
        if isinstance(step, StepWithNote):
            yield from ((place, {**beside, **NOTES}) for place, _ in item.texts)
        beside |= made_by(step)
        for branch in item.branches:
            yield from _walk(branch, beside)
