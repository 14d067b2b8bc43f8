"""The file format of questions and answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from botkit.errors import ConfigError, Problem
from botkit.knowledge.questions import Answer, read_answers
from tests.conftest import ROOT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hotel.md"


def answers(path: Path, source: str, languages: tuple[str, ...] = ("en", "es")) -> list[Answer]:
    path.write_text(source, encoding="utf-8")
    return read_answers(path, languages)


def simply(found: list[Answer]) -> list[tuple[tuple[str, ...], str, int]]:
    return [(answer.questions, answer.text, answer.line) for answer in found]


def problems(path: Path, source: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        answers(path, source)
    return caught.value.problems


def test_a_heading_is_a_question_and_the_text_below_it_the_answer(file: Path) -> None:
    found = answers(file, "# Hotel\n\nAll about it.\n\n## Is there a pool?\n\nOn the roof.\n\n## Pets?\nSmall dogs.\n")
    assert simply(found) == [(("Is there a pool?",), "On the roof.", 5), (("Pets?",), "Small dogs.", 9)]


def test_headings_in_a_row_ask_the_same_in_several_ways(file: Path) -> None:
    found = answers(file, "## Is there a pool?\n## Can we swim?\n\n## Where is the pool?\n\nOn the roof.\n")
    assert simply(found) == [(("Is there a pool?", "Can we swim?", "Where is the pool?"), "On the roof.", 1)]


def test_an_answer_keeps_its_lines_and_loses_the_blank_ones_around_it(file: Path) -> None:
    (answer,) = answers(file, "## Getting here?\n\n\n- by train\n- by bus\n\nAsk us!  \n\n")
    assert answer.text == "- by train\n- by bus\n\nAsk us!"


def test_a_title_asks_nothing_and_ends_the_questions_before_it(file: Path) -> None:
    found = answers(file, "# One\n\nIntro.\n\n## A?\n\na\n\n# Two\n\nIntro.\n\n## B?\n\nb\n")
    assert [answer.questions for answer in found] == [("A?",), ("B?",)]


def test_headings_may_be_underlined_and_of_any_level(file: Path) -> None:
    found = answers(file, "Title\n=====\n\nIs it open?\n-----------\n\nYes.\n\n#### Always?\n\nNo.\n")
    assert simply(found) == [(("Is it open?",), "Yes.", 4), (("Always?",), "No.", 9)]


def test_what_looks_like_a_heading_inside_code_is_text(file: Path) -> None:
    (answer,) = answers(file, "## How do I install it?\n\n```sh\n## not a question\npip install it\n```\n")
    assert "## not a question" in answer.text


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x0c", "\x0b", "\x1c"])
def test_a_pasted_line_separator_does_not_shift_the_answers(file: Path, separator: str) -> None:
    found = answers(file, f"## A?\n\none{separator}two\n\n## B?\n\nthree\n")
    assert simply(found) == [(("A?",), f"one{separator}two", 1), (("B?",), "three", 5)]


def test_line_ends_and_marks_of_other_systems_are_read(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf## A?\r\n\r\none\r\ntwo\r\n\r\n## B?\r\n\r\nthree\r\n")
    assert simply(read_answers(file, ("en",))) == [(("A?",), "one\ntwo", 1), (("B?",), "three", 6)]


def test_what_no_database_can_hold_is_replaced(file: Path) -> None:
    (answer,) = answers(file, "## A?\n\none\x00two\n")
    assert answer.text == "one\ufffdtwo"


@pytest.mark.parametrize("source", ["", "\n", "# Only a title\n\nAnd an introduction.\n", "no heading at all\n"])
def test_a_file_without_questions_is_of_no_use_and_says_so(file: Path, source: str) -> None:
    remedy = "Write each as a heading with the answer below: ## Is there a pool?"
    assert problems(file, source) == (Problem("This file has no questions.", remedy, file, 1, 1),)


@pytest.mark.parametrize(
    ("name", "language"),
    [("hotel.es.md", "es"), ("hotel.en.md", "en"), ("hotel.md", "en"), ("es.md", "es"), ("hotel.fr.md", "en")],
)
def test_the_name_of_a_file_tells_its_language_else_it_is_the_bots_first(
    tmp_path: Path, name: str, language: str
) -> None:
    assert [answer.language for answer in answers(tmp_path / name, "## A?\n\na\n")] == [language]


def test_every_question_without_an_answer_is_named_with_its_line(file: Path) -> None:
    source = "## A?\n\na\n\n## B?\n\n# Part two\n\n## C?\n## D?\n\n### E?\n\ne\n\n## F?\n"
    remedy = "Write it below the heading."
    assert problems(file, source) == (
        Problem("'B?' has no answer.", remedy, file, 5, 1),
        Problem("'C?' has no answer.", remedy, file, 9, 1),
        Problem("'F?' has no answer.", remedy, file, 16, 1),
    )


def test_a_file_that_is_not_there_or_not_utf8_is_named(tmp_path: Path) -> None:
    latin = tmp_path / "latin.md"
    latin.write_bytes("## Café?\n\nSí.\n".encode("latin-1"))
    for path in (latin, tmp_path / "gone.md", tmp_path):
        with pytest.raises(ConfigError, match=r"^.*: The knowledge in .* cannot be read: ") as caught:
            read_answers(path, ("en",))
        assert caught.value.problems[0].path == path


@pytest.mark.parametrize("path", sorted((ROOT / "bots/knowledge").glob("*.md")), ids=lambda path: path.name)
def test_the_samples_are_read_whole(path: Path) -> None:
    headings = [line for line in path.read_text().splitlines() if line.startswith("##")]
    found = read_answers(path, ("en", "es"))
    assert sum(len(answer.questions) for answer in found) == len(headings)
