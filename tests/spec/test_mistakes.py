"""Each kind of mistake in a bot file: where it is, what it is, and what to write instead."""

from __future__ import annotations

from inspect import cleandoc

import pytest

from botkit.dialogue.names import KNOWN
from botkit.errors import ConfigError
from botkit.prompts import Prompts
from botkit.spec.schema import BotFile
from botkit.strict_yaml.validation import keys_of
from tests.spec.written import Desk, load

HEAD = "bot: sample\nchannels: [webchat]\n"
"""The first two lines; what a test adds begins on the third."""

AS_TEXT = "Write a text, in quotes if it looks like something else."
AS_MAP = "Write it as `key: value`, or leave it out."
AS_LIST = "Write it in brackets: […]."
AS_NUMBER = "Write it in digits."
NO_EMPTY = "Write something, or leave it out."
KEYS = f"Known here: {', '.join(sorted(keys_of(BotFile)))}."

NO_LANGUAGE = "'%s' is none of this bot's languages and no part of a text."
TEXT_KEYS = "Known here: audio, buttons, document, en, if, image, location, template, text, video, webchat."
HOLDS = "Known here: deliver_on_return, fold_on_return, never."
RETURN = "Did you mean 'deliver_on_return'?"
SUMMER = "Write it as in Europe/Madrid, which knows of summer time."
FOR_HOW_LONG = "This must be true, false or a length of time, not %s."
LENGTH = "Write it as in 30s, 20m, 8h or 7d."


# ─── the file ───


def test_a_file_that_is_not_there(desk: Desk) -> None:
    with pytest.raises(ConfigError, match=r"There is no bot file .*gone\.yaml\. Name yours under `bots:`"):
        load(desk.folder / "gone.yaml", Prompts(desk.folder))


@pytest.mark.parametrize("source", ["", "# only a comment", "---", "null", "~"])
def test_an_empty_file(desk: Desk, source: str) -> None:
    assert desk.mistake(source) == (1, 1, "This bot file is empty.", "Write one that runs with: botkit new.")


@pytest.mark.parametrize(
    ("source", "found"), [("- bot: sample", "a list"), ("[]", "a list"), ("hello", "'hello'"), ("42", "42")]
)
def test_a_file_that_is_no_map(desk: Desk, source: str, found: str) -> None:
    assert desk.mistake(source) == (1, 1, f"This must be a map, not {found}.", AS_MAP)


def test_a_file_that_is_not_utf8(desk: Desk) -> None:
    desk.path.write_bytes(b"bot: sample\nscope: caf\xe9\n")
    with pytest.raises(ConfigError) as caught:
        load(desk.path, Prompts(desk.folder))
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.remedy) == (2, 11, "Save it as UTF-8.")


def test_a_file_that_is_no_yaml(desk: Desk) -> None:
    line, column, message, remedy = desk.mistake(HEAD + "fallback: Sorry: no idea")
    assert (line, column, remedy) == (3, 16, 'Quote the text: fallback: "Sorry: no idea"')
    assert message.startswith("This is not YAML: ")


def test_missing_keys_are_all_named(desk: Desk) -> None:
    assert desk.mistakes("scope: x") == [
        (1, 1, "The key 'bot' is missing.", "Add bot: …"),
        (1, 1, "The key 'channels' is missing.", "Add channels: …"),
    ]


# ─── the form ───


@pytest.mark.parametrize(
    ("source", "column", "message", "remedy"),
    [
        ("intnets: {}", 1, "There is no key 'intnets' here.", "Did you mean 'intents'?"),
        ("qqq: 1", 1, "There is no key 'qqq' here.", KEYS),
        ("<<: {scope: x}", 1, "There is no key '<<' here.", KEYS),
        ("scope: 12", 8, "This must be a text, not 12.", AS_TEXT),
        ("scope: true", 8, "This must be a text, not true.", AS_TEXT),
        ("scope: [a]", 8, "This must be a text, not a list.", AS_TEXT),
        ("scope: {a: b}", 8, "This must be a text, not a map.", AS_TEXT),
        ("scope:", 7, "This must be a text, not nothing.", AS_TEXT),
        ("languages: en", 12, "This must be a list, not 'en'.", AS_LIST),
        ("languages: []", 12, "This is empty.", NO_EMPTY),
        ("languages: [english]", 13, "'english' is no language code (ISO 639).", "Write en."),
        ("languages: [en, 1]", 17, "1 is no language code (ISO 639).", "Write it as in en."),
        ("timezone: Europe/Madrit", 11, "There is no timezone 'Europe/Madrit'.", "Did you mean 'Europe/Madrid'?"),
        ("timezone: nowhere", 11, "There is no timezone 'nowhere'.", SUMMER),
        ("timezone: ../../etc/passwd", 11, "There is no timezone '../../etc/passwd'.", SUMMER),
        ("fallback: ''", 11, "This text is empty.", NO_EMPTY),
        ("fallback: []", 11, "This is empty.", NO_EMPTY),
        ("fallback: {}", 11, "This is empty.", NO_EMPTY),
        ("fallback: [a, 1]", 15, "This must be a text, not 1.", AS_TEXT),
        ("fallback: [[a]]", 12, "This must be a text, not a list.", AS_TEXT),
        ("fallback: {en: {text: a}}", 16, "This must be a text or a list, not a map.", AS_TEXT),
        ("fallback: {no: a}", 12, "'no' is none of this bot's languages.", "Known here: en."),
        ("fallback: {en: a, tmplate: x}", 19, NO_LANGUAGE % "tmplate", "Did you mean 'template'?"),
        ("fallback: {tmplate: {}}", 12, "There is no key 'tmplate' here.", "Did you mean 'template'?"),
        ("fallback: {en: a, button: {a: A}}", 19, "There is no key 'button' here.", "Did you mean 'buttons'?"),
        ("fallback: {text: {no: a}}", 19, "'no' is none of this bot's languages.", "Known here: en."),
        ("fallback: {text: {template: a}}", 19, "'template' is none of this bot's languages.", "Known here: en."),
        ("fallback: {text: {}}", 18, "This is empty.", NO_EMPTY),
        ("fallback: {text: ''}", 18, "This text is empty.", NO_EMPTY),
        ("fallback: {text: null}", 11, "This text has no words.", "Add text: …"),
        ("fallback: {template: x}", 11, "This text has no words.", "Add text: …"),
        ("fallback: {text: a, template: [x]}", 31, "This must be a text, not a list.", AS_TEXT),
        (
            "fallback: {text: a, en: b}",
            11,
            "The words stand in two places: under 'text' and under 'en'.",
            "Write them by language, or move the languages into `text`.",
        ),
        ("fallback: {1: a}", 12, "The key '1' is not a text.", "Put it in quotes."),
        (
            "fallback: {en: Hi, you}",
            20,
            "'you' is read as a key without a value.",
            "Inside { } a text with a comma needs quotes.",
        ),
        (
            "fallback: {{ contact.name }}",
            11,
            "A text in braces is read as a map here.",
            'Quote a text that begins with {{, as in reply: "{{ … }}".',
        ),
        (
            "scope: a\nscope: b",
            1,
            "The key 'scope' stands here a second time (first on line 3).",
            "Keep one of the two.",
        ),
        ("intents: [a]", 10, "This must be a map, not a list.", AS_MAP),
        ("intents: {Order Status: {}}", 11, "'Order Status' is no name.", "Did you mean 'order_status'?"),
        ("intents: {1st: {}}", 11, "'1st' is no name.", "Write it as in order_status."),
        ("intents: {a: hi}", 14, "This must be a map, not 'hi'.", AS_MAP),
        ("intents: {a: {keyword: [x]}}", 15, "There is no key 'keyword' here.", "Did you mean 'keywords'?"),
        ("intents: {a: {keywords: x}}", 25, "This must be a list, not 'x'.", AS_LIST),
        ("intents: {a: {keywords: {en: x}}}", 30, "This must be a list, not 'x'.", AS_LIST),
        ("intents: {a: {keywords: ['']}}", 26, "This text is empty.", NO_EMPTY),
        ("slots: {a: {type: txt}}", 19, "'txt' is not known here.", "Did you mean 'text'?"),
        ("slots: {a: {type: [text]}}", 19, "a list is not known here.", "Did you mean 'text'?"),
        ("slots: {a: {min: low}}", 18, "This must be a number, not 'low'.", AS_NUMBER),
        ("slots: {a: {min: '3'}}", 18, "This must be a number, not '3'.", AS_NUMBER),
        ("slots: {a: {min: .inf}}", 18, "This must be a number, not '.inf'.", AS_NUMBER),
        ("slots: {a: {retries: many}}", 22, "This must be a whole number, not 'many'.", AS_NUMBER),
        ("slots: {a: {retries: 1.5}}", 22, "This must be a whole number, not 1.5.", AS_NUMBER),
        ("slots: {a: {retries: true}}", 22, "This must be a whole number, not true.", AS_NUMBER),
        ("slots: {a: {retries: -1}}", 22, "-1 is too little.", "Write 0 or more."),
        ("slots: {a: {retries: 11}}", 22, "11 is too much.", "Write 10 or less."),
        ("slots: {a: {remember: yes}}", 23, FOR_HOW_LONG % "'yes'", "Write it as in true or 7d."),
        ("slots: {a: {remember: 1}}", 23, FOR_HOW_LONG % 1, "Write it as in true or 7d."),
        ("templates: {A: {text: {en: x}}}", 13, "'A' is no name of a template.", "Did you mean 'a'?"),
        ("templates: {a: {text: {}}}", 23, "This is empty.", NO_EMPTY),
        ("templates: {a: {languages: []}}", 28, "This is empty.", NO_EMPTY),
        (
            "templates: {a: {category: promo, text: {en: x}}}",
            27,
            "'promo' is not known here.",
            "Known here: authentication, marketing, utility.",
        ),
        ("window: a", 9, "This must be a map, not 'a'.", AS_MAP),
        ("window: null", 9, "This must be a map, not nothing.", AS_MAP),
        ("window: {template: {}}", 20, "This must be a text or a list, not a map.", AS_TEXT),
        ("window: {template: []}", 20, "This is empty.", NO_EMPTY),
        ("window: {template: ''}", 20, "This text is empty.", NO_EMPTY),
        ("window: {hold: fold}", 16, "'fold' is not known here.", HOLDS),
        ("window: {hold: deliver_on_retrun}", 16, "'deliver_on_retrun' is not known here.", RETURN),
        ("window: {closing: soon}", 19, "'soon' is no length of time.", LENGTH),
        ("window: {cooldown: 1d}", 10, "There is no key 'cooldown' here.", "Did you mean 'template_cooldown'?"),
        ("burst: 1s", 8, "This must be a map, not '1s'.", AS_MAP),
        ("burst: {wait: -1}", 15, "-1 is no length of time.", LENGTH),
        ("burst: {at_least: 1s}", 9, "There is no key 'at_least' here.", "Did you mean 'at_most'?"),
        ("stale_after: never", 14, "'never' is no length of time.", LENGTH),
        ("responder: llm", 12, "This must be a list, not 'llm'.", AS_LIST),
        ("responder: [{}]", 13, "This is empty.", NO_EMPTY),
        ("responder: [{a: {}, b: {}}]", 13, "At most 1 entry fits here.", "Leave out the rest."),
        ("responder: [{llm: {}, knowledge: {}}]", 23, "There is no key 'knowledge' here.", "Known here: llm."),
        ("responder: [{llm: null}]", 19, "This must be a map, not nothing.", AS_MAP),
        ("responder: [{llm: {promt: x}}]", 20, "There is no key 'promt' here.", "Did you mean 'prompt'?"),
        ("responder: [{llm: {max_tokens: 0}}]", 32, "0 is too little.", "Write 1 or more."),
        (
            "responder: [{llm: {timeout: soon}}]",
            29,
            "'soon' is no length of time.",
            "Write it as in 30s, 20m, 8h or 7d.",
        ),
        ("responder: [{llm: {timeout: -3s}}]", 29, "'-3s' is no length of time.", "Write it as in 30s, 20m, 8h or 7d."),
        ("responder: [{knowledge: {threshold: 2}}]", 37, "2 is too much.", "Write 1 or less."),
    ],
)
def test_a_mistake_of_form(desk: Desk, source: str, column: int, message: str, remedy: str) -> None:
    last_line = 3 + source.count("\n")
    assert desk.mistake(HEAD + source) == (last_line, column, message, remedy)


@pytest.mark.parametrize(
    ("source", "column", "message", "remedy"),
    [
        ("channels: webchat", 11, "This must be a list, not 'webchat'.", AS_LIST),
        ("channels: []", 11, "This is empty.", NO_EMPTY),
        ("channels: [whatsap]", 12, "'whatsap' is not known here.", "Did you mean 'whatsapp'?"),
        (
            "channels: [webchat, sms]",
            21,
            "'sms' is not known here.",
            "Known here: instagram, messenger, webchat, whatsapp.",
        ),
        ("channels: [1]", 12, "1 is not known here.", "Known here: instagram, messenger, webchat, whatsapp."),
    ],
)
def test_a_mistake_in_the_channels(desk: Desk, source: str, column: int, message: str, remedy: str) -> None:
    assert desk.mistake(f"bot: sample\n{source}") == (2, column, message, remedy)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("Sample", "Did you mean 'sample'?"),
        ("my bot", "Did you mean 'my_bot'?"),
        ("a-b", "Did you mean 'a_b'?"),
        ("Café", "Did you mean 'cafe'?"),
        ("1st", "Write it as in order_status."),
        ("x" * 65, "Write it as in order_status."),
        ("店", "Write it as in order_status."),
    ],
)
def test_a_name_that_is_none(desk: Desk, name: str, remedy: str) -> None:
    assert desk.mistake(f"bot: {name}\nchannels: [webchat]") == (1, 6, f"{name!r} is no name.", remedy)


# ─── the content ───

INTENT = "intents: {a: {keywords: [x], reply: '%s'}}"
JINJA = "Check the braces and the words between them."
NAMES = f"Known here: {', '.join(sorted(KNOWN))}."
BLANK = "Write a blank as {{ contact.first_name }}."
CODE = "Write it as in en_US or es."
ONE = ("A parameter is one expression and nothing else.", "Write it as in contact.first_name.")
EITHER = "A template has either `text` by language, or `languages` and `parameters`."
UNCLOSED, CLOSE = "This is not Jinja: {{ is not closed.", "Write }} where it ends."
FOLDER = "Files start from the bot file's folder."
WINDOW = "Known here: closes, left, open."
NOTHING = "'%s' means nothing without a template that asks the contact to write."
TOO_QUIET = "The quiet spell of %g s is longer than a burst may last, %g s."
PATTERN = "Put a backslash before a sign that stands for itself."


@pytest.mark.parametrize(
    ("source", "column", "message", "remedy"),
    [
        (INTENT % "{{ contct.name }}", 41, "There is no 'contct' here.", "Did you mean 'contact'?"),
        (INTENT % "{{ contact.nme }}", 49, "There is no 'nme' in 'contact'.", "Did you mean 'name'?"),
        (INTENT % "{{ slots.order }}", 47, "There is no 'order' in 'slots'.", "None is declared."),
        (INTENT % '{{ slots["order"] }}', 48, "There is no 'order' in 'slots'.", "None is declared."),
        (
            INTENT % "{{ history }}",
            41,
            "There is no 'history' here.",
            "It stands in prompts only.",
        ),
        (INTENT % "{{ window.opens }}", 48, "There is no 'opens' in 'window'.", "Did you mean 'open'?"),
        ("on_late: '{{ contct }}'", 14, "There is no 'contct' here.", "Did you mean 'contact'?"),
        ("on_window_closing: {text: {en: ['{{ window.end }}']}}", 44, "There is no 'end' in 'window'.", WINDOW),
        ("fallback: {text: '{{ contct }}'}", 22, "There is no 'contct' here.", "Did you mean 'contact'?"),
        (INTENT % "{{ now|uper }}", 45, "There is no filter 'uper'.", "Did you mean 'upper'?"),
        (INTENT % "{{ now", 37, UNCLOSED, CLOSE),
        ("slots: {a: {ask: '{{ x }}'}}", 22, "There is no 'x' here.", NAMES),
        ("slots: {a: {invalid: ['{{ slots.b }}']}}", 33, "There is no 'b' in 'slots'.", "Known here: a."),
        ("fallback: {en: ['Hi', '{{ bot.nam }}']}", 31, "There is no 'nam' in 'bot'.", "Did you mean 'name'?"),
        ("intents: {a: {keywords: {fr: [x]}}}", 26, "'fr' is none of this bot's languages.", "Known here: en."),
        ("intents: {a: {examples: {fr: [x]}}}", 26, "'fr' is none of this bot's languages.", "Known here: en."),
        ("intents: {a: {patterns: {fr: [x]}}}", 26, "'fr' is none of this bot's languages.", "Known here: en."),
        (
            "intents: {a: {keywords: ['!?']}}",
            26,
            "The keyword '!?' has no letter and no digit, so it is found nowhere.",
            "Use patterns for signs and emoji.",
        ),
        (
            "intents: {a: {keywords: {en: ['👍']}}}",
            31,
            "The keyword '👍' has no letter and no digit, so it is found nowhere.",
            "Use patterns for signs and emoji.",
        ),
        ("intents: {a: {patterns: ['(']}}", 26, "This is no regular expression: missing ) at position 1.", PATTERN),
        (
            "intents: {a: {patterns: {en: ['*']}}}",
            31,
            "This is no regular expression: nothing to repeat at position 0.",
            PATTERN,
        ),
        (
            f"intents: {{a: {{patterns: ['{'(' * 3000}a{')' * 3000}']}}}}",
            26,
            "This regular expression has too many groups within groups.",
            "Make it simpler.",
        ),
        (
            f"slots: {{a: {{pattern: '{'(' * 3000}a{')' * 3000}'}}}}",
            22,
            "This regular expression has too many groups within groups.",
            "Make it simpler.",
        ),
        ("intents: {a: {patterns: ['(?P<order>x)']}}", 31, "The group 'order' is no slot.", "None is declared."),
        (
            "slots: {a: {pattern: '['}}",
            22,
            "This is no regular expression: unterminated character set at position 1.",
            PATTERN,
        ),
        (
            "slots: {a: {type: integer, pattern: x}}",
            28,
            "A slot of type integer has no pattern.",
            "Use min and max, or type: text.",
        ),
        ("slots: {a: {min: 3, max: 1}}", 18, "min 3 is above max 1.", "Exchange the two."),
        ("slots: {a: {type: boolean, max: 1}}", 28, "A slot of type boolean has no max.", "Leave it out."),
        ("templates: {a: {}}", 13, EITHER, "Add text: {en_US: …}."),
        ("templates: {a: {text: {en: x}, languages: [en]}}", 13, EITHER, "Leave out `languages`."),
        ("templates: {a: {text: {english: x}}}", 24, "'english' is no language code of the platform.", CODE),
        ("templates: {a: {text: {en: x, es-MX: x}}}", 31, "'es-MX' is no language code of the platform.", CODE),
        ("templates: {a: {languages: [en, EN]}}", 33, "'EN' is no language code of the platform.", CODE),
        (
            "templates: {a: {text: {en: '{% if now %}x{% endif %}'}}}",
            28,
            "A template has blanks only: {% … %} and {# … #} cannot be part of it.",
            BLANK,
        ),
        ("templates: {a: {text: {en: '{{ now'}}}", 28, UNCLOSED, CLOSE),
        ("templates: {a: {text: {en: '{{ contct }}'}}}", 32, "There is no 'contct' here.", "Did you mean 'contact'?"),
        (
            "templates: {a: {text: {en: '%s'}}}" % ("x" * 1025),
            28,
            "The body of a template has at most 1024 characters; this one has 1025.",
            "Shorten it.",
        ),
        (
            "templates: {a: {languages: [en], parameters: [contact.nme]}}",
            55,
            "There is no 'nme' in 'contact'.",
            "Did you mean 'name'?",
        ),
        ("templates: {a: {languages: [en], parameters: ['Hi {{ now }}']}}", 47, *ONE),
        ("templates: {a: {languages: [en], parameters: ['{{ now }}{{ now }}']}}", 47, *ONE),
        (
            "templates: {a: {languages: [en], parameters: ['']}}",
            47,
            "This is not Jinja: nothing stands between the braces.",
            "Write what is meant, or leave them out.",
        ),
        (
            "templates: {a: {languages: [en], parameters: ['Hi {{ contct }}']}}",
            54,
            "There is no 'contct' here.",
            "Did you mean 'contact'?",
        ),
        ("slots: {a: {type: boolean, min: 0}}", 28, "A slot of type boolean has no min.", "Leave it out."),
        ("window: {template: news}", 20, "There is no template 'news'.", "None is declared."),
        (
            "templates: {newz: {text: {en: x}}}\nwindow: {template: news}",
            20,
            "There is no template 'news'.",
            "Did you mean 'newz'?",
        ),
        ("fallback: {en: Hi, template: news}", 30, "There is no template 'news'.", "None is declared."),
        (
            "templates: {newz: {text: {en: x}}}\nfallback: {text: Hi, template: news}",
            32,
            "There is no template 'news'.",
            "Did you mean 'newz'?",
        ),
        (
            "templates: {newz: {text: {en: x}}}\nslots: {a: {invalid: {en: Hi, template: news}}}",
            41,
            "There is no template 'news'.",
            "Did you mean 'newz'?",
        ),
        (
            "templates: {newz: {text: {en: x}}}\nwindow: {template: [newz, news]}",
            27,
            "There is no template 'news'.",
            "Did you mean 'newz'?",
        ),
        ("window: {hold: fold_on_return}", 10, NOTHING % "hold", "Add template: …"),
        ("window: {hold: deliver_on_return}", 10, NOTHING % "hold", "Add template: …"),
        ("window: {closing: 1h, expires: 1d}", 23, NOTHING % "expires", "Add template: …"),
        ("window: {template_cooldown: 1d}", 10, NOTHING % "template_cooldown", "Add template: …"),
        ("burst: {wait: 9s}", 15, TOO_QUIET % (9, 8), "Shorten it, or raise at_most."),
        ("burst: {at_most: 500ms}", 8, TOO_QUIET % (1, 0.5), "Shorten it, or raise at_most."),
        ("knowledge: pol.md", 12, "There is no file 'pol.md'.", "Did you mean 'pool.md'?"),
        ("knowledge: [pool.md, pol.md]", 22, "There is no file 'pol.md'.", "Did you mean 'pool.md'?"),
        ("knowledge: prompts", 12, "There is no file 'prompts'.", FOLDER),
    ],
)
def test_a_mistake_of_content(desk: Desk, source: str, column: int, message: str, remedy: str) -> None:
    last_line = 3 + source.count("\n")
    assert desk.mistake(HEAD + source) == (last_line, column, message, remedy)


def test_a_prompt_that_is_not_there(desk: Desk) -> None:
    line, column, message, remedy = desk.mistake(HEAD + "responder: [knowledge, {llm: {prompt: concerge}}]")
    assert (line, column, remedy) == (3, 39, "Did you mean 'concierge'?")
    assert message.startswith("There is no prompt 'concerge' (")


def test_a_mistake_in_a_prompt_is_named_in_the_prompt(desk: Desk) -> None:
    path = desk.folder / "prompts/concierge.md.j2"
    path.write_text("Hello.\n\n{{ contact.nme }} {{ slots.order }} {{ history }} {{ passages }}\n")
    desk.write(HEAD + "responder: [{llm: {prompt: concierge}}]\nscope: 12")
    with pytest.raises(ConfigError) as caught:
        load(desk.path, Prompts(desk.folder / "prompts"))
    found = [(problem.path, problem.line, problem.message) for problem in caught.value.problems]
    assert found == [
        (path, 3, "There is no 'nme' in 'contact'."),
        (path, 3, "There is no 'order' in 'slots'."),
        (desk.path, 4, "This must be a text, not 12."),
    ]


@pytest.mark.parametrize(
    ("reply", "line", "column"),
    [
        ("|\n      Hello\n\n      {{ contact.nme }}", 8, 18),
        (">\n      Hello\n\n      {{ contact.nme }}", 8, 18),
        ("\n      Hello\n      {{ contact.nme }}", 7, 18),
        ('"Hello\n      {{ contact.nme }}"', 6, 18),
    ],
    ids=["literal", "folded", "plain", "quoted"],
)
def test_a_mistake_in_a_long_text_stands_where_the_word_stands_in_the_file(
    desk: Desk, reply: str, line: int, column: int
) -> None:
    found = desk.mistake(HEAD + f"intents:\n  a:\n    reply: {reply}\n    keywords: [x]")
    assert found == (line, column, "There is no 'nme' in 'contact'.", "Did you mean 'name'?")


def test_two_mistakes_in_one_text_are_both_named(desk: Desk) -> None:
    mistakes = desk.mistakes(HEAD + "fallback: '{{ contact.nme }} {{ bot.nam }}'")
    assert [message for *_, message, _ in mistakes] == [
        "There is no 'nme' in 'contact'.",
        "There is no 'nam' in 'bot'.",
    ]


def test_what_is_faulty_itself_still_counts_as_declared(desk: Desk) -> None:
    source = (
        HEAD
        + "slots: {order: {type: txt}}\ntemplates: {news: {}}\nwindow: {template: news}\nfallback: '{{ slots.order }}'"
    )
    assert [message for *_, message, _ in desk.mistakes(source)] == [
        "'txt' is not known here.",
        "A template has either `text` by language, or `languages` and `parameters`.",
    ]


def test_a_mistake_of_form_does_not_hide_mistakes_of_content(desk: Desk) -> None:
    source = """
        bot: My Bot
        channels: [sms]
        intents:
          a: {keyword: [x], reply: "{{ contct }}"}
          b: {keywords: x, reply: "{{ contct }}"}
        fallback: 12
        on_error: "{{ contct }}"
    """
    assert [(line, column) for line, column, *_ in desk.mistakes(source)] == [
        (1, 6),
        (2, 12),
        (4, 7),
        (4, 32),
        (5, 17),
        (5, 31),
        (6, 11),
        (7, 15),
    ]


# ─── warnings ───


@pytest.mark.parametrize(
    ("source", "line", "column", "message", "remedy"),
    [
        (
            "intents: {a: {reply: Hi}}",
            3,
            11,
            "The intent 'a' can never be recognized.",
            "Give it keywords, patterns or examples.",
        ),
        (
            "intents: {a: {keywords: [], reply: Hi}}",
            3,
            11,
            "The intent 'a' can never be recognized.",
            "Give it keywords, patterns or examples.",
        ),
        (
            "languages: [en, es]\nintents: {a: {keywords: [x], reply: {en: Hi}}}",
            4,
            30,
            "This text is missing in 'es'.",
            "Add es: …",
        ),
        ("languages: [en, es]\nslots: {a: {ask: {es: Hola}}}", 4, 13, "This text is missing in 'en'.", "Add en: …"),
        ("languages: [en, es]\nfallback: {es: Hola}", 4, 1, "This text is missing in 'en'.", "Add en: …"),
        ("languages: [en, es]\non_late: {es: Hola}", 4, 1, "This text is missing in 'en'.", "Add en: …"),
        ("languages: [en, es]\nfallback: {text: {es: Hola}}", 4, 12, "This text is missing in 'en'.", "Add en: …"),
        (
            "languages: [en, ja]",
            3,
            17,
            "botkit has no built-in texts in 'ja' and will say them in another language.",
            "Write fallback, on_error, on_unsupported.",
        ),
    ],
)
def test_what_may_not_be_meant_is_a_warning(
    desk: Desk, source: str, line: int, column: int, message: str, remedy: str
) -> None:
    assert desk.warnings(HEAD + source) == [(line, column, message, remedy)]


def test_whatsapp_without_a_template_is_a_warning(desk: Desk) -> None:
    message = "Outside the 24-hour window this bot can say nothing on whatsapp."
    remedy = "Declare an approved template and window: {template: …}."
    for window in ("", "\nwindow: {}", "\nwindow: {closing: 30m}"):
        assert desk.warnings("bot: sample\nchannels: [webchat, whatsapp]" + window) == [(2, 1, message, remedy)]


@pytest.mark.parametrize("window", ["window: {hold: never}", "window: {template: [a, a]}"])
def test_whatsapp_with_a_word_on_the_window_is_no_warning(desk: Desk, window: str) -> None:
    source = f"bot: sample\nchannels: [whatsapp]\ntemplates: {{a: {{text: {{en: x}}}}}}\n{window}"
    assert desk.warnings(source) == []


def test_a_template_that_nothing_is_held_for_is_a_warning(desk: Desk) -> None:
    source = "bot: sample\nchannels: [whatsapp]\ntemplates: {a: {text: {en: x}}}\nwindow: {hold: never, template: a}"
    message = "Nothing is held, so no template asks the contact to write."
    assert desk.warnings(source) == [(4, 23, message, "Leave it out, or write hold: deliver_on_return.")]


def test_templates_are_named_in_vain_where_there_is_no_whatsapp(desk: Desk) -> None:
    source = """
        templates: {a: {text: {en: x}}}
        window: {template: a}
        fallback: {en: Hi, template: a}
        slots: {b: {ask: {text: Hi, template: a}}}
    """
    message = "Templates go out on whatsapp only, which is none of this bot's channels."
    remedy = "Add whatsapp to the channels, or leave the template out."
    found = desk.warnings(HEAD + cleandoc(source))
    assert sorted(found) == [
        (4, 20, message, remedy),
        (5, 30, message, remedy),
        (6, 39, message, remedy),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "languages: [en, es]\nfallback: Hi",
        "languages: [en, es]\nfallback: [Hi, Hello]",
        "languages: [en, es]\nfallback: {text: [Hi, Hello]}",
        "fallback: '{{ held | join }} {{ window.closes }} {{ window.left }} {% if window.open %}x{% endif %}'",
        "window: {closing: 30m}",
        "languages: [es]",
        "intents: {a: {patterns: [x], reply: Hi}}",
        "intents: {a: {examples: {en: [w, x, y, z]}, reply: Hi}}",
        "timezone: America/Argentina/Buenos_Aires",
        "slots: {a: {min: 3, max: 3}}",
        "slots: {a: {}}\nintents: {a: {patterns: ['(?P<a>x)'], reply: '{{ slots.a }}'}}",
        f"templates: {{a: {{text: {{en: '{'x' * 1017} {{{{ now }}}}!'}}}}}}",
    ],
)
def test_what_is_fine_is_no_warning(desk: Desk, source: str) -> None:
    assert desk.warnings(HEAD + source) == []


def test_fewer_than_four_examples_are_few(desk: Desk) -> None:
    source = HEAD + "intents:\n  a: {examples: [x, y, z], reply: Hi}\n  b: {examples: {en: [w]}, reply: Hi}\n"
    remedy = "Give four or more, as contacts would write them."
    assert desk.warnings(source) == [
        (4, 7, "From 3 examples little can be learned.", remedy),
        (5, 18, "From 1 example little can be learned.", remedy),
    ]


def test_a_keyword_of_two_intents_is_named(desk: Desk) -> None:
    source = (
        HEAD + "intents:\n  a: {keywords: [Hi there], reply: Hi}\n  b: {keywords: {en: ['hi, there!']}, reply: Hi}\n"
    )
    assert desk.warnings(source) == [
        (5, 23, "The keyword 'hi, there!' is one of 'a' too.", "Keep it in one of the two.")
    ]


def test_a_keyword_may_mean_different_things_in_different_languages(desk: Desk) -> None:
    source = (
        HEAD
        + "languages: [en, es]\nintents:\n  a: {keywords: {en: [no], es: [a]}, reply: X}\n"
        + "  b: {keywords: {en: [b], es: [no]}, reply: X}"
    )
    assert desk.warnings(source) == []


@pytest.mark.parametrize(
    ("first", "second", "line", "column", "message"),
    [
        ("[is there parking]", "[Is there parking?]", 5, 18, "The example 'Is there parking?' is one of 'a' too."),
        (
            "[where is my order]",
            "{en: [where's my order, b]}",
            5,
            23,
            "The example \"where's my order\" is nearly the same as 'where is my order' of 'a'.",
        ),
        (
            "{en: [track parcel]}",
            "[x, track my parcel]",
            5,
            21,
            "The example 'track my parcel' is nearly the same as 'track parcel' of 'a'.",
        ),
        ("[where is my order]", "[where is my parcel]", 0, 0, ""),
        ("[cancel my order]", "[change my order]", 0, 0, ""),
        ("[no, no problem]", "[no, thanks]", 5, 18, "The example 'no' is one of 'a' too."),
        ("{en: [menu]}", "{es: [menu]}", 0, 0, ""),
    ],
)
def test_examples_of_two_intents_that_cannot_be_told_apart_are_named(
    desk: Desk, first: str, second: str, line: int, column: int, message: str
) -> None:
    source = HEAD + "languages: [en, es]\n" if "es:" in second else HEAD
    source += f"intents:\n  a: {{examples: {first}, reply: A}}\n  b: {{examples: {second}, reply: B}}"
    found = [item for item in desk.warnings(source) if item[2].startswith("The example")]
    assert found == ([(line, column, message, "Keep it in one of the two.")] if message else [])


@pytest.mark.parametrize(
    ("intent", "is_missed"),
    [
        ("keywords: {en: [wifi]}", True),
        ("keywords: {en: [wifi], es: []}", True),
        ("keywords: {en: [wifi]}, patterns: {en: [w]}", True),
        ("keywords: {en: [wifi]}, examples: {es: [a, b, c, d]}", False),
        ("keywords: {en: [wifi]}, patterns: [wlan]", False),
        ("keywords: [wifi]", False),
    ],
)
def test_an_intent_that_a_language_lacks_is_named(desk: Desk, intent: str, *, is_missed: bool) -> None:
    found = desk.warnings(HEAD + f"languages: [en, es]\nintents:\n  a: {{{intent}, reply: Hi}}")
    missed = (5, 3, "The intent 'a' is never recognized in 'es'.", "Add es: […] to its keywords or examples.")
    assert found == ([missed] if is_missed else [])
