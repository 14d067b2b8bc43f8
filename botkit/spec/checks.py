"""What a bot file must get right beyond its form: names that exist, Jinja that renders, patterns that compile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo, available_timezones

import regex

from botkit.dialogue.channel import WHATSAPP
from botkit.dialogue.names import KNOWN, PROMPT_ONLY, TEMPLATE_ONLY
from botkit.dialogue.phrases import BUILT_IN
from botkit.dialogue.words import words
from botkit.errors import Problem, PromptError, nearest
from botkit.prompts import Known, Prompts, as_blank, check, expressions, with_blanks
from botkit.spec.schema import BotFile, LLMChoice, Phrases, SlotSpec, TemplateSpec, TextSpec
from botkit.strict_yaml.document import Document, Location

_LANGUAGE_CODE = regex.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
_BODY_MAX = 1024
_EXAMPLES_MIN = 4


class Checks:
    """The checks of one file. `file` may lack the parts whose form was wrong; they were reported already."""

    def __init__(self, document: Document, file: BotFile, prompts: Prompts) -> None:
        """Take the file as written and as read."""
        self._document = document
        self._file = file
        self._prompts = prompts
        self._known: Known = {**KNOWN, "slots": frozenset(self._declared("slots"))}

    def problems(self) -> Iterator[Problem]:
        """What must change before the bot can run."""
        yield from self._timezone()
        for name, intent in self._file.intents.items():
            yield from self._keywords(("intents", name, "keywords"), intent.keywords)
            yield from self._phrases(("intents", name, "examples"), intent.examples)
            yield from self._patterns(("intents", name, "patterns"), intent.patterns)
            yield from self._text(("intents", name, "reply"), intent.reply)
        for name, slot in self._file.slots.items():
            yield from self._slot(("slots", name), slot)
        for name, template in self._file.templates.items():
            yield from self._template(("templates", name), template)
        for key in ("fallback", "on_error", "on_unsupported"):
            yield from self._text((key,), getattr(self._file, key))
        yield from self._window()
        yield from self._responders()

    def warnings(self) -> Iterator[Problem]:
        """What the bot can run with, but may not be meant."""
        for name, intent in self._file.intents.items():
            if not (intent.keywords or intent.patterns or intent.examples):
                message = f"The intent {name!r} can never be recognized."
                yield self._document.at_key(("intents", name), message, "Give it keywords, patterns or examples.")
            yield from self._few_examples(("intents", name, "examples"), intent.examples)
        yield from self._shared_keywords()
        for location, text in self._texts():
            if isinstance(text, Mapping):
                for language in (language for language in self._file.languages if language not in text):
                    yield self._document.at_key(
                        location, f"This text is missing in {language!r}.", f"Add {language}: …"
                    )
        for index, language in enumerate(self._file.languages):
            if language not in BUILT_IN["fallback"]:
                message = f"botkit has no built-in texts in {language!r} and will say them in another language."
                yield self._document.problem(("languages", index), message, "Write fallback, on_error, on_unsupported.")
        if WHATSAPP in self._file.channels and self._file.window is None:
            message = "Outside the 24-hour window this bot can say nothing on whatsapp."
            yield self._document.at_key(
                ("channels",), message, "Declare an approved template and window: {template: …}."
            )

    def _few_examples(self, location: Location, examples: Phrases) -> Iterator[Problem]:
        by_language = examples if isinstance(examples, Mapping) else {"": examples}
        for language, sentences in by_language.items():
            if 0 < len(sentences) < _EXAMPLES_MIN:
                place = (*location, language) if language else location
                count = f"{len(sentences)} example{'s' * (len(sentences) > 1)}"
                remedy = "Give four or more, as contacts would write them."
                yield self._document.at_key(place, f"From {count} little can be learned.", remedy)

    def _shared_keywords(self) -> Iterator[Problem]:
        seen: dict[tuple[str, ...], tuple[str, str]] = {}
        for name, intent in self._file.intents.items():
            for place, keyword in _each(("intents", name, "keywords"), intent.keywords):
                language = str(place[3]) if isinstance(intent.keywords, Mapping) else ""
                other, where = seen.setdefault(tuple(words(keyword)), (name, language))
                if other != name and (language == where or not (language and where)):
                    message = f"The keyword {keyword!r} is one of {other!r} too."
                    yield self._document.problem(place, message, "Keep it in one of the two.")

    # ─── one thing each ───

    def _declared(self, table: str) -> list[str]:
        """The names in a table as written, also those whose content is faulty."""
        data = self._document.data
        written = data.get(table) if isinstance(data, Mapping) else None
        return [str(name) for name in written] if isinstance(written, Mapping) else []

    def _texts(self) -> Iterator[tuple[Location, TextSpec]]:
        for name, intent in self._file.intents.items():
            if intent.reply is not None:
                yield ("intents", name, "reply"), intent.reply
        for name, slot in self._file.slots.items():
            for key in ("ask", "invalid"):
                if (text := getattr(slot, key)) is not None:
                    yield ("slots", name, key), text
        for key in ("fallback", "on_error", "on_unsupported"):
            if (text := getattr(self._file, key)) is not None:
                yield (key,), text

    def _timezone(self) -> Iterator[Problem]:
        try:
            ZoneInfo(self._file.timezone)
        except (LookupError, ValueError, OSError):
            message = f"There is no timezone {self._file.timezone!r}."
            remedy = nearest(self._file.timezone, available_timezones())
            short = remedy if remedy.startswith("Did") else "Write it as in Europe/Madrid."
            yield self._document.problem(("timezone",), message, short)

    def _phrases(self, location: Location, phrases: Phrases) -> Iterator[Problem]:
        if isinstance(phrases, Mapping):
            yield from self._languages(location, phrases)

    def _languages(self, location: Location, by_language: Mapping[str, object]) -> Iterator[Problem]:
        for language in by_language:
            if language not in self._file.languages:
                message = f"{language!r} is none of this bot's languages."
                yield self._document.at_key((*location, language), message, nearest(language, self._file.languages))

    def _keywords(self, location: Location, keywords: Phrases) -> Iterator[Problem]:
        yield from self._phrases(location, keywords)
        for place, keyword in _each(location, keywords):
            if not words(keyword):
                message = f"The keyword {keyword!r} has no letter and no digit, so it is found nowhere."
                yield self._document.problem(place, message, "Use patterns for signs and emoji.")

    def _patterns(self, location: Location, patterns: Phrases) -> Iterator[Problem]:
        yield from self._phrases(location, patterns)
        for place, pattern in _each(location, patterns):
            yield from self._pattern(place, pattern)

    def _pattern(self, location: Location, pattern: str) -> Iterator[Problem]:
        try:
            compiled = regex.compile(pattern)
        except regex.error as error:
            yield self._no_pattern(location, error)
            return
        slots = self._declared("slots")
        for name in compiled.groupindex:
            if name not in slots:
                yield self._document.problem(location, f"The group {name!r} is no slot.", nearest(name, slots))

    def _no_pattern(self, location: Location, error: regex.error) -> Problem:
        message = f"This is no regular expression: {error}."
        return self._document.problem(location, message, "Put a backslash before a sign that stands for itself.")

    def _slot(self, location: Location, slot: SlotSpec) -> Iterator[Problem]:
        yield from self._text((*location, "ask"), slot.ask)
        yield from self._text((*location, "invalid"), slot.invalid)
        if slot.pattern and slot.type != "text":
            message = f"A slot of type {slot.type} has no pattern."
            yield self._document.at_key((*location, "pattern"), message, "Use min and max, or type: text.")
        elif slot.pattern:
            try:
                regex.compile(slot.pattern)
            except regex.error as error:
                yield self._no_pattern((*location, "pattern"), error)
        if slot.min is not None and slot.max is not None and slot.min > slot.max:
            message = f"min {slot.min:g} is above max {slot.max:g}."
            yield self._document.problem((*location, "min"), message, "Exchange the two.")
        if slot.type == "boolean" and (slot.min is not None or slot.max is not None):
            yield self._document.problem(location, "A slot of type boolean has no min and max.", "Leave them out.")

    def _text(self, location: Location, text: TextSpec | None) -> Iterator[Problem]:
        if text is None:
            return
        if isinstance(text, Mapping):
            yield from self._languages(location, text)
        for place, source in _sources(location, text):
            yield from self._jinja(place, source, self._known)

    def _jinja(self, location: Location, source: str, known: Known) -> Iterator[Problem]:
        for problem in check(source, known):
            yield self._document.problem(location, problem.message, problem.remedy, line=problem.line)

    def _template(self, location: Location, template: TemplateSpec) -> Iterator[Problem]:
        written = self._document.data["templates"][location[-1]]
        if ("text" in written) == ("languages" in written):
            message = "A template has either `text` by language, or `languages` and `parameters`."
            remedy = "Leave out `languages`." if "text" in written else "Add text: {en_US: …}."
            yield self._document.at_key(location, message, remedy)
        known = {**self._known, **TEMPLATE_ONLY}
        for language in template.text or ():
            yield from self._language_code((*location, "text", language), language)
        for index, language in enumerate(template.languages or ()):
            yield from self._language_code((*location, "languages", index), language)
        for language, wording in (template.text or {}).items():
            place = (*location, "text", language)
            wrong = list(self._jinja(place, wording, known))
            yield from wrong
            try:
                expressions(wording)
            except PromptError as error:
                if not wrong:
                    yield self._document.problem(place, str(error), "Write a blank as {{ contact.first_name }}.")
                continue
            if (length := len(with_blanks(wording))) > _BODY_MAX:
                message = f"The body of a template has at most {_BODY_MAX} characters; this one has {length}."
                yield self._document.problem(place, message, "Shorten it.")
        for index, parameter in enumerate(template.parameters):
            place = (*location, "parameters", index)
            source = as_blank(parameter)
            problems = list(self._jinja(place, source, known))
            yield from problems
            if not problems and with_blanks(source) != "{{1}}":
                message = "A parameter is one expression and nothing else."
                yield self._document.problem(place, message, "Write it as in contact.first_name.")

    def _language_code(self, location: Location, language: str) -> Iterator[Problem]:
        if not _LANGUAGE_CODE.fullmatch(language):
            message = f"{language!r} is no language code of the platform."
            yield self._document.at_key(location, message, "Write it as in en_US or es.")

    def _window(self) -> Iterator[Problem]:
        templates = self._declared("templates")
        window = self._file.window
        if window and window.template not in templates:
            message = f"There is no template {window.template!r}."
            yield self._document.problem(("window", "template"), message, nearest(window.template, templates))

    def _responders(self) -> Iterator[Problem]:
        for index, spec in enumerate(self._file.responder):
            if isinstance(spec, LLMChoice) and spec.llm.prompt:
                where: Location = ("responder", index, "llm", "prompt")
                for problem in self._prompts.check(spec.llm.prompt, {**self._known, **PROMPT_ONLY}):
                    yield problem if problem.path else self._document.problem(where, problem.message, problem.remedy)
        knowledge = self._file.knowledge
        for index, name in enumerate([knowledge] if isinstance(knowledge, str) else knowledge):
            if not (self._document.path.parent / name).is_file():
                place: Location = ("knowledge",) if isinstance(knowledge, str) else ("knowledge", index)
                yield self._document.problem(
                    place, f"There is no file {name!r}.", "Files start from the bot file's folder."
                )


def _each(location: Location, phrases: Phrases) -> Iterator[tuple[Location, str]]:
    """Every phrase of a list, or of the lists by language, with its place."""
    if isinstance(phrases, Mapping):
        for language, listed in phrases.items():
            yield from _each((*location, language), listed)
    else:
        for index, phrase in enumerate(phrases):
            yield (*location, index), phrase


def _sources(location: Location, text: TextSpec) -> Iterator[tuple[Location, str]]:
    """Every wording of a text, with its place."""
    if isinstance(text, str):
        yield location, text
    elif isinstance(text, Mapping):
        for language, wording in text.items():
            yield from _sources((*location, language), wording)
    else:
        for index, variant in enumerate(text):
            yield (*location, index), variant
