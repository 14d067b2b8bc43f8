"""Texts and expressions in Jinja, rendered and evaluated, and read for their blanks.

What contacts, slots, documents and models say is only ever a value in them, never compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from jinja2 import Template, TemplateNotFound, TemplateSyntaxError, Undefined, nodes
from jinja2.parser import Parser

from botkit.dialogue.names import Texts
from botkit.errors import PromptError
from botkit.jinja import EMPTY, bounded, environment, refuse_above, weight_of

TEXTS = environment()
"""Where texts and expressions are compiled: there are no files."""


@lru_cache(maxsize=4096)
def compiled(source: str) -> Template:
    """A text, ready to be rendered. Raises `TemplateSyntaxError`."""
    return TEXTS.from_string(source)


@lru_cache(maxsize=4096)
def is_plain(source: str) -> bool:
    """Whether a text is the same when it is rendered."""
    return "{" not in source


class _Scope(Mapping[str, object]):
    """The names that one render has: those that it is given, and those that Jinja has everywhere."""

    __slots__ = ("_names", "_within")

    def __init__(self, names: Mapping[str, object], within: tuple[str, ...] = ()) -> None:
        """Take the names, and the reusable texts within which this is rendered."""
        self._names = names
        self._within = within

    def __getitem__(self, name: str) -> object:
        found = self._names[name] if name in self._names else TEXTS.globals[name]
        return _Rendered(found, self._names, self._within) if isinstance(found, Texts) else found

    def __contains__(self, name: object) -> bool:
        return name in self._names or name in TEXTS.globals

    def __iter__(self) -> Iterator[str]:
        return iter({**TEXTS.globals, **self._names})

    def __len__(self) -> int:
        return len({**TEXTS.globals, **self._names})


class _Rendered:
    """The texts that a bot reuses, each rendered when it is named."""

    __slots__ = ("_names", "_texts", "_within")

    def __init__(self, texts: Texts, names: Mapping[str, object], within: tuple[str, ...]) -> None:
        self._texts = texts
        self._names = names
        self._within = within

    def __getitem__(self, name: str) -> str:
        if name in self._within:
            raise PromptError(f"the text {name!r} is said within itself")
        scope = _Scope(self._names, (*self._within, name))
        source = self._texts.wording(name, lambda condition: bool(_evaluated(condition, scope)))
        return source if is_plain(source) else _written(compiled(source), scope)


def render_text(source: str, names: Mapping[str, object]) -> str:
    """Render a text of a bot.

    Raises `PromptError` when it does not parse, a name is missing, or it makes or takes too much.
    """
    return source if is_plain(source) else render(lambda: compiled(source), names, source)


def evaluate(expression: str, names: Mapping[str, object]) -> object:
    """What an expression without braces gives, typed: a slot of type `date` is a `date`.

    `botkit.dialogue.comparing.fitted` makes of it what a slot may hold. Raises `PromptError` like `render_text`.
    """
    try:
        with bounded():
            return _evaluated(expression, _Scope(names))
    except Exception as error:  # filters raise whatever they like
        raise PromptError(f"{expression!r} cannot be evaluated: {sentence(error)}") from error


def _evaluated(expression: str, scope: _Scope) -> object:
    """What an expression gives, within the bounds of the render that is going on."""
    template = compiled_expression(expression)
    context = template.new_context(scope, shared=True)  # type: ignore[arg-type]
    for _ in template.root_render_func(context):
        pass
    made = context.vars[_RESULT]
    refuse_above(weight_of(made))
    if isinstance(made, Undefined):
        str(made)  # which raises
    return made


def holds(condition: str, names: Mapping[str, object]) -> bool:
    """Whether a condition holds; an empty one does. Raises `PromptError` like `evaluate`."""
    return not condition or bool(evaluate(condition, names))


def value_of(source: str, names: Mapping[str, object]) -> object:
    """What a text means as a value: one `{{ … }}` and nothing else keeps its type, all else is rendered.

    Raises `PromptError` like `render_text`.
    """
    expression = sole_expression(source)
    return render_text(source, names) if expression is None else evaluate(expression, names)


@lru_cache(maxsize=4096)
def sole_expression(source: str) -> str | None:
    """The expression of a text that is one `{{ … }}` and nothing else; `None` for any other text."""
    if not (source.strip().startswith("{{") and source.strip().endswith("}}")):
        return None
    try:
        found = expressions(source)
    except PromptError:
        return None
    return found[0] if len(found) == 1 and with_blanks(source.strip()) == "{{1}}" else None


_RESULT = "botkit_result"


@lru_cache(maxsize=4096)
def compiled_expression(source: str) -> Template:
    """A template that sets `_RESULT` to what an expression gives. Raises `TemplateSyntaxError`."""
    return TEXTS.from_string(expression_tree(source))


def expression_tree(source: str) -> nodes.Template:
    """The tree of that. Raises `TemplateSyntaxError`."""
    parser = Parser(TEXTS, source, state="variable")
    found = parser.parse_expression()
    if not parser.stream.eos:
        behind = parser.stream.current
        raise TemplateSyntaxError(f"{behind.value!r} is left over behind the expression", behind.lineno)
    set_result = nodes.Assign(nodes.Name(_RESULT, "store"), found, lineno=1)
    return nodes.Template([set_result], lineno=1).set_environment(TEXTS)  # type: ignore[return-value]


def render(template: Callable[[], Template], names: Mapping[str, object], origin: str) -> str:
    """Render a template; `origin` is what it is called when that fails. Raises `PromptError`, also for its syntax."""
    try:
        made = template()
        with bounded():
            return _written(made, _Scope(names))
    except Exception as error:  # filters raise whatever they like
        raise PromptError(f"{origin!r} cannot be rendered: {sentence(error)}") from error


def _written(template: Template, scope: _Scope) -> str:
    """What a template writes, within the bounds of the render that is going on."""
    written, length = list[str](), 0
    for piece in template.root_render_func(template.new_context(scope, shared=True)):  # type: ignore[arg-type]
        length += len(piece)
        refuse_above(length)
        written.append(piece)
    text = "".join(written)
    return _without_gaps(text) if EMPTY in text else text


def sentence(error: Exception) -> str:
    """What went wrong, as a sentence."""
    said = str(error)
    if isinstance(error, TemplateSyntaxError):
        said = error.message or ""  # not with its line below
    elif isinstance(error, TemplateNotFound):
        said = f"{error.name!r} not found"
    return (said or type(error).__name__).rstrip(".") + "."


def _without_gaps(text: str) -> str:
    """Drop each empty value with the blanks before it: 'Hello {{ name }}!' becomes 'Hello!' when there is no name."""
    kept, *rest = text.split(EMPTY)
    for piece in rest:
        kept = kept.rstrip(" \t") + piece
    return kept.lstrip(" \t") if text.startswith(EMPTY) else kept


def expressions(source: str) -> list[str]:
    """The expressions of a text, in order and without their braces: the parameters of a message template.

    Raises `PromptError` for Jinja that does not parse, and for blocks and comments, which a template cannot have.
    """
    try:
        tokens = list(TEXTS.lex(source))
        TEXTS.parse(source)
    except TemplateSyntaxError as error:
        raise PromptError(f"This is not Jinja: {sentence(error)}") from error
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
    for _, kind, value in TEXTS.lex(source):
        if kind == "variable_begin":
            number, inside = number + 1, True
            written.append(f"{{{{{number}}}}}")
        elif kind == "variable_end":
            inside = False
        elif not inside:
            written.append(value)
    return "".join(written)
