"""YAML, read strictly: scalars mean what they look like, and every mistake has its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botkit.errors import Problem
from botkit.strict_yaml.document import Document, in_order, parse, read

PATH = Path("sample.yaml")


def data(source: str) -> Any:
    """What a source without mistakes says."""
    document = parse(source, PATH)
    assert document.problems == ()
    return document.data


def mistakes(source: str) -> list[tuple[int, int, str, str]]:
    """Line, column, message and remedy of everything that is wrong with a source as YAML."""
    found = parse(source, PATH).problems
    assert all(problem.path == PATH for problem in found)
    return [(problem.line, problem.column, problem.message, problem.remedy) for problem in found]


# ─── scalars ───


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("42", 42),
        ("-7", -7),
        ("1.5", 1.5),
        ("-0.25", -0.25),
        ("1.0e3", 1000.0),
        ("1.0E-3", 0.001),
    ],
)
def test_a_few_scalars_are_not_text(written: str, value: object) -> None:
    found = data(f"key: {written}\n")["key"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "written",
    [
        *("yes", "no", "on", "off", "y", "n", "True", "FALSE", "Yes", "NO"),
        *("Null", "NULL", "None", "nil"),
        *("19:00", "1:30:00", "2026-12-24", "2026-12-24T10:00:00Z"),
        *("+34600111222", "0123", "00", "007", "0x1F", "0o17", "0b101", "1_000", "--1", "1234567890123456789"),
        *("1.", ".5", "1e3", "1.5.2", "+1.5", ".inf", "-.inf", ".nan", "1,5", "5%", "3 €"),
        *("<<", "=", "a & b", "R&D", "2 * 2", "what's up", "¿Qué?", "#1" + "x", "http://x:1/a"),
    ],
)
def test_everything_else_is_the_text_that_stands_there(written: str) -> None:
    if written.startswith("#"):
        written = f"a{written}"
    assert data(f"key: {written}\n") == {"key": written}
    assert data(f"- {written}\n") == [written]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('"12"', "12"),
        ("'true'", "true"),
        ('"\\u00e9\\n"', "é\n"),
        ("|\n  a\n  b\n", "a\nb\n"),
        (">-\n  a\n  b\n", "a b"),
    ],
)
def test_quotes_and_blocks_make_text(written: str, text: str) -> None:
    assert data(f"key: {written}\n") == {"key": text}


@pytest.mark.parametrize("source", ["", "\n", "# only a comment\n", "---\n"])
def test_an_empty_file_holds_nothing(source: str) -> None:
    assert data(source) is None


@pytest.mark.parametrize(("source", "value"), [("- a\n- b\n", ["a", "b"]), ("hello\n", "hello"), ("{}\n", {})])
def test_a_file_may_be_anything_as_far_as_yaml_goes(source: str, value: object) -> None:
    assert data(source) == value


def test_line_ends_and_marks_of_other_systems_are_read(tmp_path: Path) -> None:
    path = tmp_path / "sample.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: [x,\r\n  y]\r\n")
    document = read(path)
    assert (document.data, document.problems) == ({"a": 1, "b": ["x", "y"]}, ())


# ─── what is part of YAML and not of ours ───

NO_ALIAS = "Anchors and aliases (& and *) are not supported."


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("a: &x 1\nb: *x\n", 1, 4),
        ("a: 1\nb: [*x]\n", 2, 5),
        ("a: &x [1]\n", 1, 4),
        ("a:\n  &x b: 1\n", 2, 3),
        ("&x a: 1\n", 1, 1),
    ],
)
def test_anchors_and_aliases_are_refused(source: str, line: int, column: int) -> None:
    assert mistakes(source) == [(line, column, NO_ALIAS, "Write the value out, or quote the text.")]


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    levels = [f"l{level}: &l{level} [{','.join([f'*l{level - 1}'] * 9)}]" for level in range(1, 50)]
    assert mistakes("\n".join(["l0: &l0 [boom]", *levels])) == [
        (1, 5, NO_ALIAS, "Write the value out, or quote the text.")
    ]


@pytest.mark.parametrize(
    "written", ["!!python/object:os.system x", "!custom x", "!!str 12", "!!binary aGk=", "!!set {a}", "! x", "!!int x"]
)
def test_tags_are_refused(written: str) -> None:
    assert mistakes(f"a: 1\nkey: {written}\n") == [(2, 6, "Tags (!) are not supported.", "Quote the text.")]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("[" * 100_000, 1),
        ("key: " + "[" * 100_000 + "]" * 100_000, 1),
        ("{a: " * 50_000, 1),
        ("- " * 50_000 + "x", 1),
        ("\n".join(f"{' ' * level}a:" for level in range(3000)), 51),
        ("? " * 50_000, 1),
    ],
    ids=["brackets", "closed brackets", "braces", "dashes", "blocks", "keys"],
)
def test_bottomless_nesting_is_refused_and_does_not_crash(source: str, line: int) -> None:
    ((found, column, message, remedy),) = mistakes(source)
    assert (found, message) == (line, "This is nested more than 50 levels deep.")
    assert column > 50  # how much further libyaml reads ahead depends on its version
    assert remedy == "Close the brackets and braces that were opened before."


def test_reasonable_nesting_is_read() -> None:
    assert mistakes("[" * 50 + "]" * 50) == []


# ─── keys ───


def test_a_key_that_stands_twice_is_refused_and_the_first_is_kept() -> None:
    document = parse("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n", PATH)
    assert document.data == {"a": 1, "b": {"c": 1}}
    assert mistakes("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n") == [
        (4, 3, "The key 'c' stands here a second time (first on line 3).", "Keep one of the two."),
        (5, 1, "The key 'a' stands here a second time (first on line 1).", "Keep one of the two."),
    ]


@pytest.mark.parametrize(
    ("source", "first"), [('a: 1\n"a": 2\n', "a"), ("{a: 1, a: 2}\n", "a"), ("- x\n- {a: 1, 'a': 2}\n", "a")]
)
def test_a_key_stands_twice_however_it_is_quoted(source: str, first: str) -> None:
    ((_, _, message, _),) = mistakes(source)
    assert message.startswith(f"The key {first!r} stands here a second time")


@pytest.mark.parametrize("key", ["12", "1.5", "true", "null", "~"])
def test_a_key_that_looks_like_something_else_wants_quotes(key: str) -> None:
    assert mistakes(f"a: 1\n{key}: x\n") == [(2, 1, f"The key {key!r} is not a text.", "Put it in quotes.")]
    assert data(f"'{key}': x\n") == {key: "x"}


def test_a_list_is_no_key() -> None:
    assert mistakes("? [a, b]\n: c\n") == [(1, 3, "A key must be a text.", "Write a plain word before the colon.")]


def test_an_unquoted_comma_in_braces_is_one_mistake() -> None:
    remedy = "Inside { } a text with a comma needs quotes."
    assert mistakes("reply: {en: Hi, you, es: Hola}\n") == [(1, 17, "'you' is read as a key without a value.", remedy)]
    assert parse("reply: {en: Hi, you, es: Hola}\n", PATH).data == {"reply": {"en": "Hi", "es": "Hola"}}


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("reply: {{ contact.name }}\n", 1, 8),
        ("a: 1\nreply: {{ contact.name }}\n", 2, 8),
        ("replies:\n  - {{ contact.name }}\n", 2, 5),
        ("{reply: {{ contact.name }}}\n", 1, 9),
    ],
)
def test_unquoted_braces_are_one_mistake(source: str, line: int, column: int) -> None:
    remedy = 'Quote a text that begins with {{, as in reply: "{{ … }}".'
    assert mistakes(source) == [(line, column, "A text in braces is read as a map here.", remedy)]


# ─── what is no YAML ───

QUOTE = "Quote the text: "
MERGE = "Keep one of the two sides, and delete these signs."
LOOK = "Check the indentation and the quotes on this line and the one before."


@pytest.mark.parametrize(
    ("source", "line", "column", "remedy"),
    [
        ("a: 1\nreply: Hi: you\n", 2, 10, QUOTE + 'reply: "Hi: you"'),
        ("a: 1\nreply: @here\n", 2, 8, QUOTE + 'reply: "@here"'),
        ("a: 1\nreply: `here`\n", 2, 8, QUOTE + 'reply: "`here`"'),
        ("a: 1\nreply: %here\n", 2, 8, QUOTE + 'reply: "%here"'),
        ("a: 1\nreply: *bold* \\ text\n", 2, 8, QUOTE + 'reply: "*bold* \\\\ text"'),
        ("a: 1\nreply: & more\n", 2, 8, QUOTE + 'reply: "& more"'),
        ("a: 1\nreply: Hi {{ name }}: you\n", 2, 21, QUOTE + 'reply: "Hi {{ name }}: you"'),
        ("a: 1\nreply: {{ name }}, hi\n", 2, 8, QUOTE + 'reply: "{{ name }}, hi"'),
        ("a: {b: {{ name }} you}\n", 1, 8, "Put a text with braces in quotes."),
        ("a: {reply: Hi {{ name }}}\n", 1, 15, "Put a text with braces in quotes."),
        ("a: {port: ${PORT}}\n", 1, 11, "Put a text with braces in quotes."),
        ("a: 1\n\tb: 2\n", 2, 1, "Indent with spaces, not with tabs."),
        ("a: 1\nb: [x, y\nc: 3\n", 2, 4, "Close the bracket or the brace that is opened here."),
        ("a: 1\nb: {x: y", 2, 4, "Close the bracket or the brace that is opened here."),
        ("a: 1\nb: 'x\nc: 3\n", 2, 4, "Close the quotes that are opened here."),
        ('a: 1\nb: "x\n', 2, 4, "Close the quotes that are opened here."),
        ("a: 1\n b: 2\n", 2, 3, LOOK),
        ("a:\n  b: 1\n c: 2\n", 3, 2, LOOK),
        ("a: 1\nb\nc: 2\n", 3, 1, LOOK),
        ("a: 1\n---\nb: 2\n", 2, 1, "Leave out ---: a file has one document."),
        ("a: 'x' y\n", 1, 8, "Write '' for a ' of the text, or put it in double quotes."),
        ("a: {b: 'it's'}\n", 1, 12, "Write '' for a ' of the text, or put it in double quotes."),
        ("a: [b]]\n", 1, 7, "Delete it, or open it before."),
        ('a: "\\q"\n', 1, 5, "Write \\\\ for a backslash, or put the text in single quotes."),
        ("a: {b: @x, c: d}\n", 1, 8, "Put the text in quotes."),
        ("<<<<<<< ours\na: 1\n=======\na: 2\n>>>>>>> theirs\n", 1, 1, MERGE),
        ("a: {reply: Hi: you}\n", 1, 14, "Inside { } and [ ] a text with a colon needs quotes."),
        ("a: {\n  reply: Hi: you\n}\n", 2, 12, "Inside { } and [ ] a text with a colon needs quotes."),
        ("- Hi: you: too\n", 1, 10, QUOTE + '- Hi: "you: too"'),
    ],
)
def test_what_is_no_yaml_is_named_where_it_went_wrong(source: str, line: int, column: int, remedy: str) -> None:
    ((found_line, found_column, message, found_remedy),) = mistakes(source)
    assert (found_line, found_column, found_remedy) == (line, column, remedy)
    assert message.startswith("This is not YAML: ")
    assert parse(source, PATH).data is None


@pytest.mark.parametrize(
    ("source", "line", "column", "character"),
    [("a: b\x00\n", 1, 5, "'\\x00'"), ("é: 1\nñ: x\x07y\n", 2, 5, "'\\x07'"), ("\ufffe", 1, 1, "'\\ufffe'")],
)
def test_control_characters_have_no_place(source: str, line: int, column: int, character: str) -> None:
    message = f"The character {character} has no place in YAML."
    assert mistakes(source) == [(line, column, message, "Delete it.")]


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        (b"a: \xff\n", 1, 4),
        ("é: 1\nñ: Señor\n".encode() + b"b: \xf1\n", 3, 4),
        ("a: 1\n".encode("utf-16"), 1, 1),
        (b"a: \xc3", 1, 4),
    ],
)
def test_a_file_that_is_not_utf8_is_named_with_the_place(
    tmp_path: Path, content: bytes, line: int, column: int
) -> None:
    path = tmp_path / "sample.yaml"
    path.write_bytes(content)
    (problem,) = read(path).problems
    assert (problem.path, problem.line, problem.column, problem.remedy) == (path, line, column, "Save it as UTF-8.")
    assert problem.message.startswith("This file is not UTF-8: ")


# ─── places ───

PLACES = """\
bot: shop
intents:
  wifi: {keywords: [wifi, internet], reply: "Look up."}
  greeting:
    reply: |
      Hello
      {{ contact.name }}
    examples: >-
      one
      two
"""


@pytest.fixture
def document() -> Document:
    return parse(PLACES, PATH)


@pytest.mark.parametrize(
    ("location", "line", "column", "end"),
    [
        ((), 1, 1, 0),
        (("bot",), 1, 6, 10),
        (("intents",), 3, 3, 0),
        (("intents", "wifi"), 3, 9, 56),
        (("intents", "wifi", "keywords", 1), 3, 27, 35),
        (("intents", "wifi", "reply"), 3, 45, 55),
        (("intents", "greeting", "reply"), 5, 12, 0),
        (("intents", "wifi", "nothing"), 3, 9, 56),
        (("intents", "wifi", "keywords", 2), 3, 20, 36),
        (("nothing", "at", "all"), 1, 1, 0),
    ],
)
def test_a_problem_stands_at_its_value_or_as_near_as_the_file_goes(
    document: Document, location: tuple[str | int, ...], line: int, column: int, end: int
) -> None:
    assert document.problem(location, "m", "r") == Problem("m", "r", PATH, line, column, end)


@pytest.mark.parametrize(
    ("location", "line", "column", "end"),
    [
        (("intents",), 2, 1, 8),
        (("intents", "wifi", "reply"), 3, 38, 43),
        (("intents", "wifi", "keywords", 1), 3, 27, 35),
        ((), 1, 1, 0),
    ],
)
def test_a_problem_with_a_key_stands_at_the_key(
    document: Document, location: tuple[str | int, ...], line: int, column: int, end: int
) -> None:
    assert document.at_key(location, "m", "r") == Problem("m", "r", PATH, line, column, end)


def test_a_line_within_a_block_of_text_is_a_line_of_the_file(document: Document) -> None:
    assert document.problem(("intents", "greeting", "reply"), "m", line=2) == Problem("m", "", PATH, 7, 1)


@pytest.mark.parametrize("location", [("intents", "greeting", "examples"), ("intents", "wifi", "reply")])
def test_where_lines_are_folded_a_problem_stands_at_the_beginning(
    document: Document, location: tuple[str, ...]
) -> None:
    assert document.problem(location, "m", line=2) == document.problem(location, "m")


def test_a_problem_of_an_empty_file_is_one_of_the_file() -> None:
    assert parse("", PATH).problem(("bot",), "m") == Problem("m", "", PATH)


# ─── the order of problems ───


def at(line: int, message: str = "m", path: Path = PATH) -> Problem:
    return Problem(message, "", path, line, 1)


def test_problems_come_in_the_order_of_the_file_each_once() -> None:
    assert in_order([at(3), at(1)], [at(2), at(2)]) == [at(1), at(2), at(3)]


def test_what_a_later_stage_finds_in_the_same_place_follows_from_the_earlier_and_is_left_out() -> None:
    assert in_order([at(1, "cause")], [at(1, "consequence"), at(2)]) == [at(1, "cause"), at(2)]


def test_two_problems_of_one_stage_may_share_a_place() -> None:
    assert in_order([at(1, "one"), at(1, "two")]) == [at(1, "one"), at(1, "two")]


def test_problems_of_whole_files_are_not_taken_for_one_another() -> None:
    assert in_order([at(0, "one")], [at(0, "two")]) == [at(0, "one"), at(0, "two")]
