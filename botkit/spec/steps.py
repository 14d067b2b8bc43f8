"""The steps of a bot file: one model for each verb, and the list in which they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Discriminator, Field, Tag
from pydantic_core import InitErrorDetails
from typing_extensions import TypeAliasType

from botkit.spec.choices import TextOr
from botkit.spec.step_forms import steps_form, verb_of, with_one_verb
from botkit.spec.texts import TextSpec
from botkit.spec.words import Expression, Name, Sentence, ValueSpec, braced_remedy
from botkit.strict_yaml.document import Location
from botkit.strict_yaml.validation import Strict, refusal, seconds, unknown_key

MOST_ROUNDS = 100
"""The most rounds of `repeat`."""


class Step(Strict):
    """One thing to do. The class of each verb tells what is nested in it."""

    verb: ClassVar[str]

    condition: Expression | None = Field(None, alias="if")
    """Do it only when this holds."""

    @classmethod
    def _unknown(cls, key: str) -> InitErrorDetails:
        """An `else` where there is nothing to come out wrong is worth a word of its own."""
        if key != "else":
            return super()._unknown(key)
        return unknown_key(key, f"A step {cls.verb!r} has no 'else'.", "Write it as if: …, then: …, else: …")

    def texts(self) -> Iterator[tuple[Location, TextSpec]]:
        """What it says to the contact or to the team, each with its place within the step."""
        yield from ()

    def expressions(self) -> Iterator[tuple[Location, str]]:
        """The bare expressions in it, each with its place within the step."""
        if self.condition is not None:
            yield ("if",), self.condition

    def values(self) -> Iterator[tuple[Location, ValueSpec]]:
        """The values in it, in which Jinja stands between braces."""
        yield from ()

    def branches(self) -> Iterator[tuple[Location, StepsSpec]]:
        """The steps in it, each list with its place within the step."""
        yield from ()


class StepWithElse(Step):
    """A step that may not come out."""

    otherwise: StepsSpec | None = Field(None, alias="else")
    """What to do when it does not come out."""

    def branches(self) -> Iterator[tuple[Location, StepsSpec]]:
        """The steps in it."""
        if self.otherwise is not None:
            yield ("else",), self.otherwise


class SayStep(Step):
    """Say something."""

    verb = "say"

    say: TextSpec
    """What to say."""

    def texts(self) -> Iterator[tuple[Location, TextSpec]]:
        """What it says."""
        yield ("say",), self.say


def _slots_form(value: Any) -> str:
    return "<several>" if isinstance(value, list) else "<one>"


def _one(value: Any) -> Any:
    """The name of one slot; several between commas are a text as long as they have no brackets."""
    if isinstance(value, str) and "," in value:
        raise refusal(f"{value!r} is no name.", f"Write several in brackets: [{value}].")
    return value


OneOrMoreSlots = Annotated[
    Annotated[Name, BeforeValidator(_one), Tag("<one>")] | Annotated[list[Name], Field(min_length=1), Tag("<several>")],
    Discriminator(_slots_form),
]
"""The name of a slot, or several."""


class CollectStep(StepWithElse):
    """Ask for slots that are still empty."""

    verb = "collect"

    collect: OneOrMoreSlots
    """The slot, or several, asked for one after the other."""
    ask: TextSpec | None = None
    """The question, where it is not that of the slot."""
    choices: Expression | None = None
    """An expression that gives the choices, where they are not those of the slot."""

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots, in order."""
        return (self.collect,) if isinstance(self.collect, str) else tuple(self.collect)

    def texts(self) -> Iterator[tuple[Location, TextSpec]]:
        """What it says."""
        if self.ask is not None:
            yield ("ask",), self.ask

    def expressions(self) -> Iterator[tuple[Location, str]]:
        """The bare expressions in it."""
        yield from super().expressions()
        if self.choices is not None:
            yield ("choices",), self.choices


class ConfirmStep(StepWithElse):
    """Ask whether all is right: yes goes on, no asks what to change."""

    verb = "confirm"

    confirm: TextSpec
    """The question."""

    def texts(self) -> Iterator[tuple[Location, TextSpec]]:
        """What it says."""
        yield ("confirm",), self.confirm


class SetStep(Step):
    """Give slots a value."""

    verb = "set"

    set: Annotated[dict[Name, ValueSpec], Field(min_length=1)]
    """The values by slot; null forgets."""

    def values(self) -> Iterator[tuple[Location, ValueSpec]]:
        """The values in it."""
        yield from ((("set", name), value) for name, value in self.set.items())


class ThenStep(StepWithElse):
    """Steps that belong together: when `if` holds, then these, else others."""

    verb = "then"

    then: StepsSpec
    """What to do."""

    def branches(self) -> Iterator[tuple[Location, StepsSpec]]:
        """The steps in it."""
        yield ("then",), self.then
        yield from super().branches()


class MatchStep(StepWithElse):
    """Do what belongs to a value."""

    verb = "match"

    match: Expression
    """The expression to compare."""
    cases: Annotated[dict[Sentence, StepsSpec], Field(min_length=1)]
    """What to do by value; the first that equals counts."""

    def expressions(self) -> Iterator[tuple[Location, str]]:
        """The bare expressions in it."""
        yield from super().expressions()
        yield ("match",), self.match

    def branches(self) -> Iterator[tuple[Location, StepsSpec]]:
        """The steps in it."""
        yield from ((("cases", value), steps) for value, steps in self.cases.items())
        yield from super().branches()


class RepeatStep(StepWithElse):
    """Do steps again until a condition holds."""

    verb = "repeat"

    repeat: StepsSpec
    """What to do again; each further round asks afresh."""
    until: Expression
    """The condition, judged after each round."""
    at_most: Annotated[int, Field(ge=1, le=MOST_ROUNDS, strict=True)] = 10
    """The most rounds; `else` is for when it never held."""

    def expressions(self) -> Iterator[tuple[Location, str]]:
        """The bare expressions in it."""
        yield from super().expressions()
        yield ("until",), self.until

    def branches(self) -> Iterator[tuple[Location, StepsSpec]]:
        """The steps in it."""
        yield ("repeat",), self.repeat
        yield from super().branches()


class CallStep(StepWithElse):
    """Call a handler or a tool; its answer is `result`."""

    verb = "call"

    call: Name
    """The handler, or the tool."""
    values_given: dict[Name, ValueSpec] = Field({}, alias="with")
    """What to give to it."""

    def values(self) -> Iterator[tuple[Location, ValueSpec]]:
        """The values in it."""
        yield from ((("with", name), value) for name, value in self.values_given.items())


class FlowStep(Step):
    """Do a flow, then go on."""

    verb = "flow"

    flow: Name
    """The flow."""


def _wait(value: Any) -> Any:
    """A length of time in seconds, or an expression between braces as it stands."""
    if remedy := braced_remedy(value):
        raise refusal(f"{value!r} is no length of time.", remedy)
    return value if isinstance(value, str) and "{{" in value else seconds(value)


class WaitStep(Step):
    """Go on later; the conversation is free meanwhile."""

    verb = "wait"

    wait: Annotated[float | str, BeforeValidator(_wait)]
    """For how long (2h), or a moment, as an expression between braces."""


class NoteSpec(Strict):
    """A note to a team."""

    to: Name
    """The team, by its name in config.yaml."""
    note: Sentence
    """What it is told."""


NoteOrText = TextOr[NoteSpec]
"""A note, or a note with the team that gets it."""


class StepWithNote(Step):
    """A step that tells the team something."""

    @property
    def team(self) -> str:
        """The team that is told; empty where none is named."""
        return self._note.to if isinstance(self._note, NoteSpec) else ""

    @property
    def _note(self) -> NoteOrText:
        note: NoteOrText = getattr(self, self.verb)
        return note

    def texts(self) -> Iterator[tuple[Location, TextSpec]]:
        """What it says."""
        note = self._note
        yield ((self.verb, "note"), note.note) if isinstance(note, NoteSpec) else ((self.verb,), note)


class NotifyStep(StepWithNote):
    """Tell the team, and go on."""

    verb = "notify"

    notify: NoteOrText
    """The note, or the team and the note."""


class HandoffStep(StepWithNote):
    """Tell the team, and give it the conversation."""

    verb = "handoff"

    handoff: NoteOrText
    """The note, or the team and the note."""


class EndStep(Step):
    """End the flow."""

    verb = "end"

    end: Name | None
    """The outcome, in a word, for traces."""


AnyStep = (
    SayStep
    | CollectStep
    | ConfirmStep
    | SetStep
    | ThenStep
    | MatchStep
    | RepeatStep
    | CallStep
    | FlowStep
    | WaitStep
    | NotifyStep
    | HandoffStep
    | EndStep
)

_Step = Annotated[
    Annotated[SayStep, Tag("<say>")]
    | Annotated[CollectStep, Tag("<collect>")]
    | Annotated[ConfirmStep, Tag("<confirm>")]
    | Annotated[SetStep, Tag("<set>")]
    | Annotated[ThenStep, Tag("<then>")]
    | Annotated[MatchStep, Tag("<match>")]
    | Annotated[RepeatStep, Tag("<repeat>")]
    | Annotated[CallStep, Tag("<call>")]
    | Annotated[FlowStep, Tag("<flow>")]
    | Annotated[WaitStep, Tag("<wait>")]
    | Annotated[NotifyStep, Tag("<notify>")]
    | Annotated[HandoffStep, Tag("<handoff>")]
    | Annotated[EndStep, Tag("<end>")],
    Discriminator(verb_of),
    BeforeValidator(with_one_verb),
]
StepSpec = TypeAliasType("StepSpec", _Step)
"""One step."""


_Steps = Annotated[
    Annotated[StepSpec, Tag("<step>")]
    | Annotated[list[StepSpec], Field(min_length=1), Tag("<steps>")]
    | Annotated[TextSpec, Tag("<said>")],
    Discriminator(steps_form),
]
StepsSpec = TypeAliasType("StepsSpec", _Steps)
"""Steps, one step, or a text that is said."""
