"""botkit: AI chatbots on the Messaging API. See README.md for where to begin."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botkit.dialogue.bot import Bot as Bot
    from botkit.dialogue.channel import Channel as Channel
    from botkit.dialogue.contact import Contact as Contact
    from botkit.dialogue.effect import Ask as Ask
    from botkit.dialogue.effect import Effects as Effects
    from botkit.dialogue.effect import HandOff as HandOff
    from botkit.dialogue.effect import Notify as Notify
    from botkit.dialogue.effect import Say as Say
    from botkit.dialogue.effect import Schedule as Schedule
    from botkit.dialogue.effect import SetSlot as SetSlot
    from botkit.dialogue.effect import StartFlow as StartFlow
    from botkit.dialogue.effect import Unschedule as Unschedule
    from botkit.dialogue.effect import say as say
    from botkit.dialogue.event import TimerDue as TimerDue
    from botkit.dialogue.turn import Conversation as Conversation
    from botkit.dialogue.turn import Turn as Turn
    from botkit.handlers.router import Router as Router
    from botkit.handlers.router import Slot as Slot
    from botkit.protocols import Responder as Responder
    from botkit.protocols import Steps as Steps

__version__ = "0.1.0"

_HOMES = {
    "Ask": "dialogue.effect",
    "Bot": "dialogue.bot",
    "Channel": "dialogue.channel",
    "Contact": "dialogue.contact",
    "Conversation": "dialogue.turn",
    "Effects": "dialogue.effect",
    "HandOff": "dialogue.effect",
    "Notify": "dialogue.effect",
    "Responder": "protocols",
    "Router": "handlers.router",
    "Say": "dialogue.effect",
    "Schedule": "dialogue.effect",
    "SetSlot": "dialogue.effect",
    "Slot": "handlers.router",
    "StartFlow": "dialogue.effect",
    "Steps": "protocols",
    "TimerDue": "dialogue.event",
    "Turn": "dialogue.turn",
    "Unschedule": "dialogue.effect",
    "say": "dialogue.effect",
}
__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 (they are strings)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: the command line starts without the rest."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
