"""Jinja's sandbox, with bounds on what one render may make and take.

Those who write texts and prompts mean well, but what contacts say are values in them; and a slip must cost one answer,
not the process.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, nodes, pass_environment
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.filters import do_round, make_attrgetter
from jinja2.sandbox import ImmutableSandboxedEnvironment

from botkit.dialogue.comparing import TYPED, combine, compare
from botkit.dialogue.printing import Printed, PrintedFlag, iso

MAX_MADE = 100_000
"""Characters that one render may produce, and the longest text or list, and the bits of the largest number, in it."""

MAX_STEPS = 100_000
"""Rounds of loops, calls and filters that one render may take, all together; long values count as several."""

MAX_SECONDS = 0.25
"""Of the processor's time that one render may take."""

MAX_RANGE = 1000
"""Numbers that one `range` may give."""

EMPTY = "\x00"
"""What an empty value prints, until it is taken out with the space before it."""

_MAX_READ = 10 * MAX_MADE
"""Characters and items that one filter, test or call may be given, however deep they lie in it."""

_WEIGHT_OF_A_STEP = 100
_MAX_DIGITS = 15

_GROWING_METHODS = frozenset(
    [
        "center",
        "expandtabs",
        "format",
        "format_map",
        "join",
        "ljust",
        "replace",
        "rjust",
        "to_bytes",
        "translate",
        "zfill",
    ]
)
_GROWING_FILTERS = frozenset(
    {"batch", "center", "format", "indent", "pprint", "slice", "striptags", "tojson", "urlize", "wordwrap", "xmlattr"}
)


class _Budget:
    """What is left to one render; characters are counted where they are printed, also into blocks that are kept."""

    def __init__(self) -> None:
        self.steps = MAX_STEPS
        self.characters = MAX_MADE
        self.until = time.thread_time() + MAX_SECONDS

    def spend(self, *, steps: int = 0, characters: int = 0) -> None:
        """Raise `SecurityError` when it is too much."""
        self.steps -= steps
        self.characters -= characters
        if self.steps < 0:
            raise SecurityError(f"it takes more than {MAX_STEPS} steps")
        if time.thread_time() > self.until:
            raise SecurityError(f"it takes more than {MAX_SECONDS} s")
        refuse_above(MAX_MADE - self.characters)


_budget: ContextVar[_Budget | None] = ContextVar("budget", default=None)


@contextmanager
def bounded() -> Iterator[None]:
    """What is rendered meanwhile is one render; it raises `SecurityError` when it makes or takes too much.

    Garbage waits until it is over: with thousands of turns in hand, to look for it takes longer than a render may.
    Who had it wait has it looked for again, and nobody else: threads may render side by side.
    """
    outer, collects = _budget.set(_Budget()), gc.isenabled()
    if collects:
        gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
        _budget.reset(outer)


def _spend(*, steps: int = 0, characters: int = 0) -> None:
    if budget := _budget.get():  # there is none while constants are folded
        budget.spend(steps=steps, characters=characters)


def _spend_on(*values: Any) -> None:
    """A step on values, or as many as they are long."""
    weight = sum(len(value) if type(value) is str else weight_of(value) for value in values)
    if weight > _MAX_READ:
        raise SecurityError(f"a filter or call is given more than {_MAX_READ} characters and items")
    _spend(steps=1 + weight // _WEIGHT_OF_A_STEP)


def weight_of(value: Any) -> int:
    """The characters and items of a value and of all that lies in it; it stops counting when it is too much."""
    weight, waiting = 0, [value]
    while waiting and weight <= _MAX_READ:
        item = waiting.pop()
        if isinstance(item, str | bytes):
            weight += len(item)
        elif isinstance(item, list | tuple | set | frozenset | dict):
            weight += len(item)
            waiting.extend(item.items() if isinstance(item, dict) else item)
    return weight


class _Generator(CodeGenerator):
    """Has loops counted, texts joined and values compared by the environment, which knows bounds and types."""

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802 (Jinja's name)
        if node.recursive:
            self.fail("A loop cannot be recursive here.", node.lineno)
        node.iter = _call("counted", node.iter)
        super().visit_For(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 (Jinja's name)
        self.visit(_call("joined", *node.nodes), frame)

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802 (Jinja's name)
        self.write("environment.compared(")
        self.visit(node.expr, frame)
        for item in node.ops:
            self.write(f", {item.op!r}, ")
            self.visit(item.expr, frame)
        self.write(")")


def _call(method: str, *arguments: Any) -> nodes.Call:
    return nodes.Call(nodes.EnvironmentAttribute(method), list(arguments), [], None, None)


class _Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox in which a template cannot eat the memory or the time either."""

    code_generator_class = _Generator
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        is_growing = isinstance(obj, str | bytes | int) and attr in _GROWING_METHODS
        return not is_growing and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """Jinja lets texts format: safely, but to any length."""

    def call(self, context: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        _spend_on(getattr(function, "__self__", None), *args, *kwargs.values())
        return super().call(context, function, *args, **kwargs)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str):
            raise SecurityError("the % operator does not format texts here; use ~ to join them")
        if left is None or right is None or isinstance(left, TYPED) or isinstance(right, TYPED):
            _spend(steps=1)
            made = combine(operator, _defined(left), _defined(right))
            if made is not NotImplemented:
                return made
        size = _size_of(operator, left, right)
        refuse_above(size)
        _spend(steps=1 + size // _WEIGHT_OF_A_STEP)
        return super().call_binop(context, operator, left, right)

    def compared(self, left: Any, *others: Any) -> bool:
        """Whether a chain of comparisons holds: operators and values take turns."""
        for operator, right in zip(others[::2], others[1::2], strict=True):
            if not _compare(operator, left, right):
                return False
            left = right
        return True

    def counted(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            _spend(steps=1)
            yield item

    def joined(self, *pieces: Any) -> str:
        return _join(pieces)


def _defined(value: Any) -> Any:
    """Refuse a name that is not there; for a value that is, do nothing."""
    if isinstance(value, StrictUndefined):
        str(value)
    return value


def _compare(operator: str, left: Any, right: Any) -> bool:
    _spend_on(left, right)
    return compare(operator, _defined(left), _defined(right))


_COMPARING_TESTS: Mapping[str, tuple[str, ...]] = {
    "eq": ("eq", "==", "equalto"),
    "ne": ("ne", "!="),
    "lt": ("lt", "<", "lessthan"),
    "lteq": ("le", "<="),
    "gt": ("gt", ">", "greaterthan"),
    "gteq": ("ge", ">="),
    "in": ("in",),
}
"""By comparison: what it is called as a test."""


def _size_of(operator: str, left: Any, right: Any) -> int:
    """How large the result of an operator will be: the length of a text or a list, the bits of a number."""
    if operator == "**":
        return left.bit_length() * right if isinstance(left, int) and isinstance(right, int) else 0
    if operator == "*" and _is_sized(left) and isinstance(right, int):
        return len(left) * right
    if operator == "*" and _is_sized(right) and isinstance(left, int):
        return len(right) * left
    return sum(len(side) if _is_sized(side) else _bits(side) for side in (left, right))


def _is_sized(value: Any) -> bool:
    return isinstance(value, str | bytes | list | tuple)


def _bits(value: Any) -> int:
    return value.bit_length() if isinstance(value, int) else 0


@pass_environment
def _join_filter(
    environment: Environment, values: Iterable[Any], separator: str = "", attribute: str | None = None
) -> str:
    return _join(map(make_attrgetter(environment, attribute), values) if attribute else values, separator)


def _join(values: Iterable[Any], separator: str = "") -> str:
    pieces = list(map(_text, values))
    refuse_above(sum(map(len, pieces)) + len(separator) * len(pieces))
    return separator.join(pieces)


def _text(value: Any) -> str:
    refuse_above(len(value) if isinstance(value, str) else weight_of(value))
    return str(value)


def _replace(value: Any, old: str, new: str) -> str:
    text = str(value)
    refuse_above(len(text) + text.count(old) * len(new))
    return text.replace(old, new)


def _sum(values: Iterable[Any], start: Any = 0) -> Any:
    numbers = list(values)
    if not all(isinstance(number, int | float) for number in (*numbers, start)):
        raise SecurityError("only numbers are summed up here; use ~ or join for texts")
    return sum(numbers, start)


@pass_environment
def _sum_filter(environment: Environment, values: Iterable[Any], attribute: str | None = None, start: Any = 0) -> Any:
    return _sum(map(make_attrgetter(environment, attribute), values) if attribute is not None else values, start)


def _round(value: float, precision: int = 0, method: str = "common") -> float:
    if abs(precision) > _MAX_DIGITS:
        raise SecurityError(f"a number is rounded to {_MAX_DIGITS} digits at most")
    return do_round(value, precision, method)  # type: ignore[arg-type]


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > MAX_RANGE:
        raise SecurityError(f"a range has {MAX_RANGE} numbers at most")
    return numbers


def _counted(function: Any) -> Callable[..., Any]:
    """A filter or test that is a step of a render."""

    @wraps(function)  # which keeps the marks that Jinja goes by
    def counted(*args: Any, **kwargs: Any) -> Any:
        _spend_on(*args, *kwargs.values())
        return function(*args, **kwargs)

    return counted


def refuse_above(size: int) -> None:
    """Raise `SecurityError` for what is larger than anything may be."""
    if size > MAX_MADE:
        raise SecurityError(f"it makes more than {MAX_MADE} characters, items or bits")


def _print(value: object) -> object:
    """What is empty prints nothing (and takes the space before it along); a time prints to the minute."""
    if value is None or value == "":
        return EMPTY
    value = value.said if isinstance(value, Printed) else value
    printed = value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else _text(value)
    _spend(characters=len(printed))
    return printed


_FLAGS: Mapping[str, tuple[bool, ...]] = {"true": (True,), "false": (False,), "boolean": (True, False)}


def _flagged(meant: tuple[bool, ...]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, bool | PrintedFlag) and bool(value) in meant


def _comparing(operator: str) -> Callable[[Any, Any], bool]:
    return lambda left, right: compare(operator, left, right)


def environment(loader: BaseLoader | None = None) -> Environment:
    """The sandbox; with a loader, what it finds can be loaded and include each other."""
    made = _Sandbox(undefined=StrictUndefined, finalize=_print, loader=loader, trim_blocks=True, lstrip_blocks=True)
    made.globals = {"range": _range}
    for name in _GROWING_FILTERS:
        made.filters.pop(name)
    made.filters |= {"join": _join_filter, "replace": _replace, "round": _round, "sum": _sum_filter, "iso": iso}
    for operator, called in _COMPARING_TESTS.items():
        made.tests.update(dict.fromkeys(called, _comparing(operator)))
    made.tests.update({name: _flagged(meant) for name, meant in _FLAGS.items()})
    for named in (made.filters, made.tests):
        named.update({name: _counted(function) for name, function in named.items()})
    return made
