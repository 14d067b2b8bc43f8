"""Texts and expressions in Jinja, checked before anyone renders them: syntax, names, filters, what is compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property, lru_cache, partial
from typing import TypeVar

from jinja2 import TemplateSyntaxError, nodes
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.meta import find_undeclared_variables

from botkit.dialogue.bot import Slot
from botkit.dialogue.names import Known
from botkit.errors import Problem, nearest
from botkit.jinja_syntax import syntax_problem
from botkit.literals import NOTHING_TYPED, Typed, check_literals
from botkit.marks import pointed
from botkit.wordings import (
    RESULT,
    TEXTS,
    as_template,
    compiled,
    expression_template,
    is_plain,
    sole_expression,
)

Kind = TypeVar("Kind", bound=nodes.Node)

_SIMPLE = frozenset(
    {
        *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Assign),
        *(nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Slice),
        *(nodes.Filter, nodes.Test, nodes.Call, nodes.Keyword, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair),
        *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr, nodes.Concat),
        *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.Neg, nodes.Pos),
    }
)
"""Kinds of nodes that always compile, and set no names, but for the result of an expression."""

_MANY = 300
"""Nodes from which on a text may be nested too deeply to compile."""


class Tree:
    """A text as Jinja reads it, walked through once."""

    def __init__(self, template: nodes.Template) -> None:
        """Sort the nodes by their kinds, in the order of the text."""
        self._template = template
        self._nodes: dict[type[nodes.Node], list[nodes.Node]] = {}
        waiting: list[nodes.Node] = [template]
        count = 0
        while waiting:
            node = waiting.pop()
            count += 1
            self._nodes.setdefault(type(node), []).append(node)
            waiting += reversed(_children(node))
        sets = {name.name for name in self.find_all(nodes.Name) if name.ctx != "load"}
        self.is_simple = self._nodes.keys() <= _SIMPLE and sets <= {RESULT} and count < _MANY
        self.strange = list(self._strange_words())
        self.may_not_compile = not (self.is_simple or self.strange)

    def find_all(self, kind: type[Kind]) -> list[Kind]:
        """All nodes of one kind."""
        return self._nodes.get(kind, [])  # type: ignore[return-value]

    @cached_property
    def free(self) -> frozenset[str]:
        """The names that the text uses and does not set itself."""
        if self.is_simple:
            return frozenset({name.name for name in self.find_all(nodes.Name) if name.ctx == "load"})
        return frozenset(find_undeclared_variables(self._template))

    def attributes(self) -> Iterator[tuple[str, str, int]]:
        """Name, attribute and line of each `name.attribute` and `name['attribute']`."""
        for dotted in self.find_all(nodes.Getattr):
            if isinstance(dotted.node, nodes.Name):
                yield dotted.node.name, dotted.attr, dotted.lineno
        for item in self.find_all(nodes.Getitem):
            key = item.arg.value if isinstance(item.arg, nodes.Const) else None
            if isinstance(item.node, nodes.Name) and isinstance(key, str):
                yield item.node.name, key, item.lineno

    def _strange_words(self) -> Iterator[Problem]:
        """Filters and tests that do not exist, or not here; they are put out of the way of looking further."""
        for kind, what, known in ((nodes.Filter, "filter", TEXTS.filters), (nodes.Test, "test", TEXTS.tests)):
            for node in self.find_all(kind):
                name = node.name
                if name not in known:
                    node.name = "string"  # which is a filter and a test
                    is_refused = name in DEFAULT_FILTERS and what == "filter"
                    refused = f"The filter {name!r} is not allowed here."
                    message = refused if is_refused else f"There is no {what} {name!r}."
                    words = [word for word in known if word.isidentifier()]
                    yield Problem(message, nearest(name, words), line=node.lineno)


def _children(node: nodes.Node) -> list[nodes.Node]:
    found: list[nodes.Node] = []
    for name in node.fields:
        value = getattr(node, name, None)
        if isinstance(value, nodes.Node):
            found.append(value)
        elif isinstance(value, list):
            found += [item for item in value if isinstance(item, nodes.Node)]
    return found


@lru_cache(maxsize=1024)
def _tree(source: str) -> Tree:
    """A text, read. Raises `TemplateSyntaxError` and `RecursionError`, also where only compiling it tells."""
    tree = Tree(TEXTS.parse(source))
    if tree.may_not_compile:
        compiled(source)
    return tree


@lru_cache(maxsize=1024)
def _tree_of_expression(source: str) -> Tree:
    tree = Tree(as_template(source))
    if tree.may_not_compile:
        expression_template(source)
    return tree


def undeclared(source: str) -> frozenset[str]:
    """The names that a text uses and does not set itself; none where it does not parse, which `check` tells."""
    try:
        return _tree(source).free
    except (TemplateSyntaxError, RecursionError):
        return frozenset()


def check(source: str, known: Known, typed: Typed = NOTHING_TYPED) -> Iterator[Problem]:
    """What is wrong with a text before anyone renders it: its syntax, or names that cannot exist there.

    `typed` tells which slot's values a name has: what is compared with it must be of its type. The `line` of a problem
    counts within the text.
    """
    if not (is_plain(source) or _is_obvious(source, known)):
        yield from _check(partial(_tree, source), source, known, typed)


_USE = re.compile(r"\{\{ *([a-z_]\w*)(?:\.([a-z_]\w*))? *\}\}")
_JINJA = re.compile(r"\{[{%#]")


def _is_obvious(source: str, known: Known) -> bool:
    """Whether a text only prints names that are known, as in `{{ contact.name }}`: most do, and need not be parsed."""
    for owner, attribute in _USE.findall(source):
        if owner not in known:
            return False
        names = known[owner]
        if attribute and names is not None and attribute not in names:
            return False
    return not _JINJA.search(_USE.sub(" ", source))


def check_expression(source: str, known: Known, typed: Typed) -> Iterator[Problem]:
    """What is wrong with an expression without braces before anyone evaluates it; see `check`."""
    if (alone := sole_expression(source)) is not None:
        yield Problem("An expression stands here without braces.", f"Write: {alone}", line=1)
    else:
        yield from _check(partial(_tree_of_expression, source), f"{{{{{source}}}}}", known, typed)


def _tokens(source: str) -> Iterator[tuple[int, str, str]]:
    """A text in pieces, as far as it can be taken apart."""
    with suppress(TemplateSyntaxError):
        yield from TEXTS.lex(source)


def typed_names(slots: Mapping[str, Slot], value: Slot | None = None) -> Typed:
    """The names of expressions that have the values of slots; `value` is the slot that is judged, if one is."""
    typed = {f"slots.{name}": slot for name, slot in slots.items()}
    return typed if value is None else {**typed, "value": value}


def _check(read: Callable[[], Tree], text: str, known: Known, typed: Typed) -> Iterator[Problem]:
    """What is wrong with what is read; `text` is the same with its braces, in which each problem is looked for."""
    try:
        found = list(_mistakes(read(), known, typed))
    except TemplateSyntaxError as error:
        found = [syntax_problem(error, _tokens(text))]
    except RecursionError:
        found = [Problem("This is nested too deeply for Jinja.", "Make it simpler.", line=1)]
    yield from (pointed(problem, _tokens(text)) for problem in found)


def _mistakes(tree: Tree, known: Known, typed: Typed) -> Iterator[Problem]:
    free = tree.free - TEXTS.globals.keys()
    yield from tree.strange
    for name in tree.find_all(nodes.Name):
        if name.name in free and name.name not in known:
            yield Problem(f"There is no {name.name!r} here.", _meant(name.name, known), line=name.lineno)
    called = {
        call.node.attr for call in tree.find_all(nodes.Call) if call.args and isinstance(call.node, nodes.Getattr)
    }
    for owner, attribute, line in tree.attributes():
        names = known.get(owner) if owner in free else None
        if names is not None and attribute not in names:
            remedy = nearest(attribute, names)
            remedy = "Write hours.open_at(…)." if owner == "hours" and attribute in called else remedy
            yield Problem(f"There is no {attribute!r} in {owner!r}.", remedy, line=line)
    yield from check_literals(tree, typed)


def _meant(name: str, known: Known) -> str:
    """What was probably meant by a name that is not there: also one that others have, as `slots.room` by `room`."""
    owner = next((owner for owner, attributes in known.items() if attributes and name in attributes), None)
    return f"Did you mean {f'{owner}.{name}'!r}?" if owner else nearest(name, known)
