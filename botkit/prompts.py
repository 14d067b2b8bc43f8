"""Texts and prompts in Jinja, rendered, and expressions, evaluated.

Texts of bots and prompts for models are both written in Jinja. What contacts, slots, documents and models say is only
ever a value in it, never compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, FunctionLoader, Template, TemplateNotFound, TemplateSyntaxError, Undefined
from jinja2.meta import find_referenced_templates

from botkit.checking import check
from botkit.dialogue.names import Known, Texts
from botkit.errors import Problem, PromptError, nearest, told
from botkit.files import Files
from botkit.jinja import EMPTY, bounded, environment, refuse_above, weight_of
from botkit.literals import NOTHING_TYPED, Typed
from botkit.marks import placed
from botkit.wordings import RESULT, TEXTS, compiled, expression_template, is_plain, sentence, sole_expression

SUFFIX = ".md.j2"

_STOPS = tuple(".,;:!?…)\n")
"""What may follow an empty value so that a comma before it parts nothing any more."""


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
    return source if is_plain(source) else _render(lambda: compiled(source), names, source)


def evaluate(expression: str, names: Mapping[str, object]) -> object:
    """What an expression without braces gives, typed: a slot of type `date` is a `date`.

    `botkit.dialogue.comparing.fitted` makes of it what a slot may hold. Raises `PromptError` like `render_text`.
    """
    try:
        with bounded():
            return _evaluated(expression, _Scope(names))
    except Exception as error:  # filters raise whatever they like
        raise _failure(f"{expression!r} cannot be evaluated", error) from error


def _evaluated(expression: str, scope: _Scope) -> object:
    """What an expression gives, within the bounds of the render that is going on."""
    template = expression_template(expression)
    context = template.new_context(scope, shared=True)  # type: ignore[arg-type]
    for _ in template.root_render_func(context):
        pass
    made = context.vars[RESULT]
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


def _render(template: Callable[[], Template], names: Mapping[str, object], origin: str) -> str:
    try:
        made = template()
        with bounded():
            return _written(made, _Scope(names))
    except Exception as error:  # filters raise whatever they like
        raise _failure(f"{origin!r} cannot be rendered", error) from error


def _failure(attempt: str, error: Exception) -> PromptError:
    """An error whose words may quote values, which logs must not: these have its kind instead."""
    return PromptError(f"{attempt}: {sentence(error)}", told=f"{attempt}: {told(error) or type(error).__name__}")


def _written(template: Template, scope: _Scope) -> str:
    """What a template writes, within the bounds of the render that is going on."""
    written, length = list[str](), 0
    for piece in template.root_render_func(template.new_context(scope, shared=True)):  # type: ignore[arg-type]
        length += len(piece)
        refuse_above(length)
        written.append(piece)
    text = "".join(written)
    return _without_gaps(text) if EMPTY in text else text


def _without_gaps(text: str) -> str:
    """Drop each empty value with the blanks before it: 'Hello {{ name }}!' becomes 'Hello!' when there is no name.

    A comma before these goes as well where nothing follows that it could part: 'Hello, {{ name }}!' becomes the same.
    """
    kept, *rest = text.split(EMPTY)
    for number, piece in enumerate(rest, 1):
        before = kept.rstrip(" \t")
        parts_nothing = piece.startswith(_STOPS) or (not piece and number == len(rest))
        if parts_nothing and before.endswith(",") and before != kept:
            before = before[:-1].rstrip(" \t")
        kept = before + piece
    return kept.lstrip(" \t") if text.startswith(EMPTY) else kept


class Prompts:
    """The prompts of a project: the files `*.md.j2` of one folder."""

    def __init__(self, folder: Path, files: Files | None = None) -> None:
        """Name the folder; it need not exist as long as no prompt is asked for. `files` reads what is in it."""
        self.folder = folder
        self.files = files or Files(folder)

    @cached_property
    def _environment(self) -> Environment:
        return environment(FunctionLoader(self._wanted))

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
                files = {file for file in find_referenced_templates(TEXTS.parse(waiting.pop())) if file} - seen
                seen |= files
                waiting += [text for file in sorted(files) if (text := self._source(file))]

    def render(self, name: str, names: Mapping[str, object]) -> str:
        """Render a prompt; raises `PromptError`, also when it does not parse."""
        file = f"{name}{SUFFIX}"
        return _render(lambda: self._environment.get_template(file), names, file)
