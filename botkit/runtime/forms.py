"""The form in which a saying goes out now: judged by the window, rendered, and ready to be frozen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from botkit.dialogue.bot import Bot
from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.names import names
from botkit.dialogue.state import State
from botkit.dialogue.template import BODY_MAX, clean_parameter
from botkit.dialogue.turn import Conversation, Turn
from botkit.dialogue.window import (
    BOT_GONE,
    EMPTY_PARAMETER,
    NO_ADDRESS,
    OPTED_OUT,
    REASONS,
    TOO_LONG,
    AsTemplate,
    Delivery,
    FreeForm,
    Held,
    Withheld,
    choose_delivery,
    window,
)
from botkit.errors import PromptError
from botkit.ledger import Posting, Request
from botkit.prompts import render_text
from botkit.runtime.clock import local_time
from botkit.runtime.world import World

FREE_FORM = "free_form"


class NotGoing(Exception):
    """A posting that no form can carry: the reason is one of `REASONS`, and why in particular."""

    def __init__(self, reason: str, details: str = "") -> None:
        """Name the reason."""
        super().__init__(f"{reason}: {details or REASONS[reason]}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Place:
    """Where a posting goes to: the bot that said it, and the channel."""

    bot: Bot
    channel: Channel


class Forms:
    """Shapes postings."""

    def __init__(self, world: World) -> None:
        """Take the bots, channels and windows."""
        self._world = world

    def place(self, posting: Posting) -> Place:
        """The bot and the channel. Raises `NotGoing` when one of them is gone, or the contact opted out."""
        live = self._world.bots.get(posting.bot)
        channel = self._world.channels.get(posting.contact.channel)
        if live is None or channel is None:
            raise NotGoing(BOT_GONE)
        if posting.contact.muted and not posting.saying.anyway:
            raise NotGoing(OPTED_OUT)
        return Place(live.bot, channel)

    async def shape(self, posting: Posting, place: Place) -> Posting | None:
        """The posting in the form that the window allows now; `None` when its words are held.

        Raises `NotGoing` when it allows none, and `SendError` when the contact's phone cannot be asked for.
        """
        delivery = self._judge(posting, place)
        self._world.meter.judged(place.channel.type, _decision(delivery))
        match delivery:
            case FreeForm():
                request = self._words(posting)
                return replace(posting, form=posting.form + 1, request=request, template="", holds=False)
            case AsTemplate():
                return await self._as_template(posting, delivery, place)
            case Held():
                return None
            case Withheld(reason):
                raise NotGoing(reason)

    def free(self, posting: Posting, place: Place) -> Request | None:
        """The words as they are, where the window allows that now."""
        if isinstance(self._judge(posting, place), FreeForm):
            return self._words(posting)
        return None

    def _words(self, posting: Posting) -> Request:
        return self._world.transport.compose(posting.contact, posting.saying.text, posting.saying.shows)

    def _judge(self, posting: Posting, place: Place) -> Delivery:
        return choose_delivery(
            place.channel.type,
            posting.contact,
            window(posting.contact, place.channel.type, self._world.delivery.windows),
            self._world.clock.now(),
            language=posting.saying.language,
            own=posting.saying.template,
            templates=place.bot.templates,
            policy=place.bot.window,
            refused=posting.refused,
        )

    async def _as_template(self, posting: Posting, delivery: AsTemplate, place: Place) -> Posting:
        """The template that stands for the words; the words themselves stay in the posting."""
        contact = posting.contact if posting.contact.phone else await self._with_phone(posting)
        if not contact.phone:
            raise NotGoing(NO_ADDRESS)
        template, language = delivery.template, delivery.language
        values = self._values(posting, delivery, place)
        if len(template.filled(language, values)) > BODY_MAX:
            raise NotGoing(TOO_LONG, f"{template.name} ({language}) holds {BODY_MAX} characters.")
        request = self._world.transport.compose_template(contact, template, language, values)
        shaped = replace(posting, contact=contact, form=posting.form + 1, request=request)
        return replace(shaped, template=f"{template.name} ({language})", holds=delivery.held)

    def _values(self, posting: Posting, delivery: AsTemplate, place: Place) -> tuple[str, ...]:
        """The values of the template's parameters, as the platform takes them."""
        known = self._names(posting, place)
        expressions = delivery.template.parameters[delivery.language]
        try:
            values = [clean_parameter(render_text(f"{{{{ {expression} }}}}", known)) for expression in expressions]
        except PromptError as error:
            raise NotGoing(EMPTY_PARAMETER, str(error)) from error
        if not all(values):
            raise NotGoing(EMPTY_PARAMETER, f"{delivery.template.name} ({delivery.language}): {', '.join(expressions)}")
        return tuple(values)

    async def _with_phone(self, posting: Posting) -> Contact:
        phone = await self._world.transport.phone(posting.contact)
        if phone:
            await self._world.store.learn_phone(posting.contact, phone)
        return replace(posting.contact, phone=phone)

    def _names(self, posting: Posting, place: Place) -> dict[str, object]:
        """What a template may name: what was so when the words were said."""
        state = State(slots=posting.saying.slots)
        conversation = Conversation(posting.conversation, posting.bot, posting.contact, state)
        now = local_time(self._world.clock.now(), place.bot.timezone)
        turn = Turn(0, place.bot, place.channel, conversation, (), posting.saying.language, now)
        return {**names(turn, state), "held": posting.saying.text}


def _decision(delivery: Delivery) -> str:
    """The judgement in a word, for those who count."""
    match delivery:
        case FreeForm():
            return FREE_FORM
        case AsTemplate():
            return "template"
        case Held():
            return "held"
        case Withheld(reason):
            return reason


def template_name(posting: Posting) -> str:
    """The platform's name of the template that a posting's frozen form is; empty for the words themselves."""
    return posting.template.partition(" ")[0]
