"""Texts and expressions in Jinja as they are written: taken apart, compiled, read for their blanks.

Texts of bots and prompts for models are both written in Jinja. What contacts, slots, documents and models say is only
ever a value in it, never compiled.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache

from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.parser import Parser

from botkit.errors import PromptError
from botkit.jinja import environment

TEXTS = environment()
"""The sandbox of texts and expressions, which load no files."""


@lru_cache(maxsize=4096)
def compiled(source: str) -> Template:
    """A text, ready to be rendered. Raises `TemplateSyntaxError`."""
    made = TEXTS.from_string(source)
    made.globals = dict(made.globals)  # a chain of maps, which each render would go through name by name
    return made


def is_plain(source: str) -> bool:
    """Whether there is no Jinja in a text."""
    return "{" not in source


def sentence(error: Exception) -> str:
    """What an error says, with a full stop."""
    said = (error.message or "") if isinstance(error, TemplateSyntaxError) else str(error)  # not with its line below
    return (said or type(error).__name__).rstrip(".") + "."


@lru_cache(maxsize=4096)
def sole_expression(source: str) -> str | None:
    """The expression of a text that is one `{{ … }}` and nothing else; `None` for any other text."""
    alone = source.strip()
    if alone.startswith("{{") and alone.endswith("}}"):
        with suppress(PromptError):
            match _taken_apart(alone):
                case ("", expression, ""):
                    return expression
    return None


RESULT = "botkit_result"
"""The name to which the template of an expression sets what the expression gives."""


@lru_cache(maxsize=4096)
def expression_template(source: str) -> Template:
    """A template that sets `RESULT` to what an expression gives."""
    return TEXTS.from_string(as_template(source))


def as_template(source: str) -> nodes.Template:
    """The tree of that. Raises `TemplateSyntaxError`."""
    parser = Parser(TEXTS, source, state="variable")
    found = parser.parse_expression()
    if not parser.stream.eos:
        behind = parser.stream.current
        raise TemplateSyntaxError(f"{behind.value!r} is left over behind the expression", behind.lineno)
    set_result = nodes.Assign(nodes.Name(RESULT, "store"), found, lineno=1)
    return nodes.Template([set_result], lineno=1).set_environment(TEXTS)  # type: ignore[return-value]


@lru_cache(maxsize=4096)
def _taken_apart(source: str) -> tuple[str, ...]:
    """The literal parts of a text, as Jinja prints them, and between them what stands in its braces."""
    try:
        tokens = list(TEXTS.lex(source))
        TEXTS.parse(source)
    except TemplateSyntaxError as error:
        raise PromptError(f"This is not Jinja: {sentence(error)}") from error
    if any(kind in ("block_begin", "raw_begin", "comment_begin") for _, kind, _ in tokens):
        raise PromptError("A template has blanks only: {% … %} and {# … #} cannot be part of it.")
    found = [""]
    for _, kind, value in tokens:
        if kind in ("variable_begin", "variable_end"):
            found.append("")
        else:
            found[-1] += value
    return tuple(part.strip() if index % 2 else part for index, part in enumerate(found))


def expressions(source: str) -> tuple[str, ...]:
    """The expressions of a text, in order and without their braces: the parameters of a message template.

    Raises `PromptError` for Jinja that does not parse, and for blocks and comments, which a template cannot have.
    """
    return _taken_apart(source)[1::2]


def pieces(source: str) -> tuple[str, ...]:
    """The literal parts of a text and, between them, its expressions: `/a?b={{ c }}` is `/a?b=`, `c` and nothing.

    Raises `PromptError` for Jinja that does not parse, and for blocks and comments.
    """
    found = _taken_apart(source)
    return found if len(found) > 1 else (source,)


def as_blank(parameter: str) -> str:
    """A parameter of a message template with its braces, which may be left out where it stands alone."""
    return parameter if "{{" in parameter else f"{{{{ {parameter} }}}}"


def with_blanks(source: str) -> str:
    """A text with `{{1}}`, `{{2}}` … in place of its expressions, as the platform approves it.

    Raises `PromptError` for Jinja that does not parse, and for blocks and comments.
    """
    parts = enumerate(_taken_apart(source))
    return "".join(f"{{{{{(index + 1) // 2}}}}}" if index % 2 else part for index, part in parts)
