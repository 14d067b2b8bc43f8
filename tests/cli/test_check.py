"""`botkit check`: what is wrong, without running anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import botkit


def test_the_samples_are_good(folder: Path) -> None:
    ended = botkit(folder, "check")
    assert (ended.status, ended.err) == (0, "")
    assert [line.partition(":")[0] for line in ended.out.splitlines()] == [
        f"bots/{name}.yaml" for name in ("shop", "hotel", "auto_reply")
    ]
    assert "3 intents, 1 slots, 1 handlers. Good." in ended.out


def test_every_mistake_of_every_bot_is_named_at_once(folder: Path) -> None:
    (folder / "bots/shop.yaml").write_text("bot: shop\nchanels: [webchat]\nfallback: '{{ contact.nmae }}'\n")
    (folder / "bots/hotel.yaml").write_text("bot: hotel\nchannels: [webchat]\nlanguages: [english]\n")
    ended = botkit(folder, "check")
    assert ended.status == 2
    places = [":".join(line.split(":")[:3]) for line in ended.err.splitlines()[:-1]]
    for place in ("bots/shop.yaml:2:1", "bots/hotel.yaml:3:13"):
        assert any(found.endswith(place) for found in places), ended.err
    assert ended.err.splitlines()[-1] == f"{len(places)} problems."
    assert not ended.out


def test_a_warning_is_no_mistake(folder: Path) -> None:
    bot = folder / "bots/quiet.yaml"
    bot.write_text("bot: quiet\nchannels: [webchat]\nintents:\n  unanswered: {keywords: [what]}\n")
    ended = botkit(folder, "check", "bots/quiet.yaml")
    assert ended.status == 0
    assert ended.sentence.startswith("warning: ")
    assert "quiet.yaml:4:3: Nobody answers the intent 'unanswered'" in ended.sentence


@pytest.mark.parametrize("bot", ["bots/missing.yaml", "missing"])
def test_a_bot_that_is_not_there_is_said(folder: Path, bot: str) -> None:
    ended = botkit(folder, "check", bot)
    assert ended.status == 2
    assert ended.sentence.startswith("There is no bot file ")


def test_a_folder_without_bots_is_told_how_to_get_one(tmp_path: Path) -> None:
    ended = botkit(tmp_path, "check")
    assert ended.status == 2
    assert "botkit new" in ended.err
