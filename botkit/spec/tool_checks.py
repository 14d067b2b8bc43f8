"""What is wrong with declared tools, and what they come to when nothing is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from botkit.dialogue.tool import EFFECTS, METHODS, HttpTool
from botkit.errors import Problem
from botkit.marks import about
from botkit.spec.literals import mentioned
from botkit.spec.placed import Placed
from botkit.spec.sheet import Sheet
from botkit.spec.steps import CallStep
from botkit.spec.tool_specs import ToolSpec
from botkit.spec.words import texts_in
from botkit.strict_yaml.document import Location
from botkit.strict_yaml.validation import keys_of
from botkit.wordings import pieces

_ADDRESS = re.compile(r"https?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?")
_VAR = re.compile(r"vars\.(\w+)")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def compile_tool(name: str, spec: ToolSpec) -> HttpTool:
    """The tool of a spec in which nothing is wrong."""
    (method,) = spec.methods
    return HttpTool(
        name,
        method,
        getattr(spec, method),
        spec.headers,
        spec.json_body,
        spec.timeout,
        spec.result or "",
        spec.effect or EFFECTS[method],
        spec.condition or "",
        spec.description or "",
    )


def is_address(url: str) -> bool:
    """Whether a URL begins with the address of a host."""
    return bool(_ADDRESS.match(url))


def base_of(url: str, known: Mapping[str, object]) -> tuple[str, str]:
    """Where the URL of a tool leads, and the var that says so, if one does."""
    start, *rest = pieces(url)
    if not start and rest and (var := _VAR.fullmatch(rest[0])):
        return str(known.get(var[1], "")), var[0]
    address = _ADDRESS.match(start)
    return (address[0] if address else ""), ""


def warnings(sheet: Sheet) -> Iterator[Problem]:
    """What may not be meant about tools: what they are called with is given by no step that calls them."""
    for name, spec in sheet.file.tools.items():
        given = [step.values_given.keys() for _, step in _calls(sheet, name)]
        for place, text in _sources(("tools", name), spec) if given else ():
            for arg in sorted((mentioned(text, "args") or frozenset()).difference(*given)):
                at = re.search(rf"\bargs\W+{arg}\b", text)
                problem = Problem(
                    f"No step gives {arg!r} to the tool {name!r}.", f"Add with: {{{arg}: …}} to its call."
                )
                yield sheet.document.inside(place, about(problem, text, at.end() - len(arg) if at else 0, arg))


def _calls(sheet: Sheet, name: str) -> Iterator[tuple[Placed, CallStep]]:
    """The steps that call a tool."""
    for item in sheet.placed:
        if isinstance(item.step, CallStep) and item.step.call == name:
            yield item, item.step


def _sources(location: Location, spec: ToolSpec) -> Iterator[tuple[Location, str]]:
    """All that is Jinja in a tool, with its place; the condition is none, as it may ask whether there is an arg."""
    for method in spec.methods:
        yield (*location, method), getattr(spec, method)
    yield from texts_in((*location, "headers"), spec.headers)
    yield from texts_in((*location, "json"), spec.json_body)


def _lacking(sheet: Sheet, name: str, url: str) -> Iterator[Problem]:
    """Calls that do not give what the URL cannot be without."""
    needed = dict.fromkeys(found[1] for part in pieces(url)[1::2] if (found := re.fullmatch(r"args\.(\w+)", part)))
    for item, step in _calls(sheet, name):
        for arg in needed:
            if arg not in step.values_given:
                message = f"The URL of {name!r} needs {arg!r}, which this call does not give."
                yield sheet.document.problem(item.at("call"), message, f"Add with: {{{arg}: …}}.")


def problems(sheet: Sheet) -> Iterator[Problem]:
    """What must change in the tools before the bot can run."""
    for name, spec in sheet.file.tools.items():
        location: Location = ("tools", name)
        if not spec.methods and not set(sheet.document.data["tools"][name]) <= set(keys_of(ToolSpec)):
            continue  # the one that is meant is misspelt, which was said
        if len(spec.methods) != 1:
            message = f"A tool has one of {', '.join(METHODS[:-1])} and {METHODS[-1]}; {name!r} has "
            message += f"{len(spec.methods)}." if spec.methods else "none."
            yield sheet.document.at_key(location, message, "Give it one, with its URL.")
            continue
        (method,) = spec.methods
        if method == "get" and spec.json_body is not None:
            yield sheet.document.at_key((*location, "json"), "A get sends no JSON.", "Make it a post, or leave it out.")
        wrong = list(_url(sheet, (*location, method), getattr(spec, method)))
        yield from wrong or (() if spec.condition else _lacking(sheet, name, getattr(spec, method)))
        yield from _texts(sheet, location, spec)


def _texts(sheet: Sheet, location: Location, spec: ToolSpec) -> Iterator[Problem]:
    for header, text in spec.headers.items():
        if not _HEADER.fullmatch(header):
            place = (*location, "headers", header)
            yield sheet.document.at_key(place, f"{header!r} is no name of a header.", "Write it as in Authorization.")
        yield from _text(sheet, (*location, "headers", header), text)
    for place, text in texts_in((*location, "json"), spec.json_body):
        yield from _text(sheet, place, text)
    if spec.result:
        yield from sheet.jinja((*location, "result"), spec.result)
    if spec.condition:
        yield from sheet.expression((*location, "if"), spec.condition)


def _text(sheet: Sheet, location: Location, text: str) -> Iterator[Problem]:
    """What is wrong with a text that has values in it, and nothing else of Jinja."""
    message = "Only values may stand here: {{ … }}, no {% … %} and no {# … #}."
    yield from sheet.values_only(location, text, message, "Put conditions into the braces: {{ a if b else c }}.")


def _url(sheet: Sheet, location: Location, url: str) -> Iterator[Problem]:
    found = list(_text(sheet, location, url))
    yield from found
    if found:
        return
    start, *rest = pieces(url)
    if start:
        address = _ADDRESS.match(start)
        if address is None:
            yield sheet.document.problem(location, f"{url!r} is no web address.", "Write https:// before it.")
        elif not _leads_on(start[address.end() :], *rest):
            message = "The host of a tool is written out, so that no value can change it."
            yield sheet.document.problem(location, message, "Write a / behind it, or the whole address into vars.")
        return
    var = _VAR.fullmatch(rest[0]) if rest else None
    if var is None:
        message = "The address of a tool is written out, or one of the bot's vars."
        yield sheet.document.problem(location, message, "Begin with https://… or with {{ vars.name }}.")
    elif var[1] not in sheet.declared("vars"):
        yield from sheet.unknown("var", location, var[1])
    elif not _leads_on(*rest[1:]):
        message = "Behind the address, a path or a question begins."
        yield sheet.document.problem(location, message, "Write / or ? behind {{ vars.… }}.")


def _leads_on(*pieces: str) -> bool:
    """Whether what stands behind an address, if anything, leaves the host as it is."""
    behind = "".join(pieces)
    return not behind or behind.startswith(("/", "?"))
