"""Jinja before anyone renders it: the checks of texts and expressions, and the prompts of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from jinja2 import FunctionLoader, Template, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.meta import find_referenced_templates, find_undeclared_variables

from botkit.dialogue.bot import Slot
from botkit.dialogue.names import Known
from botkit.errors import Problem, nearest
from botkit.files import Files
from botkit.jinja import environment
from botkit.literals import NOTHING_TYPED, Typed, check_literals
from botkit.marks import placed, pointed
from botkit.rendering import (
    TEXTS,
    compiled,
    compiled_expression,
    expression_tree,
    is_plain,
    render,
    sentence,
    sole_expression,
)

SUFFIX = ".md.j2"

_BLOCKS = frozenset({"if", "for", "macro", "call", "filter", "with", "block", "autoescape"})


def check(source: str, known: Known, typed: Typed = NOTHING_TYPED) -> Iterator[Problem]:
    """What is wrong with a text before anyone renders it: its syntax, or names that cannot exist there.

    `typed` tells which slot's values a name has: what is compared with it must be of its type. The `line` of a problem
    counts within the text.
    """
    if not is_plain(source):
        found = _check(source, lambda: TEXTS.parse(source), lambda: compiled(source), known, typed)
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
    found = _check(source, lambda: expression_tree(source), lambda: compiled_expression(source), known, typed)
    yield from (pointed(problem, _tokens(f"{{{{{source}}}}}")) for problem in found)


def _tokens(source: str) -> Iterator[tuple[int, str, str]]:
    """A text in pieces, as far as it can be taken apart."""
    with suppress(TemplateSyntaxError):
        yield from TEXTS.lex(source)


def undeclared(source: str) -> frozenset[str]:
    """The names that a text uses and does not set itself; none where it does not parse, which `check` tells."""
    try:
        return frozenset(find_undeclared_variables(TEXTS.parse(source)))
    except (TemplateSyntaxError, RecursionError):
        return frozenset()


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
        yield _no_jinja(error, source)
        return
    except RecursionError:
        yield Problem("This is nested too deeply for Jinja.", "Make it simpler.", line=1)
        return
    free = find_undeclared_variables(tree) - set(TEXTS.globals)
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


def _no_jinja(error: TemplateSyntaxError, source: str) -> Problem:
    """What is wrong with the syntax; a block without an end is named where it begins, not where the text ends."""
    opened: list[tuple[int, str]] = []
    after = ""
    for line, kind, value in TEXTS.lex(source) if "Jinja was looking for" in str(error) else ():
        if after == "block_begin" and kind == "name" and value in _BLOCKS:
            opened.append((line, value))
        elif after == "block_begin" and value.startswith("end"):
            opened = opened[:-1]
        after = after if kind == "whitespace" else kind
    if opened and "Unexpected end of template" in str(error):
        line, name = opened[-1]
        return Problem(f"This {{% {name} … %}} has no end.", f"Write {{% end{name} %}} where it ends.", line=line)
    return Problem(
        f"This is not Jinja: {sentence(error)}", "Check the braces and the words between them.", line=error.lineno
    )


def _strange_words(tree: nodes.Template) -> Iterator[Problem]:
    """Filters and tests that do not exist, or not here; they are put out of the way of looking further."""
    for kind, what, known in ((nodes.Filter, "filter", TEXTS.filters), (nodes.Test, "test", TEXTS.tests)):
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
                files = {file for file in find_referenced_templates(TEXTS.parse(waiting.pop())) if file} - seen
                seen |= files
                waiting += [text for file in sorted(files) if (text := self._source(file))]

    def render(self, name: str, names: Mapping[str, object]) -> str:
        """Render a prompt; raises `PromptError`, also when it does not parse."""
        file = f"{name}{SUFFIX}"
        return render(lambda: self._environment.get_template(file), names, file)
