"""Steps and where in a bot file they stand, for those who walk through them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeGuard

from botkit.spec.steps import AnyStep, SayStep, Step, StepsSpec
from botkit.spec.texts import TextSpec
from botkit.strict_yaml.document import Location


def is_text(spec: StepsSpec) -> TypeGuard[TextSpec]:
    """Whether a text stands where steps may."""
    first = spec[0] if isinstance(spec, list) and spec else spec
    return not isinstance(first, Step)


@dataclass(frozen=True)
class Placed:
    """A step and where it stands. A text that stands in place of steps is a step as well, which says it."""

    location: Location
    step: AnyStep
    is_text: bool = False

    def at(self, *keys: str | int) -> Location:
        """The place of something in the step."""
        return self.location if self.is_text else (*self.location, *keys)

    @property
    def texts(self) -> Iterator[tuple[Location, TextSpec]]:
        """What the step itself says, each with its place."""
        yield from ((self.at(*keys), text) for keys, text in self.step.texts())

    @cached_property
    def branches(self) -> tuple[Steps, ...]:
        """The lists of steps in it, in the order of its keys: `else` is the last."""
        return tuple(placed(self.at(*keys), steps) for keys, steps in self.step.branches())


Steps = tuple[Placed, ...]
"""A list of steps, without those that are nested in them."""


def placed(location: Location, spec: StepsSpec) -> Steps:
    """The steps of a list, each with its place, without those that are nested in them."""
    if is_text(spec):
        return (Placed(location, SayStep.model_construct(say=spec), is_text=True),)
    if isinstance(spec, AnyStep):
        return (Placed(location, spec),)
    return tuple(Placed((*location, index), step) for index, step in enumerate(spec) if isinstance(step, AnyStep))


def lists(steps: Steps) -> Iterator[Steps]:
    """A list of steps, and all lists that are nested in it."""
    yield steps
    for step in steps:
        for branch in step.branches:
            yield from lists(branch)


def every(steps: Iterable[Placed]) -> Iterator[Placed]:
    """Every step, also those nested in others, in the order in which they are written."""
    for step in steps:
        yield step
        for branch in step.branches:
            yield from every(branch)
