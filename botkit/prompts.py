"""Texts and prompts in Jinja: checked, rendered, and read for their blanks.

Texts of bots and prompts for models are both written in Jinja. What contacts, slots, documents and models say is only
ever a value in it, never compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.meta import find_undeclared_variables

from botkit.errors import Problem, PromptError, nearest
from botkit.jinja import EMPTY, bounded, environment, refuse_above

SUFFIX = ".md.j2"

Known = Mapping[str, frozenset[str] | None]
"""Names that exist somewhere: each with its attributes, or with `None` where any attribute will do."""

_BLOCKS = frozenset({"if", "for", "macro", "call", "filter", "with", "block", "autoescape"})
_TEXTS = environment()


@lru_cache(maxsize=4096)
def _compiled(source: str) -> Template:
    made = _TEXTS.from_string(source)
    made.globals = dict(made.globals)  # a chain of maps, which each render would go through name by name
    return made


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
    try:
        made = template()
        with bounded():
            for piece in made.generate(**names):
                length += len(piece)
                refuse_above(length)
                written.append(piece)
    except Exception as error:  # filters raise whatever they like
        raise PromptError(f"{origin!r} cannot be rendered: {_sentence(error)}") from error
    text = "".join(written)
    return _without_gaps(text) if EMPTY in text else text


def _sentence(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".") + "."


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
        self._environment = environment(folder)

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
