"""How problems are shown: the line at fault with a mark under it, whatever stands in it; and the forms for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from botkit.diagnosis import Diagnosis, as_github, as_json, as_text
from botkit.errors import Problem


def shown(tmp_path: Path, line: str, column: int, end: int = 0, width: int = 100, name: str = "a.yaml") -> list[str]:
    """The excerpt of a problem in the second of three lines, below its sentence and without the margin."""
    path = tmp_path / name
    path.write_bytes(f"first: 1\n{line}\nlast: 3\n".encode())
    problem = Problem("Wrong.", "Mend it.", path, 2, column, end)
    sentence, *excerpt = as_text(Diagnosis([problem], folder=tmp_path), width=width)
    assert sentence == f"{name}:2:{column}: Wrong. Mend it."
    return [line.removeprefix("    ") for line in excerpt]


@pytest.mark.parametrize(
    ("line", "column", "end", "excerpt"),
    [
        ("key: value", 6, 11, ["key: value", "     ^~~~~"]),
        ("key: value", 6, 0, ["key: value", "     ^"]),
        ("key: value", 1, 2, ["key: value", "^"]),
        ("key:", 5, 0, ["key:", "    ^"]),
        ("key:", 99, 0, ["key:", "    ^"]),
        ("key: value", 6, 99, ["key: value", "     ^~~~~"]),
        ("key: value   ", 6, 14, ["key: value", "     ^~~~~"]),
        ("  key: value", 3, 6, ["  key: value", "  ^~~"]),
        ("key: value\r", 6, 11, ["key: value", "     ^~~~~"]),
        ("\tkey: value", 2, 5, ["    key: value", "    ^~~"]),
        ("ab\tkey: value", 4, 7, ["ab  key: value", "    ^~~"]),
        ("漢字: value", 5, 10, ["漢字: value", "      ^~~~~"]),
        ("key: 漢字", 6, 8, ["key: 漢字", "     ^~~~"]),
        ("é: e\u0301a value", 7, 12, ["é: e\u0301a value", "     ^~~~~"]),
        ("🙂: value", 4, 9, ["🙂: value", "    ^~~~~"]),
        ("❤\ufe0f: value", 5, 10, ["❤\ufe0f: value", "    ^~~~~"]),
        ("👩\u200d👧: value", 6, 11, ["👩\u200d👧: value", "    ^~~~~"]),
        ("a\x1b[31m: value", 9, 14, ["a\ufffd[31m: value", "        ^~~~~"]),
        ("a\u202eb: value", 6, 11, ["a\ufffdb: value", "     ^~~~~"]),
        ("", 1, 0, []),
        ("   ", 2, 0, []),
    ],
)
def test_the_mark_stands_under_what_is_meant(
    tmp_path: Path, line: str, column: int, end: int, excerpt: list[str]
) -> None:
    assert shown(tmp_path, line, column, end) == excerpt


@pytest.mark.parametrize(
    ("column", "end", "excerpt"),
    [
        (1, 6, ["alpha bravo charlie delta…", "^~~~~"]),
        (13, 20, ["alpha bravo charlie delta…", "            ^~~~~~~"]),
        (21, 26, ["…avo charlie delta echo fo…", "             ^~~~~"]),
        (40, 45, ["…e delta echo foxtrot golf", "                      ^~~~"]),
        (32, 40, ["…e delta echo foxtrot golf", "              ^~~~~~~~"]),
        (7, 44, ["alpha bravo charlie delta…", "      ^" + 18 * "~"]),
    ],
)
def test_of_a_long_line_is_shown_what_stands_around_the_mark(
    tmp_path: Path, column: int, end: int, excerpt: list[str]
) -> None:
    line = "alpha bravo charlie delta echo foxtrot golf"
    found = shown(tmp_path, line, column, end, width=31)
    assert found == excerpt
    assert all(len(row) <= 27 for row in found)


def test_wide_characters_are_cut_as_wide_as_they_are(tmp_path: Path) -> None:
    text, mark = shown(tmp_path, "漢" * 200 + "x" + "字" * 200, 201, 202, width=44)
    assert text == "…" + "漢" * 9 + "x" + "字" * 9 + "…"
    assert mark == " " * 19 + "^"


def test_a_line_of_a_megabyte_is_shown(tmp_path: Path) -> None:
    text, mark = shown(tmp_path, "x" * 1_000_000, 500_000, width=44)
    assert (len(text), mark.index("^")) == (40, 20)


@pytest.mark.parametrize(
    "text", ["\ufefffirst: 1\nkey: value\n", "first: 1\r\nkey: value\r\n", "first: 1\u2028key: value\n"]
)
def test_lines_are_counted_as_yaml_counts_them(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(text.encode())
    assert list(as_text(Diagnosis([Problem("Wrong.", "", path, 2, 6)])))[1:] == ["    key: value", "         ^"]


@pytest.mark.parametrize("path", ["gone.yaml", "."])
def test_what_cannot_be_read_is_told_all_the_same(tmp_path: Path, path: str) -> None:
    problem = Problem("Wrong.", "", tmp_path / path, 2, 6)
    assert list(as_text(Diagnosis([problem], folder=tmp_path))) == [f"{path}:2:6: Wrong."]


def test_bytes_that_are_no_text_are_shown_as_such(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"key: caf\xe9 au lait\n")
    found = as_text(Diagnosis([Problem("Wrong.", "", tmp_path / "a.yaml", 1, 9)], folder=tmp_path))
    assert list(found) == ["a.yaml:1:9: Wrong.", "    key: caf\ufffd au lait", "            ^"]


def test_what_is_in_no_file_has_no_place() -> None:
    assert list(as_text(Diagnosis([Problem("Wrong.", "Mend it.")]))) == ["Wrong. Mend it."]


def test_paths_are_told_from_the_folder_where_they_lie_in_it(tmp_path: Path) -> None:
    inside, outside = Problem("Wrong.", "", tmp_path / "bots/../a.md"), Problem("Wrong.", "", tmp_path.parent / "b.md")
    relative = Problem("Wrong.", "", Path("c.md"))
    found = Diagnosis([inside, outside, relative], folder=tmp_path)
    assert list(map(found.file, found.mistakes)) == ["a.md", str(tmp_path.parent / "b.md"), "c.md"]


@pytest.mark.parametrize(
    ("mistakes", "warnings", "last"),
    [
        (1, 0, "Wrong."),
        (2, 0, "2 mistakes."),
        (0, 1, "warning: Odd."),
        (0, 3, "3 warnings."),
        (1, 1, "1 mistake, 1 warning."),
        (3, 2, "3 mistakes, 2 warnings."),
    ],
)
def test_the_sum_is_told_of_more_than_one(mistakes: int, warnings: int, last: str) -> None:
    found = Diagnosis([Problem("Wrong.")] * mistakes, [Problem("Odd.")] * warnings)
    assert list(as_text(found))[-1] == last


def test_warnings_are_named_so_behind_their_place(tmp_path: Path) -> None:
    odd = Problem("Odd.", "Look.", tmp_path / "a.yaml", 3, 4)
    assert list(as_text(Diagnosis((), [odd], tmp_path))) == ["a.yaml:3:4: warning: Odd. Look."]


def test_colours_change_nothing_but_the_colours(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("key: value\n")
    wrong = Problem("Wrong.", "Mend it.", tmp_path / "a.yaml", 1, 6, 11)
    found = Diagnosis([wrong], [wrong], tmp_path)
    plain, coloured = "\n".join(as_text(found)), "\n".join(as_text(found, colours=True))
    assert "\x1b" not in plain
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;35m"):
        assert code in coloured
        coloured = coloured.replace(code, "")
    assert coloured == plain


# ─── for programs ───


def test_json_is_a_list_of_all_that_was_found(tmp_path: Path) -> None:
    wrong = Problem("Wrong: «ñ».", "Mend it.", tmp_path / "bots/a.yaml", 3, 4, 9)
    found = Diagnosis([wrong, Problem("No bot.")], [Problem("Odd.", "", tmp_path / "b.yaml", 1)], tmp_path)
    keys = ("file", "line", "column", "end_column", "severity", "message", "remedy")
    assert json.loads(as_json(found)) == [
        dict(zip(keys, values, strict=True))
        for values in (
            ("bots/a.yaml", 3, 4, 9, "error", "Wrong: «ñ».", "Mend it."),
            (None, None, None, None, "error", "No bot.", ""),
            ("b.yaml", 1, None, None, "warning", "Odd.", ""),
        )
    ]


def test_json_of_nothing_is_an_empty_list() -> None:
    assert json.loads(as_json(Diagnosis(()))) == []


@pytest.mark.parametrize(
    ("problem", "command"),
    [
        (
            Problem("Wrong.", "Mend it.", Path("bots/a.yaml"), 3, 4, 9),
            "::error file=bots/a.yaml,line=3,col=4,endColumn=8::Wrong. Mend it.",
        ),
        (Problem("Wrong.", "", Path("a.yaml"), 3, 4), "::error file=a.yaml,line=3,col=4::Wrong."),
        (Problem("Wrong."), "::error::Wrong."),
        (Problem("At 100%:\r\nwrong, {a: b}."), "::error::At 100%25:%0D%0Awrong, {a: b}."),
        (Problem("Wrong.", "", Path("a,b:c%.yaml"), 1, 1), "::error file=a%2Cb%3Ac%25.yaml,line=1,col=1::Wrong."),
    ],
)
def test_github_is_told_by_commands_of_one_line(problem: Problem, command: str) -> None:
    assert list(as_github(Diagnosis([problem]))) == [command]
    assert list(as_github(Diagnosis((), [problem]))) == [command.replace("::error", "::warning", 1)]
