"""Jinja: sandboxed, bounded, and strict about names. The only file that knows it.

Texts of bots and prompts for models are both written in Jinja. What contacts, slots, documents and models say is only
ever a value in it, never compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateSyntaxError,
    nodes,
    pass_environment,
)
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.filters import make_attrgetter
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from botkit.dialogue.printing import Printed, iso
from botkit.errors import Problem, PromptError, nearest

MAX_MADE = 100_000
"""Characters that one render may produce, and the longest text or list, and the bits of the largest number, in it."""

MAX_STEPS = 100_000
"""Rounds of loops and calls that one render may take, all together."""

SUFFIX = ".md.j2"

Known = Mapping[str, frozenset[str] | None]
"""Names that exist somewhere: each with its attributes, or with `None` where any attribute will do."""

_EMPTY = "\x00"
_BLOCKS = frozenset({"if", "for", "macro", "call", "filter", "with", "block", "autoescape"})
_GROWING_METHODS = frozenset(
    {"center", "expandtabs", "format", "format_map", "join", "ljust", "replace", "rjust", "translate", "zfill"}
)
_GROWING_FILTERS = frozenset(
    {"batch", "center", "format", "indent", "pprint", "slice", "tojson", "urlize", "wordwrap", "xmlattr"}
)


class _Budget:
    """What is left to one render; characters are counted where they are printed, also into blocks that are kept."""

    def __init__(self) -> None:
        self.steps = MAX_STEPS
        self.characters = MAX_MADE

    def spend(self, *, steps: int = 0, characters: int = 0) -> None:
        """Raise `SecurityError` when it is too much."""
        self.steps -= steps
        self.characters -= characters
        if self.steps < 0:
            raise SecurityError(f"it takes more than {MAX_STEPS} steps")
        _refuse_above(MAX_MADE - self.characters)


_budget: ContextVar[_Budget | None] = ContextVar("budget", default=None)


def _spend(*, steps: int = 0, characters: int = 0) -> None:
    if budget := _budget.get():  # there is none while constants are folded
        budget.spend(steps=steps, characters=characters)


class _Generator(CodeGenerator):
    """Has loops counted and texts joined by the environment, which knows bounds."""

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802 (Jinja's name)
        if node.recursive:
            self.fail("A loop cannot be recursive here.", node.lineno)
        node.iter = _call("counted", node.iter)
        super().visit_For(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 (Jinja's name)
        self.visit(_call("joined", *node.nodes), frame)


def _call(method: str, *arguments: Any) -> nodes.Call:
    return nodes.Call(nodes.EnvironmentAttribute(method), list(arguments), [], None, None)


class _Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox in which a template cannot eat the memory or the time either."""

    code_generator_class = _Generator
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        is_growing = isinstance(obj, str) and attr in _GROWING_METHODS
        return not is_growing and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """Jinja lets texts format: safely, but to any length."""

    def call(self, context: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        _spend(steps=1)
        return super().call(context, function, *args, **kwargs)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str):
            raise SecurityError("the % operator does not format texts here; use ~ to join them")
        _refuse_above(_size_of(operator, left, right))
        return super().call_binop(context, operator, left, right)

    def counted(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            _spend(steps=1)
            yield item

    def joined(self, *pieces: Any) -> str:
        return _join(pieces)


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
    pieces = [str(value) for value in values]
    _refuse_above(sum(map(len, pieces)) + len(separator) * len(pieces))
    return separator.join(pieces)


def _replace(value: Any, old: str, new: str) -> str:
    text = str(value)
    _refuse_above(len(text) + text.count(old) * len(new))
    return text.replace(old, new)


def _refuse_above(size: int) -> None:
    if size > MAX_MADE:
        raise SecurityError(f"it makes more than {MAX_MADE} characters, items or bits")


def _print(value: object) -> object:
    """What is empty prints nothing (and takes the space before it along); a time prints to the minute."""
    if value is None or value == "":
        return _EMPTY
    value = value.said if isinstance(value, Printed) else value
    printed = value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else str(value)
    _spend(characters=len(printed))
    return printed


def _environment(folder: Path | None = None) -> _Sandbox:
    loader = FileSystemLoader(folder) if folder else None
    environment = _Sandbox(
        undefined=StrictUndefined, finalize=_print, loader=loader, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals = {"range": environment.globals["range"]}
    for name in _GROWING_FILTERS:
        environment.filters.pop(name)
    environment.filters |= {"join": _join_filter, "replace": _replace, "iso": iso}
    return environment


_TEXTS = _environment()


@lru_cache(maxsize=4096)
def _compiled(source: str) -> Template:
    return _TEXTS.from_string(source)


@lru_cache(maxsize=4096)
def _is_plain(source: str) -> bool:
    return "{" not in source


def render_text(source: str, names: Mapping[str, object]) -> str:
    """Render a text of a bot.

    Raises `PromptError` when it does not parse, a name is missing, or it makes or takes too much.
    """
    if _is_plain(source):
        return source
    return _render(lambda: _compiled(source), names, source)


def _render(template: Callable[[], Template], names: Mapping[str, object], origin: str) -> str:
    written, length = list[str](), 0
    outer = _budget.set(_Budget())
    try:
        for piece in template().generate(**names):
            length += len(piece)
            _refuse_above(length)
            written.append(piece)
    except Exception as error:  # filters raise whatever they like
        raise PromptError(f"{origin!r} cannot be rendered: {_sentence(error)}") from error
    finally:
        _budget.reset(outer)
    text = "".join(written)
    return _without_gaps(text) if _EMPTY in text else text


def _sentence(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".") + "."


def _without_gaps(text: str) -> str:
    """Drop each empty value with the blanks before it: 'Hello {{ name }}!' becomes 'Hello!' when there is no name."""
    kept, *rest = text.split(_EMPTY)
    for piece in rest:
        kept = kept.rstrip(" \t") + piece
    return kept.lstrip(" \t") if text.startswith(_EMPTY) else kept


def expressions(source: str) -> list[str]:
    """The expressions of a text, in order and without their braces: the parameters of a message template.

    Raises `PromptError` for Jinja that does not parse, and for blocks and comments, which a template cannot have.
    """
    try:
        tokens = list(_TEXTS.lex(source))
        _TEXTS.parse(source)
    except TemplateSyntaxError as error:
        raise PromptError(f"This is not Jinja: {_sentence(error)}") from error
    if any(kind in ("block_begin", "raw_begin", "comment_begin") for _, kind, _ in tokens):
        raise PromptError("A template has blanks only: {% … %} and {# … #} cannot be part of it.")
    found: list[str] = []
    inside: list[str] | None = None
    for _, kind, value in tokens:
        if kind == "variable_begin":
            inside = []
        elif kind == "variable_end" and inside is not None:
            found.append("".join(inside).strip())
            inside = None
        elif inside is not None:
            inside.append(value)
    return found


def as_blank(parameter: str) -> str:
    """A parameter of a message template with its braces, which may be left out where it stands alone."""
    return parameter if "{{" in parameter else f"{{{{ {parameter} }}}}"


def with_blanks(source: str) -> str:
    """A text with `{{1}}`, `{{2}}` … in place of its expressions, as the platform approves it."""
    written, number, inside = list[str](), 0, False
    for _, kind, value in _TEXTS.lex(source):
        if kind == "variable_begin":
            number, inside = number + 1, True
            written.append(f"{{{{{number}}}}}")
        elif kind == "variable_end":
            inside = False
        elif not inside:
            written.append(value)
    return "".join(written)


def check(source: str, known: Known) -> Iterator[Problem]:
    """What is wrong with a text before anyone renders it: its syntax, or names that cannot exist there.

    The `line` of a problem counts within the text.
    """
    if _is_plain(source):
        return
    try:
        tree = _TEXTS.parse(source)
        if strange := list(_strange_words(tree)):
            yield from strange
        else:
            _compiled(source)
    except TemplateSyntaxError as error:
        yield _no_jinja(error, source)
        return
    except RecursionError:
        yield Problem("This is nested too deeply for Jinja.", "Make it simpler.", line=1)
        return
    free = find_undeclared_variables(tree) - set(_TEXTS.globals)
    for name in tree.find_all(nodes.Name):
        if name.name in free and name.name not in known:
            yield Problem(f"There is no {name.name!r} here.", nearest(name.name, known), line=name.lineno)
    for owner, attribute, line in _attributes(tree):
        names = known.get(owner) if owner in free else None
        if names is not None and attribute not in names:
            yield Problem(f"There is no {attribute!r} in {owner!r}.", nearest(attribute, names), line=line)


def _no_jinja(error: TemplateSyntaxError, source: str) -> Problem:
    """What is wrong with the syntax; a block without an end is named where it begins, not where the text ends."""
    opened: list[tuple[int, str]] = []
    after = ""
    for line, kind, value in _TEXTS.lex(source) if "Jinja was looking for" in str(error) else ():
        if after == "block_begin" and kind == "name" and value in _BLOCKS:
            opened.append((line, value))
        elif after == "block_begin" and value.startswith("end"):
            opened = opened[:-1]
        after = after if kind == "whitespace" else kind
    if opened and "Unexpected end of template" in str(error):
        line, name = opened[-1]
        return Problem(f"This {{% {name} … %}} has no end.", f"Write {{% end{name} %}} where it ends.", line=line)
    return Problem(
        f"This is not Jinja: {_sentence(error)}", "Check the braces and the words between them.", line=error.lineno
    )


def _strange_words(tree: nodes.Template) -> Iterator[Problem]:
    """Filters and tests that do not exist, or not here; they are put out of the way of looking further."""
    for kind, what, known in ((nodes.Filter, "filter", _TEXTS.filters), (nodes.Test, "test", _TEXTS.tests)):
        for node in tree.find_all(kind):
            name = node.name
            if name not in known:
                node.name = "string"  # which is a filter and a test
                is_refused = name in DEFAULT_FILTERS and what == "filter"
                message = f"The filter {name!r} is not allowed here." if is_refused else f"There is no {what} {name!r}."
                yield Problem(message, nearest(name, known), line=node.lineno)


def _attributes(tree: nodes.Template) -> Iterator[tuple[str, str, int]]:
    """Name, attribute and line of each `name.attribute` and `name['attribute']`."""
    for dotted in tree.find_all(nodes.Getattr):
        if isinstance(dotted.node, nodes.Name):
            yield dotted.node.name, dotted.attr, dotted.lineno
    for item in tree.find_all(nodes.Getitem):
        if isinstance(item.node, nodes.Name) and isinstance(item.arg, nodes.Const) and isinstance(item.arg.value, str):
            yield item.node.name, item.arg.value, item.lineno


class Prompts:
    """The prompts of a project: the files `*.md.j2` of one folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it need not exist as long as no prompt is asked for."""
        self.folder = folder
        self._environment = _environment(folder)

    def names(self) -> list[str]:
        """The prompts that there are."""
        files = self._environment.list_templates(filter_func=lambda file: file.endswith(SUFFIX))
        return [file.removesuffix(SUFFIX) for file in files]

    def path(self, name: str) -> Path:
        """Where a prompt is, or would be."""
        return self.folder / f"{name}{SUFFIX}"

    def check(self, name: str, known: Known) -> Iterator[Problem]:
        """What is wrong with a prompt, including that it is missing, each with file and line."""
        path = self.path(name)
        if name not in self.names():
            yield Problem(f"There is no prompt {name!r} ({path}).", nearest(name, self.names()))
            return
        try:
            source = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            yield Problem(f"This prompt cannot be read: {error}.", "Save it as UTF-8.", path, 1, 1)
            return
        for problem in check(source, known):
            yield Problem(problem.message, problem.remedy, path, problem.line, 1)

    def render(self, name: str, names: Mapping[str, object]) -> str:
        """Render a prompt; raises `PromptError`, also when it does not parse."""
        file = f"{name}{SUFFIX}"
        return _render(lambda: self._environment.get_template(file), names, file)
