"""Jinja: sandboxed, bounded, and strict about names. The only file that knows it.

Texts of bots and prompts for models are both written in Jinja. What contacts, slots, documents and models say is only
ever a value in it, never compiled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment

from botkit.errors import Problem, PromptError, nearest

MAX_RENDERED = 100_000
"""Characters that one render may produce."""

MAX_REPEATED = 100_000
"""The longest string or list, and the largest power, that an expression may make by `*` and `**`."""

SUFFIX = ".md.j2"

Known = Mapping[str, frozenset[str] | None]
"""Names that exist somewhere: each with its attributes, or with `None` where any attribute will do."""

_EMPTY = "\x00"


class _Sandbox(SandboxedEnvironment):
    """A sandbox in which an expression cannot eat the memory either."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        sizes = [len(value) if isinstance(value, str | list | tuple) else value for value in (left, right)]
        if operator == "%" and isinstance(left, str):
            raise SecurityError("the % operator does not format texts here; use ~ to join them")
        if operator == "**" and isinstance(right, int | float) and abs(right) > 64:  # noqa: PLR2004
            raise SecurityError(f"a power of {right} is too large")
        if operator == "*" and not all(isinstance(value, int | float) for value in (left, right)):
            product = sizes[0] * sizes[1] if all(isinstance(size, int) for size in sizes) else 0
            if product > MAX_REPEATED:
                raise SecurityError(f"a text of {product} characters is too long")
        return super().call_binop(context, operator, left, right)


def _print(value: object) -> object:
    """What is empty prints nothing (and takes the space before it along); a time prints to the minute."""
    if value is None or value == "":
        return _EMPTY
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return value


def _environment(folder: Path | None = None) -> _Sandbox:
    loader = FileSystemLoader(folder) if folder else None
    environment = _Sandbox(
        undefined=StrictUndefined, finalize=_print, loader=loader, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals = {"range": environment.globals["range"]}
    for padding in ("center", "indent", "format", "pprint", "xmlattr", "urlize", "batch", "slice"):
        environment.filters.pop(padding, None)
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

    Raises `PromptError` when a name is missing or the result is longer than `MAX_RENDERED` characters.
    """
    if _is_plain(source):
        return source
    return _render(_compiled(source), names, source)


def _render(template: Template, names: Mapping[str, object], origin: str) -> str:
    written: list[str] = []
    length = 0
    try:
        for piece in template.generate(**names):
            length += len(piece)
            if length > MAX_RENDERED:
                raise PromptError(f"{origin!r} renders more than {MAX_RENDERED} characters.")
            written.append(piece)
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise PromptError(f"{origin!r} cannot be rendered: {error}.") from error
    text = "".join(written)
    return _without_gaps(text) if _EMPTY in text else text


def _without_gaps(text: str) -> str:
    """Drop each empty value with the blanks before it: 'Hello {{ name }}!' becomes 'Hello!' when there is no name."""
    kept, *rest = text.split(_EMPTY)
    for piece in rest:
        kept = kept.rstrip(" \t") + piece
    return kept.lstrip(" \t") if text.startswith(_EMPTY) else kept


def expressions(source: str) -> list[str]:
    """The expressions of a text, in order and without their braces: the parameters of a message template.

    Raises `PromptError` for Jinja that does not parse, and for blocks, which a template cannot have.
    """
    try:
        tokens = list(_TEXTS.lex(source))
    except TemplateSyntaxError as error:
        raise PromptError(f"This is not Jinja: {error.message}.") from error
    if any(kind == "block_begin" for _, kind, _ in tokens):
        raise PromptError("A template has blanks only: {% … %} cannot be part of it.")
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
    try:
        tree = _TEXTS.parse(source)
        _TEXTS.from_string(source)
    except TemplateSyntaxError as error:
        yield Problem(f"This is not Jinja: {error.message}.", line=error.lineno)
        return
    free = find_undeclared_variables(tree) - set(_TEXTS.globals)
    for name in tree.find_all(nodes.Name):
        if name.name in free and name.name not in known:
            yield Problem(f"There is no {name.name!r} here.", nearest(name.name, known), line=name.lineno)
    for attribute in tree.find_all(nodes.Getattr):
        owner = attribute.node
        if isinstance(owner, nodes.Name) and owner.name in free:
            names = known.get(owner.name)
            if names is not None and attribute.attr not in names:
                message = f"There is no {attribute.attr!r} in {owner.name!r}."
                yield Problem(message, nearest(attribute.attr, names), line=attribute.lineno)


class Prompts:
    """The prompts of a project: the files `*.md.j2` of one folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it need not exist as long as no prompt is asked for."""
        self.folder = folder
        self._environment = _environment(folder)

    def names(self) -> list[str]:
        """The prompts that there are."""
        return sorted(path.name.removesuffix(SUFFIX) for path in self.folder.glob(f"*{SUFFIX}"))

    def check(self, name: str, known: Known) -> Iterator[Problem]:
        """What is wrong with a prompt, including that it is missing, each with file and line."""
        path = self.folder / f"{name}{SUFFIX}"
        if not path.is_file():
            yield Problem(f"There is no prompt {name!r} ({path}).", nearest(name, self.names()))
            return
        for problem in check(path.read_text(encoding="utf-8"), known):
            yield Problem(problem.message, problem.remedy, path, problem.line, 1)

    def render(self, name: str, names: Mapping[str, object]) -> str:
        """Render a prompt; raises `PromptError`, also when it does not parse."""
        try:
            template = self._environment.get_template(f"{name}{SUFFIX}")
        except TemplateError as error:
            raise PromptError(f"The prompt {name!r} cannot be read: {error}.") from error
        return _render(template, names, f"{name}{SUFFIX}")
