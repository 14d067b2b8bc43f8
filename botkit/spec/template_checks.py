"""What a bot file must get right about message templates, and about the window outside which they are all that goes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import regex

from botkit.dialogue.channel import WHATSAPP
from botkit.dialogue.template import BODY_MAX
from botkit.errors import Problem, PromptError
from botkit.spec.schema import TemplateSpec
from botkit.spec.sheet import Sheet
from botkit.spec.texts import Parts
from botkit.strict_yaml.document import Location
from botkit.wordings import as_blank, expressions, with_blanks

_LANGUAGE_CODE = regex.compile(r"[a-z]{2,3}(_[A-Z]{2})?")

_NEED_A_TEMPLATE = ("hold", "expires", "template_cooldown")
"""Keys of `window` that mean nothing as long as no template asks the contact to write."""


def problems(sheet: Sheet) -> Iterator[Problem]:
    """What must change about templates and the window."""
    for name, template in sheet.file.templates.items():
        yield from _template(sheet, ("templates", name), template)
    for place, name in _named(sheet):
        yield from sheet.unknown("template", place, name)
    window = sheet.file.window
    if window.template is None and window.hold != "never":
        for key in _NEED_A_TEMPLATE:
            if key in window.model_fields_set:
                message = f"{key!r} means nothing without a template that asks the contact to write."
                yield sheet.document.at_key(("window", key), message, "Add template: …")


def warnings(sheet: Sheet) -> Iterator[Problem]:
    """What may not be meant about templates and the window."""
    window = sheet.file.window
    if WHATSAPP not in sheet.file.channels:
        for place, _ in _named(sheet):
            message = "Templates go out on whatsapp only, which is none of this bot's channels."
            yield sheet.document.problem(place, message, "Add whatsapp to the channels, or leave the template out.")
    elif window.template is None and window.hold != "never":
        message = "Outside the 24-hour window this bot can say nothing on whatsapp."
        yield sheet.document.at_key(("channels",), message, "Declare an approved template and window: {template: …}.")
    if window.template is not None and window.hold == "never":
        message = "Nothing is held, so no template asks the contact to write."
        yield sheet.document.at_key(("window", "template"), message, "Leave it out, or write hold: deliver_on_return.")


def _named(sheet: Sheet) -> Iterator[tuple[Location, str]]:
    """Every template that the file names, with the place where it does."""
    for place, way in chain.from_iterable(sheet.ways.values()):
        if isinstance(way, Parts) and way.template:
            yield (*place, "template"), way.template
    asking = sheet.file.window.template
    if isinstance(asking, str):
        yield ("window", "template"), asking
    else:
        yield from ((("window", "template", index), name) for index, name in enumerate(asking or ()))


def _template(sheet: Sheet, location: Location, template: TemplateSpec) -> Iterator[Problem]:
    written = sheet.document.data["templates"][location[-1]]
    if ("text" in written) == ("languages" in written):
        message = "A template has either `text` by language, or `languages` and `parameters`."
        remedy = "Leave out `languages`." if "text" in written else "Add text: {en_US: …}."
        yield sheet.document.at_key(location, message, remedy)
    for index, language in enumerate(template.languages or ()):
        yield from _language_code(sheet, (*location, "languages", index), language)
    for language, wording in (template.text or {}).items():
        yield from _language_code(sheet, (*location, "text", language), language)
        yield from _body(sheet, (*location, "text", language), wording)
    for index, parameter in enumerate(template.parameters):
        yield from _parameter(sheet, (*location, "parameters", index), as_blank(parameter))


def _language_code(sheet: Sheet, location: Location, language: str) -> Iterator[Problem]:
    if not _LANGUAGE_CODE.fullmatch(language):
        message = f"{language!r} is no language code of the platform."
        yield sheet.document.at_key(location, message, "Write it as in en_US or es.")


def _body(sheet: Sheet, location: Location, wording: str) -> Iterator[Problem]:
    wrong = list(sheet.jinja(location, wording))
    yield from wrong
    try:
        expressions(wording)
    except PromptError as error:
        if not wrong:
            yield sheet.document.problem(location, str(error), "Write a blank as {{ contact.first_name }}.")
        return
    if (length := len(with_blanks(wording))) > BODY_MAX:
        message = f"The body of a template has at most {BODY_MAX} characters; this one has {length}."
        yield sheet.document.problem(location, message, "Shorten it.")


def _parameter(sheet: Sheet, location: Location, source: str) -> Iterator[Problem]:
    message, remedy = "A parameter is one expression and nothing else.", "Write it as in contact.first_name."
    wrong = list(sheet.values_only(location, source, message, remedy))
    yield from wrong
    if not wrong and with_blanks(source) != "{{1}}":
        yield sheet.document.problem(location, message, remedy)
