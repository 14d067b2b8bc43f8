"""The keys of a flow, of what a bot does at events, and of its handoff to a person."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from botkit.dialogue.handoff import TIMEOUT
from botkit.spec.steps import StepsSpec
from botkit.spec.texts import TextSpec
from botkit.spec.words import Expression, Name, Sentence
from botkit.strict_yaml.validation import Seconds, Strict


class EventsOfFlows(Strict):
    """What is done at the events of a flow: said for all of them in the bot, or for one in the flow. Null: nothing."""

    on_cancel: StepsSpec | None = None
    """What is done when the contact calls a flow off."""
    on_correct: StepsSpec | None = None
    """What is done when the contact has changed an earlier answer; `value` is the new one."""
    on_resume: StepsSpec | None = None
    """What is done before an open question is asked again."""
    on_give_up: StepsSpec | None = None
    """What is done after the last refused answer."""
    on_remind: StepsSpec | None = None
    """What is done before a question is repeated that was not answered in time."""
    on_timeout: StepsSpec | None = None
    """What is done when a flow ends because the contact has not written."""
    on_error: StepsSpec | None = None
    """What is done when something failed."""


class FlowSpec(EventsOfFlows):
    """Steps towards a goal."""

    steps: StepsSpec
    """What it does, one after the other."""
    description: Sentence | None = None
    """What it is, in a few words: for the model, the trace and the question whether to go on with it."""
    remind: Seconds | None = None
    """How long a question may stand open before it is repeated; that of the bot when not given."""
    timeout: Seconds | None = None
    """How long the contact may be silent before it ends; that of the bot when not given."""
    interruptions: Literal["allow", "refuse"] = "allow"
    """Whether another flow may come between."""


class HandoffSpec(Strict):
    """When and how a person takes the conversation over."""

    condition: Expression | None = Field(None, alias="if")
    """Hand over when this holds, such as conversation.failures >= 2."""
    say: TextSpec | None = None
    """What the contact is told."""
    note: Sentence | None = None
    """What the team is told, where a step does not say it."""
    to: Name | None = None
    """The team, by its name in config.yaml."""
    timeout: Seconds = TIMEOUT
    """How long the bot is silent at most."""


EVENTS_OF_FLOWS = tuple(EventsOfFlows.model_fields)
"""What may be said for all flows or for one."""
