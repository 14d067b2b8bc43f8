"""The keys of a bot file. From here come the checks of its form and the JSON Schema that editors complete with."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, StrictBool, StrictFloat, StrictInt, Tag
from pydantic_core import PydanticCustomError

from botkit.dialogue.burst import Burst
from botkit.dialogue.window import DAY, HOUR, Policy
from botkit.spec.choices import ChoicesSpec, Phrases
from botkit.spec.flow_specs import EventsOfFlows, FlowSpec, HandoffSpec
from botkit.spec.steps import StepsSpec
from botkit.spec.texts import OneOrSeveral, TextSpec
from botkit.spec.tool_specs import ToolSpec
from botkit.spec.words import Country, Expression, Language, Name, Quota, Sentence, TemplateName
from botkit.strict_yaml.validation import Seconds, Strict, described, one_value, refusal, seconds


def _bound(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("float_type", "")
    return one_value(value)


def _remember(value: object) -> object:
    """True, false, or a length of time; a bare number says nothing."""
    if isinstance(value, str) and value[:1].isdigit():
        return seconds(value)
    if not isinstance(value, bool):
        message = f"This must be true, false or a length of time, not {described(value)}."
        raise refusal(message, "Write it as in true or 7d.")
    return value


BoundSpec = Annotated[float | str, BeforeValidator(_bound)]
PlainScalar = Annotated[str | float | bool, BeforeValidator(one_value)]
VarSpec = Annotated[str | StrictBool | StrictInt | StrictFloat, BeforeValidator(one_value)]
"""A bound and a default are checked beside the type of their slot; here, only that they are one value."""


class IntentSpec(Strict):
    """What a contact may want, how it is recognized, and what is said to it."""

    keywords: Phrases = []
    """Words to find in a message, whatever their case and accents: [wifi, wi-fi]."""
    patterns: Phrases = []
    """Regular expressions to find in a message; a named group fills the slot of its name."""
    examples: Phrases = []
    """Sentences to learn from: four or more, as contacts would write them."""
    condition: Expression | None = Field(None, alias="if")
    """It counts only when this holds."""
    reply: StepsSpec | None = None
    """What to say, or steps. Without it, the flow or the handler of the same name answers."""


SlotType = Literal[
    "text",
    "integer",
    "number",
    "boolean",
    "choice",
    "date",
    "time",
    "datetime",
    "duration",
    "email",
    "phone",
    "url",
    "money",
    "location",
    "media",
]


class SlotSpec(Strict):
    """A named, typed value that the bot remembers."""

    type: SlotType = "text"
    """What kind of value it is, and so how it is understood and printed."""
    ask: TextSpec | None = None
    """The question that fills it."""
    invalid: TextSpec | None = None
    """What is said of an answer that cannot be used."""
    pattern: Sentence | None = None
    """A regular expression that a text must have in it, tried as written and then in upper case."""
    min: BoundSpec | None = None
    """The least value: of a text, its characters; of a date or time also `today`, `now` or a time from now (60d)."""
    max: BoundSpec | None = None
    """The greatest value, written like `min`."""
    choices: ChoicesSpec | None = None
    """Of a choice: the values, in a list, or each with its label."""
    condition: Expression | None = Field(None, alias="validate")
    """A further condition on `value`, such as hours.open_at(value)."""
    default: PlainScalar | None = None
    """What is taken when the contact did not say it: a value as it is stored, or computed: {{ contact.name }}."""
    retries: Annotated[int, Field(ge=0, le=10, strict=True)] = 2
    """Refused answers before the bot gives up."""
    optional: StrictBool = False
    """Whether the contact may skip it. It is asked for once."""
    private: StrictBool = False
    """Whether its value is masked in logs, traces and prompts."""
    remember: Annotated[StrictBool | float, BeforeValidator(_remember, json_schema_input_type=bool | str)] = False
    """Whether it is still known the next time that an intent needs it; or for how long (7d)."""


class TemplateSpec(Strict):
    """A message template that WhatsApp has approved. Give its `text`, or its `languages` and `parameters`."""

    name: TemplateName | None = None
    """Its name on the platform, when that is not its name here."""
    category: Literal["utility", "marketing", "authentication"] = "utility"
    """Its category on the platform."""
    text: Annotated[dict[str, Sentence], Field(min_length=1)] | None = None
    """Its wording by language code of the platform (en_US); each {{ expression }} is a parameter."""
    languages: Annotated[list[str], Field(min_length=1)] | None = None
    """The languages it was approved in, where `text` is not given."""
    parameters: list[str] = []
    """The expressions that fill its parameters, in order, where `text` is not given."""


class WindowSpec(Strict):
    """What happens when the 24-hour window has closed."""

    template: OneOrSeveral | None = None
    """The template that asks the contact to write, in place of what can no longer be said; or several, in order."""
    hold: Literal["deliver_on_return", "fold_on_return", "never"] = "deliver_on_return"
    """What becomes of what can no longer be said: delivered, or folded into the answer, when the contact returns."""
    expires: Seconds = Policy().expires
    """How long it waits for the contact's return."""
    template_cooldown: Seconds = Policy().cooldown
    """How long the contact is not asked to write again."""
    closing: Seconds = Policy().closing
    """How long before its end the window counts as closing, which is when `on_window_closing` is said."""


class BurstSpec(Strict):
    """How long the bot waits for more, so that short messages that belong together are answered together."""

    wait: Seconds = Burst().wait
    """The quiet spell that ends a burst: shorter after a question, longer after half a sentence or a picture."""
    at_most: Seconds = Burst().at_most
    """How long a burst lasts at most."""


class LimitsSpec(Strict):
    """What one contact gets of the bot at most."""

    replies: Quota = "30/h"
    """Turns that it answers: 30/h, or unlimited. What comes beyond that is recorded, and not answered."""


class LLMOptions(Strict):
    """Options of the responder `llm`."""

    prompt: str | None = None
    """The prompt: `concierge` is prompts/concierge.md.j2. Without it, a general one is used."""
    model: str = "default"
    """The model, by its name in config.yaml."""
    max_tokens: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 400
    """The longest answer, in tokens."""
    timeout: Seconds | None = None
    """How long an answer may take, with all retries; the model's own limit when not given."""


class KnowledgeOptions(Strict):
    """Options of the responder `knowledge`."""

    threshold: Annotated[float, Field(ge=0, le=1, strict=True)] = 0.36
    """How alike question and question must be, from 0 to 1."""


class LLMChoice(Strict):
    """The responder `llm` with options."""

    llm: LLMOptions
    """Its options."""


class KnowledgeChoice(Strict):
    """The responder `knowledge` with options."""

    knowledge: KnowledgeOptions
    """Its options."""


def _responder(value: Any) -> str:
    if isinstance(value, dict):
        return f"<{name}>" if (name := next(iter(value), "")) in ("llm", "knowledge") else "<plugin>"
    return "<name>"


ResponderSpec = Annotated[
    Annotated[Sentence, Tag("<name>")]
    | Annotated[LLMChoice, Tag("<llm>")]
    | Annotated[KnowledgeChoice, Tag("<knowledge>")]
    | Annotated[dict[str, dict[str, Any]], Field(min_length=1, max_length=1), Tag("<plugin>")],
    Discriminator(_responder),
]


class BotFile(EventsOfFlows):
    """A bot: what it understands, remembers and says."""

    bot: Name
    """The bot's name."""
    scope: str = ""
    """What it is for, in a sentence; told to the model."""
    channels: Annotated[list[Literal["whatsapp", "instagram", "messenger", "webchat"]], Field(min_length=1)]
    """The channels that it answers on."""
    languages: Annotated[list[Language], Field(min_length=1)] = ["en"]
    """The languages that it speaks (ISO 639); the first is for those whose language is unknown."""
    timezone: str = "UTC"
    """Where it is, such as Europe/Madrid."""
    country: Country | None = None
    """Where it is (ISO 3166), such as ES: for phone numbers, currencies and the order of day and month."""
    hours: dict[str, OneOrSeveral] | None = None
    """When its people are there: mon … sun, mon-fri, holidays or a date, each with 9:00-18:00, a list, or closed."""
    condition: Expression | None = Field(None, alias="if")
    """When it takes a conversation, as an expression: of several bots, the first that fits has it (not hours.open)."""
    include: str | list[Sentence] = []
    """Files whose tables are added to these, from the folder of the bot file; what stands here wins."""
    vars: dict[Name, VarSpec] = {}
    """Named values with their defaults; config.yaml may replace them."""
    intents: dict[Name, IntentSpec] = {}
    """What contacts may want, by name."""
    slots: dict[Name, SlotSpec] = {}
    """What it remembers, by name."""
    flows: dict[Name, FlowSpec] = {}
    """Steps towards a goal, by name."""
    texts: dict[Name, TextSpec] = {}
    """Sayings to reuse, by name: {{ texts.name }}."""
    tools: dict[Name, ToolSpec] = {}
    """Calls of HTTP that its flows make by `call`, by name."""
    templates: dict[TemplateName, TemplateSpec] = {}
    """The message templates that WhatsApp has approved for it, by name."""
    knowledge: str | list[str] = []
    """Files of questions and answers, from the folder of the bot file."""
    responder: list[ResponderSpec] = ["llm", "knowledge"]
    """Who answers when no intent does, asked in turn: llm, knowledge, the name of a plug-in, or module:Class."""
    fallback: StepsSpec | None = None
    """What is done when nobody had an answer."""
    on_unsupported: StepsSpec | None = None
    """What is done about a picture or a voice message, at most once an hour."""
    on_late: StepsSpec | None = None
    """What is done about messages that come later than `stale_after`, which are not answered."""
    on_window_closing: StepsSpec | None = None
    """What is done shortly before the 24-hour window closes."""
    on_start: StepsSpec | None = None
    """What is done when a contact writes for the first time, before the answer."""
    on_closed: StepsSpec | None = None
    """What is done outside `hours` where a person would be needed, once for each time that is closed."""
    on_handback: StepsSpec | None = None
    """What is done when a person has handed the conversation back."""
    handoff: HandoffSpec | None = None
    """When and how a person takes the conversation over."""
    remind: Seconds = HOUR
    """How long a question may stand open before it is repeated."""
    timeout: Seconds = DAY
    """How long the contact may be silent before a flow ends."""
    window: WindowSpec = WindowSpec()
    """What happens outside the 24-hour window."""
    burst: BurstSpec = BurstSpec()
    """How long the bot waits for more before it answers."""
    limits: LimitsSpec = LimitsSpec()
    """What one contact gets of it at most."""
    stale_after: Seconds = 6 * HOUR
    """The age from which a message that comes late is recorded, and not answered."""


EVENTS = ("fallback", *(name for name in BotFile.model_fields if name.startswith("on_")))
"""The keys of a bot file that say what is done at an event."""
