"""Steps and where in a bot file they stand, for those who walk through them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from botkit.spec.steps import AnyStep, HandoffStep, NoteSpec, NotifyStep, SayStep, Step, StepsSpec
from botkit.spec.texts import TextSpec
from botkit.strict_yaml.document import Location


def is_text(spec: StepsSpec) -> TypeGuard[TextSpec]:
    """Whether a text stands where steps may."""
    first = spec[0] if isinstance(spec, list) and spec else spec
    return not isinstance(first, Step)


@dataclass(frozen=True, slots=True)
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

    @property
    def team(self) -> tuple[Location, str] | None:
        """The team that the step names, with its place."""
        step = self.step
        note = step.notify if isinstance(step, NotifyStep) else step.handoff if isinstance(step, HandoffStep) else None
        return (self.at(step.verb, "to"), note.to) if isinstance(note, NoteSpec) else None

    @property
    def branches(self) -> Iterator[tuple[Location, StepsSpec]]:
        """The steps in it, each list with its place."""
        yield from ((self.at(*keys), steps) for keys, steps in self.step.branches())


def placed(location: Location, spec: StepsSpec) -> Sequence[Placed]:
    """The steps of a list, each with its place, without those that are nested in them."""
    if is_text(spec):
        return (Placed(location, SayStep.model_construct(say=spec), is_text=True),)
    if isinstance(spec, AnyStep):
        return (Placed(location, spec),)
    return tuple(Placed((*location, index), step) for index, step in enumerate(spec) if isinstance(step, AnyStep))


def every(location: Location, spec: StepsSpec) -> Iterator[Placed]:
    """Every step, also those nested in others, in the order in which they are written."""
    for step in placed(location, spec):
        yield step
        for place, branch in step.branches:
            yield from every(place, branch)
