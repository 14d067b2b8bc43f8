"""`botkit check`: what is wrong, without running anything."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.command import botkit
from tests.processes import PATIENCE, environment


def test_the_samples_are_good(folder: Path) -> None:
    ended = botkit(folder, "check")
    assert (ended.status, ended.err) == (0, "")
    assert [line.partition(":")[0] for line in ended.out.splitlines()] == [
        f"bots/{name}.yaml" for name in ("shop", "hotel", "auto_reply")
    ]
    assert "3 intents, 1 slot, 1 handler. Good." in ended.out


def test_every_mistake_of_every_bot_is_named_at_once(folder: Path) -> None:
    (folder / "bots/shop.yaml").write_text("bot: shop\nchanels: [webchat]\nfallback: '{{ contact.nmae }}'\n")
    (folder / "bots/hotel.yaml").write_text("bot: hotel\nchannels: [webchat]\nlanguages: [english]\n")
    ended = botkit(folder, "check")
    assert ended.status == 2
    places = [":".join(line.split(":")[:3]) for line in ended.sentences[:-1]]
    assert {"bots/shop.yaml:2:1", "bots/hotel.yaml:3:13"} <= set(places)
    assert ended.sentences[-1] == f"{len(places)} mistakes."
    assert not ended.out


def test_a_warning_is_no_mistake(folder: Path) -> None:
    bot = folder / "bots/quiet.yaml"
    bot.write_text("bot: quiet\nchannels: [webchat]\nintents:\n  unanswered: {keywords: [what]}\n")
    ended = botkit(folder, "check", "bots/quiet.yaml")
    assert ended.status == 0
    assert ended.sentence.startswith("bots/quiet.yaml:4:3: warning: Nobody answers the intent 'unanswered'")


def test_a_warning_counts_where_one_is_strict(folder: Path) -> None:
    (folder / "bots/quiet.yaml").write_text("bot: quiet\nchannels: [whatsapp]\nresponder: []\n")
    ended = botkit(folder, "check", "--strict", "bots/quiet.yaml")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == (
        "bots/quiet.yaml:2:1: warning: Outside the 24-hour window this bot can say nothing on whatsapp. "
        "Declare an approved template and window: {template: …}.\n"
        "    channels: [whatsapp]\n"
        "    ^~~~~~~~\n"
    )
    assert botkit(folder, "check", "--strict").status == 0


def test_the_warnings_of_one_bot_are_told_with_the_mistakes_of_another(folder: Path) -> None:
    (folder / "bots/quiet.yaml").write_text("bot: quiet\nchannels: [whatsapp]\nresponder: []\n")
    (folder / "bots/wrong.yaml").write_text("bot: wrong\nchannels: [sms]\n")
    ended = botkit(folder, "check", "bots/quiet.yaml", "bots/wrong.yaml")
    assert ended.status == 2
    assert [line.split(" ")[0] for line in ended.sentences] == ["bots/wrong.yaml:2:12:", "bots/quiet.yaml:2:1:", "1"]
    assert ended.sentences[-1] == "1 mistake, 1 warning."


WRONG = [
    ("bots/shop.yaml", "bot: shop\nchanels: [webchat]\n", "There is no key 'chanels' here."),
    ("config.yaml", "\nbotz: []\n", "There is no key 'botz' here."),
]


@pytest.mark.parametrize(("file", "source", "message"), WRONG)
def test_programs_get_one_document(folder: Path, file: str, source: str, message: str) -> None:
    (folder / file).write_text(source)
    ended = botkit(folder, "check", "--format", "json")
    assert (ended.status, ended.err) == (2, "")
    found = next(item for item in json.loads(ended.out) if item["message"] == message)
    assert (found["file"], found["line"], found["column"], found["severity"]) == (file, 2, 1, "error")
    assert found["remedy"].startswith("Did you mean")


@pytest.mark.parametrize(("file", "source", "message"), WRONG)
def test_github_gets_annotations(folder: Path, file: str, source: str, message: str) -> None:
    (folder / file).write_text(source)
    ended = botkit(folder, "check", "--format", "github")
    assert (ended.status, ended.err) == (2, "")
    assert any(
        line.startswith(f"::error file={file},line=2,col=1,endColumn=") and f"::{message}" in line
        for line in ended.out.splitlines()
    )


def test_programs_get_an_empty_document_of_good_bots(folder: Path) -> None:
    ended = botkit(folder, "check", "--format", "json")
    assert (ended.status, json.loads(ended.out), ended.err) == (0, [], "")
    ended = botkit(folder, "check", "--format", "github")
    assert (ended.status, ended.out, ended.err) == (0, "", "")


@pytest.mark.parametrize(
    ("changes", "has_colours"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_screen_gets_colours_unless_they_are_declined(
    folder: Path, changes: Mapping[str, str], *, has_colours: bool
) -> None:
    (folder / "bots/shop.yaml").write_text("bot: shop\nchanels: [webchat]\n")
    screen, other_side = pty.openpty()
    settings = {name: value for name, value in environment().items() if name not in ("NO_COLOR", "COLUMNS")}
    subprocess.run(
        [sys.executable, "-m", "botkit", "check", "bots/shop.yaml"],
        cwd=folder,
        env={**settings, "TERM": "xterm", **changes},
        stderr=other_side,
        timeout=PATIENCE,
        check=False,
    )
    os.close(other_side)
    shown = os.read(screen, 100_000)
    os.close(screen)
    assert (b"\x1b[" in shown) == has_colours


@pytest.mark.parametrize("bot", ["bots/missing.yaml", "missing"])
def test_a_bot_that_is_not_there_is_said(folder: Path, bot: str) -> None:
    ended = botkit(folder, "check", bot)
    assert ended.status == 2
    assert ended.sentence.startswith("There is no bot file ")


def test_a_folder_without_bots_is_told_how_to_get_one(tmp_path: Path) -> None:
    ended = botkit(tmp_path, "check")
    assert ended.status == 2
    assert "botkit new" in ended.err


# ─── what belongs to a bot file with mistakes ───


def places(folder: Path, bot: str = "bots/cafe.yaml") -> list[str]:
    """Where `check` finds something: each with the file's name, line and what it is about."""
    told = botkit(folder, "check", bot).sentences
    return [line.removeprefix("bots/") for line in told if line.startswith("bots/")]


CAFE = """\
bot: cafe
channels: [webchat]
responder: [lmm, {llm: {model: defualt}}]
knowledge: cafe.md
intents:
  order: {examples: [a coffee please, one espresso, I take a tea, a cake please]}
slots:
  drink: {ask: Which one?}
"""
HANDLER = """\
from botkit import Router, Slot

router = Router()


@router.intent("ordr")
def order(drink: Slot[int]) -> str:
    return "Gladly."
"""


@pytest.fixture
def cafe(folder: Path) -> Path:
    (folder / "bots/cafe.yaml").write_text(CAFE)
    (folder / "bots/cafe.py").write_text(HANDLER)
    (folder / "bots/cafe.md").write_text("## Is there milk?\n")
    return folder


BESIDE = [
    "cafe.yaml:3:13: There is no responder 'lmm'.",
    "cafe.yaml:3:18: config.yaml has no model 'defualt'.",
    "cafe.py:6:1: The bot 'cafe' has no intent 'ordr'.",
    "cafe.py:7:11: order(drink): a slot of type text is no int.",
    "cafe.md:1:1: ",
]


@pytest.mark.parametrize(
    ("mistake", "place"),
    [
        ("", None),
        ("timezone: Europe/Madrit\n", "cafe.yaml:9:11: There is no timezone"),
        ("fallback: '{{ contact.nmae }}'\n", "cafe.yaml:9:23: There is no 'nmae' in 'contact'."),
        ("languages: english\n", "cafe.yaml:9:12: This must be a list"),
        ("bot: cafe\n", "cafe.yaml:9:1: The key 'bot' stands here a second time"),
        ("templates: {news: {}}\nwindow: {template: news}\n", "cafe.yaml:9:13: A template has either"),
    ],
)
def test_what_lies_beside_a_bot_file_is_checked_together_with_it(cafe: Path, mistake: str, place: str | None) -> None:
    (cafe / "bots/cafe.yaml").write_text(CAFE + mistake)
    found = places(cafe)
    for expected in [*BESIDE, *([place] if place else [])]:
        assert any(line.startswith(expected) for line in found), found


@pytest.mark.parametrize(
    "change", [("intents:", "intnets:"), ("drink: {", "drink: {tpye: integer, "), ("  order:", "  Or:")]
)
def test_a_mistake_that_hides_an_intent_or_a_slot_does_not_blame_the_handlers(
    cafe: Path, change: tuple[str, str]
) -> None:
    (cafe / "bots/cafe.yaml").write_text(CAFE.replace(*change))
    found = places(cafe)
    assert any(line.startswith("cafe.md:1:1: ") for line in found), found
    assert not any(line.startswith("cafe.py") for line in found), found


@pytest.mark.parametrize("source", ["bot: [cafe\n", "", "- a list\n"])
def test_python_that_cannot_be_imported_is_said_whatever_its_bot_file_is(cafe: Path, source: str) -> None:
    (cafe / "bots/cafe.yaml").write_text(source)
    (cafe / "bots/cafe.py").write_text("1 / 0\n")
    found = places(cafe)
    assert any(line.startswith("cafe.yaml:1:") for line in found), found
    assert any(line.startswith("cafe.py:1:1: ") for line in found), found


def test_a_slot_that_nothing_asks_for_is_a_warning(folder: Path) -> None:
    (folder / "bots/quiet.yaml").write_text(
        "bot: quiet\nchannels: [webchat]\nslots:\n  colour: {ask: Which one?}\n  size: {ask: How large?}\n"
        "fallback: 'You take {{ slots.size }}.'\n"
    )
    ended = botkit(folder, "check", "bots/quiet.yaml")
    assert ended.status == 0
    assert ended.sentence.startswith("bots/quiet.yaml:4:3: warning: Nothing asks for the slot 'colour', and nothing")
