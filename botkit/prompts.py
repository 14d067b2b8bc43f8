"""Texts and prompts in Jinja: checked, rendered, and read for their blanks.

Texts of bots and prompts for models are both written in Jinja. What contacts, slots, documents and models say is only
ever a value in it, never compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from jinja2 import FunctionLoader, Template, TemplateNotFound, TemplateSyntaxError, Undefined, nodes
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.meta import find_referenced_templates, find_undeclared_variables
from jinja2.parser import Parser

from botkit.dialogue.bot import Slot
from botkit.dialogue.names import Known, Texts
from botkit.errors import Problem, PromptError, nearest
from botkit.files import Files
from botkit.jinja import EMPTY, bounded, environment, refuse_above, weight_of
from botkit.jinja_syntax import syntax_problem
from botkit.literals import NOTHING_TYPED, Typed, check_literals
from botkit.marks import placed, pointed

SUFFIX = ".md.j2"

_TEXTS = environment()


@lru_cache(maxsize=4096)
def _compiled(source: str) -> Template:
    return _TEXTS.from_string(source)


@lru_cache(maxsize=4096)
def _is_plain(source: str) -> bool:
    return "{" not in source


class _Scope(Mapping[str, object]):
    """The names that one render has: those that it is given, and those that Jinja has everywhere."""

    __slots__ = ("_names", "_within")

    def __init__(self, names: Mapping[str, object], within: tuple[str, ...] = ()) -> None:
        """Take the names, and the reusable texts within which this is rendered."""
        self._names = names
        self._within = within

    def __getitem__(self, name: str) -> object:
        found = self._names[name] if name in self._names else _TEXTS.globals[name]
        return _Rendered(found, self._names, self._within) if isinstance(found, Texts) else found

    def __contains__(self, name: object) -> bool:
        return name in self._names or name in _TEXTS.globals

    def __iter__(self) -> Iterator[str]:
        return iter({**_TEXTS.globals, **self._names})

    def __len__(self) -> int:
        return len({**_TEXTS.globals, **self._names})


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
        return source if _is_plain(source) else _written(_compiled(source), scope)


def render_text(source: str, names: Mapping[str, object]) -> str:
    """Render a text of a bot.

    Raises `PromptError` when it does not parse, a name is missing, or it makes or takes too much.
    """
    return source if _is_plain(source) else _render(lambda: _compiled(source), names, source)


def evaluate(expression: str, names: Mapping[str, object]) -> object:
    """What an expression without braces gives, typed: a slot of type `date` is a `date`.

    `botkit.dialogue.comparing.fitted` makes of it what a slot may hold. Raises `PromptError` like `render_text`.
    """
    try:
        with bounded():
            return _evaluated(expression, _Scope(names))
    except Exception as error:  # filters raise whatever they like
        raise PromptError(f"{expression!r} cannot be evaluated: {_sentence(error)}") from error


def _evaluated(expression: str, scope: _Scope) -> object:
    """What an expression gives, within the bounds of the render that is going on."""
    template = _expression(expression)
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
def _expression(source: str) -> Template:
    """A template that sets `_RESULT` to what an expression gives."""
    return _TEXTS.from_string(_as_template(source))


def _as_template(source: str) -> nodes.Template:
    """The tree of that. Raises `TemplateSyntaxError`."""
    parser = Parser(_TEXTS, source, state="variable")
    found = parser.parse_expression()
    if not parser.stream.eos:
        behind = parser.stream.current
        raise TemplateSyntaxError(f"{behind.value!r} is left over behind the expression", behind.lineno)
    set_result = nodes.Assign(nodes.Name(_RESULT, "store"), found, lineno=1)
    return nodes.Template([set_result], lineno=1).set_environment(_TEXTS)  # type: ignore[return-value]


def _render(template: Callable[[], Template], names: Mapping[str, object], origin: str) -> str:
    try:
        made = template()
        with bounded():
            return _written(made, _Scope(names))
    except Exception as error:  # filters raise whatever they like
        raise PromptError(f"{origin!r} cannot be rendered: {_sentence(error)}") from error


def _written(template: Template, scope: _Scope) -> str:
    """What a template writes, within the bounds of the render that is going on."""
    written, length = list[str](), 0
    for piece in template.root_render_func(template.new_context(scope, shared=True)):  # type: ignore[arg-type]
        length += len(piece)
        refuse_above(length)
        written.append(piece)
    text = "".join(written)
    return _without_gaps(text) if EMPTY in text else text


def _sentence(error: Exception) -> str:
    said = (error.message or "") if isinstance(error, TemplateSyntaxError) else str(error)  # not with its line below
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


def undeclared(source: str) -> frozenset[str]:
    """The names that a text uses and does not set itself; none where it does not parse, which `check` tells."""
    try:
        return frozenset(find_undeclared_variables(_TEXTS.parse(source)))
    except (TemplateSyntaxError, RecursionError):
        return frozenset()


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


def check(source: str, known: Known, typed: Typed = NOTHING_TYPED) -> Iterator[Problem]:
    """What is wrong with a text before anyone renders it: its syntax, or names that cannot exist there.

    `typed` tells which slot's values a name has: what is compared with it must be of its type. The `line` of a problem
    counts within the text.
    """
    if not _is_plain(source):
        found = _check(source, lambda: _TEXTS.parse(source), lambda: _compiled(source), known, typed)
        yield from (pointed(problem, _tokens(source)) for problem in found)


def check_expression(
    source: str, known: Known, slots: Mapping[str, Slot], value: Slot | None = None
) -> Iterator[Problem]:
    """What is wrong with an expression without braces before anyone evaluates it; see `check`.

    `value` is the slot that is judged, where `value` is known.
    """
    if sole_expression(source) is not None:
        yield Problem("An expression stands here without braces.", f"Write: {sole_expression(source)}", line=1)
        return
    typed = typed_names(slots, value)
    found = _check(source, lambda: _as_template(source), lambda: _expression(source), known, typed)
    yield from (pointed(problem, _tokens(f"{{{{{source}}}}}")) for problem in found)


def _tokens(source: str) -> Iterator[tuple[int, str, str]]:
    """A text in pieces, as far as it can be taken apart."""
    with suppress(TemplateSyntaxError):
        yield from _TEXTS.lex(source)


def typed_names(slots: Mapping[str, Slot], value: Slot | None = None) -> Typed:
    """The names of expressions that have the values of slots."""
    typed = {f"slots.{name}": slot for name, slot in slots.items()}
    return typed if value is None else {**typed, "value": value}


def _check(
    source: str, parse: Callable[[], nodes.Template], compiled: Callable[[], Template], known: Known, typed: Typed
) -> Iterator[Problem]:
    try:
        tree = parse()
        if strange := list(_strange_words(tree)):
            yield from strange
        else:
            compiled()
    except TemplateSyntaxError as error:
        yield syntax_problem(error, _tokens(source))
        return
    except RecursionError:
        yield Problem("This is nested too deeply for Jinja.", "Make it simpler.", line=1)
        return
    free = find_undeclared_variables(tree) - set(_TEXTS.globals)
    for name in tree.find_all(nodes.Name):
        if name.name in free and name.name not in known:
            yield Problem(f"There is no {name.name!r} here.", _meant(name.name, known), line=name.lineno)
    for owner, attribute, line in _attributes(tree):
        names = known.get(owner) if owner in free else None
        if names is not None and attribute not in names:
            yield Problem(f"There is no {attribute!r} in {owner!r}.", nearest(attribute, names), line=line)
    yield from check_literals(tree, typed)


def _meant(name: str, known: Known) -> str:
    """What was probably meant by a name that is not there: also one that others have, as `slots.room` by `room`."""
    owner = next((owner for owner, attributes in known.items() if attributes and name in attributes), None)
    return f"Did you mean {f'{owner}.{name}'!r}?" if owner else nearest(name, known)


def _strange_words(tree: nodes.Template) -> Iterator[Problem]:
    """Filters and tests that do not exist, or not here; they are put out of the way of looking further."""
    for kind, what, known in ((nodes.Filter, "filter", _TEXTS.filters), (nodes.Test, "test", _TEXTS.tests)):
        for node in tree.find_all(kind):
            name = node.name
            if name not in known:
                node.name = "string"  # which is a filter and a test
                is_refused = name in DEFAULT_FILTERS and what == "filter"
                message = f"The filter {name!r} is not allowed here." if is_refused else f"There is no {what} {name!r}."
                words = [word for word in known if word.isidentifier()]
                yield Problem(message, nearest(name, words), line=node.lineno)


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

    def __init__(self, folder: Path, files: Files | None = None) -> None:
        """Name the folder; it need not exist as long as no prompt is asked for. `files` reads what is in it."""
        self.folder = folder
        self.files = files or Files(folder)
        self._environment = environment(FunctionLoader(self._wanted))

    def _wanted(self, file: str) -> str:
        if (source := self._source(file)) is None:
            raise TemplateNotFound(file, f"{file!r} not found")
        return source

    def _source(self, file: str) -> str | None:
        path = self.folder / file
        is_inside = ".." not in path.parts and not Path(file).is_absolute()
        return self.files.read(path) if is_inside and self.files.is_file(path) else None

    def names(self) -> list[str]:
        """The prompts that there are."""
        return sorted(file.removesuffix(SUFFIX) for file in self.files.below(self.folder) if file.endswith(SUFFIX))

    def path(self, name: str) -> Path:
        """Where a prompt is, or would be."""
        return self.folder / f"{name}{SUFFIX}"

    def check(self, name: str, known: Known, typed: Typed = NOTHING_TYPED) -> Iterator[Problem]:
        """What is wrong with a prompt, including that it is missing, each with file and line."""
        path = self.path(name)
        if not self.files.is_file(path) or name not in self.names():
            yield Problem(f"There is no prompt {name!r} ({path}).", nearest(name, self.names()))
            return
        try:
            source = self.files.read(path)
        except (OSError, UnicodeDecodeError) as error:
            yield Problem(f"This prompt cannot be read: {error}.", "Save it as UTF-8.", path, 1, 1)
            return
        self._read_included(source)
        for problem in check(source, known, typed):
            whole_line = Problem(problem.message, problem.remedy, path, problem.line, 1)
            yield placed(problem, source, path) or whole_line

    def _read_included(self, source: str) -> None:
        """Read what a prompt includes, too: it belongs to what the bot is made from."""
        waiting, seen = [source], set[str]()
        while waiting:
            with suppress(TemplateSyntaxError, RecursionError, OSError, UnicodeDecodeError):
                files = {file for file in find_referenced_templates(_TEXTS.parse(waiting.pop())) if file} - seen
                seen |= files
                waiting += [text for file in sorted(files) if (text := self._source(file))]

    def render(self, name: str, names: Mapping[str, object]) -> str:
        """Render a prompt; raises `PromptError`, also when it does not parse."""
        file = f"{name}{SUFFIX}"
        return _render(lambda: self._environment.get_template(file), names, file)
