"""What expressions write out beside slots, checked before anyone evaluates them: is it a value of the slot's type?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Protocol, TypeVar

from jinja2 import nodes

from botkit.dialogue.bot import Slot
from botkit.dialogue.channel import TYPES
from botkit.dialogue.comparing import MOMENTS, read
from botkit.dialogue.text import Choice
from botkit.dialogue.values import length, shown
from botkit.errors import Problem, nearest

Kind = TypeVar("Kind", bound=nodes.Node)


class Tree(Protocol):
    """A text as Jinja reads it."""

    def find_all(self, kind: type[Kind], /) -> Iterable[Kind]:
        """All nodes of one kind."""
        ...


Typed = Mapping[str, Slot]
"""By name in an expression (`slots.day`, `value`): the slot whose values it has."""

NOTHING_TYPED: Typed = MappingProxyType({})

_ALWAYS: Typed = {
    "now": Slot("now", "datetime"),
    "today": Slot("today", "date"),
    "channel.type": Slot("channel.type", "choice", choices=tuple(Choice(type, {}) for type in TYPES)),
}

_EXAMPLES: Mapping[str, str] = {
    "integer": "12",
    "number": "2.5",
    "money": "25",
    "boolean": "true or false",
    "date": "'2026-12-24'",
    "time": "'19:00'",
    "datetime": "'2026-12-24 19:00'",
    "duration": "'90m'",
}
_TEXTS = frozenset({"text", "email", "phone", "url"})
_NUMBERS = frozenset({"integer", "number", "money", "duration"})


def check_literals(tree: Tree, typed: Typed) -> Iterator[Problem]:
    """What is written out in an expression and cannot be meant. The `line` of a problem counts within the text."""
    typed = {**_ALWAYS, **typed}
    for comparison in tree.find_all(nodes.Compare):
        left = comparison.expr
        for operand in comparison.ops:
            yield from _compared(left, operand.op, operand.expr, typed)
            left = operand.expr
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "duration":
            yield from _no_duration(call)
    for sum_of in (*tree.find_all(nodes.Add), *tree.find_all(nodes.Sub)):
        slot = _slot(sum_of.left, typed)
        for literal in _literals(sum_of.right) if slot and slot.type in MOMENTS else ():
            message = f"{literal!r} is no length of time that can be added to a day or a time."
            yield Problem(message, "Write it as in duration('3h').", line=sum_of.lineno)


def _compared(left: nodes.Expr, operator: str, right: nodes.Expr, typed: Typed) -> Iterator[Problem]:
    if slot := _slot(left, typed):
        for literal in _literals(right):
            yield from _misfit(slot, literal, right.lineno)
    if operator not in ("in", "notin") and (slot := _slot(right, typed)):
        for literal in _literals(left):
            yield from _misfit(slot, literal, left.lineno)


def _slot(node: nodes.Node, typed: Typed) -> Slot | None:
    """The slot whose value a part of an expression has."""
    match node:
        case nodes.Name():
            return typed.get(node.name)
        case nodes.Getattr(node=nodes.Name(name=owner)):
            return typed.get(f"{owner}.{node.attr}")
        case nodes.Getitem(node=nodes.Name(name="slots"), arg=nodes.Const(value=name)):
            return typed.get(f"slots.{name}")
        case _:
            return None


def _literals(node: nodes.Expr) -> Iterator[object]:
    """What is written out: a value, or a list of them."""
    match node:
        case nodes.Const(value=list() | tuple() as items):  # a list of constants, as Jinja folds it
            yield from items
        case nodes.Const(value=value):
            yield value
        case nodes.Neg(node=nodes.Const(value=value)):
            yield -value
        case nodes.List() | nodes.Tuple():
            for item in node.items:
                yield from _literals(item)


def _misfit(slot: Slot, literal: object, line: int) -> Iterator[Problem]:
    if literal is None or (slot.type in _TEXTS and not isinstance(literal, bool)):
        return
    if slot.type == "choice":
        known = [choice.value for choice in slot.choices]
        if str(literal) not in known and known:
            message = f"{literal!r} is none of the choices of {slot.name!r}."
            yield Problem(message, nearest(str(literal), known), line=line)
    elif not _is_of(slot.type, literal):
        remedy = f"Write it as in {_EXAMPLES[slot.type]}." if slot.type in _EXAMPLES else "Leave it out."
        yield Problem(f"{shown(literal)} is no {slot.type}, as {slot.name!r} is.", remedy, line=line)


def _is_of(type: str, literal: object) -> bool:
    if isinstance(literal, bool):
        return type == "boolean"
    if isinstance(literal, int | float):
        return type in _NUMBERS
    try:
        read(type, str(literal), None)
    except ValueError:
        return False
    return True


def _no_duration(call: nodes.Call) -> Iterator[Problem]:
    written = call.args[0] if call.args else None
    if isinstance(written, nodes.Const) and not (isinstance(written.value, str) and length(written.value)):
        message = f"{written.value!r} is no length of time."
        yield Problem(message, "Write it as in duration('3h'): 30m, 8h or 7d.", line=call.lineno)
