"""One bot file with ten different mistakes: `botkit check` names exactly ten, each with what to write instead."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from botkit.dialogue.names import KNOWN
from tests.processes import environment

TEN_MISTAKES = """\
bot: My Shop
channels: [whatsap, webchat]
timezone: Europe/Madrit
intnets: {}
intents:
  greeting: {keywords: [hi], reply: {en: Hello, friend}}
  thanks: {keywords: thanks, reply: You are welcome!}
  hours: {examples: [when are you open], reply: "We open at {{ opening }}."}
  status: {patterns: ["order ([A-Z"]}
slots:
  guests: {type: integer, retries: many}
  guests: {type: number}
"""

NAMED = f"""\
1:6: 'My Shop' is no name. Did you mean 'my_shop'?
2:12: 'whatsap' is not known here. Did you mean 'whatsapp'?
3:11: There is no timezone 'Europe/Madrit'. Did you mean 'Europe/Madrid'?
4:1: There is no key 'intnets' here. Did you mean 'intents'?
6:49: 'friend' is read as a key without a value. Inside {{ }} a text with a comma needs quotes.
7:22: This must be a list, not 'thanks'. Write it in brackets: […].
8:64: There is no 'opening' here. \
Known here: {", ".join(sorted(KNOWN))}.
9:23: This is no regular expression: unterminated character set at position 11. \
Put a backslash before a sign that stands for itself.
11:36: This must be a whole number, not 'many'. Write it in digits.
12:3: The key 'guests' stands here a second time (first on line 11). Keep one of the two.
"""


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`botkit check`, as somebody runs it."""
    command = [sys.executable, "-m", "botkit", "check", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment(), timeout=60, check=False
    )


def sentences(err: str) -> list[str]:
    """What was said, without what was shown of the files."""
    return [line for line in err.splitlines() if not line.startswith("    ")]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(TEN_MISTAKES, encoding="utf-8")
    return path


def test_ten_mistakes_are_ten_problems_with_place_and_remedy(shop: Path) -> None:
    done = check(shop.parent, "shop.yaml")
    assert done.returncode == 2
    assert done.stdout == ""
    assert sentences(done.stderr) == [*(f"shop.yaml:{line}" for line in NAMED.splitlines()), "10 mistakes."]


def test_below_each_problem_stand_its_line_and_a_mark(shop: Path) -> None:
    err = check(shop.parent, "shop.yaml").stderr
    assert (
        "shop.yaml:6:49: 'friend' is read as a key without a value. Inside { } a text with a comma needs quotes.\n"
        "      greeting: {keywords: [hi], reply: {en: Hello, friend}}\n"
        "                                                    ^~~~~~\n"
    ) in err
    assert err.count("^") == len(NAMED.splitlines())


def test_every_place_is_where_the_mistake_stands() -> None:
    lines = TEN_MISTAKES.splitlines()
    places = [(int(line), int(column)) for line, column in re.findall(r"^(\d+):(\d+): ", NAMED, re.MULTILINE)]
    assert [lines[line - 1][column - 1 :].split(",")[0].split(":")[0] for line, column in places] == [
        "My Shop",
        "[whatsap"[1:],
        "Europe/Madrit",
        "intnets",
        "friend}}",
        "thanks",
        'opening }}."}',
        '"order ([A-Z"]}',
        "many}",
        "guests",
    ]


def test_the_mistakes_of_several_files_are_named_together(shop: Path) -> None:
    (shop.parent / "hotel.yaml").write_text("bot: hotel\nchannels: [sms]\n")
    done = check(shop.parent, "hotel.yaml", "shop.yaml")
    assert done.returncode == 2
    assert done.stderr.startswith("hotel.yaml:2:12: 'sms' is not known here.")
    assert done.stderr.endswith("\n11 mistakes.\n")


def test_one_mistake_needs_no_count(shop: Path) -> None:
    shop.write_text("bot: shop\nchannels: [sms]\n")
    assert len(sentences(check(shop.parent, "shop.yaml").stderr)) == 1


def test_a_bot_without_mistakes_is_good_and_its_warnings_do_not_fail(shop: Path) -> None:
    shop.write_text("bot: shop\nchannels: [whatsapp]\nresponder: []\n")
    done = check(shop.parent, "shop.yaml")
    assert (done.returncode, done.stdout) == (0, "shop.yaml: 0 intents, 0 slots, 0 handlers. Good.\n")
    assert done.stderr.startswith("shop.yaml:2:1: warning: Outside the 24-hour window")


@pytest.mark.parametrize(
    ("python", "questions", "place"),
    [
        (
            "from botkit import Router\nrouter = Router()\n\n\n@router.fallback\ndef sorry(x): ...\n",
            "## A?\n\na\n",
            "shop.py:6:11",
        ),
        ("1 / 0\n", "## A?\n\na\n", "shop.py:1:1"),
        ("from botkit import Router\nrouter = Router()\n", "## A?\n\na\n\n## B?\n", "shop.md:5:1"),
    ],
)
def test_mistakes_beside_the_bot_file_are_named_too(shop: Path, python: str, questions: str, place: str) -> None:
    shop.write_text("bot: shop\nchannels: [webchat]\nknowledge: shop.md\n")
    (shop.parent / "shop.py").write_text(python)
    (shop.parent / "shop.md").write_text(questions)
    done = check(shop.parent, "shop.yaml")
    assert done.returncode == 2
    assert done.stderr.startswith(f"{place}: ")
