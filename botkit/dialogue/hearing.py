"""What a turn does to the flows in hand: words of the contact, timers that are due, events of the bot."""

from __future__ import annotations

from collections.abc import Sequence

from botkit.dialogue.effect import Effect, NotReadable, NotUnderstood, OptIn, OptOut, Say, SpeakIn
from botkit.dialogue.needs import AskResponders, Failed, FallBack, Lent, Walking
from botkit.dialogue.phrases import built_in
from botkit.dialogue.plan import (
    AskedForLanguage,
    AskedForPerson,
    Begin,
    Cancel,
    LeaveAlone,
    Plan,
    Recognition,
    Repeat,
    Respond,
    Resume,
    Silent,
    Unreadable,
    WelcomeBack,
    answers,
)
from botkit.dialogue.question import Question
from botkit.dialogue.reading import begin
from botkit.dialogue.state import State
from botkit.dialogue.turn import Turn
from botkit.dialogue.waits import REMIND, TIMEOUT
from botkit.dialogue.walk import CannotGoOn, Walk
from botkit.errors import PromptError


def carry_out(decided: Plan, turn: Turn, recognition: Recognition | None, lent: Lent) -> Walking[Sequence[Effect]]:
    """All that is to happen in a turn in which the contact wrote."""
    walk = Walk(turn, lent)
    heard = _hear(walk, decided, recognition)
    if "on_start" in turn.bot.on and _is_new(turn) and not isinstance(decided, Silent | LeaveAlone):
        return _through(walk, walk.aside("on_start"), heard)
    return _through(walk, heard)


def go_on(timer: str, data: str, turn: Turn, lent: Lent) -> Walking[Sequence[Effect]]:
    """All that is to happen when a timer of a flow is due: a reminder, the end of patience, the end of a `wait`."""
    walk = Walk(turn, lent)
    if timer == REMIND:
        return _through(walk, _remind(walk), is_reminder=True)
    goes_on = walk.time_out() if timer == TIMEOUT else walk.wake(data)
    return _through(walk, *([walk.run()] if goes_on else []))


def at_event(event: str, turn: Turn, lent: Lent) -> Walking[Sequence[Effect]]:
    """All that is to happen at an event of the bot, such as `on_window_closing`."""
    walk = Walk(turn, lent)
    return _through(walk, walk.aside(event))


def _is_new(turn: Turn) -> bool:
    """Whether the contact and the bot have never talked."""
    return not turn.conversation.history and turn.state == State()


def _through(walk: Walk, *ways: Walking[None], is_reminder: bool = False) -> Walking[Sequence[Effect]]:
    """All that is to happen on these ways; where one cannot be gone, the contact is told as of any failure."""
    for way in ways:
        try:
            yield from way
        except (CannotGoOn, PromptError) as error:
            flow = walk.stack[-1].flow if walk.stack else ""
            walk.lent.failed(flow, error)
            walk.fail(flow)
            try:
                yield from walk.run()
            except (CannotGoOn, PromptError) as again:
                walk.lent.failed(walk.stack[-1].flow if walk.stack else flow, again)
                walk.fail()
    return walk.done(is_reminder=is_reminder)


def _remind(walk: Walk) -> Walking[None]:
    """Repeat the open question, inside the window only."""
    asking = walk.stack[-1:]
    if not asking or not walk.turn.window.is_open(walk.turn.now.timestamp()):
        return
    walk.lent.note("reminded", flow=asking[0].flow)
    yield from walk.aside("on_remind", asking[0].flow)
    if walk.stack[-1:] == asking:
        walk.ask()


def _hear(walk: Walk, decided: Plan, recognition: Recognition | None) -> Walking[None]:  # noqa: C901, PLR0912
    languages = walk.bot.languages
    match decided:
        case Silent(reason):
            walk.lent.note("silent", reason=reason)
        case LeaveAlone():
            walk.do(OptOut())
            walk.do(Say(built_in("stopped", languages), anyway=True))
            walk.stack = []
        case WelcomeBack():
            walk.do(OptIn())
            walk.do(Say(built_in("started", languages)))
        case Unreadable():
            yield from walk.aside("on_unsupported")
            walk.do(NotReadable())
        case AskedForPerson():
            walk.hand_off("asked for a person", "Asked for a person")
            yield from walk.run()
        case AskedForLanguage(language):
            walk.do(SpeakIn(language))
            if not walk.stack:
                walk.say(built_in("language", languages))
            yield from walk.run()
        case Resume() | Cancel() | Repeat() if walk.is_lost:
            yield from _anew(walk, recognition)
        case Resume():
            yield from Question(walk, recognition).answer()
        case Cancel():
            walk.lent.note("cancelled", flow=walk.stack[-1].flow)
            walk.cancel("on_cancel")
            yield from walk.run(is_resumed=True)
        case Repeat():
            yield from walk.run()
        case Begin(meant):
            yield from begin(walk, meant)
            yield from walk.run()
        case Respond():
            yield from _respond(walk)


def _anew(walk: Walk, recognition: Recognition | None) -> Walking[None]:
    """What was asked is gone: take the words as if nothing had been asked."""
    walk.lent.note("question gone")
    if recognition and answers(walk.bot, recognition.intent, walk.lent.wants):
        yield from begin(walk, recognition)
        yield from walk.run()
    else:
        yield from _respond(walk)


def _respond(walk: Walk) -> Walking[None]:
    """Ask the responders in turn, then the fallback; a person where the bot's condition for one holds."""
    if (yield from _handed_off(walk)):
        return
    asked = yield AskResponders(walk.seen)
    if asked is not None:
        yield from walk.take(asked)
        yield from walk.run(is_resumed=True)
        return
    walk.do(NotUnderstood())
    if (yield from _handed_off(walk)):
        return
    walk.lent.note("fell back")
    if not walk.tells_away(f"Wrote while nobody was there: {walk.turn.text}"):
        yield from _fall_back(walk)
    yield from walk.run()


def _fall_back(walk: Walk) -> Walking[None]:
    """What is said where nobody has an answer: by the user's Python, or as the bot declares it."""
    if not walk.lent.has_fallback:
        walk.event("fallback")
        return
    answer = yield FallBack(walk.seen)
    if isinstance(answer, Failed):
        walk.event("on_error")
    else:
        yield from walk.take(answer.effects)


def _handed_off(walk: Walk) -> Walking[bool]:
    """Hand over where the bot's condition for that holds and somebody is there; tells whether that is so."""
    condition = walk.bot.handoff.condition
    if not condition or walk.is_away or not walk.evaluate(condition):
        return False
    walk.hand_off("handoff.if", "The bot did not get on")
    yield from walk.run()
    return True
