"""Where a word of a text in Jinja stands, in the text and in the file that holds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from botkit.checking import check
from botkit.errors import Problem
from botkit.strict_yaml.document import parse

PATH = Path("sample.yaml")
KNOWN = {"contact": frozenset({"name", "phone"}), "slots": frozenset({"room"}), "now": None}


def marked(source: str, location: tuple[str | int, ...] = ("say",)) -> list[tuple[int, str]]:
    """What is marked of each problem of the text that stands at a location of a file, with its line."""
    document = parse(source, PATH)
    text = document.data
    for part in location:
        text = text[part]
    found = [document.inside(location, problem) for problem in check(text, KNOWN)]
    lines = source.split("\n")
    return [(item.line, lines[item.line - 1][item.column - 1 : (item.end_column or 99) - 1]) for item in found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("say: 'rooms: {{ rooms }}'", [(1, "rooms")]),
        ("say: a {{ slots.rooms }} b", [(1, "rooms")]),
        ("say: rooms {{ contact.phone }} {{ slots.phone }}", [(1, "phone")]),
        ('say: "é漢🙂 {{ it }} \\"{{ slots.it }}\\""', [(1, "it"), (1, "it")]),
        ("say: '{{ now | uper }} it''s {{ now }}'", [(1, "uper")]),
        ("say: \"{{ contact['nme'] }}\"", [(1, "nme")]),
        ("say: |\n  nme\n  {# nme #}\n  {{ contact.nme }}", [(4, "nme")]),
        ("say: >-\n  one\n\n  {{ contact.nme }}\n  two {{ nme }}", [(5, "nme"), (4, "nme")]),
        ("say: 'one\n  {{ contact.nme }}'", [(2, "nme")]),
        ("say: one\n  {{ contact.nme }}", [(2, "nme")]),
        ("say: '{{ contact.name'", [(1, "'{{ contact.name'")]),
    ],
)
def test_the_mark_is_on_the_word(source: str, expected: list[tuple[int, str]]) -> None:
    assert marked(source) == expected


def test_the_second_of_two_equal_words_is_told_apart() -> None:
    document = parse("say: '{{ contact.room }} {{ slots.room }} {{ room }}'", PATH)
    found = [document.inside(("say",), problem) for problem in check(document.data["say"], KNOWN)]
    assert sorted((item.column, item.end_column) for item in found) == [(18, 22), (46, 50)]


def test_a_word_that_is_not_in_the_file_as_it_is_in_the_text_leaves_the_mark_on_the_text() -> None:
    document = parse(r'say: "{{ contact.n\u006de }}"', PATH)
    (problem,) = check(document.data["say"], KNOWN)
    assert document.inside(("say",), problem) == Problem(problem.message, problem.remedy, PATH, 1, 6, 30)


def test_a_name_that_something_else_has_is_told_with_its_owner() -> None:
    remedies = [problem.remedy for problem in check("{{ room }} {{ phone }} {{ xyz }}", KNOWN)]
    assert remedies == [
        "Did you mean 'slots.room'?",
        "Did you mean 'contact.phone'?",
        "Known here: contact, now, slots.",
    ]
